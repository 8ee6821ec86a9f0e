/* Where leg B goes: the targets of the route one after the other, each attempt a new call to its target (own Call-ID,
 * tags, CSeq). */
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/core/redirect.h"
#include "b2bua/log/log.h"

static bool has_place(const struct call *call) {
    return call->walk != NULL && walk_has_next(call->walk);
}

const struct settings_target *hunt_target(const struct call *call, const struct walk_place *at) {
    return at->target < 0 ? NULL : &call->settings->trunks[at->trunk].targets[at->target];
}

/* Leg B is counted with the trunk from now on; or that carries what it may, and the next trunk is asked. */
static bool is_full(struct leg *b, const struct walk_place *at, uint64_t now_ms) {
    struct call *call = b->call;
    const struct way *way = front_way(b);

    b->binding = way == NULL ? 0 : way->binding;
    int limit = leg_join(b, at->id, now_ms);
    if (limit == POOL_ADMITTED)
        return false;
    log_info("call=%016llx leg=b trunk=%s limit=%s", (unsigned long long)call->id, leg_trunk(b)->name,
             pool_limit_name(limit));
    walk_skip_trunk(call->walk);
    if (call->limited == 0) {
        call->limited = at->trunk + 1;
        call->retry_after_s = attempt_retry_after_s(limit);
    }
    return true;
}

/* While several devices ring each has its own flows, and the next ones wait. */
static bool next_place(struct leg *b, struct walk_place *out) {
    const struct walk_place *at;

    if (front_next_flow(b, out))
        return true;
    if (b->call->rivals != NULL || (at = walk_next(b->call->walk)) == NULL)
        return false;
    *out = *at;
    front_take(b);
    return true;
}

/* Makes leg B ready for the next target that one of our sockets can reach. Returns false when none is left. */
static bool prepare(struct leg *b, const struct sip_msg *m, uint64_t now_ms) {
    struct call *call = b->call;
    struct walk_place at;

    leg_leave(b);
    while (next_place(b, &at)) {
        const struct settings_target *t = hunt_target(call, &at);
        b->trunk = at.trunk;
        if (call->replaces.text != NULL && call->replaces.slot != leg_trunk(b)->slot)
            continue;                 /* it names a dialog of another side */
        if (identity_refuses(b, m)) { /* RFC 3323 4.2 */
            call_failure(call, 500, NULL);
            continue;
        }
        if (!registered_may_call(call->calls, leg_trunk(b)))
            continue;
        if (is_full(b, &at, now_ms))
            continue;
        b->flow = at.flow;
        b->host = t == NULL ? NULL : t->host;
        if (hunt_name_b(b, t, m) < 0)
            return false;
        b->peer_100rel = false;
        b->privacy = 0;
        b->sst = (struct sst){0};
        fork_first(leg_mate(b), b, (uint32_t)(ua_random(call->calls->ua) & 0x7fff) + 1);
        return true;
    }
    return false;
}

/* All trunks carry what they may. */
static int say_full(struct call *call) {
    const struct settings_trunk *t = &call->settings->trunks[call->limited - 1];

    call->legs[LEG_B].trunk = call->limited - 1;
    call_blame(call, ENDING_BY_US, ENDING_LIMIT);
    leg_note(&call->legs[LEG_A], "trunk %s carries all that it may", t->name);
    return t->limits.code;
}

/* A trunk whose targets are all down says so as it is configured. */
static int say_busy(struct call *call) {
    const struct settings_trunk *t = &call->settings->trunks[call->walk->busy];

    call->legs[LEG_B].trunk = call->walk->busy;
    call->retry_after_s = t->keepalive.down_interval_s;
    log_info("call=%016llx leg=b trunk=%s busy=yes status=%d", (unsigned long long)call->id, t->name,
             t->keepalive.busy_code);
    leg_note(&call->legs[LEG_A], "trunk %s: no target is up", t->name);
    return t->keepalive.busy_code;
}

/* What a target has said counts for more than what we know. */
static void nobody_left(struct call *call, uint64_t now_ms) {
    struct call_in in = {.now_ms = now_ms};
    int status = call->redirect == NULL ? 503 : 480;

    if (call->attempts == 0 && call->limited != 0)
        status = say_full(call);
    else if (call->attempts == 0 && call->walk != NULL && call->walk->busy >= 0)
        status = say_busy(call);
    call_failure(call, status, NULL);
    call_blame(call, ENDING_BY_US, ENDING_REJECTED);
    leg_event(&call->legs[LEG_B], LEG_EV_FAIL, &in);
}

/* The INVITE to the next target, to further ones while none can be sent, and to those who are to ring with it. */
static void place(struct leg *b, const struct sip_msg *m, uint64_t now_ms) {
    struct call *call = b->call;

    while (prepare(b, m, now_ms)) {
        attempt_begin(b, now_ms);
        if (hunt_invite(b, m, now_ms) == 0) {
            rival_start(b, m, now_ms);
            return;
        }
        attempt_over(b, POOL_ATTEMPT_FAILED, now_ms);
        call_failure(call, 513, NULL);
        dialog_free_list(b->dialogs, NULL);
        b->dialogs = NULL;
        uac_free(b->uac);
    }
    if (rival_leave(b, now_ms))
        return;
    if (redirect_has_next(call->redirect))
        hunt_next(b, now_ms);
    else
        nobody_left(call, now_ms);
}

void uac_invite(struct leg *leg, const struct call_in *in) {
    place(leg, in->msg, in->now_ms);
}

void hunt_leave(struct leg *b, struct str reason, uint64_t now_ms) {
    struct uac *u = b->uacs;

    if (u != NULL && u->tx != NULL && !u->final)
        stray_attempt(b, u, &reason, now_ms);
    while (b->uacs != NULL)
        uac_free(b->uacs);
    relay_forget(b, NULL, now_ms);
    dialog_free_list(b->dialogs, NULL);
    b->dialogs = NULL;
}

void hunt_next(struct leg *b, uint64_t now_ms) {
    struct call *call = b->call;
    struct sip_msg m;

    hunt_leave(b, STR_NONE, now_ms);
    if (!front_has_flow(b) && !has_place(call) && !redirect_turn(call, now_ms)) {
        nobody_left(call, now_ms);
        return;
    }
    if (call->invite.n == 0 || sip_parse(&m, call->invite) < 0)
        return;
    place(b, &m, now_ms);
    sip_fini(&m);
}

/* The dialog of the attempt as it was before the INVITE, one CSeq further. */
static void rewind_dialog(struct leg *b) {
    struct dialog *d = fork_rewind(b);

    offer_dropped(&d->offer);
    d->local_cseq++;
}

/* The INVITE once more: to the same target, in the same call (RFC 4028 7.3). */
void hunt_again(struct leg *b, uint64_t now_ms) {
    struct call *call = b->call;
    struct call_in in = {.now_ms = now_ms};
    struct sip_msg m;

    if (call->invite.n > 0 && sip_parse(&m, call->invite) == 0) {
        rewind_dialog(b);
        int sent = hunt_invite(b, &m, now_ms);
        sip_fini(&m);
        if (sent == 0)
            return;
    }
    call_failure(call, 500, NULL);
    if (rival_leave(b, now_ms))
        return;
    call_blame(call, ENDING_BY_US, ENDING_REJECTED);
    leg_event(b, LEG_EV_FAIL, &in);
}
