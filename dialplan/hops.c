/* From the trunks and groups that a route names to a list of trunks. */
#include "b2bua/core/draw.h"
#include "dialplan/impl.h"

/* Which of `n` comes first this time. */
static unsigned turn_of(const struct settings_to *to, unsigned n, bool trial) {
    unsigned turn = trial ? atomic_load_explicit(to->turn, memory_order_relaxed)
                          : atomic_fetch_add_explicit(to->turn, 1, memory_order_relaxed);

    return turn % n;
}

static void reverse(struct draw_item *items, int first, int end) {
    for (; first < --end; first++) {
        struct draw_item one = items[first];
        items[first] = items[end];
        items[end] = one;
    }
}

/* Each run of equal preference begins one further than the last time. */
static void rotate(const struct settings_to *to, struct draw_item *items, int count, bool trial) {
    for (int first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && items[end].preference == items[first].preference;)
            end++;
        if (end == first + 1)
            continue;
        int middle = first + (int)turn_of(to, (unsigned)(end - first), trial);
        reverse(items, first, middle);
        reverse(items, middle, end);
        reverse(items, first, end);
    }
}

static int order(const struct settings_to *to, struct draw_item items[SETTINGS_HOPS_MAX], uint64_t seed, bool trial) {
    int count = to->count < SETTINGS_HOPS_MAX ? to->count : SETTINGS_HOPS_MAX;
    bool by_turn = to->turn != NULL;

    for (int i = 0; i < count; i++)
        items[i] = (struct draw_item){i, to->items[i].preference, by_turn ? 0 : to->items[i].weight};
    draw_order(items, count, seed);
    if (by_turn)
        rotate(to, items, count, trial);
    return count;
}

static void add(struct route_plan *p, const struct settings_route_to *to, const struct settings_group *group) {
    for (int i = 0; i < p->count; i++)
        if (p->hops[i].trunk == to->trunk)
            return;
    if (p->count < ROUTE_HOPS_MAX)
        p->hops[p->count++] = (struct route_hop){to->trunk, to->preference, to->weight, group};
}

static void add_group(struct route_plan *p, const struct settings_group *g, uint64_t seed, bool trial) {
    struct draw_item items[SETTINGS_HOPS_MAX];
    int count = order(&g->to, items, seed, trial);

    for (int i = 0; i < count; i++)
        add(p, &g->to.items[items[i].index], g);
}

void hops_fill(struct route_plan *p, const struct settings *s, const struct settings_to *to, uint64_t seed,
               bool trial) {
    struct draw_item items[SETTINGS_HOPS_MAX];
    int count = order(to, items, seed, trial);

    for (int i = 0; i < count; i++) {
        const struct settings_route_to *one = &to->items[items[i].index];
        if (one->is_group)
            add_group(p, &s->groups[one->trunk], seed + 1 + (uint64_t)i, trial);
        else
            add(p, one, NULL);
    }
}
