#include "dialplan/dial.h"

#include <stdio.h>
#include <stdlib.h>

#include "dialplan/dial_impl.h"

enum { DEPTH_MAX = 8, ANY = (1 << DIAL_SYMBOLS) - 1 };

static const char symbols[] = "0123456789ABCDEF*#+";

int dial_symbol(char c) {
    const char *at = c == '\0' ? NULL : strchr(symbols, c);

    return at == NULL ? -1 : (int)(at - symbols);
}

char dial_sign(int symbol) {
    return symbols[symbol];
}

bool dial_is_number(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (dial_symbol(s.p[i]) < 0)
            return false;
    return true;
}

/* --- compiling --- */

struct compile {
    struct str text;
    struct dial_op ops[DIAL_OPS_MAX];
    bool prefix_open; /* all so far was literal */
    struct dial_outline is;
    struct dial_problem *why;
};

static int refuse(struct compile *c, size_t at, const char *wrong) {
    c->why->at = at;
    snprintf(c->why->wrong, sizeof c->why->wrong, "%s", wrong);
    return -1;
}

static int put(struct compile *c, size_t at, struct dial_op op) {
    if (c->is.op_count == DIAL_OPS_MAX)
        return refuse(c, at, "the pattern is too large");
    c->ops[c->is.op_count++] = op;
    return 0;
}

/* Where the set that begins at `at` ends, behind its ]; 0: nowhere. */
static size_t set_end(struct str t, size_t at) {
    size_t end = at + str_find(str_from(t, at), ']');

    return end < t.n ? end + 1 : 0;
}

/* The same for the ( at `at`. */
static size_t group_end(struct str t, size_t at) {
    int depth = 0;

    while (at < t.n) {
        if (t.p[at] == '[') {
            at = set_end(t, at);
            if (at == 0)
                return 0;
            continue;
        }
        depth += t.p[at] == '(' ? 1 : t.p[at] == ')' ? -1 : 0;
        at += t.p[at] == '\\' && at + 1 < t.n ? 2 : 1;
        if (depth == 0)
            return at;
    }
    return 0;
}

/* One member of a set, or a range; *at moves behind it. */
static int read_member(struct compile *c, size_t *at, size_t end, uint32_t *set) {
    size_t start = *at;
    int from, to;

    if (c->text.p[*at] == '\\' && *at + 1 < end)
        ++*at;
    from = to = dial_symbol(c->text.p[(*at)++]);
    if (from < 0)
        return refuse(c, start, "not a character of a number in [ ]");
    if (*at + 1 < end && c->text.p[*at] == '-') {
        to = dial_symbol(c->text.p[*at + 1]);
        *at += 2;
        if (to < from || (from <= 9 && to > 9) || to > 15)
            return refuse(c, start, "not a range: [0-9] or [A-F]");
    }
    for (int i = from; i <= to; i++)
        *set |= 1u << i;
    return 0;
}

static int read_set(struct compile *c, size_t at, size_t end, uint32_t *set) {
    size_t start = at++;
    bool negated = at < end && c->text.p[at] == '^';

    *set = 0;
    for (at += negated; at + 1 < end;) {
        if (c->text.p[at] == ',')
            at++;
        else if (read_member(c, &at, end - 1, set) < 0)
            return -1;
    }
    if (negated)
        *set = ~*set & ANY;
    return *set == 0 ? refuse(c, start, "a set that nothing is in") : 0;
}

static int put_range(struct compile *c, size_t at, size_t end, bool counts, int depth);

/* Where the atom at `at` ends; 0 after saying why it does not. */
static size_t atom_end(struct compile *c, size_t at) {
    char first = c->text.p[at];
    size_t end = first == '[' ? set_end(c->text, at) : first == '(' ? group_end(c->text, at) : at + 1;

    if (first == '\\')
        end = at + 2 <= c->text.n ? at + 2 : 0;
    if (end == 0)
        refuse(c, at, first == '[' ? "a [ without its ]" : first == '(' ? "a ( without its )" : "a \\ at the end");
    return end;
}

static int put_literal(struct compile *c, size_t at, char sign, bool counts) {
    int symbol = dial_symbol(sign);

    if (sign == '|')
        return refuse(c, at, "| is of regular expressions, which begin with ^");
    if (sign == 'T' || sign == '$')
        return refuse(c, at, sign == 'T' ? "T belongs at the end" : "$ belongs at the end");
    if (symbol < 0)
        return refuse(c, at, "not a character of a number: 0-9 A-F * # +; a regular expression begins with ^");
    if (c->prefix_open)
        c->is.prefix[c->is.prefix_n++] = sign;
    c->is.literals += counts;
    return put(c, at, (struct dial_op){DIAL_OP_SET, counts, 0, 1u << symbol});
}

static int put_atom(struct compile *c, size_t at, size_t end, bool counts, int depth) {
    uint32_t set = ANY;
    char first = c->text.p[at];

    if (first != '[' && first != '(' && first != '.')
        return put_literal(c, at, c->text.p[end - 1], counts);
    c->prefix_open &= first == '(';
    if (first == '(' && depth == DEPTH_MAX)
        return refuse(c, at, "too many ( in each other");
    if (first == '(')
        return put_range(c, at + 1, end - 1, counts, depth + 1);
    if (first == '[' && read_set(c, at, end, &set) < 0)
        return -1;
    return put(c, at, (struct dial_op){DIAL_OP_SET, false, 0, set});
}

/* none or one: split past it. More: behind it the same again, which does not count, and back. */
static int put_repeated(struct compile *c, size_t at, size_t end, char quantifier, bool counts, int depth) {
    int skip = c->is.op_count;

    if (quantifier != '+') {
        c->prefix_open = false;
        if (put(c, at, (struct dial_op){.kind = DIAL_OP_SPLIT}) < 0)
            return -1;
    }
    if (put_atom(c, at, end, counts, depth) < 0)
        return -1;
    c->prefix_open = false;
    int again = c->is.op_count;
    if (quantifier != '?') {
        if (put(c, at, (struct dial_op){.kind = DIAL_OP_SPLIT}) < 0 || put_atom(c, at, end, false, depth) < 0 ||
            put(c, at, (struct dial_op){DIAL_OP_JUMP, false, (uint16_t)again, 0}) < 0)
            return -1;
        c->ops[again].to = (uint16_t)c->is.op_count;
    }
    if (quantifier != '+')
        c->ops[skip].to = (uint16_t)c->is.op_count;
    return 0;
}

static bool is_quantifier(char c) {
    return c == '+' || c == '%' || c == '?';
}

static int put_range(struct compile *c, size_t at, size_t end, bool counts, int depth) {
    size_t start = at;

    while (at < end) {
        char sign = c->text.p[at];
        if (sign == ',') {
            at++;
            continue;
        }
        if (is_quantifier(sign) && (sign != '+' || at > start))
            return refuse(c, at, "nothing to repeat here; \\+ for the character itself");
        if (sign == ')' || sign == ']')
            return refuse(c, at, sign == ')' ? "a ) without its (" : "a ] without its [");
        size_t behind = atom_end(c, at);
        if (behind == 0)
            return -1;
        bool repeated = behind < end && is_quantifier(c->text.p[behind]);
        if ((repeated ? put_repeated(c, at, behind, c->text.p[behind], counts, depth)
                      : put_atom(c, at, behind, counts, depth)) < 0)
            return -1;
        at = behind + repeated;
    }
    return 0;
}

/* Cuts off what says how the pattern ends. A backslash before it takes its meaning. */
static struct str take_tail(struct str t, enum dial_tail *tail) {
    *tail = DIAL_TAIL_ANY;
    if (t.n > 0 && t.p[t.n - 1] == '$' && (t.n == 1 || t.p[t.n - 2] != '\\')) {
        *tail = DIAL_TAIL_NONE;
        t.n--;
    }
    if (t.n > 0 && t.p[t.n - 1] == 'T' && (t.n == 1 || t.p[t.n - 2] != '\\')) {
        *tail = DIAL_TAIL_T;
        t.n--;
    }
    return t;
}

static bool is_plain(const struct compile *c) {
    for (int i = 0; i < c->is.op_count; i++)
        if (c->ops[i].kind == DIAL_OP_SPLIT)
            return false;
    return true;
}

static struct dial *finish(const struct compile *c) {
    size_t bytes = sizeof *c->ops * (size_t)c->is.op_count;
    struct dial *d = mem_alloc(sizeof *d + bytes);

    d->is = c->is;
    d->is.plain = is_plain(c);
    memcpy(d->ops, c->ops, bytes);
    return d;
}

struct dial *dial_new(struct str text, struct dial_problem *why) {
    struct compile *c = mem_zalloc(sizeof *c);
    struct dial *d = NULL;

    c->why = why;
    c->prefix_open = true;
    c->text = take_tail(text, &c->is.tail);
    if (text.n == 0 || text.n > DIAL_TEXT_MAX)
        refuse(c, 0, text.n == 0 ? "an empty pattern" : "a pattern above 128 characters");
    else if (put_range(c, 0, c->text.n, true, 0) == 0 && put(c, text.n, (struct dial_op){.kind = DIAL_OP_END}) == 0)
        d = finish(c);
    free(c);
    return d;
}

void dial_free(struct dial *d) {
    free(d);
}

struct str dial_prefix(const struct dial *d) {
    return (struct str){d->is.prefix, d->is.prefix_n};
}

int dial_literals(const struct dial *d) {
    return d->is.literals;
}
