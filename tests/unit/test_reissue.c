/* An INVITE made of another message. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/reissue.h"
#include "tests/suite.h"

static const char *const without[] = {"Refer-To", NULL};

/* clang-format off */
static const struct {
    const char *name;
    struct reissue r;
    const char *text;
} rows[] = {
    {"RFC 3515 2.4.2: of a REFER, with another body",
     {.message = STR("REFER sip:x SIP/2.0\r\nVia: v\r\nf: <sip:a>;tag=1\r\nTo: <sip:b>;tag=2\r\nCSeq: 7 REFER\r\n"
                     "Refer-To: <sip:c>\r\nX-User: 1,\r\n 2\r\nc: text/plain\r\nl: 2\r\n\r\nhi"),
      .uri = STR("sip:c@h"), .from = STR("<sip:d>;tag=3"), .to = STR("<sip:c@h>"), .without = without,
      .own_body = true, .sdp = STR("v=0\r\n")},
     "INVITE sip:c@h SIP/2.0\r\nVia: v\r\nFrom: <sip:d>;tag=3\r\nTo: <sip:c@h>\r\nCSeq: 7 INVITE\r\nX-User: 1,\r\n 2\r\n"
     "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"},
    {"RFC 3261 8.1.3.4: of an INVITE, with its body",
     {.message = STR("INVITE sip:x SIP/2.0\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCSeq: 7 INVITE\r\n"
                     "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"),
      .uri = STR("sip:c@h"), .to = STR("<sip:c@h>"), .extra = STR("Diversion: <sip:b>\r\n")},
     "INVITE sip:c@h SIP/2.0\r\nDiversion: <sip:b>\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:c@h>\r\nCSeq: 7 INVITE\r\n"
     "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"},
    {"no body, none wanted",
     {.message = STR("REFER sip:x SIP/2.0\r\nContent-Type: a/b\r\nContent-Length: 1\r\n\r\nx"), .uri = STR("tel:1"),
      .own_body = true},
     "INVITE tel:1 SIP/2.0\r\nContent-Length: 0\r\n\r\n"},
    {"a line without a colon is no header", {.message = STR("REFER x\r\nfoo\r\nX: 1\r\n\r\n"), .uri = STR("tel:1")},
     "INVITE tel:1 SIP/2.0\r\nX: 1\r\nContent-Length: 0\r\n\r\n"},
    {"a head that is cut", {.message = STR("REFER x\r\nX: 1"), .uri = STR("tel:1")},
     "INVITE tel:1 SIP/2.0\r\nX: 1\r\nContent-Length: 0\r\n\r\n"},
};
/* clang-format on */

START_TEST(made) {
    char text[1024];
    struct sbuf b = sbuf_on(text, sizeof text);

    ck_assert_int_eq(reissue_invite(&b, &rows[_i].r), 0);
    ck_assert_msg(str_eq(sbuf_str(&b), str_of(rows[_i].text)), "%s: got\n%.*s", rows[_i].name, (int)b.n, b.p);
}
END_TEST

START_TEST(too_long) {
    char text[20];
    struct sbuf b = sbuf_on(text, sizeof text);

    ck_assert_int_eq(reissue_invite(&b, &rows[0].r), -1);
}
END_TEST

int main(void) {
    Suite *s = suite_create("reissue");
    TCase *c = tcase_create("reissue");

    tcase_add_loop_test(c, made, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(c, too_long);
    suite_add_tcase(s, c);
    return suite_run(s);
}
