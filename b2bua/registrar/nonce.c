/*
 * Nonces of our own registrar (RFC 7616 3.3): time, chance and a mark over both and the realm, so that nothing is kept
 * of one that nobody has used. Of those in use the last count is kept: a count that comes again is a copy.
 */
#include "b2bua/registrar/impl.h"

enum { TIME_DIGITS = 16, CHANCE_DIGITS = 16, MARK_DIGITS = 20 };

static void put_mark(struct registrar *r, struct str open, struct str realm, struct sbuf *out) {
    static const char digits[] = "0123456789abcdef";
    uint8_t mac[HASH_MAC_SIZE];
    char text[1024];
    struct sbuf b = sbuf_on(text, sizeof text);

    sbuf_put(&b, open);
    sbuf_putc(&b, ':');
    sbuf_put(&b, realm);
    hash_mac(r->config.shared->own.bytes, sbuf_str(&b), mac);
    for (int i = 0; i < MARK_DIGITS; i++)
        sbuf_putc(out, digits[i % 2 == 0 ? mac[i / 2] >> 4 : mac[i / 2] & 15]);
}

struct str front_nonce(struct registrar *r, struct str realm, uint64_t now_ms, char *buf) {
    struct sbuf b = sbuf_on(buf, FRONT_NONCE_SIZE - 1);

    sbuf_hex(&b, now_ms);
    sbuf_hex(&b, ua_random(r->config.ua));
    put_mark(r, sbuf_str(&b), realm, &b);
    return sbuf_str(&b);
}

static uint64_t time_of(struct str nonce) {
    uint64_t ms = 0;

    for (int i = 0; i < TIME_DIGITS; i++)
        ms = ms << 4 | (uint64_t)(nonce.p[i] <= '9' ? nonce.p[i] - '0' : nonce.p[i] - 'a' + 10);
    return ms;
}

static bool is_ours(struct registrar *r, struct str nonce, struct str realm) {
    size_t open = TIME_DIGITS + CHANCE_DIGITS;
    char mark[MARK_DIGITS];
    struct sbuf b = sbuf_on(mark, sizeof mark);

    if (nonce.n != open + MARK_DIGITS)
        return false;
    put_mark(r, str_upto(nonce, open), realm, &b);
    return hash_same((const uint8_t *)mark, (const uint8_t *)nonce.p + open, MARK_DIGITS);
}

bool front_nonce_take(struct registrar *r, struct str realm, const struct digest_credentials *c, uint64_t now_ms) {
    struct registrar_shared *s = r->config.shared;
    uint64_t key = str_hash(c->nonce);
    uint32_t last = 0, count = c->qop_auth ? c->nc : 1; /* without qop: once */

    if (!is_ours(r, c->nonce, realm))
        return false;
    uint64_t made_ms = time_of(c->nonce);
    if (made_ms > now_ms || now_ms - made_ms > FRONT_NONCE_MS)
        return false;
    pthread_mutex_lock(&s->lock);
    bool is_new = !memo_get(s->nonces, key, &last, now_ms) || count > last;
    if (is_new)
        memo_put(s->nonces, key, count, made_ms + FRONT_NONCE_MS + 1);
    pthread_mutex_unlock(&s->lock);
    return is_new;
}
