/* Finding a description in a body, replacing its origin, and telling whether two are the same. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/sdp.h"
#include "tests/suite.h"

#define HEAD  "v=0\r\n"
#define ORG   "o=alice 1 1 IN IP4 10.0.0.1\r\n"
#define TAIL  "s=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0\r\na=sendrecv\r\n"
#define OFFER HEAD ORG TAIL
#define PART  "Content-Type: application/sdp\r\n\r\n" OFFER "\r\n"

struct find {
    const char *name;
    struct str type, body, want;
};

/* clang-format off */
static const struct find finds[] = {
    {"the body itself", STR("application/sdp"), STR(OFFER), STR(OFFER)},
    {"RFC 3261 7.3.1: type in any case, with parameters", STR("Application/SDP ; charset=utf-8"), STR(OFFER),
     STR(OFFER)},
    {"no type", STR(""), STR(OFFER), STR("")},
    {"no body", STR("application/sdp"), STR(""), STR("")},
    {"another type", STR("application/sdpx"), STR(OFFER), STR("")},
    {"RFC 5621 3: the one part", STR("multipart/mixed;boundary=b1"), STR("--b1\r\n" PART "--b1--\r\n"), STR(OFFER)},
    {"RFC 2046 5.1.1: quoted boundary", STR("multipart/mixed; x=\"a;boundary=no\"; Boundary=\"b 1\""),
     STR("--b 1\r\n" PART "--b 1--\r\n"), STR(OFFER)},
    {"RFC 2046 5.1.1: preamble and epilogue", STR("multipart/mixed;boundary=b1"),
     STR("hello\r\n\r\n--b1\r\n" PART "--b1--\r\nbye\r\n"), STR(OFFER)},
    {"behind a part of another type", STR("multipart/mixed;boundary=b1"),
     STR("--b1\r\nContent-Type: text/plain\r\n\r\nv=0\r\n--b1\r\n" PART "--b1--"), STR(OFFER)},
    {"behind a part without headers", STR("multipart/mixed;boundary=b1"),
     STR("--b1\r\n\r\nplain\r\n--b1\r\n" PART "--b1--"), STR(OFFER)},
    {"the first of two", STR("multipart/mixed;boundary=b1"),
     STR("--b1\r\n" PART "--b1\r\nContent-Type: application/sdp\r\n\r\nv=1\r\n--b1--"), STR(OFFER)},
    {"among other headers, in any case", STR("multipart/mixed;boundary=b1"),
     STR("--b1\r\nContent-Disposition: session\r\ncontent-type:application/sdp;x=y\r\nX: y\r\n\r\n" OFFER "\r\n--b1--"),
     STR(OFFER)},
    {"lines that end in LF alone", STR("multipart/mixed;boundary=b1"),
     STR("--b1\nContent-Type: application/sdp\n\nv=0\no=x\n\n--b1--\n"), STR("v=0\no=x\n")},
    {"RFC 2046 5.1.1: the closing delimiter is missing", STR("multipart/mixed;boundary=b1"),
     STR("--b1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"), STR("v=0\r\n")},
    {"an empty part", STR("multipart/mixed;boundary=b1"),
     STR("--b1\r\nContent-Type: application/sdp\r\n\r\n--b1--\r\n"), STR("")},
    {"headers that never end", STR("multipart/mixed;boundary=b1"), STR("--b1\r\nContent-Type: application/sdp"),
     STR("")},
    {"RFC 2046 5.1.1: no boundary parameter", STR("multipart/mixed"), STR("--b1\r\n" PART "--b1--"), STR("")},
    {"an empty boundary", STR("multipart/mixed;boundary="), STR("--\r\n" PART "----"), STR("")},
    {"a boundary in an unended quote", STR("multipart/mixed;boundary=\"b1"), STR("--b1\r\n" PART "--b1--"), STR("")},
    {"a line shorter than the boundary", STR("multipart/mixed;boundary=b1"), STR("-\r\n--\r\n--b\r\n--b1\r\n" PART "--b1--"),
     STR(OFFER)},
};
/* clang-format on */

START_TEST(find) {
    const struct find *row = &finds[_i];
    struct str got = sdp_find(row->type, row->body);

    ck_assert_msg(str_eq(got, row->want), "%s: \"%.*s\"", row->name, (int)got.n, got.p);
    ck_assert_msg(got.n == 0 || (got.p >= row->body.p && got.p + got.n <= row->body.p + row->body.n), "%s", row->name);
}
END_TEST

struct rewrite {
    const char *name, *host;
    uint64_t id, version;
    struct str body, sdp_type, want;
};

#define OURS "o=- 7 3 IN IP4 192.0.2.9"

/* clang-format off */
static const struct rewrite rewrites[] = {
    {"RFC 8866 5.2: the o= line alone changes", "192.0.2.9", 7, 3, STR(OFFER), STR("application/sdp"),
     STR(HEAD OURS "\r\n" TAIL)},
    {"RFC 8866 5.2: IPv6, without brackets", "2001:db8::9", 7, 3, STR(OFFER), STR("application/sdp"),
     STR(HEAD "o=- 7 3 IN IP6 2001:db8::9\r\n" TAIL)},
    {"RFC 3264 8: 63 bits of id and version", "192.0.2.9", INT64_MAX, INT64_MAX, STR(OFFER), STR("application/sdp"),
     STR(HEAD "o=- 9223372036854775807 9223372036854775807 IN IP4 192.0.2.9\r\n" TAIL)},
    {"a port of the host is not shown", "192.0.2.9:5060", 7, 3, STR(OFFER), STR("application/sdp"),
     STR(HEAD OURS "\r\n" TAIL)},
    {"LF alone stays", "192.0.2.9", 7, 3, STR("v=0\no=x 1 1 IN IP4 h\ns=-\n"), STR("application/sdp"),
     STR("v=0\n" OURS "\ns=-\n")},
    {"no line end behind o=", "192.0.2.9", 7, 3, STR("v=0\r\no=x"), STR("application/sdp"), STR("v=0\r\n" OURS)},
    {"text like o= elsewhere stays", "192.0.2.9", 7, 3, STR(HEAD ORG "s=o=x\r\nm=audio 1 RTP/AVP 0\r\no=y\r\n"),
     STR("application/sdp"), STR(HEAD OURS "\r\ns=o=x\r\nm=audio 1 RTP/AVP 0\r\no=y\r\n")},
    {"without o= nothing changes", "192.0.2.9", 7, 3, STR(HEAD TAIL), STR("application/sdp"), STR(HEAD TAIL)},
    {"without a description nothing changes", "192.0.2.9", 7, 3, STR("o=x\r\n"), STR("text/plain"), STR("o=x\r\n")},
    {"inside a multipart the other parts stay", "192.0.2.9", 7, 3,
     STR("--b\r\nContent-Type: text/plain\r\n\r\no=keep\r\n--b\r\n" PART "--b--\r\n"), STR("multipart/mixed;boundary=b"),
     STR("--b\r\nContent-Type: text/plain\r\n\r\no=keep\r\n--b\r\nContent-Type: application/sdp\r\n\r\n" HEAD OURS "\r\n" TAIL
         "\r\n--b--\r\n")},
};
/* clang-format on */

START_TEST(rewrite) {
    const struct rewrite *row = &rewrites[_i];
    struct sdp_origin o = {.id = row->id, .version = row->version};
    char buf[1024];
    struct sbuf out = sbuf_on(buf, sizeof buf);

    ck_assert_int_eq(addr_parse(&o.host, str_of(row->host)), 0);
    sdp_rewrite(&out, row->body, sdp_find(row->sdp_type, row->body), &o);
    ck_assert_msg(!out.full && str_eq(sbuf_str(&out), row->want), "%s: %.*s", row->name, (int)out.n, out.p);
}
END_TEST

START_TEST(rewrite_says_when_it_does_not_fit) {
    struct sdp_origin o = {.id = 1, .version = 1, .host.family = 4};
    char buf[sizeof OFFER];
    struct sbuf out = sbuf_on(buf, sizeof OFFER / 2);

    sdp_rewrite(&out, STR(OFFER), STR(OFFER), &o);
    ck_assert(out.full);
}
END_TEST

/* clang-format off */
static const struct { const char *name; bool same; struct str a, b; } pairs[] = {
    {"identical", true, STR(OFFER), STR(OFFER)},
    {"RFC 3264 8: a new version alone", true, STR(OFFER), STR(HEAD "o=alice 1 2 IN IP4 10.0.0.1\r\n" TAIL)},
    {"another origin of another length", true, STR(OFFER), STR(HEAD "o=- 9 9 IN IP6 ::1\r\n" TAIL)},
    {"RFC 3264 8.4: hold", false, STR(HEAD ORG "m=audio 1 RTP/AVP 0\r\na=sendrecv\r\n"),
     STR(HEAD ORG "m=audio 1 RTP/AVP 0\r\na=sendonly\r\n")},
    {"another port", false, STR(HEAD ORG "m=audio 1 RTP/AVP 0\r\n"), STR(HEAD ORG "m=audio 2 RTP/AVP 0\r\n")},
    {"a line more", false, STR(OFFER), STR(OFFER "a=x\r\n")},
    {"a line before o= more", false, STR(OFFER), STR("i=x\r\n" OFFER)},
    {"lines change places around o=", false, STR("v=0\r\n" ORG "s=-\r\n"), STR("s=-\r\n" ORG "v=0\r\n")},
    {"without o=: identical", true, STR(HEAD TAIL), STR(HEAD TAIL)},
    {"without o=: different", false, STR(HEAD TAIL), STR(HEAD)},
    {"none and some", false, STR(""), STR(OFFER)},
};
/* clang-format on */

START_TEST(digest) {
    uint64_t a = sdp_digest(pairs[_i].a), b = sdp_digest(pairs[_i].b);

    ck_assert_msg((a == b) == pairs[_i].same, "%s", pairs[_i].name);
    ck_assert_msg(a != 0 && b != 0, "%s: 0 is free for \"none yet\"", pairs[_i].name);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void) {
    Suite *s = suite_create("sdp");
    TCase *tc = tcase_create("sdp");

    tcase_add_loop_test(tc, find, 0, ROWS(finds));
    tcase_add_loop_test(tc, rewrite, 0, ROWS(rewrites));
    tcase_add_test(tc, rewrite_says_when_it_does_not_fit);
    tcase_add_loop_test(tc, digest, 0, ROWS(pairs));
    suite_add_tcase(s, tc);
    return suite_run(s);
}
