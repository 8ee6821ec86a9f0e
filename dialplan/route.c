#include "dialplan/route.h"

#include <stdlib.h>

#include "b2bua/core/draw.h"

struct route_ctx {
    int unused;
};

struct route_ctx *route_ctx_new(void) {
    return mem_zalloc(sizeof(struct route_ctx));
}

void route_ctx_free(struct route_ctx *ctx) {
    free(ctx);
}

static bool comes_from(const struct settings_route *r, int trunk) {
    for (int i = 0; i < r->from_count; i++)
        if (r->from[i] == trunk)
            return true;
    return r->from_count == 0;
}

/* Keeps the list in order; equals stay as written. A full list loses its last. */
static void insert(struct route_plan *p, struct route_hop new) {
    int i;

    if (p->count < ROUTE_HOPS_MAX)
        p->count++;
    else if (new.preference >= p->hops[p->count - 1].preference)
        return;
    for (i = p->count - 1; i > 0 && new.preference < p->hops[i - 1].preference; i--)
        p->hops[i] = p->hops[i - 1];
    p->hops[i] = new;
}

static void balance(struct route_plan *p, uint64_t seed) {
    struct draw_item items[ROUTE_HOPS_MAX];
    struct route_hop hops[ROUTE_HOPS_MAX];

    for (int i = 0; i < p->count; i++)
        items[i] = (struct draw_item){i, p->hops[i].preference, p->hops[i].weight};
    draw_order(items, p->count, seed);
    memcpy(hops, p->hops, sizeof hops);
    for (int i = 0; i < p->count; i++)
        p->hops[i] = hops[items[i].index];
}

void route_find(struct route_ctx *ctx, const struct settings *s, const struct route_facts *f, uint64_t seed,
                struct route_plan *out) {
    const struct settings_route *r = s->routes, *end = s->routes + s->route_count;

    (void)ctx;
    *out = (struct route_plan){.called = f->called, .calling = f->calling, .redirecting = f->redirecting};
    while (r != end && !comes_from(r, f->trunk))
        r++;
    if (r == end) {
        out->status = 404;
        return;
    }
    out->route = r;
    for (int i = 0; i < r->to_count; i++)
        insert(out, (struct route_hop){r->to[i].trunk, r->to[i].preference, r->to[i].weight});
    balance(out, seed);
}
