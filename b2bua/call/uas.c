/* A leg that is being invited: provisional and final responses to an INVITE of the peer, and its ACK (RFC 3261 13.3,
 * RFC 3262). */
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/core/cause.h"

static void ended(struct ua_user *user, struct tx *tx, struct tx *next) {
    struct uas *u = CONTAINER(user, struct uas, user);

    if (u->tx == tx)
        u->tx = next;
}

static const struct ua_user_ops user_ops = {.ended = ended};

/* No ACK for 64*T1: RFC 3261 13.3.1.4. No PRACK: RFC 3262 section 3. */
static void give_up(struct uas *u, uint64_t now_ms) {
    struct leg *leg = u->leg;
    struct call_in in = {.now_ms = now_ms};

    call_blame(leg->call, ENDING_BY_US, ENDING_NO_ACK);
    if (u->queue != NULL) {
        call_failure(leg->call, 504, NULL);
        reliable_free(u);
        leg_event(leg, LEG_EV_NO_PRACK, &in);
        return;
    }
    u->answered = false;
    leg_event(leg, LEG_EV_NO_ACK, &in);
}

static void fire(struct timer *t, uint64_t now_ms) {
    struct uas *u = CONTAINER(t, struct uas, timer);

    if (now_ms >= u->give_up_ms) {
        give_up(u, now_ms);
        return;
    }
    if (u->queue != NULL) {
        u->interval_ms *= 2;
        reliable_resend(u, now_ms);
    } else {
        u->interval_ms = u->interval_ms * 2 > CALL_T2_MS ? CALL_T2_MS : u->interval_ms * 2;
        ua_resend(leg_ua(u->leg), &u->flow, NULL, u->answer);
    }
    uas_arm(u, u->interval_ms, now_ms);
}

void uas_arm(struct uas *u, uint32_t interval_ms, uint64_t now_ms) {
    uint64_t at = now_ms + interval_ms;

    u->interval_ms = interval_ms;
    timerq_set(u->leg->call->calls->timers, &u->timer, at < u->give_up_ms ? at : u->give_up_ms);
}

struct uas *uas_new(struct leg *leg, struct ua_in *in) {
    struct uas *u = mem_zalloc(sizeof *u);

    uas_free(leg->uas);
    u->user.ops = &user_ops;
    u->leg = leg;
    u->tx = in->tx;
    u->tx->user = &u->user;
    u->flow = in->tx->flow;
    u->cseq = in->msg.cseq;
    u->echo = sip_echo_new(&in->msg, &in->flow);
    u->offerless = in->msg.sdp.n == 0;
    u->said = in->msg.timer;
    u->timer.fire = fire;
    leg->uas = u;
    return u;
}

void uas_free(struct uas *u) {
    if (u == NULL)
        return;
    timerq_stop(u->leg->call->calls->timers, &u->timer);
    if (u->tx != NULL)
        u->tx->user = NULL;
    if (u->leg->uas == u)
        u->leg->uas = NULL;
    reliable_free(u);
    free(u->echo);
    free((char *)u->answer.p);
    free(u);
}

static const struct sst_say supported = {.supported = true};

static struct sip_response response(const struct uas *u, const struct dialog *d, int status) {
    const struct leg *leg = u->leg;

    return (struct sip_response){.status = status,
                                 .echo = u->echo,
                                 .to_tag = d == NULL ? STR_NONE : str_of(d->local_tag),
                                 .contact = status < 300 && status > 100 ? leg->names->contact : STR_NONE,
                                 .record_route = status < 300 && status > 100,
                                 .allow = status < 300 && status > 100 ? out_allow(leg) : NULL,
                                 .supported = status < 300 && status > 100 ? out_supported(leg, true) : NULL,
                                 .timer = status < 300 && status > 100 && leg_policy(leg)->on ? &supported : NULL};
}

void uas_trying(struct uas *u, uint64_t now_ms) {
    struct sip_response r = response(u, NULL, 100);

    if (u->tx != NULL)
        ua_reply(leg_ua(u->leg), u->tx, &r, NULL, now_ms);
}

void uas_progress(struct uas *u, struct dialog *d, const struct sip_msg *m, uint64_t now_ms) {
    struct sip_response r = response(u, d, m->status);
    struct sip_cross x;

    if (u->tx == NULL || u->echo == NULL || u->answer.n > 0)
        return;
    if (u->reliable_wanted && !u->initial) /* the peer wants no other kind (RFC 3262 section 3) */
        return;
    bool aside = leg_mate(u->leg)->own_offer; /* it answers our offer; the caller gets one in the 2xx */
    x = cross_to(u->leg, d, m, aside ? CROSS_ASIDE : u->offerless ? CROSS_OFFER : CROSS_ANSWER);
    if (aside)
        x.body = STR_NONE;
    d->shown = true;
    u->leg->status = m->status;
    if (!u->reliable_wanted) {
        ua_reply(leg_ua(u->leg), u->tx, &r, &x, now_ms);
        return;
    }
    if (d->rseq == 0)
        d->rseq = (uint32_t)(ua_random(leg_ua(u->leg)) & 0x3fffffff) + 1;
    r.rseq = d->rseq;
    struct str text = ua_print_reply(leg_ua(u->leg), u->tx, &r, &x);
    if (text.n > 0)
        reliable_add(u, d, m->status, text, now_ms);
}

/* The 2xx leaves when no reliable provisional waits for its PRACK any more (RFC 3262 section 3). */
void uas_answer_send(struct uas *u, uint64_t now_ms) {
    struct ua *ua = leg_ua(u->leg);

    if (u->answer.n == 0 || u->answered || u->queue != NULL || u->tx == NULL)
        return;
    u->answered = true;
    u->give_up_ms = now_ms + 64ull * CALL_T1_MS;
    ua_reply_text(ua, u->tx, u->leg->status, u->answer, now_ms);
    uas_arm(u, CALL_T1_MS, now_ms);
    free(u->echo);
    u->echo = NULL;
}

/* An answer that grew beyond what a message may have: the peer gets a failure, the target a BYE. */
static void too_large(struct uas *u, uint64_t now_ms) {
    struct call_in in = {.now_ms = now_ms};
    struct leg *leg = u->leg;

    if (!u->initial) {
        uas_fail(u, 513, NULL, NULL, now_ms);
        return;
    }
    call_blame(leg->call, ENDING_BY_US, ENDING_REJECTED);
    call_failure(leg->call, 513, NULL);
    leg_event(leg, LEG_EV_NO_PRACK, &in);
}

static void answer(struct uas *u, struct dialog *d, int status, const struct sip_cross *x, uint64_t now_ms) {
    struct sip_response r = response(u, d, status);
    struct sst_say say = {0};

    u->dialog = d;
    u->leg->status = status;
    refresh_accept(u->leg, METHOD_INVITE, &u->said, now_ms, &say);
    r.timer = &say;
    u->answer = ua_print_reply(leg_ua(u->leg), u->tx, &r, x);
    if (u->answer.n == 0)
        too_large(u, now_ms);
    else
        uas_answer_send(u, now_ms);
}

void uas_answer(struct uas *u, struct dialog *d, const struct sip_msg *m, uint64_t now_ms) {
    if (u->tx == NULL || u->echo == NULL)
        return;
    struct sip_cross x = cross_to(u->leg, d, m, u->offerless ? CROSS_OFFER : CROSS_ANSWER);
    if (d->offer.state == OFFER_IN) /* an answer without a description: there is nothing to wait for */
        offer_dropped(&d->offer);
    answer(u, d, m->status, &x, now_ms);
}

/* The same with what is in force, and without the other side. */
void uas_answer_here(struct uas *u, struct dialog *d, uint64_t now_ms) {
    struct sip_cross x = cross_own(u->leg, d->offer.ours.text);

    if (u->offerless)
        offer_sent(&d->offer, d->offer.ours.text, false);
    u->local = true;
    answer(u, d, 200, &x, now_ms);
}

/* The failure of a target as errors = "map" shows it: through its cause, which is named if the target did not. */
static int map_failure(const struct leg *leg, int status, const struct sip_msg *m, struct sbuf *reason) {
    int cause = m->cause >= 0 ? m->cause : cause_of_status(status);

    if (leg->call->settings->trunks[leg->call->failure_trunk].errors != ERRORS_MAP || status < 400)
        return status;
    if (m->cause < 0 && cause_map(status, -1) != 487) {
        sbuf_puts(reason, "Reason: Q.850;cause=");
        sbuf_number(reason, (uint64_t)cause);
        sbuf_puts(reason, ";text=\"");
        sbuf_puts(reason, cause_text(cause));
        sbuf_puts(reason, "\"\r\n");
    }
    return cause_map(status, m->cause);
}

/* The phrase that a route gives to those whom it rejects. */
static const char *rejected_phrase(const struct call *call, int status) {
    const struct settings_route *r = call->route;

    return r != NULL && r->reject == status && r->reason[0] != '\0' ? r->reason : NULL;
}

/* A failure for the peer. 401 and 407 are between us and the target: its challenge would be for the wrong realm here,
 * unless a client has asked its node. */
void uas_fail(struct uas *u, int status, const struct sip_msg *m, const char *extra, uint64_t now_ms) {
    struct leg *leg = u->leg;
    struct sip_response r;
    struct sip_cross x;
    char reason_line[120] = "";
    struct sbuf reason = sbuf_on(reason_line, sizeof reason_line - 1);

    if (u->tx == NULL || u->echo == NULL)
        return;
    if ((status == 401 || status == 407) && !front_shares(leg->call)) {
        status = 403;
        m = NULL;
    }
    if (u->initial && m != NULL && extra == NULL) {
        status = map_failure(leg, status, m, &reason);
        extra = reason.n > 0 ? reason_line : NULL;
    }
    struct dialog *d = leg->dialog != NULL ? leg->dialog : leg->dialogs;
    r = response(u, d, status);
    r.extra = extra;
    r.phrase = u->initial && m == NULL ? rejected_phrase(leg->call, status) : NULL;
    x = cross_to(leg, d, m, CROSS_ASIDE);
    leg->status = u->initial ? status : leg->status;
    ua_reply(leg_ua(leg), u->tx, &r, &x, now_ms);
    uas_free(u);
}

/* The ACK to our 2xx. Returns false when there is none that waits for it (a copy). */
bool uas_ack(struct uas *u, uint32_t cseq) {
    if (u == NULL || !u->answered || u->cseq != cseq)
        return false;
    u->answered = false;
    return true;
}
