/* The call record of a leg (one a leg, when it ends). */
#include "b2bua/call/impl.h"

/* Monotonic to wall clock, by the distance to now. */
static uint64_t wall(uint64_t at_ms, uint64_t now_ms, uint64_t wall_now_ms) {
    return at_ms == 0 ? 0 : wall_now_ms - (now_ms - at_ms);
}

void leg_record(struct leg *leg, uint64_t now_ms) {
    struct call *call = leg->call;
    struct calls *c = call->calls;
    uint64_t now = c->ops.wall_ms(c->ops.ctx);
    char target[ADDR_TEXT_MAX];

    if (leg->recorded)
        return;
    leg->recorded = true;
    addr_format(&leg->flow.peer, target);
    struct record r = {.call_id = call->id,
                       .leg = leg->role == LEG_A ? 'a' : 'b',
                       .trunk = str_of(leg_trunk(leg)->name),
                       .start_ms = wall(leg->start_ms, now_ms, now),
                       .ring_ms = wall(leg->ring_ms, now_ms, now),
                       .answer_ms = wall(leg->answer_ms, now_ms, now),
                       .end_ms = now,
                       .status = leg->status,
                       .ended_by = call->ended_by == NULL ? "us" : call->ended_by,
                       .cause = call->cause == NULL ? "rejected" : call->cause,
                       .refreshes_sent = leg->refreshes_out,
                       .refreshes_received = leg->refreshes_in,
                       .midcalls_consumed = leg->consumed,
                       .midcalls_forwarded = leg->midcalls,
                       .route = str_of(call->route_name),
                       .target = str_of(target),
                       .attempts = leg->role == LEG_B ? call->attempts : 1};
    if (leg->names != NULL) {
        r.sip_call_id = leg->names->call_id;
        r.from = leg->role == LEG_A ? leg->names->remote : leg->names->local;
        r.to = leg->role == LEG_A ? leg->names->local : leg->names->remote;
    }
    c->ops.record(c->ops.ctx, &r);
}
