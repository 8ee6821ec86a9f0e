/* The call record of a leg (one a leg, when it ends). */
#include "b2bua/call/impl.h"

static uint64_t wall(const struct call *call, uint64_t at_ms) {
    return at_ms == 0 ? 0 : call->epoch_ms + at_ms;
}

static void count_end(struct leg *leg, enum ending_by by, enum ending_cause cause, uint64_t now_ms) {
    struct calls_trunk_counts *counts = leg_counts(leg);
    bool outgoing = leg->role == LEG_B, answered = leg->answer_ms != 0;
    struct trouble t = {.count = 1,
                        .at_ms = now_ms,
                        .call = leg->call->id,
                        .status = leg->status,
                        .by = by,
                        .cause = cause,
                        .outgoing = outgoing};

    counts->ended[by][cause]++;
    counts->calls[outgoing][answered]++;
    course_add(&counts->course[outgoing], leg->status, answered, now_ms);
    if (troubles_is(&t, answered))
        troubles_add(&counts->troubles, &t);
    if (answered)
        histogram_add(&counts->talk[outgoing], &histogram_talk, now_ms - leg->answer_ms);
}

void leg_record(struct leg *leg, uint64_t now_ms) {
    struct call *call = leg->call;
    struct calls *c = call->calls;
    char target[ADDR_TEXT_MAX];
    bool blamed = call->ended_by != ENDING_BY_NOBODY;
    enum ending_by by = blamed ? call->ended_by : ENDING_BY_US;
    enum ending_cause cause = blamed ? call->cause : ENDING_REJECTED;

    if (leg->recorded)
        return;
    leg->recorded = true;
    count_end(leg, by, cause, now_ms);
    addr_format(&leg->flow.peer, target);
    struct record r = {.call_id = call->id,
                       .leg = leg->role == LEG_A ? 'a' : 'b',
                       .trunk = str_of(leg_trunk(leg)->name),
                       .start_ms = wall(call, leg->start_ms),
                       .ring_ms = wall(call, leg->ring_ms),
                       .answer_ms = wall(call, leg->answer_ms),
                       .end_ms = wall(call, now_ms),
                       .status = leg->status,
                       .ended_by = ending_by_name(by),
                       .cause = ending_cause_name(cause),
                       .refreshes_sent = leg->refreshes_out,
                       .refreshes_received = leg->refreshes_in,
                       .midcalls_consumed = leg->consumed,
                       .midcalls_forwarded = leg->midcalls,
                       .route = str_of(call->route == NULL ? NULL : call->route->name),
                       .target = str_of(target),
                       .attempts = leg->role == LEG_B ? call->attempts : 1,
                       .referred_by = call->referred_by,
                       .waited_ms = leg->role == LEG_B ? call->waited_ms : 0};
    if (leg->names != NULL) {
        r.sip_call_id = leg->names->call_id;
        r.from = leg->role == LEG_A ? leg->names->remote : leg->names->local;
        r.to = leg->role == LEG_A ? leg->names->local : leg->names->remote;
    }
    c->ops.record(c->ops.ctx, &r);
    leg_note(leg, "over: by %s, %s", r.ended_by, r.cause);
}
