/* What of a message nobody is shown. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/redact.h"
#include "tests/suite.h"

#define START "INVITE sip:a@h SIP/2.0\r\n"
#define END   "\r\n\r\n"

static const struct {
    const char *rule, *in, *out;
} rows[] = {
    {"RFC 3261 20.7: of Digest stays who and where",
     START "Authorization: Digest username=\"bob\", realm=\"h\", nonce=\"abc\", uri=\"sip:h\", response=\"0a1b\", "
           "cnonce=\"q,\\\"z\", qop=auth, nc=00000001, opaque=\"o\"" END,
     START "Authorization: Digest username=\"bob\", realm=\"h\", nonce=\"xxx\", uri=\"sip:h\", response=\"xxxx\", "
           "cnonce=\"xxxxx\", qop=auth, nc=00000001, opaque=\"x\"" END},
    {"20.28: for proxies, too, in any case", START "PROXY-authorization : digest response=\"ab\"" END,
     START "PROXY-authorization : digest response=\"xx\"" END},
    {"without quotes", START "Authorization: Digest response=0a1b , nc=1" END,
     START "Authorization: Digest response=xxxx , nc=1" END},
    {"7.3.1: a header goes on in the next line",
     START "Authorization: Digest nc=1,\r\n response=\"ab\",\r\n\tcnonce=\"c\"" END,
     START "Authorization: Digest nc=1,\r\n response=\"xx\",\r\n\tcnonce=\"x\"" END},
    {"a quote that does not end", START "Authorization: Digest response=\"ab" END,
     START "Authorization: Digest response=xxx" END},
    {"another scheme: all", START "Authorization: Basic Ym9iOnNlY3JldA==" END,
     START "Authorization: Basic xxxxxxxxxxxxxxxx" END},
    {"no scheme that is one", START "Authorization: secret" END, START "Authorization: secret" END},
    {"RFC 3310: a parameter that nobody has named", START "Authorization: Digest auts=\"ab\", username=\"b\"" END,
     START "Authorization: Digest auts=\"xx\", username=\"b\"" END},
    {"RFC 2617 3.2.3: rspauth", START "Authentication-Info: rspauth=\"ab\", qop=auth" END,
     START "Authentication-Info: rspauth=\"xx\", qop=auth" END},
    {"a challenge is no secret", START "WWW-Authenticate: Digest realm=\"h\", nonce=\"abc\"" END,
     START "WWW-Authenticate: Digest realm=\"h\", nonce=\"abc\"" END},
    {"RFC 4568 9.1: keys of media, one or two of a line",
     START "\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:ab/+|2^20|1:4;inline:cd;x FEC\r\na=sendrecv\r\n",
     START "\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:xxxx|2^20|1:4;inline:xx;x FEC\r\na=sendrecv\r\n"},
    {"RFC 4567: another way to tell keys", START "\r\nv=0\r\na=key-mgmt:mikey AQAF\r\n",
     START "\r\nv=0\r\na=key-mgmt:xxxxxxxxxx\r\n"},
    {"lines that end in LF alone", "INVITE x\nAuthorization: Digest response=\"ab\"\n\na=crypto:1 X inline:ab\n",
     "INVITE x\nAuthorization: Digest response=\"xx\"\n\na=crypto:1 X inline:xx\n"},
    {"a message that is cut", "INVITE x\r\nAuthorization: Digest response=\"ab",
     "INVITE x\r\nAuthorization: Digest response=xxx"},
    {"a name that only begins so", START "Authorizations: Digest response=\"ab\"" END,
     START "Authorizations: Digest response=\"ab\"" END},
    {"nothing", "", ""},
};

START_TEST(redacted) {
    char *text = str_dup(str_of(rows[_i].in));

    redact_message(text, strlen(text));
    ck_assert_msg(strcmp(text, rows[_i].out) == 0, "%s:\n%s", rows[_i].rule, text);
    free(text);
}
END_TEST

int main(void) {
    Suite *s = suite_create("redact");
    TCase *c = tcase_create("redact");

    suite_add_tcase(s, c);
    tcase_add_loop_test(c, redacted, 0, sizeof rows / sizeof *rows);
    return suite_run(s);
}
