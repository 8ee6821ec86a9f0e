/* What becomes of each attempt to reach a target: the pool is told, results are counted, and what the call has waited
 * is summed up. */
#include "b2bua/call/impl.h"
#include "b2bua/core/redirect.h"
#include "b2bua/log/log.h"

static struct pool *pool_of(const struct leg *leg) {
    return leg->call->calls->pool;
}

/* --- which trunk, and which of its places, carries a leg --- */

void leg_leave(struct leg *leg) {
    if (leg->joined) {
        pool_call_end(pool_of(leg), leg_trunk(leg)->slot, leg->place);
        front_busy(leg, false);
    }
    leg->joined = false;
    leg->binding = 0;
}

int leg_join(struct leg *leg, uint32_t place, uint64_t now_ms) {
    const struct settings_trunk *t = leg_trunk(leg);
    int limit = pool_call_begin(pool_of(leg), t->slot, place, &t->limits, leg->role == LEG_B, now_ms);

    leg->joined = limit == POOL_ADMITTED;
    leg->place = place;
    if (leg->joined)
        front_busy(leg, true);
    return limit;
}

int attempt_retry_after_s(int limit) {
    return limit == POOL_CALLS ? 10 : 1;
}

/* --- waiting --- */

static uint64_t most_ms(const struct leg *b) {
    return (uint64_t)leg_trunk(b)->hunt_total_ms;
}

/* A target that rings is not waited for: the caller hears it. Time is counted once, however many are waited for. (A
 * failed send is told with the time of the timers, which may be a little behind that of a message.) */
static void stop_waiting(struct leg *b, uint64_t now_ms) {
    struct call *call = b->call;
    uint64_t from = b->attempt.start_ms > call->waited_at_ms ? b->attempt.start_ms : call->waited_at_ms;

    if (b->attempt.waiting && now_ms > from) {
        call->waited_ms += now_ms - from;
        call->waited_at_ms = now_ms;
    }
    b->attempt.waiting = false;
}

/* How long this attempt may go without a reply. */
uint64_t attempt_patience_ms(const struct leg *b) {
    uint64_t no_reply_ms = (uint64_t)leg_trunk(b)->no_reply_ms, most = most_ms(b), waited_ms = b->call->waited_ms;
    uint64_t left = most > waited_ms ? most - waited_ms : 1;

    return left < no_reply_ms ? left : no_reply_ms;
}

/* While others ring there is no next one, but another flow of the same device. */
bool hunt_has_next(struct leg *b) {
    struct call *call = b->call;

    if (front_has_flow(b))
        return true;
    if (call->rivals != NULL ||
        ((call->walk == NULL || !walk_has_next(call->walk)) && !redirect_has_next(call->redirect)))
        return false;
    if (call->waited_ms < most_ms(b))
        return true;
    log_info("call=%016llx leg=b hunt=given-up waited_ms=%llu attempts=%u", (unsigned long long)call->id,
             (unsigned long long)call->waited_ms, call->attempts);
    leg_note(b, "no further target: waited %llu ms for %u", (unsigned long long)call->waited_ms, call->attempts);
    return false;
}

/* --- one attempt --- */

void attempt_begin(struct leg *b, uint64_t now_ms) {
    struct attempt *a = &b->attempt;

    a->number = ++b->call->attempts;
    a->open = a->waiting = true;
    a->heard = false;
    a->start_ms = now_ms;
}

/* A response of the target. A 100 shows that something is there, not that it works. */
void attempt_heard(struct leg *b, int status, uint64_t now_ms) {
    if (status == 100 || !b->attempt.open)
        return;
    stop_waiting(b, now_ms);
    if (b->attempt.heard && status != 503)
        return;
    b->attempt.heard = true;
    pool_heard(pool_of(b), leg_trunk(b)->slot, b->place, status == 503 ? HEALTH_CALL_503 : HEALTH_CALL_ANSWERED,
               now_ms);
}

static void tell_pool(struct leg *b, enum pool_attempt result, uint64_t now_ms) {
    int slot = leg_trunk(b)->slot;

    pool_attempt(pool_of(b), slot, result);
    if (result == POOL_ATTEMPT_SILENT)
        pool_heard(pool_of(b), slot, b->place, HEALTH_CALL_SILENT, now_ms);
    if (result == POOL_ATTEMPT_SILENT || result == POOL_ATTEMPT_UNREACHABLE)
        front_heard(b, NULL, result == POOL_ATTEMPT_UNREACHABLE, now_ms);
    if (result == POOL_ATTEMPT_UNREACHABLE)
        pool_heard(pool_of(b), slot, b->place, HEALTH_CALL_UNREACHABLE, now_ms);
}

static bool is_for_the_next(enum pool_attempt result) {
    return result == POOL_ATTEMPT_STATUS || result == POOL_ATTEMPT_SILENT || result == POOL_ATTEMPT_UNREACHABLE;
}

void attempt_over(struct leg *b, enum pool_attempt result, uint64_t now_ms) {
    struct call *call = b->call;
    char to[ADDR_TEXT_MAX];

    if (!b->attempt.open)
        return;
    stop_waiting(b, now_ms);
    b->attempt.open = false;
    tell_pool(b, result, now_ms);
    if (!is_for_the_next(result))
        return;
    if (call->walk != NULL)
        walk_failed(call->walk);
    log_info("call=%016llx leg=b trunk=%s address=%s attempt=%u result=%s status=%d waited_ms=%llu",
             (unsigned long long)call->id, leg_trunk(b)->name, addr_format(&b->flow.peer, to), b->attempt.number,
             pool_attempt_name(result), b->status, (unsigned long long)call->waited_ms);
    leg_note(b, "attempt %u, %s at %s: %s", b->attempt.number, leg_trunk(b)->name, to, pool_attempt_name(result));
}

/* --- targets that die while they ring --- */

void calls_places_lost(struct calls *c, uint64_t now_ms) {
    for (struct call *call = c->all; call != NULL; call = call->next) {
        struct leg *b = &call->legs[LEG_B];
        if (b->attempt.open && b->joined && pool_lost(c->pool, leg_trunk(b)->slot, b->place))
            uac_lost(b, now_ms);
    }
}
