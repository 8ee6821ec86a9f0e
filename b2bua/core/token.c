#include "b2bua/core/token.h"

/* version 1 | transport 1 | listener 2 | stream: boot 4, worker 2, connection 4; UDP: port 2, address 4 or 16 | mark */
enum { VERSION = 1, MARK = 10, HEAD = 4, STREAM = HEAD + 10, UDP4 = HEAD + 6, UDP6 = HEAD + 18, RAW_MAX = UDP6 + MARK };

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct token_key token_key_of(struct str secret) {
    struct token_key key = {{0}};

    hash_key(secret, key.bytes);
    return key;
}

uint16_t token_listen_id(const char *listener) {
    return (uint16_t)str_hash(str_of(listener));
}

static uint8_t *put(uint8_t *p, uint32_t value, int bytes) {
    while (bytes-- > 0)
        *p++ = (uint8_t)(value >> 8 * bytes);
    return p;
}

static uint32_t get(const uint8_t **p, int bytes) {
    uint32_t value = 0;

    while (bytes-- > 0)
        value = value << 8 | *(*p)++;
    return value;
}

static void mark(const struct token_key *key, const uint8_t *raw, size_t n, uint8_t *out) {
    uint8_t mac[HASH_MAC_SIZE];

    hash_mac(key->bytes, (struct str){(const char *)raw, n}, mac);
    memcpy(out, mac, MARK);
}

static size_t pack(const struct token *t, uint8_t *raw) {
    const struct addr *peer = &t->flow.peer;
    uint8_t *p = put(raw, VERSION, 1);

    p = put(p, t->flow.proto, 1);
    p = put(p, t->listen_id, 2);
    if (t->flow.proto == FLOW_UDP) {
        size_t n = peer->family == 4 ? 4 : 16;
        p = put(p, peer->port, 2);
        memcpy(p, peer->ip, n);
        return (size_t)(p - raw) + n;
    }
    p = put(p, t->boot, 4);
    p = put(p, t->flow.worker, 2);
    p = put(p, t->flow.conn, 4);
    return (size_t)(p - raw);
}

static struct str encode(const uint8_t *raw, size_t n, char *text) {
    uint32_t bits = 0;
    int held = 0;
    size_t out = 0;

    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | raw[i];
        for (held += 8; held >= 6; held -= 6)
            text[out++] = letters[bits >> (held - 6) & 63];
    }
    if (held > 0)
        text[out++] = letters[bits << (6 - held) & 63];
    text[out] = '\0';
    return (struct str){text, out};
}

struct str token_make(const struct token_key *key, const struct token *t, char *text) {
    uint8_t raw[RAW_MAX];
    size_t n = pack(t, raw);

    mark(key, raw, n, raw + n);
    return encode(raw, n + MARK, text);
}

/* Returns the bytes, or 0 for what is no token. Bits that are left over must be zero: a token has one spelling. */
static size_t decode(struct str text, uint8_t *raw) {
    uint32_t bits = 0;
    int held = 0;
    size_t n = 0;

    if (text.n >= TOKEN_TEXT_MAX)
        return 0;
    for (size_t i = 0; i < text.n; i++) {
        const char *at = memchr(letters, text.p[i], sizeof letters - 1);
        if (at == NULL)
            return 0;
        bits = bits << 6 | (uint32_t)(at - letters);
        held += 6;
        if (held >= 8) {
            held -= 8;
            if (n == RAW_MAX)
                return 0;
            raw[n++] = (uint8_t)(bits >> held);
        }
    }
    return (bits & ((1U << held) - 1)) == 0 ? n : 0;
}

static void unpack(const uint8_t *raw, size_t n, struct token *out) {
    const uint8_t *p = raw + 1;

    *out = (struct token){.flow.proto = (enum flow_proto)get(&p, 1)};
    out->listen_id = (uint16_t)get(&p, 2);
    if (out->flow.proto == FLOW_UDP) {
        out->flow.peer.family = n == UDP4 ? 4 : 6;
        out->flow.peer.port = (uint16_t)get(&p, 2);
        memcpy(out->flow.peer.ip, p, n - HEAD - 2);
        return;
    }
    out->boot = get(&p, 4);
    out->flow.worker = (uint16_t)get(&p, 2);
    out->flow.conn = get(&p, 4);
}

int token_read(const struct token_key *key, struct str text, struct token *out) {
    uint8_t raw[RAW_MAX], expected[MARK];
    size_t n = decode(text, raw);

    if (n < HEAD + MARK)
        return -1;
    n -= MARK;
    mark(key, raw, n, expected);
    if (!hash_same(expected, raw + n, MARK) || raw[0] != VERSION || raw[1] >= FLOW_PROTOS)
        return -1;
    if (raw[1] == FLOW_UDP ? n != UDP4 && n != UDP6 : n != STREAM)
        return -1;
    unpack(raw, n, out);
    return 0;
}
