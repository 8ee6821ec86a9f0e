/* Reliable provisional responses, each leg by itself (RFC 3262): ours to the inviting peer with their PRACKs, and our
 * PRACKs to the target. */
#include <stdlib.h>

#include "b2bua/call/impl.h"

static void drop_first(struct uas *u) {
    struct reliable *r = u->queue;

    u->queue = r->next;
    free((char *)r->text.p);
    free(r);
}

void reliable_free(struct uas *u) {
    while (u->queue != NULL)
        drop_first(u);
}

void reliable_resend(struct uas *u, uint64_t now_ms) {
    struct reliable *r = u->queue;

    if (u->tx != NULL)
        ua_reply_text(leg_ua(u->leg), u->tx, r->status, r->text, now_ms);
}

static void send_first(struct uas *u, uint64_t now_ms) {
    u->give_up_ms = now_ms + 64ull * CALL_T1_MS;
    reliable_resend(u, now_ms);
    uas_arm(u, CALL_T1_MS, now_ms);
}

/* One fork was answered: what waits to be said in others is not said any more, and what is on the wire is not awaited.
 */
void reliable_forget(struct uas *u, const struct dialog *keep, uint64_t now_ms) {
    const struct reliable *on_wire = u->queue;
    struct reliable **at = &u->queue;

    while (*at != NULL) {
        struct reliable *r = *at;
        if (r->dialog == keep) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        free((char *)r->text.p);
        free(r);
    }
    if (u->queue != NULL && u->queue != on_wire)
        send_first(u, now_ms);
}

/* Takes `text`. */
void reliable_add(struct uas *u, struct dialog *d, int status, struct str text, uint64_t now_ms) {
    struct reliable **at = &u->queue;
    int waiting = 0;

    for (; *at != NULL; at = &(*at)->next)
        waiting++;
    if (waiting >= CALL_QUEUE_MAX) {
        free((char *)text.p);
        return;
    }
    struct reliable *r = mem_zalloc(sizeof *r);
    *r = (struct reliable){.dialog = d, .rseq = d->rseq++, .status = status, .text = text};
    *at = r;
    if (u->queue == r)
        send_first(u, now_ms);
}

/* Our PRACK for a reliable provisional of the target; `answer` is the message whose description answers the target's
 * offer, or NULL. */
void prack_send(struct leg *leg, struct dialog *d, uint32_t rseq, uint32_t invite_cseq, const struct sip_msg *answer,
                uint64_t now_ms) {
    struct out o;

    if (out_dialog(&o, leg, d, METHOD_PRACK, ++d->local_cseq) < 0)
        return;
    if (answer != NULL)
        out_cross(&o, leg, d, answer, CROSS_ANSWER);
    o.ua.request.max_forwards = 70;
    o.ua.request.rack_rseq = rseq;
    o.ua.request.rack_cseq = invite_cseq;
    ua_request(leg_ua(leg), &o.ua, NULL, now_ms);
}

/* The target's offer in a provisional had to wait for the caller's answer: here it is. */
static void pass_answer(struct leg *leg, struct dialog *d, struct ua_in *in) {
    struct leg *mate = leg_across(leg, d);
    struct dialog *there = d->mate;

    if (there == NULL || there->prack_held == 0 || mate->uac == NULL)
        return;
    if (in->msg.sdp.n > 0)
        offer_heard(&d->offer, in->msg.sdp, true);
    prack_send(mate, there, there->prack_held, mate->uac->cseq, in->msg.sdp.n > 0 ? &in->msg : NULL, in->now_ms);
    there->prack_held = 0;
}

/* A PRACK of the inviting peer. Returns false when it acknowledges nothing (481, RFC 3262 section 3). */
bool prack_in(struct leg *leg, struct dialog *d, struct ua_in *in) {
    struct uas *u = leg->uas;
    const struct sip_msg *m = &in->msg;
    struct reliable *r = u == NULL ? NULL : u->queue;

    if (r == NULL || r->dialog != d || m->rack_rseq != r->rseq || m->rack_cseq != u->cseq ||
        m->rack_method != METHOD_INVITE)
        return false;
    /* Who made the offer may be gone by now. */
    bool answers = d->mate != NULL ? d->mate->prack_held != 0 : d->offer.state == OFFER_OUT;
    if (m->sdp.n > 0 && !answers) { /* a new offer in a PRACK would need a round trip of its own on the other leg */
        ua_refuse(leg_ua(leg), in, 488, NULL, NULL);
        return true;
    }
    timerq_stop(leg->call->calls->timers, &u->timer);
    drop_first(u);
    ua_refuse(leg_ua(leg), in, 200, NULL, NULL);
    pass_answer(leg, d, in);
    if (u->queue != NULL)
        send_first(u, in->now_ms);
    else
        uas_answer_send(u, in->now_ms);
    return true;
}
