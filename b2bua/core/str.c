#include "b2bua/core/str.h"

#include <stdio.h>
#include <stdlib.h>

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool str_ieq(struct str a, struct str b) {
    if (a.n != b.n)
        return false;
    if (a.n > 0 && a.p[0] == b.p[0] && memcmp(a.p, b.p, a.n) == 0) /* nearly all names come as they are written here */
        return true;
    for (size_t i = 0; i < a.n; i++) /* not strncasecmp, which stops at a NUL and knows locales */
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

struct str str_take_line(struct str *rest) {
    size_t n = str_find(*rest, '\n');
    struct str line = str_upto(*rest, n);

    *rest = str_from(*rest, n < rest->n ? n + 1 : n);
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

int str_number(struct str s, uint64_t max, uint64_t *out) {
    uint64_t value = 0;

    if (s.n == 0)
        return -1;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return -1;
        unsigned digit = (unsigned)(s.p[i] - '0');
        if (value > (max - digit) / 10 || digit > max)
            return -1;
        value = value * 10 + digit;
    }
    *out = value;
    return 0;
}

char *str_dup(struct str s) {
    char *copy = mem_alloc(s.n + 1);

    if (s.n > 0)
        memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return copy;
}

uint64_t str_hash(struct str s) {
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93u;
    return h ^ (h >> 32);
}

struct sbuf sbuf_on(char *p, size_t cap) {
    return (struct sbuf){.p = p, .cap = cap};
}

struct sbuf sbuf_growing(size_t max) {
    return (struct sbuf){.max = max};
}

void sbuf_fini(struct sbuf *b) {
    free(b->p);
    *b = (struct sbuf){.max = b->max};
}

/* Room for so many bytes more, at least twice what there was. False: that would be above the limit. */
static bool grow(struct sbuf *b, size_t more) {
    size_t least = 4096, cap = b->cap > b->max / 2 ? b->max : 2 * b->cap;

    if (b->max == 0 || more > b->max - b->n)
        return false;
    if (cap < least)
        cap = least < b->max ? least : b->max;
    b->cap = cap > b->n + more ? cap : b->n + more;
    b->p = mem_realloc(b->p, b->cap);
    return true;
}

void sbuf_put(struct sbuf *b, struct str s) {
    if (s.n == 0)
        return;
    if (b->full || (s.n > b->cap - b->n && !grow(b, s.n))) {
        b->full = true;
        return;
    }
    memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
}

void sbuf_number(struct sbuf *b, uint64_t value) {
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    sbuf_put(b, (struct str){digits + at, sizeof digits - at});
}

void sbuf_hex(struct sbuf *b, uint64_t value) {
    static const char alphabet[] = "0123456789abcdef";
    char digits[16];

    for (int i = 15; i >= 0; i--) {
        digits[i] = alphabet[value & 15];
        value >>= 4;
    }
    sbuf_put(b, (struct str){digits, sizeof digits});
}

struct str sbuf_str(const struct sbuf *b) {
    return (struct str){b->p, b->n};
}

static void *mem_or_abort(void *p) {
    if (p == NULL) {
        fputs("twinleg: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *mem_alloc(size_t n) {
    return mem_or_abort(malloc(n == 0 ? 1 : n));
}

void *mem_zalloc(size_t n) {
    return mem_or_abort(calloc(1, n == 0 ? 1 : n));
}

void *mem_realloc(void *p, size_t n) {
    return mem_or_abort(realloc(p, n == 0 ? 1 : n));
}
