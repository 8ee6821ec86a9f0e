/* Contacts as clients write them. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/contact.h"
#include "tests/suite.h"

#define UUID "<urn:uuid:00000000-0000-0000-0000-000a95a0e128>"

/* clang-format off */
static const struct {
    const char *name, *value, *uri, *params, *instance;
    uint32_t reg_id, expires_s, q;
    unsigned caps;
} rows[] = {
    {"bare", "<sip:a@127.0.0.1:5060>", "sip:a@127.0.0.1:5060", "", "", 0, CONTACT_UNSAID, 1000, 0},
    {"RFC 3261 20.10: without brackets the parameters are the header's", "sip:a@h;expires=60", "sip:a@h", ";expires=60",
     "", 0, 60, 1000, 0},
    {"parameters of the URI stay in it", "<sip:a@h;transport=tcp>;expires=60", "sip:a@h;transport=tcp", ";expires=60",
     "", 0, 60, 1000, 0},
    {"display name with everything that parts", "\"A, B; <c>\\\" d\" <sip:a@h> ; q=0.7", "sip:a@h", "; q=0.7", "", 0,
     CONTACT_UNSAID, 700, 0},
    {"unquoted display name", "Alice Smith <sip:a@h>;q=1", "sip:a@h", ";q=1", "", 0, CONTACT_UNSAID, 1000, 0},
    {"RFC 5626 4.2", "<sip:a@h>;reg-id=2;+sip.instance=\"" UUID "\"", "sip:a@h",
     ";reg-id=2;+sip.instance=\"" UUID "\"", UUID, 2, CONTACT_UNSAID, 1000, 0},
    {"what Jabber says",
     "<sip:6b@172.16.84.136:58980;transport=tls>;+sip.instance=\"" UUID "\";+u.sip!devicename.ccm.cisco.com=\"CSF\";"
     "+u.sip!model.ccm.cisco.com=\"503\";video;x-cisco-mra-ha=AR_SK;x-cisco-reg-id=1",
     "sip:6b@172.16.84.136:58980;transport=tls",
     ";+sip.instance=\"" UUID "\";+u.sip!devicename.ccm.cisco.com=\"CSF\";"
     "+u.sip!model.ccm.cisco.com=\"503\";video;x-cisco-mra-ha=AR_SK;x-cisco-reg-id=1",
     UUID, 1, CONTACT_UNSAID, 1000, CONTACT_AR | CONTACT_SK},
    {"reg-id before its alias", "<sip:a@h>;x-cisco-reg-id=1;reg-id=3", "sip:a@h", ";x-cisco-reg-id=1;reg-id=3", "", 3,
     CONTACT_UNSAID, 1000, 0},
    {"one capability, small", "<sip:a@h>;X-Cisco-MRA-HA=\"ar\"", "sip:a@h", ";X-Cisco-MRA-HA=\"ar\"", "", 0,
     CONTACT_UNSAID, 1000, CONTACT_AR},
    {"RFC 3261 20.10: an expiry that is no number is none", "<sip:a@h>;expires=soon", "sip:a@h", ";expires=soon", "", 0,
     CONTACT_UNSAID, 1000, 0},
    {"more than 2^32-1 is none", "<sip:a@h>;expires=99999999999", "sip:a@h", ";expires=99999999999", "", 0,
     CONTACT_UNSAID, 1000, 0},
    {"q beyond its range", "<sip:a@h>;q=7", "sip:a@h", ";q=7", "", 0, CONTACT_UNSAID, 1000, 0},
    {"q of three digits", "<sip:a@h>;q=0.125", "sip:a@h", ";q=0.125", "", 0, CONTACT_UNSAID, 125, 0},
    {"q of nothing", "<sip:a@h>;q=", "sip:a@h", ";q=", "", 0, CONTACT_UNSAID, 1000, 0},
    {"q zero", "<sip:a@h>;q=0.0", "sip:a@h", ";q=0.0", "", 0, CONTACT_UNSAID, 0, 0},
    {"a name is not its beginning", "<sip:a@h>;expiresx=5;xexpires=6", "sip:a@h", ";expiresx=5;xexpires=6", "", 0,
     CONTACT_UNSAID, 1000, 0},
    {"folded", "<sip:a@h>\r\n ;expires\r\n\t= 60", "sip:a@h", ";expires\r\n\t= 60", "", 0, 60, 1000, 0},
    {"IPv6", "<sip:a@[2001:db8::1]:5060>", "sip:a@[2001:db8::1]:5060", "", "", 0, CONTACT_UNSAID, 1000, 0},
};
/* clang-format on */

START_TEST(one) {
    struct str rest = str_of(rows[_i].value);
    struct contact c;

    ck_assert_msg(contact_next(&rest, &c) == 1, "%s", rows[_i].name);
    ck_assert_msg(str_eq(c.all, str_of(rows[_i].value)), "%s", rows[_i].name);
    ck_assert_msg(str_eq(c.uri, str_of(rows[_i].uri)), "%s: %.*s", rows[_i].name, (int)c.uri.n, c.uri.p);
    ck_assert_msg(str_eq(c.params, str_of(rows[_i].params)), "%s: %.*s", rows[_i].name, (int)c.params.n, c.params.p);
    ck_assert_msg(str_eq(c.instance, str_of(rows[_i].instance)), "%s", rows[_i].name);
    ck_assert_msg(c.reg_id == rows[_i].reg_id, "%s: %u", rows[_i].name, c.reg_id);
    ck_assert_msg(c.expires_s == rows[_i].expires_s, "%s: %u", rows[_i].name, c.expires_s);
    ck_assert_msg(c.q == rows[_i].q, "%s: %u", rows[_i].name, c.q);
    ck_assert_msg(c.caps == rows[_i].caps && !c.is_star, "%s: %u", rows[_i].name, c.caps);
    ck_assert_int_eq(contact_next(&rest, &c), 0);
}
END_TEST

START_TEST(several) {
    struct str rest = STR("<sip:a@h;x=1,2>;q=0.1 ,\"x,y\" <sip:b@h>;p=\"1,2\",sip:c@h");
    static const char *const uris[] = {"sip:a@h;x=1,2", "sip:b@h", "sip:c@h"};
    struct contact c;

    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(contact_next(&rest, &c), 1);
        ck_assert_msg(str_eq(c.uri, str_of(uris[i])), "%.*s", (int)c.uri.n, c.uri.p);
    }
    ck_assert_int_eq(contact_next(&rest, &c), 0);
}
END_TEST

START_TEST(star) {
    struct str rest = STR(" * ");
    struct contact c;

    ck_assert_int_eq(contact_next(&rest, &c), 1);
    ck_assert(c.is_star);
    ck_assert_int_eq(contact_next(&rest, &c), 0);
}
END_TEST

/* clang-format off */
static const char *const wrong[] = {
    "<sip:a@h", "<>", ";expires=5", ",", "\"x <sip:a@h>", "<sip:a@h> junk", "<sip:a@h>;p=\"open", "<sip:a@h>,,<sip:b@h>",
};
/* clang-format on */

START_TEST(none) {
    struct str rest = str_of(wrong[_i]);
    struct contact c;
    int found;

    while ((found = contact_next(&rest, &c)) == 1)
        continue;
    ck_assert_msg(found == -1, "%s", wrong[_i]);
}
END_TEST

/* Each beginning of each row is read without a step beyond its end (asan sees that), and comes to an end. */
START_TEST(cut) {
    size_t n = strlen(rows[_i].value);
    struct contact c;

    for (size_t i = 0; i <= n; i++) {
        char *copy = mem_alloc(i + 1);
        memcpy(copy, rows[_i].value, i);
        struct str rest = {copy, i};
        int steps = 0;
        while (contact_next(&rest, &c) == 1)
            steps++;
        ck_assert_int_le(steps, 3);
        free(copy);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("contact");
    TCase *tc = tcase_create("contact");
    int n = sizeof rows / sizeof *rows;

    tcase_add_loop_test(tc, one, 0, n);
    tcase_add_test(tc, several);
    tcase_add_test(tc, star);
    tcase_add_loop_test(tc, none, 0, sizeof wrong / sizeof *wrong);
    tcase_add_loop_test(tc, cut, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
