/* Users of a file, and credentials held against them. */
#include <check.h>

#include "b2bua/core/digest_check.h"
#include "b2bua/core/users.h"
#include "tests/suite.h"

#define MD5_HEX "939e7578ed9e3c518a452acee763bce9" /* RFC 2617 3.5: Mufasa:testrealm@host.com:Circle Of Life */

START_TEST(found) {
    int line;
    const char *what;
    struct users *u = users_read(
        STR("# who may\n\nMufasa:testrealm@host.com:" MD5_HEX "\r\nb:r:x:" MD5_HEX "\nMufasa:other:" MD5_HEX), &line,
        &what);

    ck_assert_ptr_nonnull(u);
    ck_assert_int_eq(users_count(u), 3);
    ck_assert_str_eq(users_find(u, STR("Mufasa"), STR("testrealm@host.com"), DIGEST_MD5), MD5_HEX);
    ck_assert_ptr_nonnull(users_find(u, STR("b"), STR("r:x"), DIGEST_MD5)); /* a realm may have colons */
    ck_assert_ptr_null(users_find(u, STR("Mufasa"), STR("testrealm@host.com"), DIGEST_SHA_256));
    ck_assert_ptr_null(users_find(u, STR("mufasa"), STR("other"), DIGEST_MD5));
    ck_assert(users_have(u, DIGEST_MD5) && !users_have(u, DIGEST_SHA_256));
    users_free(u);
}
END_TEST

START_TEST(faults) {
    static const struct {
        const char *rule, *text;
        int line;
    } rows[] = {
        {"no colons", "alice", 1},
        {"one colon", "\nalice:" MD5_HEX, 2},
        {"no user", ":r:" MD5_HEX, 1},
        {"no realm", "a::" MD5_HEX, 1},
        {"a password instead", "a:r:secret", 1},
        {"a digit too few", "a:r:39e7578ed9e3c518a452acee763bce9", 1},
        {"no hex", "a:r:z39e7578ed9e3c518a452acee763bce9", 1},
        {"twice", "a:r:" MD5_HEX "\nb:r:" MD5_HEX "\na:r:" MD5_HEX, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int line = -1;
        const char *what = NULL;
        ck_assert_msg(users_read(str_of(rows[i].text), &line, &what) == NULL && what != NULL && line == rows[i].line,
                      "%s: line %d", rows[i].rule, line);
    }
}
END_TEST

#define CREDENTIALS                                                                                                    \
    "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "         \
    "uri=\"/dir/index.html\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", "                                            \
    "response=\"6629fae49393a05397450978507c4ef1\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""

/* RFC 2617 3.5, as a server sees it. */
START_TEST(fits) {
    struct digest_credentials c;

    ck_assert_int_eq(digest_credentials_read(&c, STR(CREDENTIALS)), 0);
    ck_assert(c.algorithm == DIGEST_MD5 && c.qop_auth && c.nc == 1);
    ck_assert(digest_credentials_fit(&c, MD5_HEX, STR("GET")));
    ck_assert(!digest_credentials_fit(&c, MD5_HEX, STR("REGISTER")));
    c.response = STR("6629FAE49393A05397450978507C4EF1");
    ck_assert(digest_credentials_fit(&c, MD5_HEX, STR("GET")));
    c.response = STR("6629fae49393a05397450978507c4ef0");
    ck_assert(!digest_credentials_fit(&c, MD5_HEX, STR("GET")));
    c.response = STR("");
    ck_assert(!digest_credentials_fit(&c, MD5_HEX, STR("GET")));
}
END_TEST

START_TEST(unreadable) {
    static const char *const rows[] = {
        "Basic abc",
        "Digest",
        "Digest ",
        "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\"",
        "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", qop=auth-int, nc=00000001, "
        "cnonce=\"c\"",
        "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", qop=auth, cnonce=\"c\"",
        "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", qop=auth, nc=1, cnonce=\"c\"",
        "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", qop=auth, nc=0000000g, "
        "cnonce=\"c\"",
        "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", algorithm=MD5-sess",
    };
    struct digest_credentials c;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(digest_credentials_read(&c, str_of(rows[i])) < 0, "%s", rows[i]);
    ck_assert_int_eq(
        digest_credentials_read(
            &c, STR("Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", algorithm=SHA-999")),
        0);
    ck_assert(c.algorithm == DIGEST_NONE && !digest_credentials_fit(&c, MD5_HEX, STR("GET")));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("users");
    TCase *tc = tcase_create("users");

    tcase_add_test(tc, found);
    tcase_add_test(tc, faults);
    tcase_add_test(tc, fits);
    tcase_add_test(tc, unreadable);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
