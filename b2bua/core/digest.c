#include "b2bua/core/digest.h"

#include "b2bua/core/hash.h"

static const struct {
    struct str name;
    enum digest_algorithm algorithm;
    bool sess;
} algorithms[] = {
    {{"MD5", 3}, DIGEST_MD5, false},
    {{"MD5-sess", 8}, DIGEST_MD5, true},
    {{"SHA-256", 7}, DIGEST_SHA_256, false},
    {{"SHA-256-sess", 12}, DIGEST_SHA_256, true},
    {{"SHA-512-256", 11}, DIGEST_SHA_512_256, false},
    {{"SHA-512-256-sess", 16}, DIGEST_SHA_512_256, true},
};

static const enum hash hashes[] = {
    [DIGEST_MD5] = HASH_MD5, [DIGEST_SHA_256] = HASH_SHA_256, [DIGEST_SHA_512_256] = HASH_SHA_512_256};

/* --- reading --- */

/* Header values may be folded over several lines. */
static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct str *s) {
    while (s->n > 0 && is_blank(s->p[0]))
        *s = str_from(*s, 1);
}

static struct str take_token(struct str *s) {
    size_t n = 0;

    while (n < s->n && !is_blank(s->p[n]) && memchr(",=\"\\", s->p[n], 4) == NULL)
        n++;
    struct str token = str_upto(*s, n);
    *s = str_from(*s, n);
    return token;
}

/* `s` begins with the quote. Returns false when it has no end. */
static bool take_quoted(struct str *s, struct str *out) {
    size_t n = 1;

    while (n < s->n && s->p[n] != '"')
        n += s->p[n] == '\\' ? 2 : 1;
    if (n >= s->n)
        return false;
    *out = (struct str){s->p + 1, n - 1};
    *s = str_from(*s, n + 1);
    return true;
}

bool digest_param_next(struct str *rest, struct str *name, struct str *value) {
    struct str s = *rest;

    while (s.n > 0 && (is_blank(s.p[0]) || s.p[0] == ','))
        s = str_from(s, 1);
    *rest = s;
    *name = take_token(&s);
    skip_blanks(&s);
    if (name->n == 0 || s.n == 0 || s.p[0] != '=')
        return false;
    s = str_from(s, 1);
    skip_blanks(&s);
    if (s.n > 0 && s.p[0] == '"') {
        if (!take_quoted(&s, value))
            return false;
    } else {
        *value = take_token(&s);
    }
    *rest = s;
    return true;
}

static bool has_auth(struct str list) {
    while (list.n > 0) {
        size_t n = str_find(list, ',');
        if (str_ieq(str_trim(str_upto(list, n)), STR("auth")))
            return true;
        list = str_from(list, n < list.n ? n + 1 : n);
    }
    return false;
}

/* What is read of one challenge. */
struct reading {
    struct digest_challenge *c;
    bool bad, has_qop;
};

static void read_algorithm(struct reading *r, struct str value) {
    r->c->algorithm = DIGEST_NONE;
    r->c->algorithm_name = value;
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (str_ieq(value, algorithms[i].name)) {
            r->c->algorithm = algorithms[i].algorithm;
            r->c->sess = algorithms[i].sess;
        }
}

static void read_realm(struct reading *r, struct str value) {
    r->c->realm = value;
}

static void read_nonce(struct reading *r, struct str value) {
    r->c->nonce = value;
}

static void read_opaque(struct reading *r, struct str value) {
    r->c->opaque = value;
    r->c->has_opaque = true;
}

static void read_stale(struct reading *r, struct str value) {
    r->c->stale = str_ieq(value, STR("true"));
}

static void read_qop(struct reading *r, struct str value) {
    r->has_qop = true;
    r->c->qop_auth = has_auth(value);
}

static const struct {
    struct str name;
    void (*read)(struct reading *r, struct str value);
} params[] = {
    {{"realm", 5}, read_realm}, {{"nonce", 5}, read_nonce},         {{"opaque", 6}, read_opaque},
    {{"stale", 5}, read_stale}, {{"algorithm", 9}, read_algorithm}, {{"qop", 3}, read_qop},
};

bool digest_is_repeatable(struct str value) {
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
            return false;
    return value.n <= DIGEST_VALUE_MAX;
}

static void read_param(struct reading *r, struct str name, struct str value) {
    r->bad |= !digest_is_repeatable(value);
    for (size_t i = 0; i < sizeof params / sizeof *params; i++)
        if (str_ieq(name, params[i].name))
            params[i].read(r, value);
}

static bool at_scheme(struct str *rest, struct str *scheme) {
    while (rest->n > 0 && (is_blank(rest->p[0]) || rest->p[0] == ','))
        *rest = str_from(*rest, 1);
    *scheme = take_token(rest);
    return scheme->n > 0 && rest->n > 0 && is_blank(rest->p[0]);
}

bool digest_challenge_next(struct str *rest, struct digest_challenge *out) {
    struct digest_challenge c = {.algorithm = DIGEST_MD5};
    struct reading r = {.c = &c};
    struct str scheme, name, value;

    if (!at_scheme(rest, &scheme))
        return false;
    while (digest_param_next(rest, &name, &value))
        read_param(&r, name, value);
    if (r.bad || c.nonce.n == 0 || c.realm.p == NULL || (r.has_qop && !c.qop_auth) || (c.sess && !c.qop_auth) ||
        !str_ieq(scheme, STR("Digest")))
        c.algorithm = DIGEST_NONE;
    *out = c;
    return true;
}

bool digest_is_better(const struct digest_challenge *a, const struct digest_challenge *b) {
    if (a->algorithm != b->algorithm)
        return a->algorithm > b->algorithm;
    return a->qop_auth && !b->qop_auth;
}

/* --- answering --- */

void digest_ha1(enum digest_algorithm algorithm, struct str username, struct str realm, struct str password,
                char *hex) {
    const struct str parts[] = {username, STR(":"), realm, STR(":"), password};

    hash_hex(hashes[algorithm], parts, 5, hex);
}

void digest_ha1_sess(enum digest_algorithm algorithm, struct str nonce, struct str cnonce, char *hex) {
    const struct str parts[] = {str_of(hex), STR(":"), nonce, STR(":"), cnonce};
    char out[DIGEST_HEX_SIZE];

    hash_hex(hashes[algorithm], parts, 5, out);
    memcpy(hex, out, sizeof out);
}

static struct str nc_text(uint32_t nc, char *buf) {
    static const char digits[] = "0123456789abcdef";

    for (int i = 7; i >= 0; i--, nc >>= 4)
        buf[i] = digits[nc & 15];
    return (struct str){buf, 8};
}

void digest_response(enum digest_algorithm algorithm, const char *ha1, const struct digest_request *r, char *hex) {
    const struct str asked[] = {r->method, STR(":"), r->uri};
    char ha2[DIGEST_HEX_SIZE], nc[8];

    hash_hex(hashes[algorithm], asked, 3, ha2);
    const struct str old[] = {str_of(ha1), STR(":"), r->nonce, STR(":"), str_of(ha2)};
    const struct str with_qop[] = {str_of(ha1), STR(":"), r->nonce,    STR(":"), nc_text(r->nc, nc), STR(":"),
                                   r->cnonce,   STR(":"), STR("auth"), STR(":"), str_of(ha2)};
    hash_hex(hashes[algorithm], r->qop_auth ? with_qop : old, r->qop_auth ? 11 : 5, hex);
}

static void put_quoted(struct sbuf *out, const char *name, struct str value) {
    sbuf_puts(out, name);
    sbuf_puts(out, "=\"");
    sbuf_put(out, value);
    sbuf_putc(out, '"');
}

void digest_credentials_put(struct sbuf *out, const struct digest_challenge *c, struct str username,
                            struct str password, const struct digest_request *r) {
    char ha1[DIGEST_HEX_SIZE], response[DIGEST_HEX_SIZE], nc[8];

    digest_ha1(c->algorithm, username, c->realm, password, ha1);
    if (c->sess)
        digest_ha1_sess(c->algorithm, r->nonce, r->cnonce, ha1);
    digest_response(c->algorithm, ha1, r, response);
    put_quoted(out, "Digest username", username);
    put_quoted(out, ", realm", c->realm);
    put_quoted(out, ", nonce", r->nonce);
    put_quoted(out, ", uri", r->uri);
    put_quoted(out, ", response", str_of(response));
    if (c->algorithm_name.n > 0) {
        sbuf_puts(out, ", algorithm=");
        sbuf_put(out, c->algorithm_name);
    }
    if (c->has_opaque)
        put_quoted(out, ", opaque", c->opaque);
    if (!r->qop_auth)
        return;
    put_quoted(out, ", cnonce", r->cnonce);
    sbuf_puts(out, ", qop=auth, nc=");
    sbuf_put(out, nc_text(r->nc, nc));
}
