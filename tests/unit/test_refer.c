/* What a REFER asks, and what its sender is told. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/refer.h"
#include "tests/suite.h"

/* clang-format off */
static const struct {
    const char *name, *value;
    int status;
    const char *uri, *replaces, *require;
} targets[] = {
    {"RFC 3515 2.1: a URI in brackets", "<sip:3003@192.0.2.1>", 0, "sip:3003@192.0.2.1", "", ""},
    {"RFC 3515 2.1: with a display name that has a bracket in it", "\"a <b>\" <sip:3003@h>;x=y", 0, "sip:3003@h", "", ""},
    {"RFC 3261 20: without brackets its parameters are the header's", "sip:3003@h;x=y", 0, "sip:3003@h", "", ""},
    {"RFC 3966: a number", "<tel:+4930123>", 0, "tel:+4930123", "", ""},
    {"RFC 3261 19.1.1: the user's own parameters stay", "<sip:+49301;isub=2@h;user=phone>", 0,
     "sip:+49301;isub=2@h;user=phone", "", ""},
    {"RFC 3891 5: Replaces", "<sip:3@h?Replaces=c%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>", 0, "sip:3@h",
     "c%40h%3Bto-tag%3D1%3Bfrom-tag%3D2", ""},
    {"RFC 3891: Replaces that a peer forgot to escape", "<sip:3@h?Replaces=c@h;to-tag=1;from-tag=2>", 0, "sip:3@h",
     "c@h;to-tag=1;from-tag=2", ""},
    {"RFC 5589 7.3: Require beside it, other headers are not for us", "<sip:3@h?Subject=x&replaces=a&Require=replaces>", 0,
     "sip:3@h", "a", "replaces"},
    {"RFC 3261 19.1.1: a question mark in the user", "<sip:a?b@h?Replaces=x>", 0, "sip:a?b@h", "x", ""},
    {"RFC 3515 2.4.2: method=INVITE is what is meant anyway", "<sip:3@h;method=INVITE>", 0, "sip:3@h;method=INVITE", "", ""},
    {"RFC 3515 2.4.2: another method is declined", "<sip:3@h;method=BYE>", 603, "", "", ""},
    {"RFC 3515 2.4.2: likewise without a user", "<sip:h;method=SUBSCRIBE>", 603, "", "", ""},
    {"RFC 3261 21.4.14: nobody can be called there", "<http://h/x>", 416, "", "", ""},
    {"no URI", "", 400, "", "", ""},
    {"an open bracket", "<sip:3@h", 400, "", "", ""},
    {"nothing behind the scheme", "<sip:>", 400, "", "", ""},
    {"a blank inside", "<sip:3 3@h>", 400, "", "", ""},
    {"RFC 3261 7.3.1: a folded line inside", "<sip:3@h\r\n X: y>", 400, "", "", ""},
};

static const struct {
    const char *name, *escaped, *plain; /* NULL: refused */
} escapes[] = {
    {"RFC 3261 25.1: escapes", "c%40h%3Bto-tag%3d1", "c@h;to-tag=1"},
    {"nothing escaped", "c@h;to-tag=1", "c@h;to-tag=1"},
    {"a line end would begin another header", "c%0D%0AX: y", NULL},
    {"so would one alone", "c%0aX: y", NULL},
    {"NUL", "c%00", NULL},
    {"cut short", "c%4", NULL},
    {"no digits", "c%zz", NULL},
};

static const struct {
    const char *name, *value;
    bool is_refer;
    uint32_t id;
} events[] = {
    {"RFC 3515 3: the package", "refer", true, 0},
    {"RFC 3515 2.4.6: with an id", "refer ; id=93809824", true, 93809824},
    {"RFC 6665 8.2.1: an id that is no number is none of ours", "refer;id=x", true, 0},
    {"RFC 6665: another package", "dialog;id=1", false, 0},
    {"RFC 6665: another package that begins alike", "referral", false, 0},
};
/* clang-format on */

static void is(const char *name, struct str got, const char *want) {
    ck_assert_msg(str_eq(got, str_of(want)), "%s: got \"%.*s\", wanted \"%s\"", name, (int)got.n, got.p, want);
}

START_TEST(refer_to) {
    struct refer_to to = {0};

    ck_assert_msg(refer_parse(str_of(targets[_i].value), &to) == targets[_i].status, "%s", targets[_i].name);
    if (targets[_i].status != 0)
        return;
    is(targets[_i].name, to.uri, targets[_i].uri);
    is(targets[_i].name, to.replaces, targets[_i].replaces);
    is(targets[_i].name, to.require, targets[_i].require);
}
END_TEST

START_TEST(escaped) {
    char text[64];
    struct sbuf b = sbuf_on(text, sizeof text);
    int done = refer_unescape(&b, str_of(escapes[_i].escaped));

    ck_assert_msg((done == 0) == (escapes[_i].plain != NULL), "%s", escapes[_i].name);
    if (done == 0)
        is(escapes[_i].name, sbuf_str(&b), escapes[_i].plain);
}
END_TEST

START_TEST(escaping_is_undone) {
    char there[64], back[64];
    struct sbuf b = sbuf_on(there, sizeof there), c = sbuf_on(back, sizeof back);

    refer_escape(&b, STR("c-1@h;to-tag=\xc3\xa4&x y"));
    is("RFC 3261 25.1", sbuf_str(&b), "c-1%40h%3Bto-tag%3D%C3%A4%26x%20y");
    ck_assert_int_eq(refer_unescape(&c, sbuf_str(&b)), 0);
    is("RFC 3261 25.1", sbuf_str(&c), "c-1@h;to-tag=\xc3\xa4&x y");
}
END_TEST

START_TEST(too_long_to_unescape) {
    char text[4];
    struct sbuf b = sbuf_on(text, sizeof text);

    ck_assert_int_eq(refer_unescape(&b, STR("12345")), -1);
}
END_TEST

START_TEST(event) {
    uint32_t id = 7;

    ck_assert_msg(refer_event(str_of(events[_i].value), &id) == events[_i].is_refer, "%s", events[_i].name);
    ck_assert_msg(id == events[_i].id, "%s: id %u", events[_i].name, id);
}
END_TEST

START_TEST(replaces_of_a_refer) {
    char text[64];
    struct sbuf b = sbuf_on(text, sizeof text);

    is("RFC 3515 2.1: the compact form",
       refer_replaces(STR("REFER sip:h SIP/2.0\r\nr: <sip:3@h?Replaces=c%3Bto-tag%3D1>\r\n\r\n"), &b), "c;to-tag=1");
    is("RFC 3891 6.1: an INVITE has a header for it",
       refer_replaces(STR("INVITE sip:h SIP/2.0\r\nReplaces: d;to-tag=1\r\n\r\n"), &b), "d;to-tag=1");
    is("RFC 3515: Refer-To belongs to REFER",
       refer_replaces(STR("INVITE sip:h SIP/2.0\r\nRefer-To: <sip:3@h?Replaces=c>\r\n\r\n"), &b), "");
    is("RFC 3515: none", refer_replaces(STR("REFER sip:h SIP/2.0\r\nRefer-To: <sip:3@h>\r\n\r\n"), &b), "");
    is("one that hides a line end",
       refer_replaces(STR("REFER sip:h SIP/2.0\r\nRefer-To: <sip:3@h?Replaces=%0a>\r\n\r\n"), &b), "");
}
END_TEST

START_TEST(no_subscription) {
    ck_assert(refer_wants_no_subscription(STR("REFER x SIP/2.0\r\nRefer-Sub: False;x\r\n\r\n")));
    ck_assert(!refer_wants_no_subscription(STR("REFER x SIP/2.0\r\nRefer-Sub: true\r\n\r\n")));
    ck_assert(!refer_wants_no_subscription(STR("REFER x SIP/2.0\r\n\r\n")));
}
END_TEST

START_TEST(states) {
    char text[256];
    struct sbuf b = sbuf_on(text, sizeof text);

    refer_put_state(&b, 0, 60, "");
    is("RFC 3515 2.4.4", sbuf_str(&b),
       "Event: refer\r\nSubscription-State: active;expires=60\r\nContent-Type: message/sipfrag;version=2.0\r\n");
    b.n = 0;
    refer_put_state(&b, 3, 0, "noresource");
    is("RFC 3515 2.4.6, 2.4.7", sbuf_str(&b),
       "Event: refer;id=3\r\nSubscription-State: terminated;reason=noresource\r\n"
       "Content-Type: message/sipfrag;version=2.0\r\n");
}
END_TEST

START_TEST(fragment) {
    is("RFC 3420: the status alone", refer_fragment(STR("SIP/2.0 200 OK\r\nContact: <sip:x@10.0.0.1>\r\n")),
       "SIP/2.0 200 OK\r\n");
    is("RFC 3420: without a line end", refer_fragment(STR("SIP/2.0 200 OK")), "SIP/2.0 200 OK");
    is("RFC 3420: nothing", refer_fragment(STR("")), "");
}
END_TEST

#define ROWS(a) (int)(sizeof(a) / sizeof(a)[0])

int main(void) {
    Suite *s = suite_create("refer");
    TCase *c = tcase_create("refer");

    tcase_add_loop_test(c, refer_to, 0, ROWS(targets));
    tcase_add_loop_test(c, escaped, 0, ROWS(escapes));
    tcase_add_loop_test(c, event, 0, ROWS(events));
    tcase_add_test(c, escaping_is_undone);
    tcase_add_test(c, too_long_to_unescape);
    tcase_add_test(c, replaces_of_a_refer);
    tcase_add_test(c, no_subscription);
    tcase_add_test(c, states);
    tcase_add_test(c, fragment);
    suite_add_tcase(s, c);
    return suite_run(s);
}
