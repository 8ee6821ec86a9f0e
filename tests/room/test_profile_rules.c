/*
 * The profiles that are shipped: every file of profiles/rules loads without a word against it, and of every profile
 * there is at least one message in tests/golden/profiles/shipped: PROFILE.CASE.in becomes PROFILE.CASE.out, byte for
 * byte.
 */
#include <check.h>
#include <dirent.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>

#include "profiles/profile.h"
#include "tests/suite.h"

#define RULES "profiles/rules"
#define CASES "tests/golden/profiles/shipped"

enum { MANY = 300, TEXT_MAX = 32 * 1024 };

struct names {
    char *at[MANY];
    int count;
};

static struct profile *profiles[MANY];
static int profiles_count, complaints;
static struct names cases;

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find(struct names *names, const char *folder, const char *ending) {
    DIR *d = opendir(folder);
    struct dirent *e;

    while (d != NULL && (e = readdir(d)) != NULL) {
        size_t n = strlen(e->d_name), end = strlen(ending);
        if (n > end && strcmp(e->d_name + n - end, ending) == 0 && names->count < MANY)
            names->at[names->count++] = str_dup((struct str){e->d_name, n - end});
    }
    if (d != NULL)
        closedir(d);
    qsort(names->at, (size_t)names->count, sizeof names->at[0], by_name);
}

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
    complaints += name[0] == '\0' || profile_count(p) == 0 || profiles_count == MANY;
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

/* The file with CRLF for LF; freed by the caller. */
static struct str read_message(const char *name, const char *ending) {
    char path[300];
    char *text = mem_alloc(TEXT_MAX);
    struct sbuf b = sbuf_on(text, TEXT_MAX);
    int c;

    snprintf(path, sizeof path, CASES "/%s%s", name, ending);
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s is missing", path);
    while ((c = fgetc(f)) != EOF) {
        if (c == '\n')
            sbuf_putc(&b, '\r');
        sbuf_putc(&b, (char)c);
    }
    fclose(f);
    return sbuf_str(&b);
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
    struct names files = {0};

    find(&files, RULES, ".cfg");
    find(&cases, CASES, ".in");
    if (files.count == 0 || cases.count == 0) {
        fprintf(stderr, "nothing in " RULES " or " CASES ": run from the repository root\n");
        return 1;
    }
    for (int i = 0; i < files.count; i++) {
        load_file(files.at[i]);
        free(files.at[i]);
    }
    tcase_add_test(t, all_load_without_a_word);
    tcase_add_test(t, each_has_a_case_and_a_name_of_its_own);
    tcase_add_loop_test(t, golden, 0, cases.count);
    suite_add_tcase(s, t);

    int failed = suite_run(s);
    for (int i = 0; i < profiles_count; i++)
        profile_free(profiles[i]);
    while (cases.count > 0)
        free(cases.at[--cases.count]);
    return failed;
}
