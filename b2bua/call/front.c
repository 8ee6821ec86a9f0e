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

void front_forget(struct call *call) {
    free(call->ways);
    call->ways = NULL;
    call->is_front = false;
    call->legs[LEG_B].attempt.way = call->legs[LEG_B].attempt.way_end = 0;
}

const struct way *front_way(const struct leg *b) {
    const struct ways *w = b->call->ways;

    return w == NULL || b->attempt.way == 0 ? NULL : &w->list[b->attempt.way - 1];
}

/* Each node is one of its own. */
static int end_of_device(const struct ways *w, int at) {
    int end = at + 1;

    while (w->list[at].node == 0 && end < w->count && w->list[end].device == w->list[at].device)
        end++;
    return end;
}

/* The walk goes from device to device. */
static void claim(struct leg *b, int from) {
    struct walk *walk = b->call->walk;

    walk->next = end_of_device(b->call->ways, from);
    b->attempt.way = (uint8_t)from;
    b->attempt.way_end = (uint8_t)walk->next;
}

void front_take(struct leg *b) {
    b->attempt.way = b->attempt.way_end = 0;
    if (!b->call->is_front || b->call->ways == NULL)
        return;
    claim(b, b->call->walk->next - 1);
    b->attempt.way++;
}

void front_take_beside(struct leg *b) {
    claim(b, b->call->walk->next);
}

bool front_has_flow(const struct leg *b) {
    return b->call->ways != NULL && b->attempt.way < b->attempt.way_end;
}

bool front_next_flow(struct leg *b, struct walk_place *at) {
    if (!front_has_flow(b))
        return false;
    const struct way *way = &b->call->ways->list[b->attempt.way++];
    *at = (struct walk_place){.trunk = way->trunk, .target = way->target, .id = way->id, .flow = way->flow};
    return true;
}

bool front_shares(const struct call *call) {
    return call->is_front && call->route == NULL && call->referred_by == 0;
}

bool front_rings_next(const struct leg *b) {
    const struct way *way = front_way(b);
    const struct walk *walk = b->call->walk;

    return way != NULL && way->node == 0 && walk != NULL && walk->next < walk->count;
}

bool front_rings_on(const struct leg *b) {
    return front_has_flow(b) || front_rings_next(b);
}

bool front_rings_beside(const struct leg *b) {
    return front_rings_next(b) && b->call->ways->list[b->call->walk->next].turn == front_way(b)->turn;
}

bool front_hunts(struct leg *b, int status, bool heard) {
    const struct way *way = front_way(b);

    if (way == NULL)
        return false;
    if (way->node != 0)
        return !heard || hunt_on(leg_trunk(b)->hunt_on, leg_trunk(b)->hunt_count, status);
    if (heard && status != 430) /* a device that has answered is the same on its other flows */
        b->attempt.way_end = b->attempt.way;
    if (front_has_flow(b))
        return true;
    return status >= 400 && status < 600 && b->call->failure / 100 != 3; /* a device that forwards the call decides */
}

int front_failure(const struct leg *b, int status, bool timeout) {
    const struct way *way = front_way(b);

    return way != NULL && way->node == 0 && !timeout ? 430 : status;
}

void front_heard(struct leg *b, const struct sip_msg *m, bool refused, uint64_t now_ms) {
    const struct calls *c = b->call->calls;
    const struct way *way = front_way(b);

    if (way != NULL && way->node != 0)
        c->front.heard(c->front.ctx, way->node, m, refused, now_ms);
}

void front_busy(const struct leg *leg, bool begins) {
    const struct calls *c = leg->call->calls;

    if (leg->binding != 0)
        c->front.busy(c->front.ctx, leg->binding, begins);
}
