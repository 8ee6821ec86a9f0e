/* A leg that we invite: our INVITE, its responses, the ACK to its 2xx, CANCEL (RFC 3261 13.2, 9.1). */
#include <stdlib.h>

#include "b2bua/call/impl.h"

static struct call_in with(const struct sip_msg *m, struct dialog *d, uint64_t now_ms) {
    return (struct call_in){.msg = m, .dialog = d, .now_ms = now_ms};
}

/* --- ACK --- */

static void repeat_ack(struct uac *u) {
    if (u->ack.n > 0)
        ua_resend(leg_ua(u->leg), &u->ack_flow, u->leg->host, u->ack);
}

/* Sends the ACK to the 2xx of dialog `d`; `answer`: the mate's ACK, whose description answers the offer in the 2xx. */
void uac_ack(struct uac *u, struct dialog *d, const struct sip_msg *answer, uint64_t now_ms) {
    struct leg *leg = u->leg;
    struct out o;

    (void)now_ms;
    leg->uac = NULL;
    if (d == NULL || out_dialog(&o, leg, d, METHOD_ACK, u->cseq) < 0)
        return;
    out_cross(&o, leg, d, answer, CROSS_ANSWER);
    o.ua.request.max_forwards = 70;
    if (d->offer.state != OFFER_NONE)
        offer_dropped(&d->offer);
    ua_ack(leg_ua(leg), &o.ua, u->tx, &u->ack);
    u->ack_flow = o.ua.flow;
}

/* --- responses --- */

/* A reliable provisional is acknowledged at once, unless the PRACK has to bring the caller's answer. Returns false for
 * a copy or a provisional out of order: not to be shown again. */
static bool acknowledge(struct uac *u, struct dialog *d, const struct sip_msg *m, uint64_t now_ms) {
    if (m->rseq == 0 || !(m->required & SIP_OPTION_100REL))
        return true;
    if (d == NULL || !dialog_take_rseq(d, m->rseq))
        return false;
    if (m->sdp.n > 0)
        offer_heard(&d->offer, m->sdp, !u->offerless);
    if (u->offerless && m->sdp.n > 0 && d->mate != NULL) {
        d->prack_held = m->rseq;
        return true;
    }
    prack_send(u->leg, d, m->rseq, u->cseq, NULL, now_ms);
    return true;
}

static struct dialog *early_dialog(struct uac *u, const struct sip_msg *m) {
    struct leg *leg = u->leg;

    if (m->to_tag.n == 0)
        return leg->dialogs;
    struct dialog *d = fork_for(leg, m->to_tag, false);
    if (d == NULL)
        return NULL;
    leg_set_target(leg, d, m->contact);
    if (d->route == NULL || d->route[0] == '\0')
        leg_set_route(leg, d, m, true);
    return d;
}

static void provisional(struct uac *u, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = u->leg;

    timerq_set(leg->call->calls->timers, &u->timer,
               front_rings_next(leg) ? leg->attempt.start_ms + CALL_RING_NEXT_MS
                                     : leg->start_ms + (uint64_t)leg_trunk(leg)->no_answer_s * 1000);
    if (leg->state == LEG_CANCELLING)
        return;
    struct call_in in = with(m, NULL, now_ms);
    if (m->status == 100) {
        leg_event(leg, LEG_EV_TRYING, &in);
        return;
    }
    in.dialog = early_dialog(u, m);
    midcall_note_identity(leg, m);
    if (in.dialog != NULL && acknowledge(u, in.dialog, m, now_ms))
        leg_event(leg, LEG_EV_1XX, &in);
}

/* The route set of the dialog is the one of the 2xx (RFC 3261 12.1.2, 13.2.2.4). */
static struct dialog *answered_dialog(struct uac *u, const struct sip_msg *m) {
    struct leg *leg = u->leg;
    struct dialog *d = fork_for(leg, m->to_tag, true);

    if (d == NULL)
        return NULL;
    leg_set_route(leg, d, m, true);
    leg_set_target(leg, d, m->contact);
    return d;
}

/* What keeps a telephone from showing a call that was missed (RFC 3326). */
#define ELSEWHERE "SIP;cause=200;text=\"Call completed elsewhere\""

static void answered(struct uac *u, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = u->leg;

    if (leg->dialog != NULL) {
        if (str_eq(m->to_tag, str_of(leg->dialog->remote_tag)))
            repeat_ack(u);
        else
            stray_answer(u, m, now_ms);
        return;
    }
    struct dialog *d = answered_dialog(u, m);
    if (d == NULL || d->target == NULL) {
        stray_answer(u, m, now_ms);
        return;
    }
    leg = rival_wins(leg, STR(ELSEWHERE), now_ms);
    timerq_stop(leg->call->calls->timers, &u->timer);
    u->final = true;
    u->dialog = d;
    leg->status = m->status;
    attempt_over(leg, POOL_ATTEMPT_ANSWERED, now_ms);
    fork_confirm(leg, d, now_ms);
    if (m->sdp.n > 0)
        offer_heard(&d->offer, m->sdp, !u->offerless);
    else if (d->offer.state != OFFER_NONE)
        offer_dropped(&d->offer);
    midcall_note_identity(leg, m);
    refresh_granted(leg, m, u->asked_s, now_ms);
    struct call_in in = with(m, d, now_ms);
    leg_event(leg, u->offerless ? LEG_EV_2XX_HOLD : LEG_EV_2XX, &in);
}

/* The interval was too small for the target (RFC 4028 7.3): the same INVITE again, with a larger one. */
static bool ask_again(struct uac *u, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = u->leg;
    struct call_in in = with(m, NULL, now_ms);

    if (leg->state == LEG_CANCELLING || !refresh_too_small(leg, m, u->asked_s))
        return false;
    timerq_stop(leg->call->calls->timers, &u->timer);
    leg->uac = NULL;
    leg_event(leg, LEG_EV_TOO_SMALL, &in);
    return true;
}

/* What the caller is told: the interval of this leg is none of its business, nor where the call was sent on to. */
static int failure_to_show(const struct settings_trunk *t, int status) {
    if (status / 100 == 3 && t->redirect != REDIRECT_PASSTHRU)
        return 480;
    return status == 422 ? 500 : status;
}

static enum pool_attempt result_of(const struct leg *leg, const struct sip_msg *m, int status, bool listed) {
    if (leg->state == LEG_CANCELLING)
        return POOL_ATTEMPT_CANCELLED;
    if (m != NULL)
        return listed ? POOL_ATTEMPT_STATUS : POOL_ATTEMPT_FAILED;
    return status == 408 ? POOL_ATTEMPT_SILENT : POOL_ATTEMPT_UNREACHABLE;
}

static void failed_with(struct uac *u, int status, const struct sip_msg *m, bool always_hunt, uint64_t now_ms) {
    struct leg *leg = u->leg;
    struct call *call = leg->call;
    const struct settings_trunk *t = leg_trunk(leg);
    struct call_in in = with(m, NULL, now_ms);

    if (status >= 600 && m != NULL) /* RFC 3261 16.7 step 5 */
        leg = rival_wins(leg, STR_NONE, now_ms);
    timerq_stop(call->calls->timers, &u->timer);
    leg->status = status;
    bool listed = call->is_front ? front_hunts(leg, status, m != NULL || leg->state == LEG_EARLY)
                                 : always_hunt || hunt_on(t->hunt_on, t->hunt_count, status);
    int shown = m == NULL ? front_failure(leg, status, status == 408) : failure_to_show(t, status);
    attempt_over(leg, result_of(leg, m, status, listed), now_ms);
    bool devices = listed && front_rings_on(leg); /* of one Contact, before the next one */
    bool redirected = leg->state != LEG_CANCELLING && !devices && redirect_goes_on(leg, status, m);
    bool hunt = leg->state != LEG_CANCELLING && (redirected || listed) && hunt_has_next(leg);
    if (leg->state != LEG_CANCELLING) {
        if (!hunt || !redirected || status / 100 != 3)
            call_failure(call, shown, shown == status ? m : NULL);
        if (!hunt && rival_leave(leg, now_ms))
            return;
        if (!hunt)
            rival_show_best(leg);
        if (!hunt)
            call_blame(call, m == NULL ? ENDING_BY_US : ENDING_BY_B, m == NULL ? ENDING_TIMEOUT : ENDING_REJECTED);
    }
    if (u->final || m == NULL)
        leg->uac = NULL;
    leg_event(leg, hunt ? LEG_EV_FAIL_HUNT : LEG_EV_FAIL, &in);
}

static void initial_response(struct uac *u, const struct sip_msg *m, uint64_t now_ms) {
    if (m->status >= 200 || (m->status > 100 && !u->leg->attempt.heard))
        front_heard(u->leg, m, false, now_ms);
    attempt_heard(u->leg, m->status, now_ms);
    if (m->status < 200) {
        provisional(u, m, now_ms);
    } else if (m->status < 300) {
        answered(u, m, now_ms);
    } else {
        u->final = true;
        if (m->status != 422 || !ask_again(u, m, now_ms))
            failed_with(u, m->status, m, false, now_ms);
    }
}

static void response(struct ua_user *user, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    struct uac *u = CONTAINER(user, struct uac, user);

    sst_heard(&u->leg->sst, &m->timer);
    switch (u->kind) {
    case UAC_INITIAL:
        if (m->status < 300)
            leg_heard(u->leg, &tx->flow);
        initial_response(u, m, now_ms);
        break;
    case UAC_RELAYED:
        reinvite_response(u, m, now_ms);
        break;
    case UAC_REFRESH:
    case UAC_ALIGN:
        own_response(u, m, now_ms);
        break;
    }
}

static void failed(struct ua_user *user, struct tx *tx, bool timeout, uint64_t now_ms) {
    struct uac *u = CONTAINER(user, struct uac, user);

    (void)tx;
    if (u->final)
        return;
    u->final = true;
    switch (u->kind) {
    case UAC_INITIAL:
        failed_with(u, timeout ? 408 : 503, NULL, true, now_ms);
        break;
    case UAC_RELAYED:
        reinvite_failed(u, timeout, now_ms);
        break;
    case UAC_REFRESH:
    case UAC_ALIGN:
        own_failed(u, timeout, now_ms);
        break;
    }
}

/* With credentials it is a new request (RFC 3261 22.2), and the target has a new time to say something. */
static void sent_again(struct uac *u, const struct tx *next) {
    struct timerq *q = u->leg->call->calls->timers;

    if (next->cseq == u->cseq)
        return;
    u->cseq = next->cseq;
    if (u->kind == UAC_INITIAL && u->leg->state == LEG_INVITED)
        timerq_set(q, &u->timer, q->now_ms + (uint64_t)leg_trunk(u->leg)->no_reply_ms);
}

static void ended(struct ua_user *user, struct tx *tx, struct tx *next) {
    struct uac *u = CONTAINER(user, struct uac, user);

    if (u->tx != tx)
        return;
    u->tx = next;
    if (next == NULL && u->leg->uac != u)
        uac_free(u);
    else if (next != NULL)
        sent_again(u, next);
}

static const struct ua_user_ops user_ops = {response, failed, ended};

/* --- timers --- */

/* No response at all: the next target. It rang too long: the end. */
static void fire(struct timer *t, uint64_t now_ms) {
    struct uac *u = CONTAINER(t, struct uac, timer);
    struct leg *leg = u->leg;
    struct call_in in = with(NULL, NULL, now_ms);

    if (u->final || u->kind != UAC_INITIAL)
        return;
    if (leg->state == LEG_INVITED) {
        leg->status = 408;
        attempt_over(leg, POOL_ATTEMPT_SILENT, now_ms);
        if (hunt_has_next(leg)) {
            failed_with(u, 408, NULL, true, now_ms);
            return;
        }
    }
    if (leg->state == LEG_EARLY && front_rings_next(leg)) {
        failed_with(u, 408, NULL, true, now_ms);
        return;
    }
    call_failure(leg->call, 408, NULL);
    if (rival_leave(leg, now_ms))
        return;
    call_blame(leg->call, ENDING_BY_US, ENDING_TIMEOUT);
    leg_event(leg, LEG_EV_NO_ANSWER, &in);
}

/* Nobody is there any more. With no target left it may go on ringing: who knows. */
void uac_lost(struct leg *leg, uint64_t now_ms) {
    struct uac *u = leg->uac;

    if (u != NULL && u->kind == UAC_INITIAL && !u->final && (leg->state == LEG_INVITED || leg->state == LEG_EARLY) &&
        hunt_has_next(leg))
        failed_with(u, 408, NULL, true, now_ms);
}

/* --- making and sending --- */

struct uac *uac_new(struct leg *leg, uint32_t cseq, enum uac_kind kind) {
    struct uac *u = mem_zalloc(sizeof *u);

    u->user.ops = &user_ops;
    u->leg = leg;
    u->cseq = cseq;
    u->kind = kind;
    u->timer.fire = fire;
    u->next = leg->uacs;
    leg->uacs = u;
    leg->uac = u;
    return u;
}

void uac_free(struct uac *u) {
    struct uac **at = &u->leg->uacs;

    timerq_stop(u->leg->call->calls->timers, &u->timer);
    if (u->tx != NULL)
        u->tx->user = NULL;
    while (*at != u)
        at = &(*at)->next;
    *at = u->next;
    if (u->leg->uac == u)
        u->leg->uac = NULL;
    free((char *)u->ack.p);
    free((char *)u->source.p);
    free(u);
}

void uac_cancel(struct leg *leg, struct str reason, uint64_t now_ms) {
    struct uac *u = leg->uac;
    struct call_in in = with(NULL, NULL, now_ms);

    if (u == NULL || u->tx == NULL) {
        leg_event(leg, LEG_EV_FAIL, &in);
        return;
    }
    timerq_stop(leg->call->calls->timers, &u->timer);
    leg->status = 487;
    ua_cancel(leg_ua(leg), u->tx, reason, now_ms);
}
