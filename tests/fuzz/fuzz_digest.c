/* Any bytes as a 401, or as the answer to a REGISTER: what is answered is one line that can be read back, and repeats
 * nothing that leaves its quotes. */
#include <assert.h>

#include "b2bua/core/digest_asked.h"
#include "b2bua/core/regclient_read.h"

enum { LINE_MAX_BYTES = 8192 };

static void check_line(struct str line, const struct digest_challenge *c) {
    struct str name, value, rest = line;
    int realms = 0, count = 0;

    assert(line.n > 7 && memcmp(line.p, "Digest ", 7) == 0);
    rest = str_from(rest, 7);
    for (size_t i = 0; i < line.n; i++)
        assert((unsigned char)line.p[i] >= 0x20 && line.p[i] != 0x7f);
    for (; digest_param_next(&rest, &name, &value); count++)
        if (str_eq(name, STR("realm"))) {
            assert(str_eq(value, c->realm));
            realms++;
        }
    assert(rest.n == 0 && realms == 1 && count >= 5);
}

static void answer(const struct digest_challenge *c) {
    char text[LINE_MAX_BYTES];
    struct sbuf out = sbuf_on(text, sizeof text);
    struct digest_request r = {STR("INVITE"), STR("sip:a@b"), c->nonce, STR("0123456789abcdef"), 1, c->qop_auth};

    digest_credentials_put(&out, c, STR("alice"), STR("secret"), &r);
    assert(!out.full);
    check_line(sbuf_str(&out), c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str in = {(const char *)data, size};
    struct digest_asked asked;
    char route[2048];
    struct sbuf routes = sbuf_on(route, sizeof route);

    digest_asked_read(&asked, in);
    assert(asked.count <= DIGEST_ASKED_MAX);
    for (int i = 0; i < asked.count; i++)
        answer(&asked.of[i].challenge);
    reg_granted_s(in, STR("sip:u@192.0.2.1:5060"), 3600);
    reg_min_expires_s(in);
    reg_service_route(in, &routes);
    return 0;
}
