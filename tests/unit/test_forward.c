/* What is edited, and that nothing else is. */
#include <check.h>

#include "b2bua/core/forward.h"
#include "tests/suite.h"

#define START "REGISTER sip:h SIP/2.0\r\n"
#define VIA   "Via: SIP/2.0/UDP b;branch=z9hG4bKx\r\n"

/* clang-format off */
static const struct {
    const char *name, *in, *start;
    struct { const char *name; char compact; const char *lines; } edits[3];
    const char *out;
} rows[] = {
    {"nothing", START "Via: a\r\nX: 1\r\nContent-Length: 0\r\n\r\n", "", {{0}},
     START "Via: a\r\nX: 1\r\nContent-Length: 0\r\n\r\n"},
    {"odd bytes stay", START "tO :  <sip:a@h>\r\n\t;x\r\nX:\xff\r\nl:2\r\n\r\nab", "", {{0}},
     START "tO :  <sip:a@h>\r\n\t;x\r\nX:\xff\r\nl:2\r\n\r\nab"},
    {"another start line", START "l: 0\r\n\r\n", "SIP/2.0 200 OK\r\n", {{0}}, "SIP/2.0 200 OK\r\nl: 0\r\n\r\n"},
    {"all Vias become one, where the first stood", START "A: 1\r\nVia: x\r\nB: 2\r\nv: y\r\nVIA: z\r\nl: 0\r\n\r\n", "",
     {{"Via", 'v', VIA}}, START "A: 1\r\n" VIA "B: 2\r\nl: 0\r\n\r\n"},
    {"one that is not there is added at the end", START "A: 1\r\nl: 0\r\n\r\n", "", {{"Path", 0, "Path: <sip:p;lr>\r\n"}},
     START "A: 1\r\nl: 0\r\nPath: <sip:p;lr>\r\n\r\n"},
    {"taken out", START "Route: <sip:r;lr>\r\nA: 1\r\nRoute: <sip:s;lr>\r\nl: 0\r\n\r\n", "", {{"Route", 0, ""}},
     START "A: 1\r\nl: 0\r\n\r\n"},
    {"several", START "m: <sip:a@h>\r\nVia: x\r\nl: 0\r\n\r\n", "",
     {{"Via", 'v', VIA}, {"Contact", 'm', "Contact: <sip:b@h>\r\n"}, {"Max-Forwards", 0, "Max-Forwards: 69\r\n"}},
     START "Contact: <sip:b@h>\r\n" VIA "l: 0\r\nMax-Forwards: 69\r\n\r\n"},
    {"the later edit of a header counts", START "X: 1\r\nl: 0\r\n\r\n", "", {{"X", 0, "X: 2\r\n"}, {"x", 0, "X: 3\r\n"}},
     START "X: 3\r\nl: 0\r\n\r\n"},
    {"folded: the whole of it goes", START "Route: <sip:r;lr>,\r\n <sip:s;lr>\r\nl: 0\r\n\r\n", "", {{"Route", 0, ""}},
     START "l: 0\r\n\r\n"},
    {"RFC 3261 18.3: a length where there was none", START "A: 1\r\n\r\nbody", "", {{0}},
     START "A: 1\r\nContent-Length: 4\r\n\r\nbody"},
    {"lines that end with LF alone", "REGISTER sip:h SIP/2.0\nVia: x\nl: 0\n\n", "", {{"Via", 'v', VIA}},
     "REGISTER sip:h SIP/2.0\n" VIA "l: 0\n\r\n"},
    {"a header with no colon is a line like others", START "junk\r\nl: 0\r\n\r\n", "", {{0}}, START "junk\r\nl: 0\r\n\r\n"},
    {"no end of the head", START "A: 1\r\n", "", {{0}}, NULL},
    {"nothing at all", "", "", {{0}}, NULL},
};
/* clang-format on */

START_TEST(put) {
    struct forward f = {.start = str_of(rows[_i].start)};
    char text[1024];
    struct sbuf out = sbuf_on(text, sizeof text);

    for (int i = 0; i < 3 && rows[_i].edits[i].name != NULL; i++)
        forward_edit(&f, str_of(rows[_i].edits[i].name), rows[_i].edits[i].compact, str_of(rows[_i].edits[i].lines));
    int status = forward_put(&out, str_of(rows[_i].in), &f);
    ck_assert_msg(status == (rows[_i].out == NULL ? -1 : 0), "%s", rows[_i].name);
    if (rows[_i].out != NULL)
        ck_assert_msg(str_eq(sbuf_str(&out), str_of(rows[_i].out)), "%s:\n%.*s", rows[_i].name, (int)out.n, out.p);
}
END_TEST

START_TEST(too_long) {
    struct str message = STR(START "A: 1\r\nl: 0\r\n\r\n");
    struct forward f = {0};
    char text[128];

    for (size_t n = 0; n <= message.n; n++) {
        struct sbuf out = sbuf_on(text, n);
        ck_assert_int_eq(forward_put(&out, message, &f), n < message.n ? -1 : 0);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("forward");
    TCase *tc = tcase_create("forward");

    tcase_add_loop_test(tc, put, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tc, too_long);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
