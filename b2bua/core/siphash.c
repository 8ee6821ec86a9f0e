#include "b2bua/core/siphash.h"

#include <endian.h>

struct state {
    uint64_t a, b, c, d;
};

static uint64_t rotated(uint64_t x, int bits) {
    return x << bits | x >> (64 - bits);
}

static void turn(struct state *s, int times) {
    for (; times > 0; times--) {
        s->a += s->b;
        s->b = rotated(s->b, 13) ^ s->a;
        s->a = rotated(s->a, 32);
        s->c += s->d;
        s->d = rotated(s->d, 16) ^ s->c;
        s->a += s->d;
        s->d = rotated(s->d, 21) ^ s->a;
        s->c += s->b;
        s->b = rotated(s->b, 17) ^ s->c;
        s->c = rotated(s->c, 32);
    }
}

static void take(struct state *s, uint64_t word) {
    s->d ^= word;
    turn(s, 2);
    s->a ^= word;
}

/* Up to eight bytes, the first one lowest. */
static uint64_t word_of(const void *bytes, size_t n) {
    uint64_t word = 0;

    if (n > 0)
        memcpy(&word, bytes, n);
    return le64toh(word);
}

uint64_t siphash(const uint8_t *key, struct str text) {
    uint64_t low = word_of(key, 8), high = word_of(key + 8, 8), size = text.n;
    struct state s = {low ^ 0x736f6d6570736575, high ^ 0x646f72616e646f6d, low ^ 0x6c7967656e657261,
                      high ^ 0x7465646279746573};

    for (; text.n >= 8; text = str_from(text, 8))
        take(&s, word_of(text.p, 8));
    take(&s, word_of(text.p, text.n) | size << 56);
    s.c ^= 0xff;
    turn(&s, 4);
    return s.a ^ s.b ^ s.c ^ s.d;
}
