/* Borders of headers in bytes from the wire. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/head.h"
#include "tests/suite.h"

#define MESSAGE                                                                                                        \
    "A sip:To:x SIP/2.0\r\nRoute: one\r\nF:two\r\nroute: two\r\ncall-id \t: three\r\nfrom\r\n"                         \
    "Subject: four\r\n Rack: no\r\nContent-Lengths: 5\r\nC: text\r\n\r\nEvent: x\r\n"

/* clang-format off */
static const struct { const char *name; struct str message; size_t length; } lengths[] = {
    {"RFC 3261 7: CRLF", STR("A b\r\nTo: c\r\n\r\nbody\r\n\r\n"), 14},
    {"bare LF", STR("A b\nTo: c\n\nbody"), 11},
    {"LF, then CRLF", STR("A b\n\r\nbody"), 6},
    {"no header at all", STR("A b\r\n\r\n"), 7},
    {"the empty line is not there yet", STR("A b\r\nTo: c\r\n"), 0},
    {"half of it is", STR("A b\r\nTo: c\r\n\r"), 0},
    {"a CR in a line ends nothing", STR("A b\n\rTo: c\n"), 0},
    {"nothing", STR_NONE, 0},
};
static const struct { const char *name; struct str header; char compact; const char *value; int count; } finds[] = {
    {"RFC 3261 7.3.1: in any case, the first", STR("ROUTE"), 0, "one", 2},
    {"RFC 3261 7.3.3: by its letter, in any case", STR("From"), 'f', "two", 1},
    {"RFC 3261 7.3.1: blanks before the colon", STR("Call-ID"), 'i', "three", 1},
    {"RFC 3261 7.3.1: a folded line is one", STR("Subject"), 's', "four\r\n Rack: no", 1},
    {"a name that begins as another", STR("Content-Length"), 'l', NULL, 0},
    {"the body has none", STR("Event"), 'o', NULL, 0},
};
/* clang-format on */

static const struct str message = {MESSAGE, sizeof MESSAGE - 1};

START_TEST(length) {
    ck_assert_msg(head_length(lengths[_i].message) == lengths[_i].length, "%s: %zu", lengths[_i].name,
                  head_length(lengths[_i].message));
}
END_TEST

START_TEST(find) {
    struct head_line line;
    struct str rest;

    head_start(message, &rest);
    bool found = head_find(&rest, finds[_i].header, finds[_i].compact, &line);
    ck_assert_msg(found == (finds[_i].value != NULL), "%s", finds[_i].name);
    ck_assert_msg(!found || str_eq(line.value, str_of(finds[_i].value)), "%s", finds[_i].name);
    ck_assert_msg(head_count(message, finds[_i].header, finds[_i].compact) == finds[_i].count, "%s", finds[_i].name);
}
END_TEST

int main(void) {
    Suite *s = suite_create("head");
    TCase *tc = tcase_create("head");

    suite_add_tcase(s, tc);
    tcase_add_loop_test(tc, length, 0, sizeof lengths / sizeof lengths[0]);
    tcase_add_loop_test(tc, find, 0, sizeof finds / sizeof finds[0]);
    return suite_run(s);
}
