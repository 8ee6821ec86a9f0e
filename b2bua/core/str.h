/*
 * str: text that somebody else owns, and a bounded place to write text into.
 *
 * A `struct str` is a view: bytes and a length, no terminator, no ownership. A `struct sbuf` writes into memory that
 * its maker provides, or that grows up to a limit; what does not fit sets `full` and is left out, so a writer checks
 * once, at the end.
 */
#ifndef B2BUA_CORE_STR_H
#define B2BUA_CORE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE     ((struct str){NULL, 0})

/* The same as STR where an initializer has to be constant: in tables. */
#define STR_INIT(literal)                                                                                              \
    { "" literal, sizeof(literal) - 1 }

/* The view of a terminated string; NULL gives the empty view. */
static inline struct str str_of(const char *text) {
    return (struct str){text, text == NULL ? 0 : strlen(text)};
}

static inline bool str_eq(struct str a, struct str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal without regard to ASCII case. */
bool str_ieq(struct str a, struct str b);

static inline bool str_is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without leading and trailing blanks, tabs, CR and LF. */
static inline struct str str_trim(struct str s) {
    while (s.n > 0 && str_is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && str_is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* What is left of `s` after its first `n` bytes, and these bytes; `n` is at most s.n. */
static inline struct str str_from(struct str s, size_t n) {
    return n == 0 ? s : (struct str){s.p + n, s.n - n}; /* adding even 0 to NULL is undefined */
}

static inline struct str str_upto(struct str s, size_t n) {
    return (struct str){s.p, n};
}

/* Offset of byte `c` in `s`, or s.n. */
static inline size_t str_find(struct str s, char c) {
    const char *at = s.n == 0 ? NULL : (const char *)memchr(s.p, c, s.n);
    return at == NULL ? s.n : (size_t)(at - s.p);
}

/* Takes one line from *rest, without its end (LF or CRLF). */
struct str str_take_line(struct str *rest);

/* A decimal number from all of `s`. Returns 0, or -1 when `s` is not a number or above `max`. */
int str_number(struct str s, uint64_t max, uint64_t *out);

/* A new terminated copy, to be freed by the caller. Aborts when memory is out. */
char *str_dup(struct str s);

/* FNV-1a of the bytes, finished with a mixer; the same on every machine. */
uint64_t str_hash(struct str s);

struct sbuf {
    char *p;
    size_t n;
    size_t cap;
    bool full;
    size_t max; /* of memory of its own; 0 = the memory is the maker's */
};

/* A writer over `cap` bytes at `p`, which stay the caller's. */
struct sbuf sbuf_on(char *p, size_t cap);

/* A writer over memory of its own, up to `max` bytes (not 0); sbuf_fini frees it, or who takes `p`. */
struct sbuf sbuf_growing(size_t max);
void sbuf_fini(struct sbuf *b);

void sbuf_put(struct sbuf *b, struct str s);

static inline void sbuf_puts(struct sbuf *b, const char *text) {
    sbuf_put(b, str_of(text));
}

static inline void sbuf_putc(struct sbuf *b, char c) {
    if (!b->full && b->n < b->cap)
        b->p[b->n++] = c;
    else
        sbuf_put(b, (struct str){&c, 1});
}

void sbuf_number(struct sbuf *b, uint64_t value);
void sbuf_hex(struct sbuf *b, uint64_t value); /* 16 lower-case digits */

/* What was written. */
struct str sbuf_str(const struct sbuf *b);

/* malloc, calloc and realloc that abort when memory is out (the one place for it). */
void *mem_alloc(size_t n);
void *mem_zalloc(size_t n);
void *mem_realloc(void *p, size_t n);

#endif
