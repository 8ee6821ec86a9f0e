/* The ACK to a 300-699 and the CANCEL out of the INVITE's bytes. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/derive.h"
#include "tests/suite.h"

#define VIA    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\n"
#define FROM   "From: <sip:a@example.com>;tag=1\r\n"
#define TO     "To: <sip:b@example.com>\r\n"
#define TO_TAG "To: <sip:b@example.com>;tag=2\r\n"
#define ID     "Call-ID: c1\r\n"
#define LINE   " sip:b@example.com;x=1 SIP/2.0\r\n"
#define REST   "Max-Forwards: 70\r\n"
#define END(m) "CSeq: 7 " m "\r\nContent-Length: 0\r\n\r\n"

#define INVITE                                                                                                         \
    "INVITE" LINE VIA REST FROM TO ID "CSeq: 7 INVITE\r\nContact: <sip:a@192.0.2.1>\r\nContent-Length: 3\r\n\r\nv=0"

struct row {
    const char *name;
    struct str invite, to;
    struct str ack, cancel; /* empty: cannot be made */
};

/* clang-format off */
static const struct row rows[] = {
    {"RFC 3261 17.1.1.3, 9.1: same URI, Via, From, Call-ID, CSeq number; no body", STR(INVITE), STR(TO_TAG),
     STR("ACK" LINE VIA REST FROM TO_TAG ID END("ACK")), STR("CANCEL" LINE VIA REST FROM TO ID END("CANCEL"))},
    {"RFC 3261 17.1.1.3: no To of the response", STR(INVITE), STR(""),
     STR("ACK" LINE VIA REST FROM TO ID END("ACK")), STR("CANCEL" LINE VIA REST FROM TO ID END("CANCEL"))},
    {"RFC 3261 17.1.1.3, 9.1: the top Via alone",
     STR("INVITE" LINE VIA "Via: SIP/2.0/UDP x;branch=z2\r\n" FROM TO ID "CSeq: 7 INVITE\r\n\r\n"), STR(TO_TAG),
     STR("ACK" LINE VIA REST FROM TO_TAG ID END("ACK")), STR("CANCEL" LINE VIA REST FROM TO ID END("CANCEL"))},
    {"RFC 3261 7.3.1: the first of joined Vias, a comma in quotes is none",
     STR("INVITE" LINE "Via: SIP/2.0/UDP h;x=\"a,b\";branch=z1,SIP/2.0/UDP i\r\n" FROM TO ID "CSeq: 7 INVITE\r\n\r\n"),
     STR(TO_TAG),
     STR("ACK" LINE "Via: SIP/2.0/UDP h;x=\"a,b\";branch=z1\r\n" REST FROM TO_TAG ID END("ACK")),
     STR("CANCEL" LINE "Via: SIP/2.0/UDP h;x=\"a,b\";branch=z1\r\n" REST FROM TO ID END("CANCEL"))},
    {"RFC 3261 17.1.1.3, 9.1: every Route, in order",
     STR("INVITE" LINE VIA "Route: <sip:p1;lr>\r\n" FROM TO "Route: <sip:p2;lr>,\r\n <sip:p3;lr>\r\n" ID
         "CSeq: 7 INVITE\r\n\r\n"), STR(TO_TAG),
     STR("ACK" LINE VIA "Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>,\r\n <sip:p3;lr>\r\n" REST FROM TO_TAG ID END("ACK")),
     STR("CANCEL" LINE VIA "Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>,\r\n <sip:p3;lr>\r\n" REST FROM TO ID
         END("CANCEL"))},
    {"RFC 3261 7.3.3: compact forms stay as they are",
     STR("INVITE" LINE "v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nf: <sip:a>;tag=1\r\nt: <sip:b>\r\ni: c1\r\n"
         "CSeq: 7 INVITE\r\n\r\n"), STR(TO_TAG),
     STR("ACK" LINE VIA REST "f: <sip:a>;tag=1\r\n" TO_TAG "i: c1\r\n" END("ACK")),
     STR("CANCEL" LINE VIA REST "f: <sip:a>;tag=1\r\nt: <sip:b>\r\ni: c1\r\n" END("CANCEL"))},
    {"headers in the body do not count",
     STR("INVITE" LINE VIA FROM TO ID "CSeq: 7 INVITE\r\n\r\nRoute: <sip:evil>\r\n"), STR(TO_TAG),
     STR("ACK" LINE VIA REST FROM TO_TAG ID END("ACK")), STR("CANCEL" LINE VIA REST FROM TO ID END("CANCEL"))},
    {"RFC 3261 22.1: the credentials of the INVITE",
     STR("INVITE" LINE VIA FROM TO ID "Proxy-Authorization: Digest a\r\nCSeq: 7 INVITE\r\nAuthorization: Digest b\r\n"
         "authorization: Digest c\r\n\r\n"), STR(TO_TAG),
     STR("ACK" LINE VIA REST FROM TO_TAG ID "CSeq: 7 ACK\r\nAuthorization: Digest b\r\nauthorization: Digest c\r\n"
         "Proxy-Authorization: Digest a\r\nContent-Length: 0\r\n\r\n"),
     STR("CANCEL" LINE VIA REST FROM TO ID "CSeq: 7 CANCEL\r\nAuthorization: Digest b\r\n"
         "authorization: Digest c\r\nProxy-Authorization: Digest a\r\nContent-Length: 0\r\n\r\n")},
    {"no CSeq", STR("INVITE" LINE VIA FROM TO ID "\r\n"), STR(TO_TAG), STR(""), STR("")},
    {"a CSeq without method", STR("INVITE" LINE VIA FROM TO ID "CSeq: 7\r\n\r\n"), STR(TO_TAG), STR(""), STR("")},
    {"no request line", STR("INVITE\r\n" VIA FROM TO ID "CSeq: 7 INVITE\r\n\r\n"), STR(TO_TAG), STR(""), STR("")},
    {"nothing", STR(""), STR(TO_TAG), STR(""), STR("")},
};
/* clang-format on */

static void compare(const struct row *row, int result, const struct sbuf *out, struct str want) {
    ck_assert_msg((result == 0) == (want.n > 0), "%s: %d", row->name, result);
    if (result == 0)
        ck_assert_msg(str_eq(sbuf_str(out), want), "%s:\n%.*s", row->name, (int)out->n, out->p);
}

START_TEST(derived) {
    const struct row *row = &rows[_i];
    char buf[1024];
    struct sbuf ack = sbuf_on(buf, sizeof buf);
    int result = derive_ack(&ack, row->invite, row->to);

    compare(row, result, &ack, row->ack);
    struct sbuf cancel = sbuf_on(buf, sizeof buf);
    result = derive_cancel(&cancel, row->invite, STR_NONE);
    compare(row, result, &cancel, row->cancel);
}
END_TEST

START_TEST(cancel_says_why) {
    char buf[1024];
    struct sbuf out = sbuf_on(buf, sizeof buf);

    ck_assert_int_eq(derive_cancel(&out, STR(INVITE), STR("SIP;cause=200")), 0);
    ck_assert_ptr_nonnull(memmem(out.p, out.n, "\r\nReason: SIP;cause=200\r\nContent-Length: 0\r\n\r\n", 46));
}
END_TEST

START_TEST(no_room) {
    char buf[40];
    struct sbuf out = sbuf_on(buf, sizeof buf);

    ck_assert_int_eq(derive_ack(&out, STR(INVITE), STR(TO_TAG)), -1);
    out = sbuf_on(buf, sizeof buf);
    ck_assert_int_eq(derive_cancel(&out, STR(INVITE), STR_NONE), -1);
}
END_TEST

/* clang-format off */
static const struct { const char *name; struct str message, header; char compact; struct str want; } headers[] = {
    {"RFC 3261 7.3.1: name in any case", STR("A b C\r\ncall-id: x\r\n\r\n"), STR("Call-ID"), 'i', STR("x")},
    {"RFC 3261 7.3.3: compact", STR("A b C\r\nI:x\r\n\r\n"), STR("Call-ID"), 'i', STR("x")},
    {"a header without compact form", STR("A b C\r\nr: x\r\n\r\n"), STR("Route"), 0, STR("")},
    {"RFC 3261 7.3.1: blanks around the colon", STR("A b C\r\nCall-ID \t:  x \r\n\r\n"), STR("Call-ID"), 'i', STR("x")},
    {"RFC 3261 7.3.1: folded", STR("A b C\r\nSubject: a\r\n\tb\r\nX: y\r\n\r\n"), STR("Subject"), 's', STR("a\r\n\tb")},
    {"the first of two", STR("A b C\r\nX: 1\r\nX: 2\r\n\r\n"), STR("X"), 0, STR("1")},
    {"a longer name", STR("A b C\r\nCall-IDs: x\r\n\r\n"), STR("Call-ID"), 'i', STR("")},
    {"the start line is no header", STR("X: a SIP/2.0\r\nY: b\r\n\r\n"), STR("X"), 0, STR("")},
    {"a line without colon is passed over", STR("A b C\r\nrubbish\r\nX: 1\r\n\r\n"), STR("X"), 0, STR("1")},
    {"no line end at the end", STR("A b C\r\nX: 1"), STR("X"), 0, STR("1")},
    {"behind the head", STR("A b C\r\nY: 2\r\n\r\nX: 1\r\n"), STR("X"), 0, STR("")},
    {"LF alone", STR("A b C\nX: 1\n\nY: 2\n"), STR("X"), 0, STR("1")},
    {"RFC 3261 7.3.1: a blank behind the empty line folds nothing into the head", STR("A b SIP/2.0\r\n\r\n X: 1"), STR("X"), 0, STR("")},
};
/* clang-format on */

START_TEST(header) {
    struct str got = derive_header(headers[_i].message, headers[_i].header, headers[_i].compact);

    ck_assert_msg(str_eq(got, headers[_i].want), "%s: %.*s", headers[_i].name, (int)got.n, got.p);
}
END_TEST

int main(void) {
    Suite *s = suite_create("derive");
    TCase *tc = tcase_create("derive");

    tcase_add_loop_test(tc, derived, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tc, cancel_says_why);
    tcase_add_test(tc, no_room);
    tcase_add_loop_test(tc, header, 0, sizeof headers / sizeof headers[0]);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
