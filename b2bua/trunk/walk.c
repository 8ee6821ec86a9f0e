#include "b2bua/trunk/walk.h"

#include "b2bua/core/draw.h"
#include "b2bua/trunk/trunk.h"

/* Places in classes that are tried one after the other. */
enum rank { RANK_UP, RANK_DOUBT, RANK_FAILED, RANKS };

/* What a trunk has, as it was copied. */
struct stock {
    struct pool_place places[POOL_PLACES_MAX];
    int count;
};

static bool has_failed(const struct walk *w, const struct pool_place *p) {
    for (int i = 0; i < w->failed_count; i++)
        if (w->failed[i].proto == p->proto && addr_eq(&w->failed[i].addr, &p->addr))
            return true;
    return false;
}

static enum rank rank_of(const struct walk *w, const struct pool_place *p) {
    if (has_failed(w, p))
        return RANK_FAILED;
    return p->state == HEALTH_UP ? RANK_UP : RANK_DOUBT;
}

static bool is_listed(const struct walk *w, const struct flow *flow) {
    for (int i = 0; i < w->count; i++)
        if (w->places[i].flow.proto == flow->proto && addr_eq(&w->places[i].flow.peer, &flow->peer))
            return true;
    return false;
}

static void list(struct walk *w, int trunk, const struct pool_place *p) {
    struct walk_place at = {.trunk = trunk, .target = p->target, .id = p->id};

    if (w->count == WALK_PLACES_MAX || trunk_flow(w->settings, trunk, p->proto, &p->addr, &at.flow) < 0 ||
        is_listed(w, &at.flow))
        return;
    w->places[w->count++] = at;
}

/* The usable addresses of one target that have this rank. */
static void list_target(struct walk *w, int trunk, int target, const struct stock *stock, enum rank rank) {
    struct draw_item items[POOL_PLACES_MAX];
    int n = 0;

    for (int i = 0; i < stock->count; i++) {
        const struct pool_place *p = &stock->places[i];
        if (p->target == target && health_usable(p->state) && rank_of(w, p) == rank)
            items[n++] = (struct draw_item){i, (int)p->priority, (int)p->weight};
    }
    draw_order(items, n, w->seed + (uint64_t)target);
    for (int i = 0; i < n; i++)
        list(w, trunk, &stock->places[items[i].index]);
}

static void list_trunk(struct walk *w, int trunk) {
    const struct settings_trunk *t = &w->settings->trunks[trunk];
    struct draw_item targets[SETTINGS_TARGETS_MAX];
    struct stock stock;

    w->count = w->next = 0;
    stock.count = pool_places(w->pool, t, stock.places);
    for (int i = 0; i < t->target_count; i++)
        targets[i] = (struct draw_item){i, t->targets[i].preference, t->targets[i].weight};
    draw_order(targets, t->target_count, w->seed);
    for (int rank = 0; rank < RANKS; rank++)
        for (int i = 0; i < t->target_count; i++)
            list_target(w, trunk, targets[i].index, &stock, (enum rank)rank);
    if (w->count == 0 && t->target_count > 0 && w->busy < 0)
        w->busy = trunk;
}

static void start(struct walk *w, struct pool *pool, const struct settings *s, uint64_t seed) {
    w->pool = pool;
    w->settings = s;
    w->seed = seed;
    w->busy = -1;
    w->hop_count = w->next_hop = w->count = w->next = w->failed_count = 0;
}

void walk_init(struct walk *w, struct pool *pool, const struct settings *s, const struct route_plan *plan,
               uint64_t seed) {
    start(w, pool, s, seed);
    for (int i = 0; i < plan->count; i++)
        w->hops[w->hop_count++] = plan->hops[i].trunk;
}

void walk_init_trunk(struct walk *w, struct pool *pool, const struct settings *s, int trunk, uint64_t seed) {
    start(w, pool, s, seed);
    w->hops[w->hop_count++] = trunk;
}

void walk_init_places(struct walk *w, struct pool *pool, const struct settings *s, const struct walk_place *places,
                      int count) {
    start(w, pool, s, 0);
    memcpy(w->places, places, (size_t)count * sizeof *places);
    w->count = count;
}

bool walk_has_next(struct walk *w) {
    while (w->next == w->count && w->next_hop < w->hop_count)
        list_trunk(w, w->hops[w->next_hop++]);
    return w->next < w->count;
}

const struct walk_place *walk_next(struct walk *w) {
    if (!walk_has_next(w))
        return NULL;
    w->current = w->places[w->next++];
    return &w->current;
}

const struct walk_place *walk_current(const struct walk *w) {
    return &w->current;
}

void walk_skip_trunk(struct walk *w) {
    w->next = w->count;
}

void walk_failed(struct walk *w) {
    if (w->failed_count == WALK_FAILED_MAX)
        return;
    w->failed[w->failed_count].addr = w->current.flow.peer;
    w->failed[w->failed_count++].proto = w->current.flow.proto;
}
