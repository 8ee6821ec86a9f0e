/* Matching: all ways through a pattern at once, character by character. */
#include "dialplan/dial_impl.h"

/* A way through the pattern for each op that may be next: the most literals on it, -1 where there is none. */
struct ways {
    int16_t best[DIAL_OPS_MAX];
    int16_t list[DIAL_OPS_MAX];
    int count;
};

/* Follows what takes no character. A way that counts more than another to the same op replaces it. */
static void follow(const struct dial *d, struct ways *w, int at, int literals) {
    for (;;) {
        const struct dial_op *op = &d->ops[at];
        if (w->best[at] >= literals)
            return;
        if (w->best[at] < 0)
            w->list[w->count++] = (int16_t)at;
        w->best[at] = (int16_t)literals;
        if (op->kind == DIAL_OP_SPLIT)
            follow(d, w, op->to, literals);
        else if (op->kind != DIAL_OP_JUMP)
            return;
        at = op->kind == DIAL_OP_JUMP ? op->to : at + 1;
    }
}

static void clear(struct ways *w, int ops) {
    memset(w->best, 0xff, sizeof *w->best * (size_t)ops);
    w->count = 0;
}

static void step(const struct dial *d, const struct ways *from, struct ways *to, int symbol) {
    clear(to, d->is.op_count);
    for (int i = 0; i < from->count; i++) {
        const struct dial_op *op = &d->ops[from->list[i]];
        if (op->kind == DIAL_OP_SET && (op->set >> symbol & 1))
            follow(d, to, from->list[i] + 1, from->best[from->list[i]] + op->literal);
    }
}

static bool may_end(const struct dial *d, size_t left) {
    return d->is.tail == DIAL_TAIL_ANY || left == 0 || (d->is.tail == DIAL_TAIL_T && left <= DIAL_TAIL_MAX);
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

int dial_match(const struct dial *d, struct str number, size_t *reach) {
    size_t unwanted = 0;

    if (reach == NULL)
        reach = &unwanted;
    *reach = 0;
    if (!dial_is_number(number))
        return -1;
    return d->is.plain ? match_plain(d, number, reach) : match_ways(d, number, reach);
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
        if (d->ops[w->list[i]].kind == DIAL_OP_SET)
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
        g->text[n] = dial_sign(symbol);
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
