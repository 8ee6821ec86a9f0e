/*
 * json_line: a strict reader of one flat JSON object on one line (RFC 8259), apart from the code that writes them.
 */
#ifndef TESTS_ROOM_JSON_LINE_H
#define TESTS_ROOM_JSON_LINE_H

#include <iconv.h>
#include <stdlib.h>

#include "b2bua/core/str.h"

enum { JSON_LINE_FIELDS = 32, JSON_LINE_TEXT = 8192 };

struct json_field {
    char name[64];
    char kind; /* 's' string, 'n' number, '0' null */
    char text[JSON_LINE_TEXT];
    size_t n;
};

struct json_line {
    int count;
    struct json_field fields[JSON_LINE_FIELDS];
};

/* Whether all of it is UTF-8, in libc's judgement. */
static inline bool json_line_utf8(const char *p, size_t n) {
    iconv_t cd = iconv_open("UTF-32LE", "UTF-8");
    size_t left = 4 * n + 4;
    char *out = mem_alloc(left), *to = out, *from = (char *)p;
    bool good = iconv(cd, &from, &n, &to, &left) != (size_t)-1 && n == 0;

    iconv_close(cd);
    free(out);
    return good;
}

/* Behind a backslash. Only what stays below U+0080 is expected of \u. Returns the byte, or -1. */
static inline int json_line_escape(const char **p, const char *end) {
    static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const char *at = *p < end ? memchr(letters, **p, sizeof letters - 1) : NULL;
    char digits[5] = "", *last;

    if (at != NULL) {
        (*p)++;
        return means[at - letters];
    }
    if (end - *p < 5 || **p != 'u')
        return -1;
    memcpy(digits, *p + 1, 4);
    long code = strtol(digits, &last, 16);
    *p += 5;
    return *last == '\0' && code < 0x80 ? (int)code : -1;
}

static inline bool json_line_string(const char **p, const char *end, char *out, size_t cap, size_t *n) {
    *n = 0;
    if (*p == end || *(*p)++ != '"')
        return false;
    while (*p < end && **p != '"') {
        int c = (unsigned char)*(*p)++;
        if (c == '\\')
            c = json_line_escape(p, end);
        else if (c < 0x20)
            return false;
        if (c < 0 || *n + 1 >= cap)
            return false;
        out[(*n)++] = (char)c;
    }
    out[*n] = '\0';
    return *p < end && *(*p)++ == '"';
}

static inline bool json_line_value(const char **p, const char *end, struct json_field *f) {
    size_t digits;

    f->kind = **p == '"' ? 's' : **p == 'n' ? '0' : 'n';
    if (f->kind == 's')
        return json_line_string(p, end, f->text, sizeof f->text, &f->n);
    if (f->kind == '0') {
        *p += 4;
        return *p <= end && memcmp(*p - 4, "null", 4) == 0;
    }
    digits = strspn(*p, "0123456789");
    if (digits == 0 || digits > 20 || (digits > 1 && **p == '0'))
        return false;
    memcpy(f->text, *p, digits);
    f->text[digits] = '\0';
    *p += digits;
    return true;
}

static inline const struct json_field *json_line_find(const struct json_line *l, const char *name) {
    for (int i = 0; i < l->count; i++)
        if (strcmp(l->fields[i].name, name) == 0)
            return &l->fields[i];
    return NULL;
}

static inline bool json_line_field(struct json_line *l, const char **p, const char *end) {
    struct json_field *f = &l->fields[l->count];
    size_t n;

    *f = (struct json_field){.kind = 0};
    if (l->count == JSON_LINE_FIELDS || !json_line_string(p, end, f->name, sizeof f->name, &n))
        return false;
    if (json_line_find(l, f->name) != NULL || *p == end || *(*p)++ != ':' || *p == end)
        return false;
    l->count++;
    return json_line_value(p, end, f);
}

/* Reads `text`, which ends with its only newline and a terminator. Returns a new line, to be freed, or NULL: it is
 * something else. */
static inline struct json_line *json_line_read(const char *text, size_t n) {
    const char *p = text, *end = text + n;
    struct json_line *l = mem_zalloc(sizeof *l);
    bool good = n > 3 && *p++ == '{' && memchr(text, '\n', n) == end - 1 && json_line_utf8(text, n);

    while (good && (good = json_line_field(l, &p, end)) && p < end && *p == ',')
        p++;
    if (good && end - p == 2 && *p == '}')
        return l;
    free(l);
    return NULL;
}

#endif
