#include "b2bua/core/stun.h"

enum {
    TYPE_REQUEST = 0x0001,
    TYPE_INDICATION = 0x0011,
    TYPE_SUCCESS = 0x0101,
    TYPE_ERROR = 0x0111,
    ATTR_USERNAME = 0x0006,
    ATTR_MESSAGE_INTEGRITY = 0x0008,
    ATTR_ERROR_CODE = 0x0009,
    ATTR_UNKNOWN = 0x000a,
    ATTR_MESSAGE_INTEGRITY_SHA256 = 0x001c,
    ATTR_XOR_MAPPED = 0x0020,
    ATTR_PRIORITY = 0x0024,
    ATTR_SOFTWARE = 0x8022,
    ATTR_FINGERPRINT = 0x8028,
    ATTR_HEADER = 4,
    FINGERPRINT_SIZE = 8,
    UNKNOWN_MAX = 16,
};

#define MAGIC           0x2112a442u
#define FINGERPRINT_XOR 0x5354554eu

static uint16_t get16(const char *p) {
    return (uint16_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

static uint32_t get32(const char *p) {
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* A message being written. */
struct writer {
    uint8_t *p;
    size_t n;
};

static void put16(struct writer *w, uint32_t value) {
    w->p[w->n++] = (uint8_t)(value >> 8);
    w->p[w->n++] = (uint8_t)value;
}

static void put32(struct writer *w, uint32_t value) {
    put16(w, value >> 16);
    put16(w, value & 0xffff);
}

/* CRC-32 of ISO 3309 (RFC 8489 14.7). */
static uint32_t crc32_of(const uint8_t *p, size_t n) {
    uint32_t crc = 0xffffffff;

    while (n-- > 0) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

/* Walks the attributes. Returns false at the end; *at is moved on, padding included. The message has been checked. */
static bool next_attribute(struct str s, size_t *at, uint16_t *type, struct str *value) {
    if (*at + ATTR_HEADER > s.n)
        return false;
    *type = get16(s.p + *at);
    *value = (struct str){s.p + *at + ATTR_HEADER, get16(s.p + *at + 2)};
    *at += ATTR_HEADER + ((value->n + 3) & ~(size_t)3);
    return true;
}

static bool well_formed(struct str s) {
    size_t at = STUN_HEADER;

    if (s.n < STUN_HEADER || get32(s.p + 4) != MAGIC || get16(s.p + 2) != s.n - STUN_HEADER || s.n % 4 != 0)
        return false;
    while (at < s.n) {
        if (at + ATTR_HEADER > s.n)
            return false;
        at += ATTR_HEADER + ((get16(s.p + at + 2) + 3u) & ~3u);
    }
    return at == s.n;
}

enum stun_kind stun_kind(struct str bytes) {
    if (!well_formed(bytes))
        return STUN_NOT;
    switch (get16(bytes.p)) {
    case TYPE_REQUEST:
        return STUN_REQUEST;
    case TYPE_INDICATION:
        return STUN_INDICATION;
    case TYPE_SUCCESS:
        return STUN_SUCCESS;
    case TYPE_ERROR:
        return STUN_ERROR;
    }
    return STUN_NOT;
}

/* What we understand of what must be understood. A keepalive needs no credentials; their presence does no harm (RFC
 * 5626 section 8). */
static bool understood(uint16_t type) {
    return type >= 0x8000 || type == ATTR_USERNAME || type == ATTR_MESSAGE_INTEGRITY ||
           type == ATTR_MESSAGE_INTEGRITY_SHA256 || type == ATTR_PRIORITY;
}

struct request {
    bool fingerprint, wrong_fingerprint;
    uint16_t unknown[UNKNOWN_MAX];
    int unknown_count;
};

static void read_request(struct str s, struct request *r) {
    size_t at = STUN_HEADER, start = at;
    struct str value;
    uint16_t type;

    *r = (struct request){0};
    for (; next_attribute(s, &at, &type, &value); start = at) {
        if (type == ATTR_FINGERPRINT) {
            r->fingerprint = true;
            r->wrong_fingerprint = value.n != 4 || at != s.n ||
                                   get32(value.p) != (crc32_of((const uint8_t *)s.p, start) ^ FINGERPRINT_XOR);
        } else if (!understood(type) && r->unknown_count < UNKNOWN_MAX) {
            r->unknown[r->unknown_count++] = type;
        }
    }
}

static void put_header(struct writer *w, uint16_t type, const char *id) {
    put16(w, type);
    put16(w, 0); /* length: at the end */
    put32(w, MAGIC);
    memcpy(w->p + w->n, id, STUN_ID);
    w->n += STUN_ID;
}

static void set_length(struct writer *w, size_t extra) {
    size_t length = w->n - STUN_HEADER + extra;

    w->p[2] = (uint8_t)(length >> 8);
    w->p[3] = (uint8_t)length;
}

static void put_text(struct writer *w, uint16_t type, const char *text) {
    size_t n = strnlen(text, 64);

    put16(w, type);
    put16(w, (uint32_t)n);
    memcpy(w->p + w->n, text, n);
    w->n += n;
    while (w->n % 4 != 0)
        w->p[w->n++] = 0;
}

static void put_xor_mapped(struct writer *w, const struct addr *a) {
    size_t size = a->family == 6 ? 16 : 4;

    put16(w, ATTR_XOR_MAPPED);
    put16(w, (uint32_t)(4 + size));
    put16(w, a->family == 6 ? 2 : 1);
    put16(w, a->port ^ MAGIC >> 16);
    for (size_t i = 0; i < size;
         i++) /* with the cookie and the transaction id, which stand in the header from byte 4 on */
        w->p[w->n++] = a->ip[i] ^ w->p[4 + i];
}

static void put_unknown(struct writer *w, const struct request *r) {
    put16(w, ATTR_ERROR_CODE);
    put16(w, 4 + 17);
    put32(w, 4 << 8 | 20);
    memcpy(w->p + w->n, "Unknown Attribute\0\0\0", 20);
    w->n += 20;
    put16(w, ATTR_UNKNOWN);
    put16(w, (uint32_t)r->unknown_count * 2);
    for (int i = 0; i < r->unknown_count; i++)
        put16(w, r->unknown[i]);
    if (r->unknown_count % 2 != 0)
        put16(w, 0);
}

static void put_fingerprint(struct writer *w) {
    set_length(w, FINGERPRINT_SIZE);
    uint32_t crc = crc32_of(w->p, w->n) ^ FINGERPRINT_XOR;
    put16(w, ATTR_FINGERPRINT);
    put16(w, 4);
    put32(w, crc);
}

size_t stun_answer(struct str request, const struct addr *from, const char *software, uint8_t *out) {
    struct writer w = {out, 0};
    struct request r;

    if (stun_kind(request) != STUN_REQUEST)
        return 0;
    read_request(request, &r);
    if (r.wrong_fingerprint)
        return 0;
    put_header(&w, r.unknown_count > 0 ? TYPE_ERROR : TYPE_SUCCESS, request.p + 8);
    if (r.unknown_count > 0)
        put_unknown(&w, &r);
    else
        put_xor_mapped(&w, from);
    put_text(&w, ATTR_SOFTWARE, software);
    set_length(&w, 0);
    if (r.fingerprint)
        put_fingerprint(&w);
    return w.n;
}

size_t stun_request(uint8_t *out, const uint8_t id[STUN_ID]) {
    struct writer w = {out, 0};

    put_header(&w, TYPE_REQUEST, (const char *)id);
    put_fingerprint(&w);
    return w.n;
}
