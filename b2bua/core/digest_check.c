#include "b2bua/core/digest_check.h"

#include "b2bua/core/hash.h"

struct reading {
    struct digest_credentials *c;
    bool bad, has_nc;
};

static void read_algorithm(struct reading *r, struct str value) {
    static const struct {
        const char *name;
        enum digest_algorithm algorithm;
    } known[] = {{"MD5", DIGEST_MD5}, {"SHA-256", DIGEST_SHA_256}, {"SHA-512-256", DIGEST_SHA_512_256}};
    static const struct str sess = {"-sess", 5};

    r->c->sess = value.n > sess.n && str_ieq(str_from(value, value.n - sess.n), sess);
    value.n -= r->c->sess ? sess.n : 0;
    r->c->algorithm = DIGEST_NONE;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_ieq(value, str_of(known[i].name)))
            r->c->algorithm = known[i].algorithm;
}

static void read_qop(struct reading *r, struct str value) {
    r->c->qop_auth = str_ieq(value, STR("auth"));
    r->bad |= !r->c->qop_auth;
}

/* Eight hex digits. */
static void read_nc(struct reading *r, struct str value) {
    static const char digits[] = "0123456789abcdef";

    r->has_nc = true;
    r->bad |= value.n != 8;
    for (size_t i = 0; i < value.n && i < 8; i++) {
        const char *at = memchr(digits, value.p[i] >= 'A' && value.p[i] <= 'F' ? value.p[i] | 0x20 : value.p[i], 16);
        r->bad |= at == NULL;
        r->c->nc = r->c->nc << 4 | (at == NULL ? 0 : (uint32_t)(at - digits));
    }
}

static void read_param(struct reading *r, struct str name, struct str value) {
    const struct {
        const char *name;
        struct str *to;
    } texts[] = {{"username", &r->c->username}, {"realm", &r->c->realm},       {"nonce", &r->c->nonce},
                 {"uri", &r->c->uri},           {"response", &r->c->response}, {"cnonce", &r->c->cnonce}};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (str_ieq(name, str_of(texts[i].name)))
            *texts[i].to = value;
    if (str_ieq(name, STR("algorithm")))
        read_algorithm(r, value);
    else if (str_ieq(name, STR("qop")))
        read_qop(r, value);
    else if (str_ieq(name, STR("nc")))
        read_nc(r, value);
}

int digest_credentials_read(struct digest_credentials *c, struct str value) {
    struct digest_credentials read = {.algorithm = DIGEST_MD5};
    struct reading r = {.c = &read};
    struct str rest = str_trim(value), name, text;

    if (rest.n < 7 || !str_ieq(str_upto(rest, 6), STR("Digest")) || memchr(" \t\r\n", rest.p[6], 4) == NULL)
        return -1;
    rest = str_from(rest, 7);
    while (digest_param_next(&rest, &name, &text))
        read_param(&r, name, text);
    if (r.bad || read.username.n == 0 || read.realm.n == 0 || read.nonce.n == 0 || read.uri.n == 0 ||
        read.response.n == 0 || ((read.qop_auth || read.sess) && read.cnonce.n == 0) || read.qop_auth != r.has_nc)
        return -1;
    *c = read;
    return 0;
}

bool digest_credentials_fit(const struct digest_credentials *c, const char *ha1, struct str method) {
    struct digest_request request = {
        .method = method, .uri = c->uri, .nonce = c->nonce, .cnonce = c->cnonce, .nc = c->nc, .qop_auth = c->qop_auth};
    char own[DIGEST_HEX_SIZE], expected[DIGEST_HEX_SIZE], got[DIGEST_HEX_SIZE] = "";

    if (c->algorithm == DIGEST_NONE)
        return false;
    memcpy(own, ha1, strlen(ha1) + 1);
    if (c->sess)
        digest_ha1_sess(c->algorithm, c->nonce, c->cnonce, own);
    digest_response(c->algorithm, own, &request, expected);
    if (c->response.n != strlen(expected))
        return false;
    for (size_t i = 0; i < c->response.n; i++)
        got[i] =
            (char)(c->response.p[i] >= 'A' && c->response.p[i] <= 'F' ? c->response.p[i] | 0x20 : c->response.p[i]);
    return hash_same((const uint8_t *)got, (const uint8_t *)expected, c->response.n);
}
