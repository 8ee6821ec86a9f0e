/*
 * Golden: what changes from tests/golden/reload/NAME.was.cfg to NAME.now.cfg is NAME.out, a line each; and nothing does
 * from a configuration to itself. Dropping in three files adds a test.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/config/config.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define FOLDER "tests/golden/reload"

static struct golden_names names;

static struct settings *load(const char *name, const char *ending) {
    struct config_report report = {0};
    char file[300];

    snprintf(file, sizeof file, FOLDER "/%s%s", name, ending);
    struct settings *s = config_load(file, &report);
    if (s == NULL)
        config_report_print(&report, stderr);
    ck_assert_msg(s != NULL, "%s does not load", file);
    config_report_fini(&report);
    return s;
}

static void note(void *ctx, const struct facts_change *change) {
    facts_put_change(ctx, change);
    sbuf_putc(ctx, '\n');
}

/* The lines, terminated. */
static char *changes(const struct settings *was, const struct settings *now, int *count) {
    struct sbuf out = sbuf_growing(1 << 20);

    *count = facts_diff(was->facts, now->facts, note, &out);
    sbuf_putc(&out, '\0');
    return out.p;
}

START_TEST(golden) {
    const char *name = names.at[_i];
    struct settings *was = load(name, ".was.cfg"), *now = load(name, ".now.cfg");
    struct str want = golden_read(FOLDER, name, ".out");
    int count, lines = 0;
    char *got = changes(was, now, &count);

    ck_assert_msg(want.p != NULL, "%s.out is missing; it would be:\n%s", name, got);
    ck_assert_msg(strcmp(want.p, got) == 0, "%s:\n--- wanted\n%s--- got\n%s", name, want.p, got);
    for (const char *at = got; *at != '\0'; at++)
        lines += *at == '\n';
    ck_assert_int_eq(lines, count);
    free((char *)want.p);
    free(got);
    settings_unref(was);
    settings_unref(now);
}
END_TEST

START_TEST(nothing_changes) {
    struct settings *was = load(names.at[_i], ".was.cfg"), *now = load(names.at[_i], ".was.cfg");
    int count;
    char *got = changes(was, now, &count);

    ck_assert_msg(count == 0, "%s against itself:\n%s", names.at[_i], got);
    free(got);
    settings_unref(was);
    settings_unref(now);
}
END_TEST

/* --- a large file whose name stays --- */

enum { USERS = 30000 }; /* more than 1 MiB */

static void write_users(const char *path, char last) {
    FILE *f = fopen(path, "w");

    ck_assert_ptr_nonnull(f);
    for (int i = 0; i < USERS; i++)
        fprintf(f, "user%06d:example.com:0123456789abcdef0123456789abcde%c\n", i, i + 1 < USERS ? 'f' : last);
    fclose(f);
}

static struct settings *load_users(const char *folder, char last) {
    struct config_report report = {0};
    char users[200], config[200];

    snprintf(users, sizeof users, "%s/users", folder);
    snprintf(config, sizeof config, "%s/twinleg.cfg", folder);
    write_users(users, last);
    FILE *f = fopen(config, "w");
    ck_assert_ptr_nonnull(f);
    fputs("listen = ( { name = \"edge\"; address = \"127.0.0.1\"; } ); trunks = ( );\n"
          "registrar = { listen = \"edge\"; local = ( { domain = \"example.com\"; users = \"users\"; } ); };\n",
          f);
    fclose(f);
    struct settings *s = config_load(config, &report);
    if (s == NULL)
        config_report_print(&report, stderr);
    ck_assert_ptr_nonnull(s);
    config_report_fini(&report);
    remove(users);
    remove(config);
    return s;
}

START_TEST(the_end_of_a_large_file) {
    char folder[] = "/tmp/test_changes.XXXXXX";
    int count;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    struct settings *was = load_users(folder, 'f'), *same = load_users(folder, 'f'), *now = load_users(folder, '0');
    char *got = changes(was, same, &count);
    ck_assert_int_eq(count, 0);
    free(got);
    got = changes(was, now, &count);
    ck_assert_str_eq(got, "registrar.local[0].users (content) changed\n");
    free(got);
    settings_unref(was);
    settings_unref(same);
    settings_unref(now);
    rmdir(folder);
}
END_TEST

int main(void) {
    Suite *s = suite_create("changes");
    TCase *t = tcase_create("golden");

    golden_find(&names, FOLDER, ".was.cfg");
    tcase_add_loop_test(t, golden, 0, names.count);
    tcase_add_loop_test(t, nothing_changes, 0, names.count);
    tcase_add_test(t, the_end_of_a_large_file);
    suite_add_tcase(s, t);

    int failed = suite_run(s);
    golden_fini(&names);
    return failed;
}
