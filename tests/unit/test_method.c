/* Methods by number and by name. */
#include <check.h>

#include "b2bua/core/method.h"
#include "tests/suite.h"

START_TEST(there_and_back) {
    const char *name = method_name((enum method)_i);

    ck_assert_uint_gt(strlen(name), 0);
    ck_assert_int_eq(method_of(str_of(name)), _i);
}
END_TEST

/* clang-format off */
static const struct { const char *name; struct str text; enum method want; } names[] = {
    {"RFC 3261 6: INVITE", STR("INVITE"), METHOD_INVITE},
    {"RFC 3262: PRACK", STR("PRACK"), METHOD_PRACK},
    {"RFC 3311: UPDATE", STR("UPDATE"), METHOD_UPDATE},
    {"RFC 3261 7.1: case matters", STR("invite"), METHOD_UNKNOWN},
    {"a longer name", STR("INVITED"), METHOD_UNKNOWN},
    {"a shorter name", STR("INVIT"), METHOD_UNKNOWN},
    {"a part of a longer text", {"BYE sip:", 3}, METHOD_BYE},
    {"RFC 4475 3.1.1.2: an extension method", STR("!interesting-Method0123456789_*+`.%indeed'~"), METHOD_UNKNOWN},
    {"empty", STR(""), METHOD_UNKNOWN},
    {"none", STR_NONE, METHOD_UNKNOWN},
};
/* clang-format on */

START_TEST(by_name) {
    ck_assert_msg(method_of(names[_i].text) == names[_i].want, "%s", names[_i].name);
}
END_TEST

START_TEST(unknown_has_no_name) {
    ck_assert_str_eq(method_name(METHOD_UNKNOWN), "");
}
END_TEST

int main(void) {
    Suite *s = suite_create("method");
    TCase *tc = tcase_create("method");

    tcase_add_loop_test(tc, there_and_back, METHOD_INVITE, METHODS);
    tcase_add_loop_test(tc, by_name, 0, sizeof names / sizeof names[0]);
    tcase_add_test(tc, unknown_has_no_name);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
