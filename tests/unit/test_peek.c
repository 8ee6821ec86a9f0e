/* What raw bytes tell of a request, and what is left to the parser. */
#include <check.h>
#include <stdio.h>

#include "b2bua/core/peek.h"
#include "tests/suite.h"

#define HEAD "INVITE sip:1@x SIP/2.0\r\n"
#define VIA  "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n"
#define REST "Call-ID: c1\r\nCSeq: 1 INVITE\r\n\r\n"

static const struct {
    const char *name, *message, *sent_by;
    int result;
    bool in_dialog;
} rows[] = {
    {"a new INVITE", HEAD VIA "To: <sip:1@x>\r\n" REST, "192.0.2.1:5060", 0, false},
    {"in a dialog", HEAD VIA "To: <sip:1@x>;tag=a\r\n" REST, "192.0.2.1:5060", 0, true},
    {"in a dialog, compact", HEAD VIA "t: <sip:1@x>;TAG=a\r\n" REST, "192.0.2.1:5060", 0, true},
    {"RFC 3261 20.39: a tag behind an address without < >", HEAD VIA "To: sip:1@x;tag=a\r\n" REST, "192.0.2.1:5060", 0,
     true},
    {"RFC 3261 20: a parameter of the URI is none of To", HEAD VIA "To: <sip:1@x;tag=a>\r\n" REST, "192.0.2.1:5060", 0,
     false},
    {"a name that looks like a tag", HEAD VIA "To: \";tag=\" <sip:1@x>\r\n" REST, "192.0.2.1:5060", 0, false},
    {"a name with > in it", HEAD VIA "To: \"a>;tag=b\" <sip:1@x>\r\n" REST, "192.0.2.1:5060", 0, false},
    {"Via, compact", HEAD "v: SIP/2.0/TCP h.example;branch=z9hG4bK1\r\nTo: <sip:1@x>\r\n" REST, "h.example", 0, false},
    {"RFC 3261 7.3.1: two Vias in a line",
     HEAD "Via: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2\r\nTo: <sip:1@x>\r\n" REST, "a", 0, false},
    {"RFC 4475 3.1.1.1: blanks in the Via are for the parser",
     HEAD "Via: SIP / 2.0 / UDP 192.0.2.1;branch=z9hG4bK1\r\nTo: <sip:1@x>\r\n" REST, NULL, -1, false},
    {"blanks behind the host, too", HEAD "Via: SIP/2.0/UDP 192.0.2.1 ;branch=z9hG4bK1\r\nTo: <sip:1@x>\r\n" REST, NULL,
     -1, false},
    {"no branch", HEAD "Via: SIP/2.0/UDP 192.0.2.1\r\nTo: <sip:1@x>\r\n" REST, NULL, -1, false},
    {"no To", HEAD VIA REST, NULL, -1, false},
    {"no Via", HEAD "To: <sip:1@x>\r\n" REST, NULL, -1, false},
    {"no Call-ID", HEAD VIA "To: <sip:1@x>\r\n\r\n", NULL, -1, false},
    {"RFC 3261 7.3.1: a folded To", HEAD VIA "To: <sip:1@x>\r\n ;tag=a\r\n" REST, NULL, -1, false},
    {"a response", "SIP/2.0 200 OK\r\n" VIA "To: <sip:1@x>\r\n" REST, NULL, -1, false},
    {"nothing", "", NULL, -1, false},
};

START_TEST(peeks) {
    struct peek p = {0};

    ck_assert_msg(peek_request(&p, str_of(rows[_i].message)) == rows[_i].result, "%s", rows[_i].name);
    if (rows[_i].result < 0)
        return;
    ck_assert_msg(p.in_dialog == rows[_i].in_dialog, "%s", rows[_i].name);
    ck_assert_msg(str_eq(p.sent_by, str_of(rows[_i].sent_by)), "%s: %.*s", rows[_i].name, (int)p.sent_by.n,
                  p.sent_by.p);
    ck_assert_int_eq(p.method, METHOD_INVITE);
    ck_assert(str_eq(p.user, STR("1")));
    ck_assert(str_eq(p.call_id, STR("c1")));
    ck_assert(str_eq(p.branch, STR("z9hG4bK1")));
}
END_TEST

static const struct {
    const char *uri, *user;
} users[] = {
    {"sip:112@x", "112"},
    {"sips:112@x;a=b@c", "112"},
    {"sip:112;phone-context=+49@x", "112"},
    {"sip:112:secret@x", "112"},
    {"sip:x", ""},
    {"sip:x;a=b", ""},
    {"tel:112;a=b", "112"},
    {"TEL:+49112", "+49112"},
    {"112", ""},
};

START_TEST(user) {
    char text[400];
    struct peek p = {0};

    snprintf(text, sizeof text, "INVITE %s SIP/2.0\r\n" VIA "To: <sip:1@x>\r\n" REST, users[_i].uri);
    ck_assert_int_eq(peek_request(&p, str_of(text)), 0);
    ck_assert_msg(str_eq(p.user, str_of(users[_i].user)), "%s: %.*s", users[_i].uri, (int)p.user.n, p.user.p);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("peek");
    TCase *tc = tcase_create("peek");

    tcase_add_loop_test(tc, peeks, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(tc, user, 0, sizeof users / sizeof *users);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
