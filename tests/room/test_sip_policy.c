/*
 * What crosses from one leg to the other: the headers of RFC 3261 table 2 (section 20) and of the RFCs since, one row
 * each, in requests and responses; then the forms in which they may stand.
 */
#include "b2bua/sip/policy.h"
#include "tests/room/bed_sip.h"
#include "tests/suite.h"

enum crossing { STAYS, CROSSES };

#define BOTH CROSSES, CROSSES
#define NONE STAYS, STAYS

static const struct {
    const char *line;
    enum crossing request, response;
    const char *rule;
} table[] = {
    {"Accept: application/sdp", BOTH, "RFC 3261 20.1"},
    {"Accept-Encoding: gzip", BOTH, "RFC 3261 20.2"},
    {"Accept-Language: da, en;q=0.7", BOTH, "RFC 3261 20.3"},
    {"Alert-Info: <http://www.example.com/moo.wav>", BOTH, "RFC 3261 20.4"},
    {"Allow: FOO", NONE, "RFC 3261 20.5: ours to say"},
    {"Allow-Events: dialog", BOTH, "RFC 6665 8.2.2"},
    {"Authentication-Info: nextnonce=\"1\"", NONE, "RFC 3261 20.6"},
    {"Authorization: Digest username=\"u\"", NONE, "RFC 3261 20.7"},
    {"Call-Info: <http://www.example.com/alice.jpg>;purpose=icon", BOTH, "RFC 3261 20.9"},
    {"Contact: <sip:theirs@192.0.2.9>", NONE, "RFC 3261 20.10"},
    {"Content-Disposition: session", NONE, "RFC 3261 20.11: without a body there is nothing to describe"},
    {"Content-Encoding: gzip", NONE, "RFC 3261 20.12"},
    {"Content-Language: fr", NONE, "RFC 3261 20.13"},
    {"Content-Type: application/sdp", NONE, "RFC 3261 20.15"},
    {"Date: Sat, 13 Nov 2010 23:29:00 GMT", BOTH, "RFC 3261 20.17"},
    {"Error-Info: <sip:busy@example.com>", BOTH, "RFC 3261 20.18"},
    {"Expires: 5", BOTH, "RFC 3261 20.19"},
    {"In-Reply-To: 70710@example.com", NONE, "RFC 3261 20.21: a Call-ID of the other side"},
    {"Min-Expires: 60", NONE, "RFC 3261 20.23"},
    {"MIME-Version: 1.0", BOTH, "RFC 3261 20.24"},
    {"Organization: Boxes by Bob", BOTH, "RFC 3261 20.25"},
    {"Priority: emergency", BOTH, "RFC 3261 20.26"},
    {"Proxy-Authenticate: Digest realm=\"r\"", NONE, "RFC 3261 20.27"},
    {"Proxy-Authorization: Digest username=\"u\"", NONE, "RFC 3261 20.28"},
    {"Proxy-Require: foo", NONE, "RFC 3261 20.29"},
    {"Record-Route: <sip:proxy.example.com;lr>", NONE, "RFC 3261 20.30"},
    {"Reply-To: <sip:bob@example.com>", BOTH, "RFC 3261 20.31"},
    {"Require: foo", NONE, "RFC 3261 20.32"},
    {"Retry-After: 18000;duration=3600", BOTH, "RFC 3261 20.33"},
    {"Route: <sip:proxy.example.com;lr>", NONE, "RFC 3261 20.34"},
    {"Server: HomeServer v2", BOTH, "RFC 3261 20.35"},
    {"Subject: Need more boxes", BOTH, "RFC 3261 20.36"},
    {"Supported: foo", NONE, "RFC 3261 20.37"},
    {"Timestamp: 54", NONE, "RFC 3261 20.38: of one hop"},
    {"Unsupported: foo", NONE, "RFC 3261 20.40"},
    {"User-Agent: Softphone Beta1.5", BOTH, "RFC 3261 20.41"},
    {"WWW-Authenticate: Digest realm=\"r\"", NONE, "RFC 3261 20.44"},
    {"RSeq: 988789", NONE, "RFC 3262 7.1"},
    {"RAck: 776656 1 INVITE", NONE, "RFC 3262 7.2"},
    {"Privacy: id", BOTH, "RFC 3323 4.2"},
    {"P-Asserted-Identity: <sip:bob@example.com>", BOTH, "RFC 3325 9.1"},
    {"Reason: Q.850;cause=16", BOTH, "RFC 3326"},
    {"Path: <sip:edge.example.com;lr>", NONE, "RFC 3327"},
    {"Security-Client: tls", NONE, "RFC 3329"},
    {"Service-Route: <sip:s.example.com;lr>", NONE, "RFC 3608"},
    {"Accept-Contact: *;audio", BOTH, "RFC 3841 9.2"},
    {"Replaces: 12345@192.0.2.9;to-tag=1;from-tag=2", NONE, "RFC 3891: a dialog of the other side"},
    {"Referred-By: <sip:ref@example.com>", BOTH, "RFC 3892"},
    {"Join: 12345@192.0.2.9;to-tag=1;from-tag=2", NONE, "RFC 3911"},
    {"Session-Expires: 4000;refresher=uac", NONE, "RFC 4028 4"},
    {"Min-SE: 90", NONE, "RFC 4028 5"},
    {"Resource-Priority: wps.3", BOTH, "RFC 4412"},
    {"Target-Dialog: 12345@192.0.2.9;local-tag=1", NONE, "RFC 4538"},
    {"P-Early-Media: supported", BOTH, "RFC 5009"},
    {"Answer-Mode: Manual", BOTH, "RFC 5373"},
    {"Max-Breadth: 60", NONE, "RFC 5393 5.3.3"},
    {"Flow-Timer: 60", NONE, "RFC 5626"},
    {"Diversion: <sip:bob@example.com>;reason=no-answer", BOTH, "RFC 5806"},
    {"Recv-Info: foo", BOTH, "RFC 6086"},
    {"Geolocation: <cid:x@example.com>", BOTH, "RFC 6442"},
    {"History-Info: <sip:bob@example.com>;index=1", BOTH, "RFC 7044"},
    {"P-Charging-Vector: icid-value=1234", BOTH, "RFC 7315"},
    {"User-to-User: 56a390f3d2b7310023a2;encoding=hex", BOTH, "RFC 7433"},
    {"Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=0", BOTH, "RFC 7989"},
    {"Identity: eyJhbGciOiJFUzI1NiJ9..sig;info=<https://cert.example.org/c.cer>", BOTH, "RFC 8224"},
    {"Cisco-Guid: 1234567890-0987654321", BOTH, "RFC 3261 7.3.1: what nobody here knows crosses"},
    {"X-Empty:", BOTH, "RFC 3261 7.3.1: a header without a value is one"},
};

static bool has_line(const char *text, const char *line) {
    char whole[700];

    snprintf(whole, sizeof whole, "\r\n%s\r\n", line);
    return strstr(text, whole) != NULL;
}

static void check_crossing(const char *start, const char *line, enum crossing expected, const char *rule) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    char head[1000];

    snprintf(head, sizeof head, "%s%s\r\n", start, line);
    bed_parse(b, head, STR_NONE);
    const char *text = bed_print(b, false);
    ck_assert_msg(has_line(text, line) == (expected == CROSSES), "%s: %s %s in %s", rule, line,
                  expected == CROSSES ? "is lost" : "crosses", text);
    bed_sip_end(b);
    free(b);
}

START_TEST(header_crosses) {
    check_crossing(BED_INVITE, table[_i].line, table[_i].request, table[_i].rule);
    check_crossing(BED_ANSWER, table[_i].line, table[_i].response, table[_i].rule);
}
END_TEST

/* What crosses changed, or in a form that is not the usual one: what must come out for what goes in. */
static const struct {
    const char *rule, *start, *in, *out;
} forms[] = {
    {"7.3.1 the name in any case", BED_INVITE, "x-TENANT: blue\r\n", "\r\nx-TENANT: blue\r\n"},
    {"7.3.1 blanks before the colon", BED_INVITE, "X-A \t:   1\r\n", "\r\nX-A \t:   1\r\n"},
    {"7.3.1 folded lines keep their folds", BED_INVITE, "X-A: 1\r\n  2\r\n\t3\r\n", "\r\nX-A: 1\r\n  2\r\n\t3\r\n"},
    {"7.3.1 instances keep their order", BED_INVITE, "X-A: 1\r\nX-B: 2\r\nX-A: 3, 4\r\nX-A: 5\r\n",
     "\r\nX-A: 1\r\nX-B: 2\r\nX-A: 3, 4\r\nX-A: 5\r\n"},
    {"7.3.3 compact Subject", BED_INVITE, "s: boxes\r\n", "\r\ns: boxes\r\n"},
    {"25.1 UTF-8 in a display name", BED_INVITE,
     "P-Asserted-Identity: \"M\303\274ller \345\220\215\" <sip:m@example.com>\r\n",
     "\r\nP-Asserted-Identity: \"M\303\274ller \345\220\215\" <sip:m@example.com>\r\n"},
    {"25.1 UTF-8 in an unknown header", BED_INVITE, "X-Name: \320\260\321\216\r\n", "\r\nX-Name: \320\260\321\216\r\n"},
    {"separators without sense in an unknown header", BED_INVITE, "X-Odd: ;;,,;;,;\"<\r\n",
     "\r\nX-Odd: ;;,,;;,;\"<\r\n"},
    {"3325 9.1 a literal in an identity becomes our host", BED_INVITE,
     "P-Asserted-Identity: \"Bob\" <sip:+4930@192.0.2.9:5071;user=phone>\r\n",
     "\r\nP-Asserted-Identity: \"Bob\" <sip:+4930@" BED_HOST ";user=phone>\r\n"},
    {"3325 9.1 tel: beside sip:", BED_INVITE, "P-Asserted-Identity: <tel:+4930>, <sip:b@192.0.2.9>\r\n",
     "\r\nP-Asserted-Identity: <tel:+4930>, <sip:b@" BED_HOST ">\r\n"},
    {"3325 9.1 a tel: identity stays", BED_INVITE, "P-Asserted-Identity: \"A, B\" <tel:+49-30>\r\n",
     "\r\nP-Asserted-Identity: \"A, B\" <tel:+49-30>\r\n"},
    {"3325 9.1 an IPv6 literal", BED_INVITE, "P-Preferred-Identity: <sip:b@[2001:db8::9]:5071>\r\n",
     "\r\nP-Preferred-Identity: <sip:b@" BED_HOST ">\r\n"},
    {"5806 the reason of a Diversion stays", BED_INVITE, "Diversion: <sip:b@192.0.2.9>;reason=user-busy;counter=1\r\n",
     "\r\nDiversion: <sip:b@" BED_HOST ">;reason=user-busy;counter=1\r\n"},
    {"sip-privacy-04 Remote-Party-ID", BED_INVITE,
     "Remote-Party-ID: \"B\" <sip:b@192.0.2.9>;party=calling;screen=yes\r\n",
     "\r\nRemote-Party-ID: \"B\" <sip:b@" BED_HOST ">;party=calling;screen=yes\r\n"},
    {"3892 compact Referred-By", BED_INVITE, "b: <sip:r@192.0.2.9>\r\n", "\r\nb: <sip:r@" BED_HOST ">\r\n"},
    {"7044 each entry of a History-Info", BED_INVITE,
     "History-Info: <sip:a@192.0.2.9>;index=1, <sip:b@example.com>;index=1.1\r\n",
     "\r\nHistory-Info: <sip:a@" BED_HOST ">;index=1, <sip:b@example.com>;index=1.1\r\n"},
    {"7044 what a URI of History-Info carries goes along", BED_INVITE,
     "History-Info: <sip:a@192.0.2.9:5071;x=y?Reason=SIP%3Bcause%3D302>;index=1\r\n",
     "\r\nHistory-Info: <sip:a@" BED_HOST ";x=y?Reason=SIP%3Bcause%3D302>;index=1\r\n"},
    {"3261 19.1.1 maddr is an address, whatever the host", BED_INVITE,
     "Diversion: <sip:b@example.com:5070;user=phone;maddr=192.0.2.9>;reason=busy\r\n",
     "\r\nDiversion: <sip:b@example.com:5070;user=phone>;reason=busy\r\n"},
    {"3325 9.1 without brackets", BED_INVITE, "Reply-To: sip:b@192.0.2.9;x=1\r\n",
     "\r\nReply-To: sip:b@" BED_HOST ";x=1\r\n"},
    {"8224 compact Identity", BED_INVITE, "y: a.b.c;info=<https://example.com/c>\r\n",
     "\r\ny: a.b.c;info=<https://example.com/c>\r\n"},
    {"3323 4.2 Privacy keeps its bytes", BED_INVITE, "privacy:  id ;user\r\n", "\r\nprivacy:  id ;user\r\n"},
    {"3325 9.1 a literal in a display name is a name", BED_INVITE,
     "P-Asserted-Identity: \"<sip:b@192.0.2.9>\" <sip:b@example.com>\r\n",
     "\r\nP-Asserted-Identity: \"<sip:b@192.0.2.9>\" <sip:b@example.com>\r\n"},
    {"a header that Sofia cannot read, and we need not", BED_INVITE, "Expires: soon\r\nX-A: 1\r\n",
     "\r\nExpires: soon\r\nX-A: 1\r\n"},
    {"20.43 a Warning of a code alone", BED_ANSWER, "Warning: 399\r\nX-A: 1\r\n",
     "\r\nWarning: 399 " BED_HOST "\r\nX-A: 1\r\n"},
    {"20.43 the agent of a Warning", BED_ANSWER, "Warning: 307 isi.edu \"Session, not \\\"understood\\\"\"\r\n",
     "\r\nWarning: 307 " BED_HOST " \"Session, not \\\"understood\\\"\"\r\n"},
    {"20.43 two Warnings", BED_ANSWER, "Warning: 301 isi.edu \"a\", 399 192.0.2.9:5071 \"b\"\r\n",
     "\r\nWarning: 301 " BED_HOST " \"a\", 399 " BED_HOST " \"b\"\r\n"},
    {"21.3 Contacts of a redirection lead back through us", BED_REDIRECT,
     "Contact: \"N\" <sip:new@192.0.2.77:5999;transport=tcp>;q=0.7\r\n",
     "\r\nContact: \"N\" <sip:new@" BED_SENT_BY ">;q=0.7\r\n"},
    {"21.3 compact Contact, several", BED_REDIRECT, "m: <sip:a@h1.example>, <tel:+49301>\r\n",
     "\r\nm: <sip:a@" BED_SENT_BY ">, <tel:+49301>\r\n"},
};

START_TEST(form_crosses) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    char head[1500];

    snprintf(head, sizeof head, "%s%s", forms[_i].start, forms[_i].in);
    bed_parse(b, head, STR_NONE);
    const char *text = bed_print(b, false);
    ck_assert_msg(strstr(text, forms[_i].out) != NULL, "%s: no%s in %s", forms[_i].rule, forms[_i].out, text);
    bed_sip_end(b);
    free(b);
}
END_TEST

/* Compact forms stay at home as their long ones do (RFC 3261 7.3.3, 20). */
static const char *const compact_stays[] = {
    "v: SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKtwo",
    "k: foo",
    "x: 4000",
    "m: <sip:theirs@192.0.2.9>",
    "c: application/sdp",
    "e: gzip",
    "r: <sip:x@y>",
    "K: foo",
};

START_TEST(compact_form_stays) {
    check_crossing(BED_INVITE, compact_stays[_i], STAYS, "7.3.3");
}
END_TEST

#define BODY(text)                                                                                                     \
    { "" text, sizeof(text) - 1 }

static const struct {
    const char *rule, *headers, *out;
    struct str body;
} bodies[] = {
    {"20.11 what describes a body goes with it",
     "Content-Type: application/x\r\nContent-Disposition: render;handling=optional\r\nContent-Language: fr\r\n",
     "\r\nContent-Type: application/x\r\nContent-Disposition: render;handling=optional\r\nContent-Language: fr\r\n",
     BODY("abc")},
    {"7.4 NUL, CR and LF in a body", "Content-Type: application/octet-stream\r\n",
     "octet-stream\r\nContent-Length: 10\r\n\r\n", BODY("\0\r\n\r\n\r\0\xff\xfe\n")},
    {"7.3.3 compact Content-Type", "c: text/plain\r\n", "\r\nc: text/plain\r\nContent-Length: 2\r\n\r\n", BODY("ok")},
    {"20.12 an encoded body is not opened", "Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n",
     "\r\nContent-Encoding: gzip\r\n", BODY("\037\213\010\0")},
    {"7.4.1 multipart with a binary part", "Content-Type: multipart/mixed;boundary=\"b1\"\r\nMIME-Version: 1.0\r\n",
     "\r\nContent-Type: multipart/mixed;boundary=\"b1\"\r\nMIME-Version: 1.0\r\n",
     BODY("--b1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b1\r\nContent-Type: "
          "application/pkcs7\r\n\r\n0\0\r1\n\r\n--b1--\r\n")},
};

START_TEST(body_crosses) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    struct str body = bodies[_i].body;
    char head[1000];

    snprintf(head, sizeof head, "%s%s", BED_INVITE, bodies[_i].headers);
    bed_parse(b, head, body);
    const char *text = bed_print(b, true);
    ck_assert_msg(strstr(text, bodies[_i].out) != NULL, "%s: no %s in %s", bodies[_i].rule, bodies[_i].out, text);
    ck_assert_uint_gt(b->out.n, body.n);
    ck_assert_msg(memcmp(text + b->out.n - body.n, body.p, body.n) == 0, "%s: another body", bodies[_i].rule);
    ck_assert_msg(memcmp(text + b->out.n - body.n - 4, "\r\n\r\n", 4) == 0, "%s: more before it", bodies[_i].rule);
    bed_sip_end(b);
    free(b);
}
END_TEST

START_TEST(length_is_counted_anew) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    bed_parse(b, BED_INVITE "Content-Type: text/plain\r\n", STR("12345"));
    struct sip_cross x = bed_cross(b, true);
    struct sip_request r = {.method = METHOD_INFO, .uri = STR("sip:a@b")};

    x.body = STR("rewritten");
    sip_print_request(&b->out, &r, &x);
    const char *text = bed_text(b);
    ck_assert_msg(strstr(text, "\r\nContent-Length: 9\r\n\r\nrewritten") != NULL, "%s", text);
    ck_assert_ptr_eq(strstr(strstr(text, "Content-Length") + 1, "Content-Length"), NULL);
    bed_sip_end(b);
    free(b);
}
END_TEST

/* A line that a peer cut or that Sofia broke off must not swallow the next one. */
START_TEST(lines_keep_apart) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    const char *lf =
        "INVITE sip:c@198.51.100.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\n"
        "To: <sip:c@d>\nCall-ID: 1\nCSeq: 1 INVITE\nX-A: 1\nX-B: 2\nContent-Length: 0\n\n";

    ck_assert_int_eq(bed_parse_bytes(b, str_of(lf)), 0);
    const char *text = bed_print(b, false);
    ck_assert_msg(strstr(text, "\r\nX-A: 1\r\nX-B: 2\r\nContent-Length: 0\r\n\r\n") != NULL, "%s", text);
    bed_sip_end(b);
    free(b);
}
END_TEST

/* A line that is none does not cross, and takes nothing along. */
START_TEST(line_without_colon_stays) {
    check_crossing(BED_INVITE "X-A: 1\r\n", "Foobar roobar", STAYS, "RFC 3261 7.3.1");
    check_crossing(BED_INVITE "Foobar roobar\r\n", "X-A: 1", CROSSES, "RFC 3261 7.3.1");
}
END_TEST

static void check_bytes_cross(struct str before, struct str crosses) {
    struct bed_sip *b = mem_zalloc(sizeof *b);
    char *text = mem_alloc(BED_TEXT);
    struct sbuf t = sbuf_on(text, BED_TEXT);

    sbuf_put(&t, before);
    sbuf_put(&t, crosses);
    sbuf_puts(&t, "X-Last: 1\r\nContent-Length: 0\r\n\r\n");
    ck_assert(!t.full);
    ck_assert_int_eq(bed_parse_bytes(b, sbuf_str(&t)), 0);
    bed_print(b, false);
    ck_assert_ptr_nonnull(memmem(b->out.p, b->out.n, crosses.p, crosses.n));
    ck_assert_ptr_nonnull(memmem(b->out.p, b->out.n, "\r\nX-Last: 1\r\n", 13));
    free(text);
    bed_sip_end(b);
    free(b);
}

START_TEST(nul_in_a_quoted_pair_crosses) { /* RFC 3261 25.1 */
    check_bytes_cross(STR(BED_INVITE), STR("X-Name: \"a\\\0b\\\a\"\r\n"));
}
END_TEST

START_TEST(long_header_crosses_whole) {
    enum { LENGTH = 50000 };
    char *line = mem_alloc(LENGTH + 16);
    struct sbuf l = sbuf_on(line, LENGTH + 16);

    sbuf_puts(&l, "X-Long: ");
    while (l.n < LENGTH)
        sbuf_putc(&l, (char)('a' + l.n % 26));
    sbuf_puts(&l, "\r\n");
    check_bytes_cross(STR(BED_INVITE), sbuf_str(&l));
    free(line);
}
END_TEST

int main(void) {
    Suite *s = suite_create("sip_policy");
    TCase *t = tcase_create("crossing");

    tcase_add_loop_test(t, header_crosses, 0, sizeof table / sizeof table[0]);
    tcase_add_loop_test(t, form_crosses, 0, sizeof forms / sizeof forms[0]);
    tcase_add_loop_test(t, compact_form_stays, 0, sizeof compact_stays / sizeof compact_stays[0]);
    tcase_add_loop_test(t, body_crosses, 0, sizeof bodies / sizeof bodies[0]);
    tcase_add_test(t, length_is_counted_anew);
    tcase_add_test(t, lines_keep_apart);
    tcase_add_test(t, line_without_colon_stays);
    tcase_add_test(t, nul_in_a_quoted_pair_crosses);
    tcase_add_test(t, long_header_crosses_whole);
    suite_add_tcase(s, t);
    return suite_run(s);
}
