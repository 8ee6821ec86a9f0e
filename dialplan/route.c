#include "dialplan/route.h"

#include <stdlib.h>

#include "dialplan/impl.h"
#include "dialplan/index.h"

struct route_ctx *route_ctx_new(void) {
    struct route_ctx *ctx = mem_zalloc(sizeof *ctx);

    pattern_room_init(&ctx->room);
    return ctx;
}

void route_ctx_free(struct route_ctx *ctx) {
    if (ctx == NULL)
        return;
    pattern_room_fini(&ctx->room);
    free(ctx);
}

/* --- the best route --- */

struct search {
    struct route_ctx *ctx;
    const struct settings *s;
    const struct route_facts *f;
    struct route_verdict best; /* route NULL: none yet */
    bool cut;
};

static void try_route(struct search *find, const struct settings_route *r) {
    struct route_verdict v;
    bool holds = judge_route(find->ctx, find->f, r, false, &v);

    find->cut |= v.cut;
    if (holds && (find->best.route == NULL || judge_before(&v, &find->best)))
        find->best = v;
}

/* In a span what can match most comes first: behind one that cannot beat the best, none can. */
static void try_span(struct search *find, const struct route_span *span) {
    for (int i = 0; i < span->count; i++) {
        struct route_ranked at = route_index_at(find->s->index, span->ranks[i]);
        const struct settings_route *r = &find->s->routes[at.route];
        struct route_verdict most = {.route = r, .literals = at.literals};
        if (find->best.route != NULL && !judge_before(&most, &find->best))
            return;
        try_route(find, r);
    }
}

static void search(struct search *find) {
    struct route_span spans[TRIE_KEY_MAX + 1];

    if (find->s->index == NULL) {
        for (int i = 0; i < find->s->route_count; i++)
            try_route(find, &find->s->routes[i]);
        return;
    }
    int count = route_index_find(find->s->index, find->f->called, spans);
    for (int i = 0; i < count; i++)
        try_span(find, &spans[i]);
}

/* --- the plan --- */

static void put_numbers(struct route_ctx *ctx, const struct settings *s, const struct route_facts *f,
                        struct route_plan *out) {
    const struct str given[SETTINGS_NUMBERS] = {f->called, f->calling, f->redirecting};
    struct str *const left[SETTINGS_NUMBERS] = {&out->called, &out->calling, &out->redirecting};
    struct route_chain chain = {s, out->route, -1, -1};

    for (int i = 0; i < SETTINGS_NUMBERS; i++) {
        struct sbuf b = sbuf_on(ctx->left[i], sizeof ctx->left[i]);
        bool changed = given[i].n > 0 && route_number(ctx, &chain, (enum settings_number)i, given[i], &b);
        *left[i] = changed ? sbuf_str(&b) : given[i];
    }
}

/* An entry of the map may name its own trunk or group. */
static void put_hops(const struct settings *s, const struct route_facts *f, uint64_t seed, struct route_plan *out) {
    const struct route_rules *rules = out->route->rules;
    const struct e164_map *map = rules == NULL ? NULL : rules->called_map;
    struct e164_hit hit;

    if (map != NULL && e164_map_find(map, f->called, &hit) && hit.to >= 0) {
        struct settings_route_to named = rules_named(hit.to);
        hops_fill(out, s, &(struct settings_to){.items = &named, .count = 1}, seed, f->trial);
        return;
    }
    hops_fill(out, s, &out->route->to, seed, f->trial);
}

void route_find(struct route_ctx *ctx, const struct settings *s, const struct route_facts *f, uint64_t seed,
                struct route_plan *out) {
    struct route_facts seen = judge_facts(ctx, s, f);
    struct search find = {.ctx = ctx, .s = s, .f = &seen};

    search(&find);
    *out = (struct route_plan){.route = find.best.route, .literals = find.best.literals, .cut = find.cut};
    put_numbers(ctx, s, &seen, out);
    if (out->route == NULL) {
        out->status = 404;
        return;
    }
    out->status = out->route->reject;
    if (out->status != 0)
        out->phrase = str_of(out->route->reason);
    else
        put_hops(s, &seen, seed, out);
}
