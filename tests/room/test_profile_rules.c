/*
 * The profiles that are shipped: every file of profiles/rules loads without a word against it, and of every profile
 * there is at least one message in tests/golden/profiles/shipped: PROFILE.CASE.in becomes PROFILE.CASE.out, byte for
 * byte.
 */
#include <check.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>

#include "profiles/profile.h"
#include "tests/golden.h"
#include "tests/suite.h"

#define RULES "profiles/rules"
#define CASES "tests/golden/profiles/shipped"

enum { PROFILES_MAX = 300 };

static struct profile *profiles[PROFILES_MAX];
static int profiles_count, complaints;
static struct golden_names cases;

static void complain(void *arg, const struct profile_note *n) {
    fprintf(stderr, "%s: %d:%d: %s (%s)\n", (const char *)arg, n->line, n->column, n->wrong, n->right);
    complaints++;
}

static void load_profile(const config_setting_t *entry, char *file) {
    const char *name = "";
    const config_setting_t *rules = config_setting_get_member(entry, "rules");
    struct profile_report report = {complain, file, 0};

    config_setting_lookup_string(entry, "name", &name);
    struct profile *p = profile_new(name);
    for (int i = 0; rules != NULL && i < config_setting_length(rules); i++) {
        report.line = (int)config_setting_source_line(config_setting_get_elem(rules, (unsigned)i));
        profile_add_text(p, str_of(config_setting_get_string_elem(rules, i)), &report);
    }
    complaints += name[0] == '\0' || profile_count(p) == 0;
    if (profiles_count == PROFILES_MAX)
        golden_fail("more profiles than PROFILES_MAX", RULES);
    profiles[profiles_count++] = p;
}

static void load_file(char *name) {
    char path[300];
    config_t config;

    snprintf(path, sizeof path, RULES "/%s.cfg", name);
    config_init(&config);
    if (config_read_file(&config, path) != CONFIG_TRUE) {
        fprintf(stderr, "%s:%d: %s\n", path, config_error_line(&config), config_error_text(&config));
        complaints++;
    }
    const config_setting_t *list = config_lookup(&config, "profiles");
    for (int i = 0; list != NULL && i < config_setting_length(list); i++)
        load_profile(config_setting_get_elem(list, (unsigned)i), path);
    complaints += list == NULL;
    config_destroy(&config);
}

START_TEST(all_load_without_a_word) {
    ck_assert_int_eq(complaints, 0);
}
END_TEST

static bool is_case_of(const char *name, const struct profile *p) {
    size_t n = strlen(profile_name(p));

    return strncmp(name, profile_name(p), n) == 0 && name[n] == '.';
}

START_TEST(each_has_a_case_and_a_name_of_its_own) {
    for (int i = 0; i < profiles_count; i++) {
        bool found = false;
        for (int c = 0; c < cases.count; c++)
            found |= is_case_of(cases.at[c], profiles[i]);
        ck_assert_msg(found, "no case for %s in " CASES, profile_name(profiles[i]));
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(profile_name(profiles[i]), profile_name(profiles[k]));
    }
}
END_TEST

static struct str read_message(const char *name, const char *ending) {
    struct str text = golden_read_crlf(CASES, name, ending);

    ck_assert_msg(text.p != NULL, "%s%s is missing", name, ending);
    return text;
}

START_TEST(golden) {
    const char *name = cases.at[_i];
    struct profile_ctx *ctx = profile_ctx_new();
    struct str in = read_message(name, ".in"), want = read_message(name, ".out"), out = STR_NONE;
    struct profile_message m = profile_message_of(in);

    for (int i = 0; i < profiles_count; i++)
        if (is_case_of(name, profiles[i]))
            profile_apply(ctx, profiles[i], &m, NULL, in, &out, NULL);
    ck_assert_msg(out.n > 0, "%s: no such profile", name);
    ck_assert_msg(str_eq(out, want), "%s:\n--- wanted\n%.*s--- got\n%.*s", name, (int)want.n, want.p, (int)out.n,
                  out.p);
    ck_assert_int_eq(profile_tally(ctx).broken, 0);
    free((char *)in.p);
    free((char *)want.p);
    profile_ctx_free(ctx);
}
END_TEST

int main(void) {
    Suite *s = suite_create("profile_rules");
    TCase *t = tcase_create("shipped");
    static struct golden_names files;

    golden_find(&files, RULES, ".cfg");
    golden_find(&cases, CASES, ".in");
    for (int i = 0; i < files.count; i++)
        load_file(files.at[i]);
    golden_fini(&files);
    tcase_add_test(t, all_load_without_a_word);
    tcase_add_test(t, each_has_a_case_and_a_name_of_its_own);
    tcase_add_loop_test(t, golden, 0, cases.count);
    suite_add_tcase(s, t);

    int failed = suite_run(s);
    for (int i = 0; i < profiles_count; i++)
        profile_free(profiles[i]);
    golden_fini(&cases);
    return failed;
}
