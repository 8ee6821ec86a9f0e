#include "b2bua/trunk/walk.h"

#include "b2bua/core/draw.h"

static void add_trunk(struct walk *w, const struct settings *s, int trunk, uint64_t seed) {
    const struct settings_trunk *t = &s->trunks[trunk];
    struct draw_item items[SETTINGS_TARGETS_MAX];

    for (int i = 0; i < t->target_count; i++)
        items[i] = (struct draw_item){i, t->targets[i].preference, t->targets[i].weight};
    draw_order(items, t->target_count, seed);
    for (int i = 0; i < t->target_count && w->count < WALK_MAX; i++)
        w->places[w->count++] = (struct walk_place){trunk, items[i].index};
}

void walk_init(struct walk *w, const struct settings *s, const struct route_plan *plan, uint64_t seed) {
    *w = (struct walk){0};
    for (int i = 0; i < plan->count; i++)
        add_trunk(w, s, plan->hops[i].trunk, seed + (uint64_t)i);
}

const struct walk_place *walk_next(struct walk *w) {
    return w->next < w->count ? &w->places[w->next++] : NULL;
}

const struct walk_place *walk_current(const struct walk *w) {
    return &w->places[w->next - 1];
}
