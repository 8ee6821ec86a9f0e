/*
 * Golden: what config_load says of tests/golden/config/NAME.cfg is NAME.out, to the letter; an empty .out is a
 * configuration without a word against it. Dropping in two files adds a test. And: the template loads.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/config/config.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define FOLDER "tests/golden/config"

static struct golden_names names;

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
    const char *name = names.at[_i];
    struct str want = golden_read(FOLDER, name, ".out");
    char cfg[300];
    bool loads;

    snprintf(cfg, sizeof cfg, FOLDER "/%s.cfg", name);
    char *got = report_on(cfg, &loads);
    ck_assert_msg(want.p != NULL, "%s.out is missing; it would be:\n%s", name, got);
    ck_assert_msg(strcmp(want.p, got) == 0, "%s:\n--- wanted\n%s--- got\n%s", name, want.p, got);
    free((char *)want.p);
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

    golden_find(&names, FOLDER, ".cfg");
    tcase_add_loop_test(t, golden, 0, names.count);
    tcase_add_test(t, template_loads);
    tcase_add_test(t, no_such_file);
    suite_add_tcase(s, t);

    int failed = suite_run(s);
    golden_fini(&names);
    return failed;
}
