/* Where the call would go: the places in the order of trying, and those that are left out. */
#include <stdlib.h>

#include "b2bua/call/numbers.h"
#include "b2bua/core/json.h"
#include "b2bua/ctl/explain_json.h"

enum { DRAWS = 64, REASON_MAX = 256, LISTED_MAX = 256 };

struct listing {
    struct explain_view *v;
    struct walk walk;
    int count;
    struct walk_place tried[LISTED_MAX];
    struct pool_place_look looks[POOL_PLACES_MAX];
};

static const struct settings_trunk *trunk_at(const struct explain_view *v, int trunk) {
    return &v->world->settings->trunks[trunk];
}

void explain_find_place(struct explain_view *v) {
    struct pool_place_look *looks = mem_alloc(POOL_PLACES_MAX * sizeof *looks);
    char reason[REASON_MAX];

    v->place.trunk = -1;
    for (int t = 0; t < v->world->settings->trunk_count; t++)
        for (int i = 0; i < trunk_at(v, t)->target_count; i++) {
            int n = pool_look_target(v->world->pool, trunk_at(v, t), i, looks, reason, sizeof reason);
            while (n-- > 0)
                if (looks[n].calls > 0)
                    v->place = (struct walk_place){.trunk = t, .target = i, .id = looks[n].place.id};
        }
    free(looks);
}

/* --- the order --- */

/* What keeps a call from a trunk as a whole; NULL = nothing. */
static const char *barred(const struct explain_view *v, const struct settings_trunk *t) {
    struct registration r;
    struct pool_look look;

    pool_look(v->world->pool, t->slot, &look);
    if (look.refused[1][POOL_CALLS] > 0)
        return "carries as many calls as it may";
    if (!t->reg.required || t->reg.aor == NULL || t->reg.aor[0] == '\0')
        return NULL;
    return registrations_get(v->world->registrations, t->name, &r) && r.state == REG_REGISTERED ? NULL
                                                                                                : "not registered";
}

static void draw(struct listing *l, uint64_t seed) {
    struct explain_view *v = l->v;
    const struct settings *s = v->world->settings;
    struct route_ctx *ctx = route_ctx_new();
    struct numbers_room room;
    struct route_facts facts;
    struct route_plan plan;
    const struct walk_place *at;

    numbers_facts(&v->msg, v->trunk, &room, &facts);
    facts.trial = true;
    route_find(ctx, s, &facts, seed, &plan);
    walk_init(&l->walk, v->world->pool, s, &plan, seed);
    l->count = 0;
    while (l->count < LISTED_MAX && (at = walk_next(&l->walk)) != NULL)
        if (barred(v, trunk_at(v, at->trunk)) == NULL)
            l->tried[l->count++] = *at;
    route_ctx_free(ctx);
}

static bool is_same(const struct walk_place *a, const struct walk_place *b) {
    return a->trunk == b->trunk && a->id == b->id;
}

/* Equals are drawn by weight, for each call anew: this order is one that begins as the engine's did. */
static void draw_as_engine(struct listing *l) {
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        draw(l, seed);
        if (l->v->place.trunk < 0 || (l->count > 0 && is_same(&l->tried[0], &l->v->place)))
            return;
    }
}

static bool is_tried(const struct listing *l, int trunk, uint32_t id) {
    for (int i = 0; i < l->count; i++)
        if (is_same(&l->tried[i], &(struct walk_place){.trunk = trunk, .id = id}))
            return true;
    return false;
}

/* --- rows --- */

static void begin(struct listing *l, int trunk, int target) {
    struct sbuf *json = l->v->json;

    json_item(json);
    sbuf_putc(json, '{');
    json_put_text(json, "trunk", str_of(trunk_at(l->v, trunk)->name));
    json_put_text(json, "target", str_of(trunk_at(l->v, trunk)->targets[target].uri));
}

static void put_address(struct listing *l, const struct pool_place *p) {
    struct sbuf *json = l->v->json;

    explain_put_address(l->v, &p->addr, p->proto);
    json_put_text(json, "state",
                  explain_is_known(l->v->known) ? str_of(health_state_name(p->state)) : STR("not known"));
}

static const struct pool_place *look_at(struct listing *l, const struct walk_place *at) {
    char reason[REASON_MAX];
    int n = pool_look_target(l->v->world->pool, trunk_at(l->v, at->trunk), at->target, l->looks, reason, sizeof reason);

    for (int i = 0; i < n; i++)
        if (l->looks[i].place.id == at->id)
            return &l->looks[i].place;
    return NULL;
}

static void put_tried(struct listing *l) {
    for (int i = 0; i < l->count; i++) {
        const struct pool_place *p = look_at(l, &l->tried[i]);
        if (p == NULL)
            continue;
        begin(l, l->tried[i].trunk, l->tried[i].target);
        put_address(l, p);
        sbuf_putc(l->v->json, '}');
    }
}

static const char *why_not(const struct listing *l, int trunk, const struct pool_place *p) {
    const char *bar = barred(l->v, trunk_at(l->v, trunk));
    struct flow flow;

    if (bar != NULL)
        return bar;
    if (!health_usable(p->state))
        return "down";
    if (trunk_flow(l->v->world->settings, trunk, p->proto, &p->addr, &flow) < 0)
        return "no listener of the trunk reaches it";
    return "tried already";
}

static void put_target_left(struct listing *l, int trunk, int target) {
    char reason[REASON_MAX];
    int n = pool_look_target(l->v->world->pool, trunk_at(l->v, trunk), target, l->looks, reason, sizeof reason);

    for (int i = 0; i < n; i++) {
        if (is_tried(l, trunk, l->looks[i].place.id))
            continue;
        begin(l, trunk, target);
        put_address(l, &l->looks[i].place);
        json_put_text(l->v->json, "why", str_of(why_not(l, trunk, &l->looks[i].place)));
        sbuf_putc(l->v->json, '}');
    }
    if (n > 0)
        return;
    begin(l, trunk, target);
    json_put_text(l->v->json, "why", *reason == '\0' ? STR("its name has no address yet") : str_of(reason));
    sbuf_putc(l->v->json, '}');
}

static void put_left(struct listing *l) {
    for (int h = 0; h < l->walk.hop_count; h++)
        for (int i = 0; i < trunk_at(l->v, l->walk.hops[h])->target_count; i++)
            put_target_left(l, l->walk.hops[h], i);
}

void explain_put_targets(struct explain_view *v) {
    struct listing *l = mem_zalloc(sizeof *l);

    l->v = v;
    draw_as_engine(l);
    json_name(v->json, "targets");
    sbuf_putc(v->json, '[');
    put_tried(l);
    sbuf_putc(v->json, ']');
    json_name(v->json, "left_out");
    sbuf_putc(v->json, '[');
    put_left(l);
    sbuf_putc(v->json, ']');
    free(l);
}
