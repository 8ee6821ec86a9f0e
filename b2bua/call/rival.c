/*
 * Several devices of one user ring at the same time (RFC 3261 16.6). The first of them is leg B. The others, its
 * rivals, are legs of the same kind that no one outside of this room sees: each with its own INVITE, dialogs, CSeq and
 * timers, each dialog paired with one of leg A. A rival that is answered changes places with leg B; so does one that
 * rings on when the device of leg B has failed. There is always one leg B, and the call is over when it is.
 *
 * Whoever rings no more is left: its INVITE cancelled, and hung up should it have been answered meanwhile (stray.c).
 */
#include <stdlib.h>

#include "b2bua/call/refer.h"

bool leg_is_rival(const struct leg *leg) {
    return leg->role == LEG_B && leg != &leg->call->legs[LEG_B];
}

struct leg *rival_across(struct leg *leg, const struct dialog *d) {
    for (struct rival *r = leg->call->rivals; r != NULL; r = r->next)
        for (const struct dialog *on = r->leg.dialogs; on != NULL; on = on->next)
            if (on == d->mate)
                return &r->leg;
    return leg_mate(leg);
}

/* --- they begin --- */

static int count(const struct call *call) {
    int n = 0;

    for (const struct rival *r = call->rivals; r != NULL; r = r->next)
        n++;
    return n;
}

static void add(struct call *call, struct rival *r) {
    struct rival **at = &call->rivals;

    while (*at != NULL)
        at = &(*at)->next;
    r->next = NULL;
    *at = r;
}

static struct rival *rival_new(const struct leg *b) {
    struct rival *r = mem_zalloc(sizeof *r);

    r->leg =
        (struct leg){.role = LEG_B, .call = b->call, .trunk = b->trunk, .owns_call_id = true, .start_ms = b->start_ms};
    refresh_init(&r->leg);
    front_take_beside(&r->leg);
    add(b->call, r);
    return r;
}

void rival_start(struct leg *b, const struct sip_msg *m, uint64_t now_ms) {
    struct call_in in = {.msg = m, .now_ms = now_ms};

    if (leg_is_rival(b))
        return;
    while (front_rings_beside(b) && count(b->call) < CALL_RIVALS_MAX)
        leg_event(&rival_new(b)->leg, LEG_EV_START, &in);
}

/* --- they end --- */

/* What is left is what a record would say, and nothing that anybody finds. */
static void drop(struct rival *r, struct str reason, uint64_t now_ms) {
    struct leg *leg = &r->leg;
    struct call *call = leg->call;
    struct rival **at = &call->rivals;

    attempt_over(leg, POOL_ATTEMPT_CANCELLED, now_ms);
    hunt_leave(leg, reason, now_ms);
    table_remove(call->calls, leg);
    struct leg_names *names = leg->names;
    leg->names = NULL;
    leg_fini(leg);
    *leg = (struct leg){.role = LEG_B,
                        .state = LEG_ENDED,
                        .call = call,
                        .trunk = leg->trunk,
                        .flow = leg->flow,
                        .status = leg->status,
                        .names = names};
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    r->next = call->left;
    call->left = r;
}

void rival_stop(struct call *call, struct str reason, uint64_t now_ms) {
    while (call->rivals != NULL)
        drop(call->rivals, reason, now_ms);
}

void rival_free(struct call *call) {
    while (call->rivals != NULL) {
        struct rival *r = call->rivals;
        call->rivals = r->next;
        leg_fini(&r->leg);
        free(r);
    }
}

void rival_free_left(struct call *call) {
    while (call->left != NULL) {
        struct rival *r = call->left;
        call->left = r->next;
        free(r->leg.names);
        free(r);
    }
}

/* --- they change places --- */

static void moved(struct leg *leg) {
    leg_repoint(leg);
    if (leg->refer != NULL)
        leg->refer->leg = leg;
    if (leg->names != NULL)
        table_add(leg->call->calls, leg);
}

static struct leg *now_at(const struct leg *leg, struct leg *x, struct leg *y) {
    return leg == x ? y : leg == y ? x : (struct leg *)leg;
}

static void change_places(struct leg *x, struct leg *y) {
    struct call *call = x->call;
    struct calls *c = call->calls;

    timerq_stop(c->timers, &x->clock);
    timerq_stop(c->timers, &y->clock);
    table_remove(c, x);
    table_remove(c, y);
    struct leg was = *x;
    *x = *y;
    *y = was;
    moved(x);
    moved(y);
    for (struct relay *r = call->relays; r != NULL; r = r->next) {
        r->from = now_at(r->from, x, y);
        r->to = now_at(r->to, x, y);
    }
    for (int i = 0; i < CALL_REFERS_MAX; i++)
        call->crossed[i].from = now_at(call->crossed[i].from, x, y);
}

void rival_show_ringing(struct call *call) {
    struct leg *b = &call->legs[LEG_B];

    for (struct rival *r = call->rivals; r != NULL && b->state != LEG_EARLY; r = r->next)
        if (r->leg.state == LEG_EARLY)
            change_places(b, &r->leg);
}

bool rival_leave(struct leg *b, uint64_t now_ms) {
    struct call *call = b->call;
    struct rival *r = call->rivals;

    if (r == NULL || b->role != LEG_B)
        return false;
    leg_note(b, "status %d: others ring on", b->status);
    if (leg_is_rival(b))
        r = CONTAINER(b, struct rival, leg);
    else
        change_places(b, &r->leg);
    drop(r, STR_NONE, now_ms);
    return true;
}

struct leg *rival_wins(struct leg *b, struct str reason, uint64_t now_ms) {
    struct leg *first = &b->call->legs[LEG_B];

    if (b->call->rivals == NULL)
        return b;
    if (b != first)
        change_places(first, b);
    rival_stop(b->call, reason, now_ms);
    return first;
}

void rival_show_best(struct leg *b) {
    struct rival *best = NULL;
    int status = b->status;

    for (struct rival *r = b->call->left; r != NULL; r = r->next) {
        if (r->leg.names == NULL || hunt_better(status, r->leg.status) == status)
            continue;
        best = r;
        status = r->leg.status;
    }
    if (best == NULL)
        return;
    leg_leave(b);
    table_remove(b->call->calls, b);
    free(b->names);
    b->names = best->leg.names;
    b->trunk = best->leg.trunk;
    b->flow = best->leg.flow;
    b->status = status;
    best->leg.names = NULL;
    table_add(b->call->calls, b);
}

void rival_move(struct call *to, struct call *from) {
    while (from->rivals != NULL) {
        struct rival *r = from->rivals;
        from->rivals = r->next;
        leg_unpair(&r->leg);
        r->leg.call = to;
        r->leg.start_ms = to->legs[LEG_B].start_ms; /* for the record, as leg B's */
        r->leg.ring_ms = 0;
        add(to, r);
    }
}
