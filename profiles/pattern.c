#include "profiles/pattern.h"

#include <stdio.h>
#include <stdlib.h>

/* The rewriting of a source: where it is, and from which source byte each byte of the result comes. */
struct rewrite {
    struct str in;
    size_t at;
    char text[2 * PATTERN_MAX];
    uint16_t from[2 * PATTERN_MAX];
    size_t n;
    bool can_repeat; /* a * here would repeat something */
    bool repeated;   /* the last thing was a quantifier */
    struct problem *why;
};

static int refuse(struct rewrite *r, size_t at, const char *wrong, const char *right) {
    r->why->at = at;
    snprintf(r->why->wrong, sizeof r->why->wrong, "%s", wrong);
    r->why->right = right;
    return -1;
}

/* The caller has made sure of the room: a byte of the source makes two at most. */
static void put(struct rewrite *r, char c) {
    r->from[r->n] = (uint16_t)r->at;
    r->text[r->n++] = c;
}

static void put_literal(struct rewrite *r, char c) {
    bool alnum = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

    if (!alnum && (unsigned char)c < 0x80 && c > ' ')
        put(r, '\\');
    put(r, c);
}

static int hex(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

static int put_hex(struct rewrite *r) {
    int high = r->at + 2 < r->in.n ? hex(r->in.p[r->at + 2]) : -1;
    int low = r->at + 3 < r->in.n ? hex(r->in.p[r->at + 3]) : -1;

    if (high < 0 || low < 0)
        return refuse(r, r->at, "\\x without two hexadecimal digits", "\\x3A");
    int byte = high * 16 + low;
    if (byte == '\0' || byte == '\r' || byte == '\n')
        return refuse(r, r->at, "a pattern sees one line: this byte is never in it",
                      "\\x0D\\x0A belongs into the replacement");
    put_literal(r, (char)byte);
    r->at += 4;
    return 0;
}

/* A backslash and what follows it. */
static int put_escape(struct rewrite *r, bool in_set) {
    char c = r->at + 1 < r->in.n ? r->in.p[r->at + 1] : '\0';

    if (r->at + 1 >= r->in.n)
        return refuse(r, r->at, "a backslash at the end", "\\\\ for a backslash");
    if (c == 'x')
        return put_hex(r);
    if (c >= '1' && c <= '9' && !in_set) {
        put(r, '\\');
        put(r, c);
        r->at += 2;
        return 0;
    }
    if (c == 'u')
        return refuse(r, r->at, "a variable cannot be in a pattern", "\\uNN is for the replacement");
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        return refuse(r, r->at, "not an escape of this language", "[0-9] for \\d, [A-Za-z0-9_] for \\w, [ ] for \\s");
    put_literal(r, c);
    r->at += 2;
    return 0;
}

/* "[:alpha:]" inside a set, as it stands. */
static bool put_class(struct rewrite *r) {
    struct str rest = str_from(r->in, r->at);

    if (rest.n < 4 || rest.p[0] != '[' || rest.p[1] != ':')
        return false;
    size_t end = 2;
    while (end + 1 < rest.n && rest.p[end] >= 'a' && rest.p[end] <= 'z')
        end++;
    if (end + 1 >= rest.n || rest.p[end] != ':' || rest.p[end + 1] != ']')
        return false;
    for (size_t i = 0; i < end + 2; i++, r->at++)
        put(r, r->in.p[r->at]);
    return true;
}

static int put_set(struct rewrite *r) {
    size_t start = r->at;
    bool first = true;

    put(r, r->in.p[r->at++]);
    if (r->at < r->in.n && r->in.p[r->at] == '^')
        put(r, r->in.p[r->at++]);
    for (; r->at < r->in.n; first = false) {
        char c = r->in.p[r->at];
        if (c == ']' && !first) {
            put(r, c);
            r->at++;
            return 0;
        }
        if (c == '\\') {
            if (put_escape(r, true) < 0)
                return -1;
            continue;
        }
        if (c == '[' && put_class(r))
            continue;
        if (c == ']' || c == '[')
            put(r, '\\');
        put(r, c);
        r->at++;
    }
    return refuse(r, start, "a [ without its ]", "\\[ for the character itself");
}

/* Length of "{2}", "{2,}" or "{2,5}" at the start of `s`; 0 when the brace is just a brace. */
static size_t interval(struct str s) {
    size_t at = 1, digits = 0;

    for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++)
        digits++;
    if (digits == 0)
        return 0;
    if (at < s.n && s.p[at] == ',')
        for (at++; at < s.n && s.p[at] >= '0' && s.p[at] <= '9';)
            at++;
    return at < s.n && s.p[at] == '}' ? at + 1 : 0;
}

static int put_quantifier(struct rewrite *r, size_t n) {
    if (r->repeated)
        return refuse(r, r->at, "a quantifier behind a quantifier",
                      "this language takes as much as it can; [^>]* stops before the next >");
    if (!r->can_repeat)
        return refuse(r, r->at, "nothing to repeat here", "\\+ \\* \\? for the characters themselves");
    for (size_t i = 0; i < n; i++, r->at++)
        put(r, r->in.p[r->at]);
    r->repeated = true;
    return 0;
}

static int put_next(struct rewrite *r) {
    char c = r->in.p[r->at];
    size_t braces = c == '{' ? interval(str_from(r->in, r->at)) : 0;

    if (c == '*' || c == '+' || c == '?' || braces > 0)
        return put_quantifier(r, braces > 0 ? braces : 1);
    r->repeated = false;
    r->can_repeat = c != '(' && c != '|' && c != '^';
    if (c == '\\')
        return put_escape(r, false);
    if (c == '[')
        return put_set(r);
    if (c == '(' && r->at + 1 < r->in.n && r->in.p[r->at + 1] == '?')
        return refuse(r, r->at, "(?...) is not of this language", "( ) makes a group");
    if (c == '\0' || c == '\r' || c == '\n')
        return refuse(r, r->at, "a pattern sees one line: this byte is never in it", "");
    if (c == '{' || c == '}')
        put(r, '\\');
    put(r, c);
    r->at++;
    return 0;
}

static int compile(struct pattern *p, struct rewrite *r) {
    char text[120];
    size_t at = 0;

    if (pattern_build(p, (struct str){r->text, r->n}, text, sizeof text, &at) == 0)
        return 0;
    return refuse(r, at < r->n ? r->from[at] : r->in.n, text, "");
}

int pattern_compile(struct pattern *p, struct str source, struct problem *why) {
    struct rewrite *r = mem_alloc(sizeof *r);
    int result = 0;

    *r = (struct rewrite){.in = source, .why = why};
    if (source.n == 0)
        result = refuse(r, 0, "an empty pattern", "\".*\" for the whole line");
    else if (source.n > PATTERN_MAX)
        result = refuse(r, 0, "a pattern above 2000 bytes", "");
    while (result == 0 && r->at < source.n)
        result = put_next(r);
    if (result == 0)
        result = compile(p, r);
    free(r);
    return result;
}
