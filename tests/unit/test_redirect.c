/* Whom a redirected call goes to, in which order, and what its INVITE says. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/redirect.h"
#include "tests/suite.h"

#define INVITE "INVITE sip:1@h SIP/2.0\r\nTo: <sip:1@h>\r\n"
#define END    "\r\n\r\n"

/* clang-format off */
static const struct {
    const char *name;
    int status;
    const char *contacts;
    const char *tried; /* the numbers in their order, a blank behind each */
} rows[] = {
    {"RFC 3261 20.10: by q, equals as they stand", 302, "Contact: <sip:2@h>;q=0.5, <sip:3@h>\r\nm: <sip:4@h>;q=0.5" END,
     "3 2 4 "},
    {"RFC 3261 20.10: without brackets the parameters are the header's", 302, "Contact: sip:2@h;q=0.1, sip:3@h" END,
     "3 2 "},
    {"RFC 3261 21.3.2: every class of it", 300, "Contact: <sip:2@h>" END, "2 "},
    {"RFC 3261 21.3.5: and an alternative service", 380, "Contact: <sip:2@h>" END, "2 "},
    {"RFC 3261 21.3.4: a proxy is nobody to call", 305, "Contact: <sip:2@h>" END, ""},
    {"RFC 3261 8.1.3.4: a number once, whatever the host", 302, "Contact: <sip:1@x>, <sip:2@x>, <sips:2@y>, <tel:2>" END,
     "2 "},
    {"RFC 3966 3: parameters and passwords are not of the number", 302, "Contact: <tel:2;isub=1>, <sip:2;x=1:pw@h>" END,
     "2 "},
    {"other schemes, a star, what cannot be read", 302, "Contact: <mailto:x@h>, *\r\nContact: <sip:\r\nContact: <sip:2@h>" END,
     "2 "},
    {"a blank in it would end the request line", 302, "Contact: <sip:2@h X>" END, ""},
    {"RFC 3261 19.1.1: headers of the URI do not go along", 302, "Contact: <sip:2@h?Route=x>" END, "2 "},
    {"a host alone is a target, too", 302, "Contact: <sip:h>" END, "sip:h "},
    {"nobody", 302, "X: 1" END, ""},
};
/* clang-format on */

static struct redirect *fresh(struct str invite) {
    return redirect_new(invite, STR("sip:1@h"), STR("192.0.2.1"));
}

static int take(struct redirect *r, int status, const char *contacts) {
    char text[2048];

    snprintf(text, sizeof text, "SIP/2.0 %d x\r\n%s", status, contacts);
    return redirect_take(r, status, str_of(text), 7);
}

START_TEST(order) {
    struct redirect *r = fresh(STR(INVITE "\r\n"));
    char text[256];
    struct sbuf b = sbuf_on(text, sizeof text);

    take(r, rows[_i].status, rows[_i].contacts);
    while (redirect_has_next(r)) {
        struct str uri = redirect_next(r);
        ck_assert(str_find(uri, '?') == uri.n);
        ck_assert_int_eq(redirect_from(r), 7);
        sbuf_put(&b, redirect_number(uri));
        sbuf_putc(&b, ' ');
    }
    ck_assert_msg(str_eq(sbuf_str(&b), str_of(rows[_i].tried)), "%s: got %.*s", rows[_i].name, (int)b.n, b.p);
    ck_assert_int_eq(redirect_next(r).n, 0);
    redirect_free(r);
}
END_TEST

START_TEST(those_of_the_last_come_first) {
    struct redirect *r = fresh(STR(INVITE "\r\n"));

    ck_assert_int_eq(take(r, 302, "Contact: <sip:2@h>, <sip:3@h>" END), 2);
    ck_assert(str_eq(redirect_next(r), STR("sip:2@h")));
    ck_assert_int_eq(take(r, 302, "Contact: <sip:3@h>, <sip:4@h>" END), 1);
    ck_assert(str_eq(redirect_next(r), STR("sip:4@h")));
    ck_assert(str_eq(redirect_next(r), STR("sip:3@h")));
    ck_assert(!redirect_has_next(r));
    ck_assert(!redirect_has_next(NULL));
    redirect_free(r);
    redirect_free(NULL);
}
END_TEST

START_TEST(bounded_in_hops) {
    struct redirect *r = fresh(STR(INVITE "\r\n"));
    char text[64];

    for (int i = 0; i < REDIRECT_HOPS_MAX; i++) {
        snprintf(text, sizeof text, "Contact: <sip:%d@h>" END, 100 + i);
        ck_assert_int_eq(take(r, 302, text), 1);
        redirect_next(r);
    }
    ck_assert_int_eq(take(r, 302, "Contact: <sip:99@h>" END), 0);
    redirect_free(r);
}
END_TEST

START_TEST(bounded_in_all) {
    struct redirect *r = fresh(STR(INVITE "\r\n"));
    char text[2048] = "Contact: <sip:2@h>";
    size_t n = strlen(text);

    for (int i = 0; i < 2 * REDIRECT_TARGETS_MAX; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, ", <sip:%d@h>", 100 + i);
    snprintf(text + n, sizeof text - n, END);
    ck_assert_int_eq(take(r, 302, text), REDIRECT_TARGETS_MAX);
    while (redirect_has_next(r))
        redirect_next(r);
    ck_assert_int_eq(take(r, 302, "Contact: <sip:99@h>" END), 0);
    redirect_free(r);
}
END_TEST

/* clang-format off */
static const struct {
    const char *name, *invite, *answer;
    const char *text;
} invites[] = {
    {"RFC 5806 5: who diverted it, and why by the status", INVITE "Content-Length: 2" END "hi", "Contact: <sip:2@x;user=phone>" END,
     "INVITE sip:2@x;user=phone SIP/2.0\r\nDiversion: <sip:1@192.0.2.1>;reason=unconditional;counter=1\r\n"
     "To: <sip:2@x;user=phone>\r\nContent-Length: 2" END "hi"},
    {"RFC 5806 7: or as the 3xx says", INVITE "\r\n", "Diversion: <sip:9@x>;privacy=off;reason=\"no-answer\"\r\nContact: <sip:2@x>" END,
     "INVITE sip:2@x SIP/2.0\r\nDiversion: <sip:1@192.0.2.1>;reason=no-answer;counter=1\r\nTo: <sip:2@x>\r\n"
     "Content-Length: 0" END},
    {"RFC 5806 7: a reason that is no word is not repeated", INVITE "\r\n",
     "Diversion: <sip:9@x>;reason=\"a b\"\r\nContact: <sip:2@x>" END,
     "INVITE sip:2@x SIP/2.0\r\nDiversion: <sip:1@192.0.2.1>;reason=unconditional;counter=1\r\nTo: <sip:2@x>\r\n"
     "Content-Length: 0" END},
    {"RFC 7044 10.3: History-Info goes on", INVITE "History-Info: <sip:0@h>;index=1\r\nHistory-Info: <sip:1@h>;index=1.1" END,
     "Contact: <sip:2@x>" END,
     "INVITE sip:2@x SIP/2.0\r\nDiversion: <sip:1@192.0.2.1>;reason=unconditional;counter=1\r\nTo: <sip:2@x>\r\n"
     "History-Info: <sip:0@h>;index=1\r\nHistory-Info: <sip:1@h>;index=1.1\r\n"
     "History-Info: <sip:2@192.0.2.1>;index=1.1.1;mp=1.1\r\nContent-Length: 0" END},
    {"RFC 7044: an index that is none", INVITE "History-Info: <sip:0@h>;index=x" END, "Contact: <sip:2@x>" END,
     "INVITE sip:2@x SIP/2.0\r\nDiversion: <sip:1@192.0.2.1>;reason=unconditional;counter=1\r\nTo: <sip:2@x>\r\n"
     "History-Info: <sip:0@h>;index=x\r\nContent-Length: 0" END},
};
/* clang-format on */

START_TEST(invite) {
    struct redirect *r = fresh(str_of(invites[_i].invite));
    char text[2048];
    struct sbuf b = sbuf_on(text, sizeof text);

    take(r, 302, invites[_i].answer);
    redirect_next(r);
    ck_assert_int_eq(redirect_invite(r, &b), 0);
    ck_assert_msg(str_eq(sbuf_str(&b), str_of(invites[_i].text)), "%s: got\n%.*s", invites[_i].name, (int)b.n, b.p);
    redirect_free(r);
}
END_TEST

START_TEST(chain) {
    struct redirect *r = fresh(STR(INVITE "History-Info: <sip:1@h>;index=1" END));
    char text[2048];
    struct sbuf b = sbuf_on(text, sizeof text);

    take(r, 302, "Contact: <sip:2@x>, <sip:4@x>" END);
    redirect_next(r);
    take(r, 300, "Contact: <sip:3@x>" END);
    redirect_next(r);
    ck_assert_int_eq(redirect_invite(r, &b), 0);
    text[b.n] = '\0';
    ck_assert_ptr_nonnull(strstr(text, "Diversion: <sip:2@192.0.2.1>;reason=unknown;counter=1\r\n"
                                       "Diversion: <sip:1@192.0.2.1>;reason=unconditional;counter=1\r\n"));
    ck_assert_ptr_nonnull(strstr(text, ";index=1.1;mp=1\r\nHistory-Info: <sip:3@192.0.2.1>;index=1.1.1;mp=1.1\r\n"));
    redirect_next(r); /* the other one of the first: the second is nothing to it */
    b.n = 0;
    ck_assert_int_eq(redirect_invite(r, &b), 0);
    text[b.n] = '\0';
    ck_assert_ptr_nonnull(
        strstr(text, "SIP/2.0\r\nDiversion: <sip:1@192.0.2.1>;reason=unconditional;counter=1\r\nTo:"));
    ck_assert_ptr_nonnull(strstr(text, "History-Info: <sip:4@192.0.2.1>;index=1.1;mp=1\r\n"));
    ck_assert_ptr_null(strstr(text, "1.1.1"));
    redirect_free(r);
}
END_TEST

#define ROWS(a) (int)(sizeof(a) / sizeof(a)[0])

int main(void) {
    Suite *s = suite_create("redirect");
    TCase *c = tcase_create("redirect");

    tcase_add_loop_test(c, order, 0, ROWS(rows));
    tcase_add_loop_test(c, invite, 0, ROWS(invites));
    tcase_add_test(c, those_of_the_last_come_first);
    tcase_add_test(c, bounded_in_hops);
    tcase_add_test(c, bounded_in_all);
    tcase_add_test(c, chain);
    suite_add_tcase(s, c);
    return suite_run(s);
}
