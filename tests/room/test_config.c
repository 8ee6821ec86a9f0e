/*
 * Golden: what config_load says of tests/golden/config/NAME.cfg is NAME.out, to the letter; an empty .out is a
 * configuration without a word against it. Dropping in two files adds a test. And: the template loads.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/config.h"
#include "tests/suite.h"

#define FOLDER "tests/golden/config"

enum { NAMES_MAX = 500 };

static char *names[NAMES_MAX];
static int count;

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_names(void) {
    DIR *d = opendir(FOLDER);
    struct dirent *e;

    while (d != NULL && (e = readdir(d)) != NULL) {
        size_t n = strlen(e->d_name);
        if (n > 4 && strcmp(e->d_name + n - 4, ".cfg") == 0 && count < NAMES_MAX)
            names[count++] = str_dup((struct str){e->d_name, n - 4});
    }
    if (d != NULL)
        closedir(d);
    qsort(names, (size_t)count, sizeof *names, by_name);
}

/* The whole file, terminated; NULL when it is not there. */
static char *read_all(const char *path) {
    enum { MAX = 65536 };
    FILE *f = fopen(path, "r");
    char *text = mem_zalloc(MAX);

    if (f == NULL) {
        free(text);
        return NULL;
    }
    text[fread(text, 1, MAX - 1, f)] = '\0';
    fclose(f);
    return text;
}

/* The report on `file` as text; `*loads` tells whether there are settings. */
static char *report_on(const char *file, bool *loads) {
    struct config_report report = {0};
    struct settings *s = config_load(file, &report);
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);

    config_report_print(&report, out);
    fclose(out);
    *loads = s != NULL;
    ck_assert_msg((s == NULL) == (report.errors.count > 0), "%s: settings, but errors", file);
    config_report_fini(&report);
    settings_unref(s);
    return text;
}

START_TEST(golden) {
    char cfg[300], out[300];
    bool loads;

    snprintf(cfg, sizeof cfg, FOLDER "/%s.cfg", names[_i]);
    snprintf(out, sizeof out, FOLDER "/%s.out", names[_i]);
    char *want = read_all(out), *got = report_on(cfg, &loads);
    ck_assert_msg(want != NULL, "%s is missing; it would be:\n%s", out, got);
    ck_assert_msg(strcmp(want, got) == 0, "%s:\n--- wanted\n%s--- got\n%s", names[_i], want, got);
    free(want);
    free(got);
}
END_TEST

START_TEST(template_loads) {
    char path[] = "/tmp/twinleg-template-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    bool loads;

    config_template(f);
    fclose(f);
    char *got = report_on(path, &loads);
    unlink(path);
    ck_assert_msg(loads && strstr(got, "not supported") == NULL, "%s", got);
    free(got);
}
END_TEST

START_TEST(no_such_file) {
    bool loads;
    char *got = report_on("tests/golden/config/none/none.cfg", &loads);

    ck_assert(!loads);
    ck_assert_msg(strstr(got, "none/none.cfg") != NULL, "%s", got);
    free(got);
}
END_TEST

int main(void) {
    Suite *s = suite_create("config");
    TCase *t = tcase_create("golden");

    find_names();
    if (count == 0) {
        fprintf(stderr, "nothing in " FOLDER ": run from the repository root\n");
        return 1;
    }
    tcase_add_loop_test(t, golden, 0, count);
    tcase_add_test(t, template_loads);
    tcase_add_test(t, no_such_file);
    suite_add_tcase(s, t);

    int failed = suite_run(s);
    while (count > 0)
        free(names[--count]);
    return failed;
}
