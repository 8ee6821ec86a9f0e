#include "dialplan/route.h"

/* What orders candidates: the route's preference, then the trunk's own, then a draw. */
struct candidate {
    int preference, target_preference, weight;
    struct route_target at;
};

struct candidates {
    int count;
    struct candidate items[ROUTE_TARGETS_MAX];
};

static bool comes_from(const struct settings_route *r, int trunk) {
    for (int i = 0; i < r->from_count; i++)
        if (r->from[i] == trunk)
            return true;
    return r->from_count == 0;
}

static bool before(const struct candidate *a, const struct candidate *b) {
    if (a->preference != b->preference)
        return a->preference < b->preference;
    return a->target_preference < b->target_preference;
}

/* Keeps the list in order; equals stay as written. A full list loses its last. */
static void insert(struct candidates *c, const struct candidate *new) {
    int i;

    if (c->count < ROUTE_TARGETS_MAX)
        c->count++;
    else if (!before(new, &c->items[c->count - 1]))
        return;
    for (i = c->count - 1; i > 0 && before(new, &c->items[i - 1]); i--)
        c->items[i] = c->items[i - 1];
    c->items[i] = *new;
}

static void gather(const struct settings *s, const struct settings_route *r, struct candidates *c) {
    for (int i = 0; i < r->to_count; i++) {
        const struct settings_route_to *to = &r->to[i];
        const struct settings_trunk *t = &s->trunks[to->trunk];
        for (int j = 0; j < t->target_count; j++) {
            struct candidate one = {.preference = to->preference,
                                    .target_preference = t->targets[j].preference,
                                    .weight = to->weight * t->targets[j].weight,
                                    .at = {to->trunk, j}};
            insert(c, &one);
        }
    }
}

static uint64_t next_random(uint64_t *seed) {
    uint64_t x = *seed += 0x9e3779b97f4a7c15u; /* splitmix64 */

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Draws one of items[first..end) by weight to stand at `first` (as RFC 2782 orders SRV records). */
static void draw(struct candidate *items, int first, int end, uint64_t *seed) {
    uint64_t total = 0, at;
    int i;

    for (i = first; i < end; i++)
        total += (uint64_t)items[i].weight;
    if (total == 0)
        return;
    at = next_random(seed) % total;
    for (i = first; at >= (uint64_t)items[i].weight; i++)
        at -= (uint64_t)items[i].weight;
    struct candidate chosen = items[i];
    memmove(&items[first + 1], &items[first], sizeof *items * (size_t)(i - first));
    items[first] = chosen;
}

static void balance(struct candidates *c, uint64_t seed) {
    for (int first = 0; first < c->count; first++) {
        int end = first + 1;
        while (end < c->count && !before(&c->items[first], &c->items[end]))
            end++;
        if (end > first + 1)
            draw(c->items, first, end, &seed);
    }
}

int route_find(const struct settings *s, const struct route_facts *f, uint64_t seed, struct route_plan *out) {
    struct candidates c = {0};
    const struct settings_route *r = s->routes, *end = s->routes + s->route_count;

    while (r != end && !comes_from(r, f->trunk))
        r++;
    if (r == end)
        return 404;
    gather(s, r, &c);
    balance(&c, seed);
    out->route = r;
    out->count = c.count;
    for (int i = 0; i < c.count; i++)
        out->targets[i] = c.items[i].at;
    return 0;
}
