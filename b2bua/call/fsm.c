/* Runs the tables of core/callfsm on the legs of a call. The only place that writes leg->state. */
#include <assert.h>
#include <stdio.h>

#include "b2bua/call/refer.h"
#include "b2bua/log/log.h"

static void send_1xx(struct leg *a, const struct call_in *in) {
    if (refer_stands_in(a))
        refer_rings(a->call, in->msg->status, in->now_ms);
    else if (a->uas != NULL && in->dialog != NULL && in->dialog->mate != NULL)
        uas_progress(a->uas, in->dialog->mate, in->msg, in->now_ms);
}

static void send_2xx(struct leg *a, const struct call_in *in) {
    a->call->calls->counts.answered++;
    if (a->uas != NULL)
        uas_answer(a->uas, a->dialog, in->msg, in->now_ms);
}

static void send_final(struct leg *a, const struct call_in *in) {
    struct call *call = a->call;
    struct sip_msg stored;
    char extra[40] = "";

    call->calls->counts.failed++;
    refer_failed(call, call->failure == 0 ? 500 : call->failure, in->now_ms);
    if (a->uas == NULL)
        return;
    if (call->failure_text.n == 0 || sip_parse(&stored, call->failure_text) < 0) {
        if (call->retry_after_s > 0)
            snprintf(extra, sizeof extra, "Retry-After: %d\r\n", call->retry_after_s);
        uas_fail(a->uas, call->failure == 0 ? 500 : call->failure, NULL, extra[0] == '\0' ? NULL : extra, in->now_ms);
        return;
    }
    uas_fail(a->uas, call->failure, &stored, NULL, in->now_ms);
    sip_fini(&stored);
}

static void send_487(struct leg *a, const struct call_in *in) {
    a->call->calls->counts.failed++;
    if (a->uas != NULL)
        uas_fail(a->uas, 487, NULL, NULL, in->now_ms);
}

static void send_ack(struct leg *b, const struct call_in *in) {
    struct uac *u = b->uac;

    /* The answer that a held ACK carries stands in the mate's ACK; the 2xx of an ACK at once answers nothing. */
    if (u != NULL)
        uac_ack(u, u->dialog, in->msg != NULL && in->msg->status == 0 && in->msg->method == METHOD_ACK ? in->msg : NULL,
                in->now_ms);
}

static void route(struct leg *a, const struct call_in *in) {
    hunt_start(a->call, in);
}

static void send_cancel(struct leg *b, const struct call_in *in) {
    /* Why the caller gives up is end to end (RFC 3326). */
    uac_cancel(b, identity_reason(b, in->msg), in->now_ms);
}

/* What the peer still asks is answered before it is told that the call is over. Why the other side hung up (Reason,
 * RFC 3326) stands in its BYE. */
static void send_bye(struct leg *leg, const struct call_in *in) {
    if (leg->uac != NULL && leg->uac->final) /* its ACK waited for an answer that will not come */
        uac_ack(leg->uac, leg->uac->dialog, NULL, in->now_ms);
    relay_end(leg, in->now_ms);
    leg_send_bye(leg, in->msg != NULL && in->msg->method == METHOD_BYE ? in->msg : NULL, in->now_ms);
}

static void next_target(struct leg *b, const struct call_in *in) {
    hunt_next(b, in->now_ms);
}

static void send_again(struct leg *b, const struct call_in *in) {
    hunt_again(b, in->now_ms);
}

static void tell(struct leg *leg, enum leg_event event, const struct call_in *in) {
    leg_event(leg_mate(leg), event, in);
}

static void tell_progress(struct leg *leg, const struct call_in *in) {
    struct leg *mate = leg_mate(leg);

    if (leg->ring_ms == 0)
        leg->ring_ms = in->now_ms;
    if (mate->ring_ms == 0)
        mate->ring_ms = in->now_ms;
    tell(leg, LEG_EV_MATE_PROGRESS, in);
}

static void tell_answer(struct leg *leg, const struct call_in *in) {
    call_settled(leg->call);
    refer_answered(leg->call, in->now_ms);
    tell(leg, LEG_EV_MATE_ANSWER, in);
}

static void tell_ack(struct leg *leg, const struct call_in *in) {
    tell(leg, LEG_EV_MATE_ACK, in);
}

static void tell_over(struct leg *leg, const struct call_in *in) {
    tell(leg, LEG_EV_MATE_OVER, in);
}

static void (*const acts[LEG_ACTIONS])(struct leg *, const struct call_in *) = {
    [LEG_DO_ROUTE] = route,
    [LEG_DO_SEND_1XX] = send_1xx,
    [LEG_DO_SEND_2XX] = send_2xx,
    [LEG_DO_SEND_FINAL] = send_final,
    [LEG_DO_SEND_487] = send_487,
    [LEG_DO_SEND_INVITE] = uac_invite,
    [LEG_DO_SEND_CANCEL] = send_cancel,
    [LEG_DO_SEND_ACK] = send_ack,
    [LEG_DO_SEND_BYE] = send_bye,
    [LEG_DO_NEXT_TARGET] = next_target,
    [LEG_DO_SEND_AGAIN] = send_again,
    [LEG_DO_TELL_PROGRESS] = tell_progress,
    [LEG_DO_TELL_ANSWER] = tell_answer,
    [LEG_DO_TELL_ACK] = tell_ack,
    [LEG_DO_TELL_OVER] = tell_over,
    [LEG_DO_JOIN] = refer_join,
};

/* A leg that ends answers what is still open on it and waits for no ACK any more; when both have, the call is queued
 * for the sweep. */
static void ended(struct leg *leg, uint64_t now_ms) {
    struct call *call = leg->call;

    relay_end(leg, now_ms);
    uas_free(leg->uas);
    if (leg->role == LEG_B)
        attempt_over(leg, POOL_ATTEMPT_CANCELLED, now_ms);
    leg_leave(leg);
    leg_record(leg, now_ms);
    bool mate_gone = leg_mate(leg)->state == LEG_ENDED || leg_mate(leg)->state == LEG_IDLE;
    if (mate_gone && !call->queued) {
        call->queued = true;
        call->next_ended = call->calls->ended;
        call->calls->ended = call;
    }
}

/* Leg B is over, or is answered: nobody else is to ring for this call. */
static void stop_rivals(struct leg *leg, const struct call_in *in) {
    bool is_asked = in->msg != NULL && in->msg->status == 0;

    if (leg == &leg->call->legs[LEG_B] && leg->state > LEG_EARLY)
        rival_stop(leg->call, is_asked ? identity_reason(leg, in->msg) : STR_NONE, in->now_ms);
}

static void answered(struct leg *leg, uint64_t now_ms) {
    leg->answer_ms = now_ms;
    histogram_add(&leg_counts(leg)->setup[leg->role == LEG_B], &histogram_setup, now_ms - leg->start_ms);
}

static void set_state(struct leg *leg, enum leg_state next, enum leg_event event, uint64_t now_ms) {
    enum leg_state old = leg->state;

    assert(callfsm_allows(leg->role, old, next));
    leg->state = next;
    if (next != old)
        log_debug("call=%016llx leg=%c state=%s was=%s event=%s", (unsigned long long)leg->call->id, leg_letter(leg),
                  callfsm_state_name(next), callfsm_state_name(old), callfsm_event_name(event));
    if ((next == LEG_ANSWERED || next == LEG_UP) && leg->answer_ms == 0)
        answered(leg, now_ms);
    if (next == LEG_HANGING || next == LEG_ENDING || next == LEG_ENDED)
        refresh_stop(leg);
}

void leg_event(struct leg *leg, enum leg_event event, const struct call_in *in) {
    const struct leg_step *step = callfsm_step(leg->role, leg->state, event);

    if (step == NULL)
        return;
    enum leg_state old = leg->state;
    set_state(leg, step->next, event, in->now_ms);
    if (leg->call->rivals != NULL)
        stop_rivals(leg, in);
    for (int i = 0; i < LEG_ACTIONS_MAX && step->actions[i] != LEG_DO_NOTHING; i++)
        acts[step->actions[i]](leg, in);
    if (step->next == LEG_ENDED && old != LEG_ENDED)
        ended(leg, in->now_ms);
    if (leg->refer != NULL && leg->state > LEG_UP)
        refer_over(leg, in->now_ms);
    if (old == LEG_ANSWERED && leg->state == LEG_UP && leg_mate(leg)->refer != NULL)
        refer_go_on(leg_mate(leg)->refer, in->now_ms);
}

/* RFC 3261 12.2.1.2: 481, 408 or silence to a request in a dialog: the peer has no such call any more. */
void leg_lost(struct leg *leg, uint64_t now_ms) {
    struct call_in in = {.now_ms = now_ms};

    if (leg->state == LEG_EARLY && rival_leave(leg, now_ms))
        return;
    call_blame(leg->call, ENDING_BY_US, ENDING_TIMEOUT);
    leg_event(leg, LEG_EV_LOST, &in);
}
