/*
 * Golden: what `twinlegctl` says to the words of tests/golden/ctl/NAME.cmd is NAME.out, to the letter: what goes to
 * standard output, to standard error, and the exit status. Dropping in two files adds a test. And: the form for
 * programs has every key of every rule.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/core/words.h"
#include "b2bua/ctl/explain.h"
#include "b2bua/ctl/route.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define FOLDER "tests/golden/ctl"

static struct golden_names names;

static const struct {
    const char *name;
    int (*run)(const struct ctl_how *how, char *const *words);
} commands[] = {{"profile", ctl_profile}, {"route", ctl_route}, {"explain", ctl_explain}};

struct said {
    char *out, *err;
    int status;
};

/* A command line; "-c FILE" and "-j" may stand before the command, as main has them. */
static struct said ask(const char *line) {
    struct said s = {NULL, NULL, 0};
    struct ctl_how how = {.config = "nowhere"};
    char *argv[WORDS_MAX + 1] = {NULL};
    size_t out_n, err_n;
    struct words w;
    int first = 0;

    ck_assert_ptr_null(words_split(&w, str_trim(str_of(line))));
    for (int i = 0; i < w.count; i++)
        argv[i] = (char *)w.word[i].p;
    for (; first < w.count && argv[first][0] == '-'; first++) {
        if (strcmp(argv[first], "-j") == 0)
            how.as_json = true;
        else
            how.config = argv[++first];
    }
    how.out = open_memstream(&s.out, &out_n);
    how.err = open_memstream(&s.err, &err_n);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[first], commands[i].name) == 0)
            s.status = commands[i].run(&how, argv + first);
    fclose(how.out);
    fclose(how.err);
    return s;
}

static void said_fini(struct said *s) {
    free(s->out);
    free(s->err);
}

START_TEST(golden) {
    const char *name = names.at[_i];
    struct str line = golden_read(FOLDER, name, ".cmd"), want = golden_read(FOLDER, name, ".out");
    struct said s = ask(line.p);
    char *got = NULL;
    size_t n;

    FILE *all = open_memstream(&got, &n);
    fprintf(all, "%s--- standard error\n%s--- exit %d\n", s.out, s.err, s.status);
    fclose(all);
    ck_assert_msg(want.p != NULL, "%s.out is missing; it would be:\n%s", name, got);
    ck_assert_msg(strcmp(want.p, got) == 0, "%s:\n--- wanted\n%s--- got\n%s", name, want.p, got);
    said_fini(&s);
    free((char *)line.p);
    free((char *)want.p);
    free(got);
}
END_TEST

/* The answer as JSON; there is nothing beside it. */
static json_t *ask_json(const char *line) {
    struct said s = ask(line);
    json_t *json = json_loads(s.out, 0, NULL);

    ck_assert_msg(json != NULL && s.status == 0 && *s.err == '\0', "%s: %s %s", line, s.out, s.err);
    said_fini(&s);
    return json;
}

static const char *text_at(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    ck_assert_msg(text != NULL, "no %s", key);
    return text;
}

#define FILES " " FOLDER "/"
static const struct {
    const char *rule, *line, *results[8], *why[8];
    int lines[8];
} jsons[] = {
    {"every rule, whatever it does",
     "-j profile test" FILES "profiles.cfg:steps" FILES "invite.sip",
     {"stored", "skipped", "skipped", "matched", "failed", "skipped", "changed"},
     {"", "the pattern does not match", "nothing of that name in this message", "the text is the same as before",
      "the tag would change", "a rule for other messages", ""},
     {6, 7, 8, 9, 10, 11, 12}},
    {"lines of a text",
     "-j profile test" FILES "seed.ios" FILES "answer.sip",
     {"skipped", "changed"},
     {"a rule for other messages", ""},
     {2, 3}},
    {"behind a limit",
     "-j profile test" FILES "limit.ios" FILES "wide.sip",
     {"changed", "failed", "skipped"},
     {"", "the header would be above 8 KiB", "a rule before it has passed a limit"},
     {1, 2, 3}},
};

START_TEST(json) {
    json_t *answer = ask_json(jsons[_i].line), *rules = json_object_get(answer, "rules"), *one;
    const char *after = text_at(answer, "before");
    size_t i;

    json_array_foreach(rules, i, one) {
        ck_assert_msg(i < 8 && jsons[_i].results[i] != NULL, "%s: rule %zu", jsons[_i].rule, i);
        ck_assert_str_eq(text_at(one, "result"), jsons[_i].results[i]);
        ck_assert_str_eq(text_at(one, "why"), jsons[_i].why[i]);
        ck_assert_int_eq(json_integer_value(json_object_get(one, "line")), jsons[_i].lines[i]);
        ck_assert_ptr_nonnull(strstr(text_at(one, "rule"), "sip-header"));
        if (strcmp(jsons[_i].results[i], "changed") == 0)
            ck_assert_str_ne(text_at(one, "after"), after);
        else if (strcmp(jsons[_i].results[i], "failed") != 0)
            ck_assert_str_eq(text_at(one, "after"), after);
        after = text_at(one, "after");
    }
    ck_assert_msg(i == 8 || jsons[_i].results[i] == NULL, "%s: %zu rules", jsons[_i].rule, i);
    ck_assert_str_eq(text_at(answer, "after"), after);
    json_decref(answer);
}
END_TEST

START_TEST(json_of_a_variable) {
    json_t *answer = ask_json("-j profile test" FILES "profiles.cfg:steps" FILES "invite.sip");
    const json_t *first = json_array_get(json_object_get(answer, "rules"), 0);

    ck_assert_int_eq(json_integer_value(json_object_get(first, "variable")), 1);
    ck_assert_str_eq(text_at(first, "value"), "+4922842");
    ck_assert_ptr_nonnull(strstr(text_at(answer, "after"), "\r\nX-From: +4922842\r\n"));
    json_decref(answer);
}
END_TEST

/* A body from the wire may have any line ends: it keeps its bytes. */
START_TEST(wire_is_taken_as_it_is) {
    json_t *answer = ask_json("-j profile test" FILES "hold.txt" FILES "wire.sip");
    struct str file = golden_read(FOLDER, "wire", ".sip");

    ck_assert_str_eq(text_at(answer, "before"), file.p);
    ck_assert_str_eq(text_at(answer, "after"), file.p);
    ck_assert_uint_eq(json_array_size(json_object_get(answer, "notes")), 0);
    free((char *)file.p);
    json_decref(answer);
}
END_TEST

START_TEST(notes_of_text_are_in_the_json) {
    json_t *answer = ask_json("-j profile test" FILES "hold.txt" FILES "sdp.sip"), *notes;

    notes = json_object_get(answer, "notes");
    ck_assert_uint_eq(json_array_size(notes), 1);
    ck_assert_str_eq(json_string_value(json_array_get(notes, 0)), "18 lines end in LF alone: taken for CRLF");
    ck_assert_ptr_nonnull(strstr(text_at(answer, "after"), "\r\na=sendrecv\r\n"));
    json_decref(answer);
}
END_TEST

/* A wrong Content-Length is put right only in what a rule has changed. */
START_TEST(untouched_keeps_its_bytes) {
    json_t *answer = ask_json("-j profile test" FILES "profiles.cfg:no-update" FILES "long.sip");
    const json_t *rules = json_object_get(answer, "rules");

    ck_assert_str_eq(text_at(json_array_get(rules, 0), "after"), text_at(answer, "before"));
    ck_assert_ptr_nonnull(strstr(text_at(answer, "before"), "\r\nContent-Length: 900\r\n"));
    ck_assert_ptr_nonnull(strstr(text_at(answer, "after"), "\r\nContent-Length: 99\r\n"));
    json_decref(answer);
}
END_TEST

/* The engine does not even begin with it; the rules are named all the same. */
START_TEST(message_above_64_kib) {
    char path[] = "/tmp/twinleg-message-XXXXXX", line[200];
    FILE *f = fdopen(mkstemp(path), "wb");

    fputs("OPTIONS sip:192.0.2.1 SIP/2.0\r\n", f);
    for (int i = 0; i < 900; i++)
        fprintf(f, "X-%03d: %080d\r\n", i, i);
    fputs("\r\n", f);
    fclose(f);
    snprintf(line, sizeof line, "-j profile test" FILES "seed.ios %s", path);
    json_t *answer = ask_json(line), *rules = json_object_get(answer, "rules"), *one;
    size_t i;
    unlink(path);
    ck_assert_uint_eq(json_array_size(rules), 2);
    json_array_foreach(rules, i, one) {
        ck_assert_str_eq(text_at(one, "result"), "failed");
        ck_assert_str_eq(text_at(one, "after"), text_at(answer, "before"));
    }
    ck_assert_str_eq(text_at(answer, "after"), text_at(answer, "before"));
    json_decref(answer);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void) {
    Suite *s = suite_create("profile_test");
    TCase *t = tcase_create("golden"), *j = tcase_create("json");

    golden_find(&names, FOLDER, ".cmd");
    suite_add_tcase(s, t);
    suite_add_tcase(s, j);
    tcase_add_loop_test(t, golden, 0, names.count);
    tcase_add_loop_test(j, json, 0, ROWS(jsons));
    tcase_add_test(j, json_of_a_variable);
    tcase_add_test(j, wire_is_taken_as_it_is);
    tcase_add_test(j, untouched_keeps_its_bytes);
    tcase_add_test(j, message_above_64_kib);
    tcase_add_test(j, notes_of_text_are_in_the_json);

    int failed = suite_run(s);
    golden_fini(&names);
    return failed;
}
