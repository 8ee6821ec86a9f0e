/* Calls between clients and nodes: their ways are known to the registration front, and the dial plan is not asked. */
#include <stdlib.h>

#include "b2bua/call/impl.h"

void calls_set_front(struct calls *c, const struct ways_ops *ops) {
    c->front = *ops;
}

void front_ask(struct call *call, const struct ua_in *in) {
    struct calls *c = call->calls;
    struct ways_ask ask = {.m = &in->msg, .trunk = in->trunk, .flow = in->flow};

    call->is_front = c->front.find != NULL && c->front.find(c->front.ctx, &ask, &call->ways, in->now_ms);
    if (call->ways != NULL)
        call->legs[LEG_A].binding = call->ways->caller;
}

bool front_number(struct call *call, const struct sip_msg *m, struct route_plan *plan, uint64_t now_ms) {
    struct calls *c = call->calls;
    const struct settings *s = call->settings;
    struct ways_ask ask = {.m = m, .trunk = call->from, .number = plan->called};

    if (plan->status != 0 || plan->count == 0 || !s->registrar.on || plan->hops[0].trunk != s->registrar.trunk)
        return false;
    free(call->ways);
    call->ways = NULL;
    call->is_front = c->front.find != NULL && c->front.find(c->front.ctx, &ask, &call->ways, now_ms);
    if (!call->is_front || call->ways->count > 0 || plan->count == 1)
        return call->is_front;
    call->is_front = false; /* not there: where else the route leads */
    return false;
}

int front_route(struct call *call) {
    struct walk_place places[WAYS_MAX];
    const struct ways *w = call->ways;

    if (w == NULL || w->count == 0) {
        call->retry_after_s = w == NULL ? 0 : w->retry_after_s;
        return w == NULL || w->status == 0 ? 503 : w->status;
    }
    for (int i = 0; i < w->count; i++)
        places[i] = (struct walk_place){
            .trunk = w->list[i].trunk, .target = w->list[i].target, .id = w->list[i].id, .flow = w->list[i].flow};
    if (call->walk == NULL)
        call->walk = mem_alloc(sizeof *call->walk);
    walk_init_places(call->walk, call->calls->pool, call->settings, places, w->count);
    return 0;
}

const struct way *front_way(const struct call *call) {
    if (!call->is_front || call->ways == NULL || call->walk == NULL || call->walk->next == 0)
        return NULL;
    return &call->ways->list[call->walk->next - 1];
}

/* A device that has answered is the same on its other flows. */
static void skip_device(struct call *call, uint64_t device) {
    struct walk *w = call->walk;

    while (w->next < w->count && call->ways->list[w->next].device == device)
        w->next++;
}

bool front_shares(const struct call *call) {
    return call->is_front && call->route == NULL;
}

bool front_rings_next(const struct call *call) {
    const struct way *way = front_way(call);

    if (way == NULL || way->node != 0)
        return false;
    for (int i = call->walk->next; i < call->walk->count; i++)
        if (call->ways->list[i].device != way->device)
            return true;
    return false;
}

bool front_hunts(struct call *call, int status, bool heard) {
    const struct way *way = front_way(call);

    if (way == NULL)
        return false;
    if (way->node != 0)
        return !heard || hunt_on(call->settings->trunks[way->trunk].hunt_on,
                                 call->settings->trunks[way->trunk].hunt_count, status);
    if (heard && status != 430)
        skip_device(call, way->device);
    return status >= 400 && status < 600;
}

int front_failure(const struct call *call, int status, bool timeout) {
    const struct way *way = front_way(call);

    return way != NULL && way->node == 0 && !timeout ? 430 : status;
}

void front_heard(struct leg *b, const struct sip_msg *m, bool refused, uint64_t now_ms) {
    const struct calls *c = b->call->calls;
    const struct way *way = front_way(b->call);

    if (way != NULL && way->node != 0)
        c->front.heard(c->front.ctx, way->node, m, refused, now_ms);
}

void front_busy(const struct leg *leg, bool begins) {
    const struct calls *c = leg->call->calls;

    if (leg->binding != 0)
        c->front.busy(c->front.ctx, leg->binding, begins);
}
