#include "dialplan/dial.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPS_MAX = 512, DEPTH_MAX = 8, ANY = (1 << DIAL_SYMBOLS) - 1 };

enum op_kind { OP_SET, OP_SPLIT, OP_JUMP, OP_END };

struct op {
    uint8_t kind; /* enum op_kind */
    bool literal; /* OP_SET: counts */
    uint16_t to;  /* OP_SPLIT: the other way; OP_JUMP */
    uint32_t set; /* bits of symbols */
};

/* What may follow the last thing of the pattern. */
enum tail { TAIL_ANY, TAIL_DIAL /* T */, TAIL_NONE /* $ */ };

struct outline {
    enum tail tail;
    bool plain; /* no OP_SPLIT: the ops are the characters */
    int literals, op_count;
    size_t prefix_n;
    char prefix[DIAL_TEXT_MAX];
};

struct dial {
    struct outline is;
    struct op ops[];
};

static const char symbols[] = "0123456789ABCDEF*#+";

int dial_symbol(char c) {
    const char *at = c == '\0' ? NULL : strchr(symbols, c);

    return at == NULL ? -1 : (int)(at - symbols);
}

/* --- compiling --- */

struct compile {
    struct str text;
    struct op ops[OPS_MAX];
    bool prefix_open; /* all so far was literal */
    struct outline is;
    struct dial_problem *why;
};

static int refuse(struct compile *c, size_t at, const char *wrong) {
    c->why->at = at;
    snprintf(c->why->wrong, sizeof c->why->wrong, "%s", wrong);
    return -1;
}

static int put(struct compile *c, size_t at, struct op op) {
    if (c->is.op_count == OPS_MAX)
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
    return put(c, at, (struct op){OP_SET, counts, 0, 1u << symbol});
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
    return put(c, at, (struct op){OP_SET, false, 0, set});
}

/* none or one: split past it. More: behind it the same again, which does not count, and back. */
static int put_repeated(struct compile *c, size_t at, size_t end, char quantifier, bool counts, int depth) {
    int skip = c->is.op_count;

    if (quantifier != '+') {
        c->prefix_open = false;
        if (put(c, at, (struct op){.kind = OP_SPLIT}) < 0)
            return -1;
    }
    if (put_atom(c, at, end, counts, depth) < 0)
        return -1;
    c->prefix_open = false;
    int again = c->is.op_count;
    if (quantifier != '?') {
        if (put(c, at, (struct op){.kind = OP_SPLIT}) < 0 || put_atom(c, at, end, false, depth) < 0 ||
            put(c, at, (struct op){OP_JUMP, false, (uint16_t)again, 0}) < 0)
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
static struct str take_tail(struct str t, enum tail *tail) {
    *tail = TAIL_ANY;
    if (t.n > 0 && t.p[t.n - 1] == '$' && (t.n == 1 || t.p[t.n - 2] != '\\')) {
        *tail = TAIL_NONE;
        t.n--;
    }
    if (t.n > 0 && t.p[t.n - 1] == 'T' && (t.n == 1 || t.p[t.n - 2] != '\\')) {
        *tail = TAIL_DIAL;
        t.n--;
    }
    return t;
}

static bool is_plain(const struct compile *c) {
    for (int i = 0; i < c->is.op_count; i++)
        if (c->ops[i].kind == OP_SPLIT)
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
    else if (put_range(c, 0, c->text.n, true, 0) == 0 && put(c, text.n, (struct op){.kind = OP_END}) == 0)
        d = finish(c);
    free(c);
    return d;
}

void dial_free(struct dial *d) {
    free(d);
}

/* --- matching --- */

/* A way through the pattern for each op that may be next: the most literals on it, -1 where there is none. */
struct ways {
    int16_t best[OPS_MAX];
    int16_t list[OPS_MAX];
    int count;
};

/* Follows what takes no character. A way that counts more than another to the same op replaces it. */
static void follow(const struct dial *d, struct ways *w, int at, int literals) {
    for (;;) {
        const struct op *op = &d->ops[at];
        if (w->best[at] >= literals)
            return;
        if (w->best[at] < 0)
            w->list[w->count++] = (int16_t)at;
        w->best[at] = (int16_t)literals;
        if (op->kind == OP_SPLIT)
            follow(d, w, op->to, literals);
        else if (op->kind != OP_JUMP)
            return;
        at = op->kind == OP_JUMP ? op->to : at + 1;
    }
}

static void clear(struct ways *w, int ops) {
    memset(w->best, 0xff, sizeof *w->best * (size_t)ops);
    w->count = 0;
}

static void step(const struct dial *d, const struct ways *from, struct ways *to, int symbol) {
    clear(to, d->is.op_count);
    for (int i = 0; i < from->count; i++) {
        const struct op *op = &d->ops[from->list[i]];
        if (op->kind == OP_SET && (op->set >> symbol & 1))
            follow(d, to, from->list[i] + 1, from->best[from->list[i]] + op->literal);
    }
}

static bool may_end(const struct dial *d, size_t left) {
    return d->is.tail == TAIL_ANY || left == 0 || (d->is.tail == TAIL_DIAL && left <= DIAL_TAIL_MAX);
}

static int match_plain(const struct dial *d, struct str number, size_t *reach) {
    size_t n = (size_t)d->is.op_count - 1;

    for (*reach = 0; *reach < n; ++*reach)
        if (*reach == number.n || !(d->ops[*reach].set >> dial_symbol(number.p[*reach]) & 1))
            return -1;
    return may_end(d, number.n - n) ? d->is.literals : -1;
}

static int match_ways(const struct dial *d, struct str number, size_t *reach) {
    struct ways ways[2], *now = &ways[0], *next = &ways[1];
    int found = -1, end = d->is.op_count - 1;

    clear(now, d->is.op_count);
    follow(d, now, 0, 0);
    for (*reach = 0;; ++*reach) {
        if (now->best[end] > found && may_end(d, number.n - *reach))
            found = now->best[end];
        if (*reach == number.n)
            return found;
        step(d, now, next, dial_symbol(number.p[*reach]));
        if (next->count == 0)
            return found;
        struct ways *other = now;
        now = next;
        next = other;
    }
}

bool dial_is_number(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (dial_symbol(s.p[i]) < 0)
            return false;
    return true;
}

int dial_match(const struct dial *d, struct str number, size_t *reach) {
    size_t unwanted = 0;

    if (reach == NULL)
        reach = &unwanted;
    *reach = 0;
    if (!dial_is_number(number))
        return -1;
    return d->is.plain ? match_plain(d, number, reach) : match_ways(d, number, reach);
}

struct str dial_prefix(const struct dial *d) {
    return (struct str){d->is.prefix, d->is.prefix_n};
}

/* --- what they begin with --- */

struct growing {
    const struct dial *d;
    struct prefixes *out;
    char text[PREFIXES_LENGTH_MAX];
    int pending; /* beginnings that are being looked at, but this one */
};

/* The symbols that may come next; none when it may end here. */
static uint32_t next_set(const struct dial *d, const struct ways *w) {
    uint32_t set = 0;

    if (w->best[d->is.op_count - 1] >= 0)
        return 0;
    for (int i = 0; i < w->count; i++)
        if (d->ops[w->list[i]].kind == OP_SET)
            set |= d->ops[w->list[i]].set;
    return set;
}

static void grow(struct growing *g, const struct ways *w, size_t n) {
    uint32_t set = next_set(g->d, w);
    int choices = __builtin_popcount(set);
    struct ways next;

    if (choices == 0 || n == sizeof g->text || g->out->count + g->pending + choices > PREFIXES_MAX) {
        memcpy(g->out->text[g->out->count], g->text, n);
        g->out->n[g->out->count++] = n;
        return;
    }
    g->pending += choices;
    for (int symbol = 0; symbol < DIAL_SYMBOLS; symbol++) {
        if (!(set >> symbol & 1))
            continue;
        g->pending--;
        g->text[n] = symbols[symbol];
        step(g->d, w, &next, symbol);
        grow(g, &next, n + 1);
    }
}

void dial_prefixes(const struct dial *d, struct prefixes *out) {
    struct growing g = {.d = d, .out = out};
    struct ways first;

    *out = (struct prefixes){.count = 0};
    clear(&first, d->is.op_count);
    follow(d, &first, 0, 0);
    grow(&g, &first, 0);
}

int dial_literals(const struct dial *d) {
    return d->is.literals;
}
