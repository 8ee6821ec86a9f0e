/* Digest challenges and the answers to them. */
#include <check.h>
#include <stdio.h>

#include "b2bua/core/digest.h"
#include "tests/suite.h"

/* --- reading --- */

static const struct {
    const char *rule, *value;
    enum digest_algorithm algorithm;
    bool sess, qop, stale;
    const char *realm, *nonce, *opaque;
} singles[] = {
    {"RFC 2069: no qop, no algorithm", "Digest realm=\"r\", nonce=\"n\"", DIGEST_MD5, 0, 0, 0, "r", "n", ""},
    {"RFC 7616 3.3: qop", "Digest realm=\"r\",nonce=\"n\",qop=\"auth\",algorithm=MD5", DIGEST_MD5, 0, 1, 0, "r", "n",
     ""},
    {"RFC 7616 3.3: a list of qops", "Digest realm=\"r\",nonce=\"n\",qop=\"auth-int, auth\"", DIGEST_MD5, 0, 1, 0, "r",
     "n", ""},
    {"a qop that is no quoted string", "Digest realm=\"r\",nonce=\"n\",qop=auth", DIGEST_MD5, 0, 1, 0, "r", "n", ""},
    {"auth-int alone is not spoken", "Digest realm=\"r\",nonce=\"n\",qop=\"auth-int\"", DIGEST_NONE, 0, 0, 0, "r", "n",
     ""},
    {"RFC 8760 2.1", "Digest realm=\"r\",nonce=\"n\",qop=\"auth\",algorithm=SHA-256", DIGEST_SHA_256, 0, 1, 0, "r", "n",
     ""},
    {"RFC 8760 2.1: case does not matter", "DIGEST Realm=\"r\",NONCE=\"n\",ALGORITHM=sha-512-256", DIGEST_SHA_512_256,
     0, 0, 0, "r", "n", ""},
    {"-sess", "Digest realm=\"r\",nonce=\"n\",qop=\"auth\",algorithm=MD5-sess", DIGEST_MD5, 1, 1, 0, "r", "n", ""},
    {"-sess needs a cnonce, and so qop", "Digest realm=\"r\",nonce=\"n\",algorithm=MD5-sess", DIGEST_NONE, 1, 0, 0, "r",
     "n", ""},
    {"an algorithm of tomorrow", "Digest realm=\"r\",nonce=\"n\",algorithm=SHA3-256", DIGEST_NONE, 0, 0, 0, "r", "n",
     ""},
    {"an algorithm in quotes", "Digest realm=\"r\",nonce=\"n\",algorithm=\"MD5\"", DIGEST_MD5, 0, 0, 0, "r", "n", ""},
    {"RFC 7616 3.3: stale", "Digest realm=\"r\",nonce=\"n\",stale=TRUE", DIGEST_MD5, 0, 0, 1, "r", "n", ""},
    {"stale=false", "Digest realm=\"r\",nonce=\"n\",stale=\"false\"", DIGEST_MD5, 0, 0, 0, "r", "n", ""},
    {"opaque, userhash, domain, charset, and what nobody knows",
     "Digest realm=\"r\", domain=\"sip:a sip:b\", userhash=true, charset=UTF-8, x=y, nonce=\"n\", opaque=\"o,=\"",
     DIGEST_MD5, 0, 0, 0, "r", "n", "o,="},
    {"RFC 3261 25.1: blanks around = and a fold", "Digest realm = \"a b\" ,\r\n nonce= \"n\"", DIGEST_MD5, 0, 0, 0,
     "a b", "n", ""},
    {"RFC 3261 25.1: a quoted pair stays as it is", "Digest realm=\"a\\\"b\", nonce=\"n\"", DIGEST_MD5, 0, 0, 0,
     "a\\\"b", "n", ""},
    {"an empty realm", "Digest realm=\"\", nonce=\"n\"", DIGEST_MD5, 0, 0, 0, "", "n", ""},
    {"no nonce", "Digest realm=\"r\"", DIGEST_NONE, 0, 0, 0, "r", "", ""},
    {"no realm", "Digest nonce=\"n\"", DIGEST_NONE, 0, 0, 0, "", "n", ""},
    {"another scheme", "NTLM realm=\"r\", nonce=\"n\"", DIGEST_NONE, 0, 0, 0, "r", "n", ""},
    {"a line end within quotes", "Digest realm=\"a\r\n b\", nonce=\"n\"", DIGEST_NONE, 0, 0, 0, "a\r\n b", "n", ""},
};

START_TEST(single) {
    struct str rest = str_of(singles[_i].value);
    struct digest_challenge c;

    ck_assert_msg(digest_challenge_next(&rest, &c), "%s", singles[_i].rule);
    ck_assert_msg(c.algorithm == singles[_i].algorithm && c.sess == singles[_i].sess && c.qop_auth == singles[_i].qop &&
                      c.stale == singles[_i].stale,
                  "%s: algorithm %d", singles[_i].rule, c.algorithm);
    ck_assert_msg(str_eq(c.realm, str_of(singles[_i].realm)) && str_eq(c.nonce, str_of(singles[_i].nonce)) &&
                      str_eq(c.opaque, str_of(singles[_i].opaque)),
                  "%s", singles[_i].rule);
    ck_assert_msg(!digest_challenge_next(&rest, &c), "%s: more", singles[_i].rule);
}
END_TEST

static const struct {
    const char *rule, *value;
    int count;
    const char *best; /* its nonce; NULL: none that we speak */
} lists[] = {
    {"nothing", "", 0, NULL},
    {"blanks and commas", " , ,", 0, NULL},
    {"no parameters", "Digest", 0, NULL},
    {"a quote without end", "Digest realm=\"r", 1, NULL},
    {"RFC 7235 4.1: two in one line",
     "Digest realm=\"r\",nonce=\"1\", Digest realm=\"r\",nonce=\"2\",algorithm=SHA-256", 2, "2"},
    {"the strongest, wherever it stands",
     "Digest realm=\"r\",nonce=\"1\",algorithm=SHA-512-256,Digest realm=\"r\",nonce=\"2\",algorithm=SHA-256", 2, "1"},
    {"what we do not speak is left out",
     "Digest realm=\"r\",nonce=\"1\",algorithm=AKAv1-MD5,Digest realm=\"r\",nonce=\"2\"", 2, "2"},
    {"qop rather than none", "Digest realm=\"r\",nonce=\"1\",Digest realm=\"r\",nonce=\"2\",qop=\"auth\"", 2, "2"},
    {"RFC 8760 2.4: the first of equals", "Digest realm=\"r\",nonce=\"1\",Digest realm=\"r\",nonce=\"2\"", 2, "1"},
    {"other schemes before and behind", "Basic realm=\"x\", Digest realm=\"r\",nonce=\"1\", Negotiate a=b", 3, "1"},
};

START_TEST(list) {
    struct str rest = str_of(lists[_i].value);
    struct digest_challenge c, best = {.algorithm = DIGEST_NONE};
    int count = 0;

    while (digest_challenge_next(&rest, &c)) {
        count++;
        if (digest_is_better(&c, &best))
            best = c;
    }
    ck_assert_msg(count == lists[_i].count, "%s: %d", lists[_i].rule, count);
    ck_assert_msg(best.algorithm == DIGEST_NONE ? lists[_i].best == NULL
                                                : lists[_i].best != NULL && str_eq(best.nonce, str_of(lists[_i].best)),
                  "%s", lists[_i].rule);
}
END_TEST

/* --- answering --- */

#define RFC_NONCE  "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define RFC_CNONCE "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
#define RFC_OPAQUE "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"

static const struct {
    const char *rule, *challenge, *user, *password, *method, *uri, *cnonce;
    uint32_t nc;
    const char *credentials; /* all of the value */
} answers[] = {
    {"RFC 2617 3.5",
     "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
     "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
     "Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b", 1,
     "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
     "uri=\"/dir/index.html\", response=\"6629fae49393a05397450978507c4ef1\", "
     "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", cnonce=\"0a4f113b\", qop=auth, nc=00000001"},
    {"RFC 7616 3.9.1: MD5",
     "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, nonce=\"" RFC_NONCE
     "\", opaque=\"" RFC_OPAQUE "\"",
     "Mufasa", "Circle of Life", "GET", "/dir/index.html", RFC_CNONCE, 1,
     "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", nonce=\"" RFC_NONCE
     "\", uri=\"/dir/index.html\", response=\"8ca523f5e9506fed4657c9700eebdbec\", algorithm=MD5, opaque=\"" RFC_OPAQUE
     "\", cnonce=\"" RFC_CNONCE "\", qop=auth, nc=00000001"},
    {"RFC 7616 3.9.1: SHA-256",
     "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, nonce=\"" RFC_NONCE
     "\", opaque=\"" RFC_OPAQUE "\"",
     "Mufasa", "Circle of Life", "GET", "/dir/index.html", RFC_CNONCE, 1,
     "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", nonce=\"" RFC_NONCE "\", uri=\"/dir/index.html\", "
     "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\", algorithm=SHA-256, "
     "opaque=\"" RFC_OPAQUE "\", cnonce=\"" RFC_CNONCE "\", qop=auth, nc=00000001"},
    /* computed with another program: A1 bob:biloxi.com:zanzibar, A2 INVITE:sip:bob@biloxi.com */
    {"RFC 3261 22.4: without qop", "Digest realm=\"biloxi.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"", "bob",
     "zanzibar", "INVITE", "sip:bob@biloxi.com", "", 0,
     "Digest username=\"bob\", realm=\"biloxi.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
     "uri=\"sip:bob@biloxi.com\", response=\"bf57e4e0d0bffc0fbaedce64d59add5e\""},
    {"RFC 7616 3.4.2: MD5-sess", "Digest realm=\"biloxi.com\", nonce=\"n1\", qop=\"auth\", algorithm=MD5-sess", "bob",
     "zanzibar", "BYE", "sip:bob@biloxi.com", "c1", 0x1a,
     "Digest username=\"bob\", realm=\"biloxi.com\", nonce=\"n1\", uri=\"sip:bob@biloxi.com\", "
     "response=\"b574307abc457131ec54b8cb5a38e568\", "
     "algorithm=MD5-sess, cnonce=\"c1\", qop=auth, nc=0000001a"},
    {"RFC 8760 2.1: SHA-512-256", "Digest realm=\"biloxi.com\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-512-256",
     "bob", "zanzibar", "REGISTER", "sip:biloxi.com", "c1", 2,
     "Digest username=\"bob\", realm=\"biloxi.com\", nonce=\"n1\", uri=\"sip:biloxi.com\", "
     "response=\"f6a1be0b1ab41a26dbb624fc4766691f03bcb94408396ceb5e0b905dcf85f301\", algorithm=SHA-512-256, "
     "cnonce=\"c1\", "
     "qop=auth, nc=00000002"},
};

START_TEST(answer) {
    struct str rest = str_of(answers[_i].challenge);
    struct digest_challenge c;
    char text[2048];
    struct sbuf b = sbuf_on(text, sizeof text - 1);

    ck_assert(digest_challenge_next(&rest, &c));
    struct digest_request r = {str_of(answers[_i].method), str_of(answers[_i].uri), c.nonce,
                               str_of(answers[_i].cnonce), answers[_i].nc,          c.qop_auth};
    digest_credentials_put(&b, &c, str_of(answers[_i].user), str_of(answers[_i].password), &r);
    text[b.n] = '\0';
    ck_assert_msg(strcmp(text, answers[_i].credentials) == 0, "%s: %s", answers[_i].rule, text);
}
END_TEST

/* What a registrar will do: from the stored HA1 to the response that must have come. */
START_TEST(server_side) {
    char ha1[DIGEST_HEX_SIZE], response[DIGEST_HEX_SIZE];
    struct digest_request r = {
        STR("GET"), STR("/dir/index.html"), STR("dcd98b7102dd2f0e8b11d0f600bfb0c093"), STR("0a4f113b"), 1, true};

    digest_ha1(DIGEST_MD5, STR("Mufasa"), STR("testrealm@host.com"), STR("Circle Of Life"), ha1);
    ck_assert_str_eq(ha1, "939e7578ed9e3c518a452acee763bce9");
    digest_response(DIGEST_MD5, ha1, &r, response);
    ck_assert_str_eq(response, "6629fae49393a05397450978507c4ef1");
}
END_TEST

START_TEST(parameters) {
    struct str rest = STR(" nextnonce=\"a b\", qop=auth , rspauth=\"\",nc=00000001;"), name, value;
    char text[128];
    struct sbuf b = sbuf_on(text, sizeof text - 1);

    while (digest_param_next(&rest, &name, &value)) {
        sbuf_put(&b, name);
        sbuf_putc(&b, '<');
        sbuf_put(&b, value);
        sbuf_putc(&b, '>');
    }
    text[b.n] = '\0';
    ck_assert_str_eq(text, "nextnonce<a b>qop<auth>rspauth<>nc<00000001;>");
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void) {
    Suite *s = suite_create("digest");
    TCase *tc = tcase_create("digest");

    tcase_add_loop_test(tc, single, 0, ROWS(singles));
    tcase_add_loop_test(tc, list, 0, ROWS(lists));
    tcase_add_loop_test(tc, answer, 0, ROWS(answers));
    tcase_add_test(tc, server_side);
    tcase_add_test(tc, parameters);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
