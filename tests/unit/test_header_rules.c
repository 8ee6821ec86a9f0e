/* Which header names may cross. */
#include <stdio.h>

#include "b2bua/core/header_rules.h"
#include "tests/suite.h"

static struct header_rules *rules(const char *const *pass, const char *const *strip) {
    struct header_rules *r = header_rules_new();
    size_t at;
    char why[100];

    for (; *pass != NULL; pass++)
        ck_assert_int_eq(header_rules_add(r, HEADER_RULES_PASS, *pass, &at, why, sizeof why), 0);
    for (; *strip != NULL; strip++)
        ck_assert_int_eq(header_rules_add(r, HEADER_RULES_STRIP, *strip, &at, why, sizeof why), 0);
    return r;
}

#define LIST(...)                                                                                                      \
    { __VA_ARGS__ __VA_OPT__(, ) NULL }

static const struct {
    const char *rule;
    const char *pass[3], *strip[3];
    const char *name;
    bool passes;
} table[] = {
    {"everything", LIST(".*"), LIST(), "X-Tenant", true},
    {"nothing", LIST(), LIST(), "X-Tenant", false},
    {"one of several", LIST("User-Agent", "X-.*"), LIST(), "X-Tenant", true},
    {"none of several", LIST("User-Agent", "X-.*"), LIST(), "Server", false},
    {"strip wins", LIST("X-.*"), LIST("X-Tenant"), "X-Tenant", false},
    {"strip of another", LIST("X-.*"), LIST("X-Tenant"), "X-Tenants", true},
    {"the whole name", LIST("Tenant"), LIST(), "X-Tenant", false},
    {"the whole name, alternatives", LIST("X|Y"), LIST(), "Xy", false},
    {"RFC 3261 7.3.1: in any case", LIST("x-tenant"), LIST(), "X-TENANT", true},
    {"RFC 3261 7.3.1: strip in any case", LIST(".*"), LIST("SERVER"), "server", false},
};

START_TEST(name_is_judged) {
    struct header_rules *r = rules(table[_i].pass, table[_i].strip);

    for (int again = 0; again < 3; again++) /* remembered, it is the same */
        ck_assert_msg(header_rules_pass(r, str_of(table[_i].name)) == table[_i].passes, "%s, %d", table[_i].rule,
                      again);
    header_rules_free(r);
}
END_TEST

START_TEST(no_rules_pass_all) {
    ck_assert(header_rules_pass(NULL, STR("Server")));
}
END_TEST

/* Peers may invent more names than there is room for; what is remembered of one is never said of another. */
START_TEST(many_names) {
    static const char *const pass[] = LIST("X-[0-9]*[02468]"), *const strip[] = LIST("X-.*4");
    struct header_rules *r = rules(pass, strip);
    char name[32];

    for (int again = 0; again < 2; again++)
        for (int i = 0; i < 3000; i++) {
            snprintf(name, sizeof name, "X-%d", i);
            ck_assert_msg(header_rules_pass(r, str_of(name)) == (i % 2 == 0 && i % 10 != 4), "%s", name);
        }
    header_rules_free(r);
}
END_TEST

START_TEST(long_names) {
    static const char *const pass[] = LIST("X-a*"), *const strip[] = LIST();
    struct header_rules *r = rules(pass, strip);
    char name[400] = "X-";

    memset(name + 2, 'A', sizeof name - 3);
    ck_assert(header_rules_pass(r, str_of(name)));
    name[300] = 'b';
    ck_assert(!header_rules_pass(r, str_of(name)));
    header_rules_free(r);
}
END_TEST

/* An expression that runs away neither lets pass nor keeps from stripping. */
START_TEST(runaway) {
    static const char *const slow[] = LIST("(a+)+[bd]"), *const all[] = LIST(".*"), *const none[] = LIST();
    struct header_rules *passes = rules(slow, none), *strips = rules(all, slow);
    struct str name = STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac");

    ck_assert(!header_rules_pass(passes, name));
    ck_assert(!header_rules_pass(strips, name));
    header_rules_free(passes);
    header_rules_free(strips);
}
END_TEST

START_TEST(wrong_expression) {
    struct header_rules *r = header_rules_new();
    size_t at = 0;
    char why[100] = "";

    ck_assert_int_eq(header_rules_add(r, HEADER_RULES_PASS, "X-(a", &at, why, sizeof why), -1);
    ck_assert_uint_eq(at, 4);
    ck_assert_str_ne(why, "");
    ck_assert_int_eq(header_rules_add(r, HEADER_RULES_PASS, "a)|(b", &at, why, sizeof why), -1);
    ck_assert_uint_eq(at, 1);
    ck_assert_int_eq(header_rules_add(r, HEADER_RULES_PASS, "X#(", &at, why, sizeof why), -1);
    header_rules_free(r);
    header_rules_free(NULL);
}
END_TEST

int main(void) {
    Suite *s = suite_create("header_rules");
    TCase *t = tcase_create("rules");

    tcase_add_loop_test(t, name_is_judged, 0, sizeof table / sizeof *table);
    tcase_add_test(t, no_rules_pass_all);
    tcase_add_test(t, many_names);
    tcase_add_test(t, long_names);
    tcase_add_test(t, runaway);
    tcase_add_test(t, wrong_expression);
    suite_add_tcase(s, t);
    return suite_run(s);
}
