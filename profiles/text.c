#include "profiles/text.h"

#include <stdio.h>
#include <stdlib.h>

struct reader {
    struct str in;
    size_t at;
    size_t n;         /* bytes of literals so far */
    size_t from;      /* where the open literal begins */
    size_t behind_cr; /* value of n when the last byte was a CR; else 0 */
    struct text *t;
    struct problem *why;
};

static int refuse(struct reader *r, const char *wrong, const char *right) {
    r->why->at = r->at;
    snprintf(r->why->wrong, sizeof r->why->wrong, "%s", wrong);
    r->why->right = right;
    return -1;
}

static void close_literal(struct reader *r) {
    if (r->n > r->from)
        r->t->parts[r->t->count++] =
            (struct text_part){TEXT_LITERAL, 0, (struct str){r->t->bytes + r->from, r->n - r->from}};
    r->from = r->n;
}

static void put_part(struct reader *r, enum text_part_kind kind, int number) {
    close_literal(r);
    r->behind_cr = 0;
    r->t->parts[r->t->count++] = (struct text_part){.kind = kind, .number = number};
    if (kind == TEXT_GROUP && number > r->t->group_max)
        r->t->group_max = number;
}

/* LF, CR and CRLF are all CRLF: they are written for the same purpose. */
static void put_byte(struct reader *r, char c) {
    bool of_cr = c == '\n' && r->n > 0 && r->n == r->behind_cr;

    r->behind_cr = 0;
    if (of_cr)
        return;
    if (c == '\r' || c == '\n')
        r->t->bytes[r->n++] = '\r';
    r->t->bytes[r->n++] = c == '\r' ? '\n' : c;
    if (c == '\r')
        r->behind_cr = r->n;
}

static int digit(struct reader *r, size_t at, int base) {
    char c = at < r->in.n ? r->in.p[at] : '\0';
    int value = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;

    return value < base ? value : -1;
}

/* \xHH and \uNN: two digits, or -1. */
static int two_digits(struct reader *r, int base) {
    int high = digit(r, r->at + 2, base), low = digit(r, r->at + 3, base);

    return high < 0 || low < 0 ? -1 : high * base + low;
}

static int read_escape(struct reader *r) {
    char c = r->at + 1 < r->in.n ? r->in.p[r->at + 1] : '\0';
    int number = c == 'x' ? two_digits(r, 16) : c == 'u' ? two_digits(r, 10) : 0;

    if (r->at + 1 >= r->in.n)
        return refuse(r, "a backslash at the end", "\\\\ for a backslash");
    if (c == 'x' && number <= 0)
        return refuse(r, "\\x without two hexadecimal digits, or zero", "\\x0D\\x0A");
    if (c == 'u' && number <= 0)
        return refuse(r, "no such variable", "\\u01 to \\u99");
    if (c == 'u')
        put_part(r, TEXT_VARIABLE, number);
    else if (c == 'x')
        put_byte(r, (char)number);
    else if (c >= '0' && c <= '9')
        put_part(r, TEXT_GROUP, c - '0');
    else
        put_byte(r, c);
    r->at += c == 'x' || c == 'u' ? 4 : 2;
    return 0;
}

int text_compile(struct text *t, struct str source, struct problem *why) {
    struct reader r = {.in = source, .t = t, .why = why};
    int result = 0;

    *t = (struct text){
        .bytes = mem_alloc(2 * source.n + 1), .parts = mem_zalloc((source.n + 1) * sizeof *t->parts), .group_max = -1};
    *why = (struct problem){0};
    while (result == 0 && r.at < source.n) {
        if (source.p[r.at] == '\\') {
            result = read_escape(&r);
        } else if (source.p[r.at] == '\0') {
            result = refuse(&r, "a byte of zero", "");
        } else {
            put_byte(&r, source.p[r.at]);
            r.at++;
        }
    }
    close_literal(&r);
    if (result < 0)
        text_fini(t);
    return result;
}

void text_fini(struct text *t) {
    free(t->bytes);
    free(t->parts);
    *t = (struct text){.group_max = -1};
}

struct str text_start(const struct text *t) {
    return t->count > 0 && t->parts[0].kind == TEXT_LITERAL ? t->parts[0].literal : STR_NONE;
}
