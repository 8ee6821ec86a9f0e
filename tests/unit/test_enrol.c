/* What a REGISTER asks for and what its answer grants. */
#include <check.h>
#include <string.h>

#include "b2bua/core/enrol.h"
#include "tests/suite.h"

#define REGISTER(lines) "REGISTER sip:x SIP/2.0\r\nVia: v\r\n" lines "\r\n"

static const struct {
    const char *rule, *message;
    int status, count;
    bool star, farewell, outbound, path;
    unsigned caps;
    uint32_t least_s;
} asks[] = {
    {"RFC 3261 10.2.3: without Contact it is a question", REGISTER(""), 0, 0, 0, 0, 0, 0, 0, UINT32_MAX},
    {"RFC 3261 10.2.1.1: its own expires before that of the message",
     REGISTER("Contact: <sip:a>;expires=90\r\nExpires: 60\r\n"), 0, 1, 0, 0, 0, 0, 0, 90},
    {"RFC 3261 10.2: several lines, several in a line", REGISTER("m: <sip:a>, <sip:b>;q=0.5\r\nContact: sip:c\r\n"), 0,
     3, 0, 0, 0, 0, 0, 3600},
    {"RFC 3261 20.19: no number counts as an hour", REGISTER("Contact: <sip:a>\r\nExpires: soon\r\n"), 0, 1, 0, 0, 0, 0,
     0, 3600},
    {"RFC 3261 10.2.2: 0 is a farewell", REGISTER("Contact: <sip:a>;expires=0\r\n"), 0, 1, 0, 1, 0, 0, 0, UINT32_MAX},
    {"RFC 3261 10.2.2: the star alone, with Expires: 0", REGISTER("Contact: *\r\nExpires: 0\r\n"), 0, 0, 1, 1, 0, 0, 0,
     UINT32_MAX},
    {"RFC 3261 10.2.2: the star stays not", REGISTER("Contact: *\r\nExpires: 60\r\n"), 400, 0, 0, 0, 0, 0, 0, 0},
    {"RFC 3261 10.2.2: the star without Expires", REGISTER("Contact: *\r\n"), 400, 0, 0, 0, 0, 0, 0, 0},
    {"RFC 3261 10.2.2: the star is alone", REGISTER("Contact: *, <sip:a>\r\nExpires: 0\r\n"), 400, 0, 0, 0, 0, 0, 0, 0},
    {"RFC 3261 10.2.2: the star comes first or never", REGISTER("Contact: <sip:a>\r\nContact: *\r\nExpires: 0\r\n"),
     400, 0, 0, 0, 0, 0, 0, 0},
    {"RFC 3261 20.10: brackets that do not close", REGISTER("Contact: <sip:a\r\n"), 400, 0, 0, 0, 0, 0, 0, 0},
    {"RFC 5626 4.2.1: outbound needs instance, reg-id and the tag",
     REGISTER("k: gruu, outbound\r\nContact: <sip:a>;reg-id=1;+sip.instance=\"<urn:uuid:1>\"\r\n"), 0, 1, 0, 0, 1, 0, 0,
     3600},
    {"RFC 5626 4.2.1: without reg-id it is not", REGISTER("Supported: outbound\r\nContact: <sip:a>\r\n"), 0, 1, 0, 0, 0,
     0, 0, 3600},
    {"RFC 3327 5.1: path", REGISTER("Supported: PATH\r\n"), 0, 0, 0, 0, 0, 1, 0, UINT32_MAX},
    {"AR_SK in the Contact", REGISTER("Contact: <sip:a>;x-cisco-mra-ha=ar_sk\r\n"), 0, 1, 0, 0, 0, 0, 3, 3600},
    {"AR alone in Supported", REGISTER("Supported: x, x-cisco-mra-ha=AR\r\n"), 0, 0, 0, 0, 0, 0, 1, UINT32_MAX},
};

START_TEST(asked) {
    struct enrol_ask a;
    const char *phrase = NULL;
    int status = enrol_ask_read(&a, str_of(asks[_i].message), &phrase);

    ck_assert_msg(status == asks[_i].status, "%s: %d", asks[_i].rule, status);
    if (status != 0) {
        ck_assert_ptr_nonnull(phrase);
        return;
    }
    ck_assert_msg(a.count == asks[_i].count && a.star == asks[_i].star && a.has_farewell == asks[_i].farewell &&
                      a.outbound == asks[_i].outbound && a.path == asks[_i].path && a.caps == asks[_i].caps &&
                      enrol_least_s(&a) == asks[_i].least_s,
                  "%s", asks[_i].rule);
}
END_TEST

START_TEST(too_many_contacts) {
    char text[2048];
    struct sbuf b = sbuf_on(text, sizeof text);
    struct enrol_ask a;
    const char *phrase;

    sbuf_puts(&b, "REGISTER sip:x SIP/2.0\r\nContact: <sip:a>");
    for (int i = 0; i < ENROL_CONTACTS_MAX; i++)
        sbuf_puts(&b, ", <sip:b>");
    sbuf_puts(&b, "\r\n\r\n");
    ck_assert_int_eq(enrol_ask_read(&a, sbuf_str(&b), &phrase), 403);
}
END_TEST

/* RFC 3261 22.4: the first credentials, whichever header they are in. */
START_TEST(credentials) {
    struct enrol_ask a;
    const char *phrase;

    enrol_ask_read(&a, STR(REGISTER("Authorization: Digest username=\"al\\\"ice\", realm=\"r\", nonce=\"n,1\"\r\n")),
                   &phrase);
    ck_assert(a.has_credentials && str_eq(a.user, STR("al\\\"ice")) && str_eq(a.realm, STR("r")) &&
              str_eq(a.nonce, STR("n,1")));
    enrol_ask_read(&a, STR(REGISTER("User-Agent: Phone 1.0\r\n")), &phrase);
    ck_assert(!a.has_credentials && str_eq(a.user_agent, STR("Phone 1.0")));
}
END_TEST

START_TEST(matched) {
    struct enrol_ask a;
    const char *phrase;
    static const struct {
        const char *rule, *contact;
        int index;
    } rows[] = {
        {"by URI", "<sip:b>;expires=3", 1},
        {"by instance and reg-id when the URI is written anew", "<sip:other>;reg-id=2;+sip.instance=\"<i>\"", 0},
        {"another reg-id is another", "<sip:other>;reg-id=1;+sip.instance=\"<i>\"", -1},
        {"of somebody else", "<sip:c>", -1},
    };

    enrol_ask_read(&a, STR(REGISTER("Contact: <sip:a>;+sip.instance=\"<i>\";reg-id=2, <sip:b>\r\n")), &phrase);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str rest = str_of(rows[i].contact);
        struct contact c;
        ck_assert_int_eq(contact_next(&rest, &c), 1);
        ck_assert_msg(enrol_match(&a, &c) == rows[i].index, "%s", rows[i].rule);
    }
}
END_TEST

START_TEST(granted) {
    struct enrol_answer a;

    enrol_answer_read(&a, STR("SIP/2.0 200 OK\r\nContact: <sip:a>\r\nExpires: 120\r\nPath: <sip:p>\r\nRequire: outbound"
                              "\r\nSupported: x,x-cisco-supports-ar_sk\r\n\r\n"));
    ck_assert(a.has_contacts && a.has_path && a.outbound && a.ar_sk && a.expires_s == 120);
    enrol_answer_read(&a, STR("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    ck_assert(!a.has_contacts && !a.has_path && !a.outbound && !a.ar_sk && a.expires_s == CONTACT_UNSAID);
}
END_TEST

START_TEST(lines_written_anew) {
    char text[256];
    struct sbuf b = sbuf_on(text, sizeof text);

    enrol_put_without(&b, STR(REGISTER("Supported: a, Outbound ,b\r\nk: c\r\n")), STR("Supported"), 'k', "outbound");
    ck_assert(str_eq(sbuf_str(&b), STR("Supported: a, b, c\r\n")));
    b.n = 0;
    enrol_put_without(&b, STR(REGISTER("Supported: outbound\r\n")), STR("Supported"), 'k', "outbound");
    ck_assert_uint_eq(b.n, 0);
    enrol_put_routes(&b, STR(REGISTER("Service-Route: <sip:1;lr>,\r\n <sip:2;lr>\r\nService-Route: <sip:3;lr>\r\n")),
                     STR("Service-Route"));
    ck_assert(str_eq(sbuf_str(&b), STR("Route: <sip:1;lr>,   <sip:2;lr>\r\nRoute: <sip:3;lr>\r\n")));
}
END_TEST

START_TEST(parameters_written_anew) {
    static const struct {
        const char *rule, *params, *expected;
    } rows[] = {
        {"in its place", ";a;expires=3600;b=\"x;y\"", ";a;expires=60;b=\"x;y\""},
        {"at the end when it was not there", ";a", ";a;expires=60"},
        {"alone", "", ";expires=60"},
        {"once, whatever the case", ";EXPIRES=1;expires=2", ";expires=60"},
        {"one that goes", ";a;reg-id=1;b", ";a;b;expires=60"},
        {"blanks stay where they were", ";a ; b", ";a ; b;expires=60"},
    };
    const struct contact_edit edits[] = {{.name = "expires", .value = STR("60"), .add = true},
                                         {.name = "reg-id", .without = true}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        struct sbuf b = sbuf_on(text, sizeof text);
        contact_put_params(&b, str_of(rows[i].params), edits, 2);
        ck_assert_msg(str_eq(sbuf_str(&b), str_of(rows[i].expected)), "%s: %.*s", rows[i].rule, (int)b.n, b.p);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("enrol");
    TCase *tc = tcase_create("enrol");

    tcase_add_loop_test(tc, asked, 0, sizeof asks / sizeof *asks);
    tcase_add_test(tc, too_many_contacts);
    tcase_add_test(tc, credentials);
    tcase_add_test(tc, matched);
    tcase_add_test(tc, granted);
    tcase_add_test(tc, lines_written_anew);
    tcase_add_test(tc, parameters_written_anew);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
