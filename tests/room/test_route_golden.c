/*
 * Golden: what the dial plan of tests/golden/route/NAME.cfg makes of each line of NAME.in (what `twinlegctl route test`
 * takes) is NAME.out. Lines with # are comments, kept. Dropping in three files adds a test. And: each decision is the
 * same when all routes are tried one by one.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/config/config.h"
#include "b2bua/core/words.h"
#include "b2bua/route_test.h"
#include "dialplan/index.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define FOLDER "tests/golden/route"

static struct golden_names names;

static struct settings *load(const char *name) {
    struct config_report report = {.errors.count = 0};
    char file[300];

    snprintf(file, sizeof file, FOLDER "/%s.cfg", name);
    struct settings *s = config_load(file, &report);
    if (s == NULL || report.warnings.count > 0)
        config_report_print(&report, stdout);
    ck_assert_msg(s != NULL && report.warnings.count == 0, "%s does not load without a word", file);
    config_report_fini(&report);
    return s;
}

static void put_numbers(const json_t *of, const char *before, FILE *out) {
    static const char *const keys[] = {"called", "calling", "redirecting"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *text = json_string_value(json_object_get(of, keys[i]));
        if (text != NULL && *text != '\0')
            fprintf(out, "%s%s=%s", before, keys[i], text);
    }
}

/* One decision as a line. */
static void put_decision(const json_t *answer, FILE *out) {
    const char *route = json_string_value(json_object_get(answer, "route"));
    const json_t *reject = json_object_get(answer, "reject"), *one;
    size_t i;

    fprintf(out, "    %s", route == NULL ? "none" : route);
    put_numbers(answer, " ", out);
    if (reject != NULL)
        fprintf(out, " reject=%d", (int)json_integer_value(reject));
    if (json_object_get(answer, "reason") != NULL)
        fprintf(out, " reason=\"%s\"", json_string_value(json_object_get(answer, "reason")));
    json_array_foreach(json_object_get(answer, "targets"), i, one) {
        fprintf(out, " %s%s", i == 0 ? "to " : "then ", json_string_value(json_object_get(one, "trunk")));
        put_numbers(one, " there ", out);
    }
    fputc('\n', out);
}

static json_t *decide(const struct settings *s, const char *line) {
    struct sbuf text = sbuf_growing(1 << 20);
    struct route_test t;
    char error[512] = "";
    struct words w;

    ck_assert_ptr_null(words_split(&w, str_of(line)));
    ck_assert_ptr_null(route_test_read(&t, w.word, w.count));
    ck_assert_msg(route_test_run(s, &t, &text, error, sizeof error) == 0, "%s: %s", line, error);
    json_t *answer = json_loadb(text.p, text.n, 0, NULL);
    ck_assert_ptr_nonnull(answer);
    sbuf_fini(&text);
    return answer;
}

static void try_line(struct settings *s, const char *line, FILE *out) {
    struct route_index *index = s->index;

    fprintf(out, "%s\n", line);
    if (*line == '#' && line[1] == ' ')
        return;
    json_t *answer = decide(s, line);
    s->index = NULL;
    json_t *slow = decide(s, line);
    s->index = index;
    ck_assert_msg(json_equal(answer, slow), "%s: the index leads elsewhere", line);
    put_decision(answer, out);
    json_decref(answer);
    json_decref(slow);
}

START_TEST(golden) {
    const char *name = names.at[_i];
    struct str in = golden_read(FOLDER, name, ".in"), want = golden_read(FOLDER, name, ".out");
    struct settings *s = load(name);
    char *got = NULL, *rest = (char *)in.p;
    size_t n;

    FILE *out = open_memstream(&got, &n);
    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        if (*line != '\0')
            try_line(s, line, out);
    fclose(out);
    if (want.p == NULL || strcmp(want.p, got) != 0) /* too long for a message of the framework */
        printf("%s.out would be:\n%s", name, got);
    fflush(stdout);
    ck_assert_msg(want.p != NULL, "%s.out is missing", name);
    ck_assert_msg(strcmp(want.p, got) == 0, "%s.out is another", name);
    settings_unref(s);
    free((char *)in.p);
    free((char *)want.p);
    free(got);
}
END_TEST

int main(void) {
    Suite *s = suite_create("route_golden");
    TCase *t = tcase_create("golden");

    golden_find(&names, FOLDER, ".cfg");
    tcase_add_loop_test(t, golden, 0, names.count);
    suite_add_tcase(s, t);
    int failed = suite_run(s);
    golden_fini(&names);
    return failed;
}
