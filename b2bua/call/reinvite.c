/*
 * INVITE inside a dialog: it crosses, in a transaction of its own on each leg (RFC 3261 section 14, RFC 6141). A 2xx is
 * acknowledged on the other leg at once, or, when the INVITE brought no offer, with the answer that the peer's ACK
 * brings.
 */
#include "b2bua/call/impl.h"

/* Carries `m` across into dialog `d`. Returns 0, or the status for the one who asked. */
static int send_across(struct leg *to, struct dialog *d, const struct sip_msg *m, uint64_t now_ms) {
    struct out o;

    if (out_dialog(&o, to, d, METHOD_INVITE, d->local_cseq + 1) < 0)
        return 500;
    struct uac *c = uac_new(to, ++d->local_cseq, UAC_RELAYED);
    c->offerless = m->sdp.n == 0;
    c->dialog = d;
    c->asked_s = o.timer.session_expires_s;
    if (leg_policy(to)->on)
        c->source = (struct str){str_dup(m->raw), m->raw.n};
    out_cross(&o, to, d, m, CROSS_OFFER);
    o.ua.request.supported = out_supported(to, false); /* provisionals of a re-INVITE are not made reliable */
    c->tx = ua_request(leg_ua(to), &o.ua, &c->user, now_ms);
    if (c->tx != NULL)
        return 0;
    offer_dropped(&d->offer);
    uac_free(c);
    return 513;
}

void reinvite_in(struct leg *leg, struct dialog *d, struct ua_in *in) {
    struct leg *mate = leg_mate(leg);
    struct dialog *there = d->mate;

    if (leg->state != LEG_UP || mate->state != LEG_UP || there == NULL) {
        ua_refuse(leg_ua(leg), in, leg_is_up(leg) || leg->state == LEG_ANSWERED ? 491 : 481, NULL, NULL);
        return;
    }
    leg_set_target(leg, d, in->msg.contact);
    struct uas *u = uas_new(leg, in);
    u->dialog = d;
    u->reliable_wanted = in->msg.required & SIP_OPTION_100REL;
    uas_trying(u, in->now_ms);
    if (!u->offerless)
        offer_heard(&d->offer, in->msg.sdp, false);
    leg->call->calls->counts.midcalls_forwarded++;
    leg->midcalls++;
    int status = send_across(mate, there, &in->msg, in->now_ms);
    if (status == 0)
        return;
    offer_dropped(&d->offer);
    uas_fail(u, status, NULL, NULL, in->now_ms);
}

static void settle(struct uac *u, int status, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = u->leg, *mate = leg_mate(leg);

    u->final = true;
    leg->uac = NULL;
    offer_dropped(&u->dialog->offer);
    if (u->dialog->mate != NULL)
        offer_dropped(&u->dialog->mate->offer);
    if (mate->uas != NULL && mate->uas->echo != NULL)
        uas_fail(mate->uas, status, m, NULL, now_ms);
}

static void answered(struct uac *u, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = u->leg, *mate = leg_mate(leg);

    if (u->final) {
        if (u->ack.n > 0)
            ua_resend(leg_ua(leg), &u->ack_flow, leg->host, u->ack);
        return;
    }
    u->final = true;
    leg_set_target(u->leg, u->dialog, m->contact);
    refresh_granted(leg, m, u->asked_s, now_ms);
    midcall_note_identity(leg, m);
    if (m->sdp.n > 0)
        offer_heard(&u->dialog->offer, m->sdp, !u->offerless);
    if (!u->offerless || mate->uas == NULL)
        uac_ack(u, u->dialog, NULL, now_ms);
    if (mate->uas != NULL && mate->uas->echo != NULL && u->dialog->mate != NULL)
        uas_answer(mate->uas, u->dialog->mate, m, now_ms);
}

/* The interval was too small for the one that we asked (RFC 4028 7.3): the same INVITE again, with a larger one. */
static bool ask_again(struct uac *u, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = u->leg;
    struct sip_msg source;

    if (m->status != 422 || u->source.n == 0 || !leg_is_up(leg) || !refresh_too_small(leg, m, u->asked_s) ||
        sip_parse(&source, u->source) < 0)
        return false;
    u->final = true;
    leg->uac = NULL;
    int status = send_across(leg, u->dialog, &source, now_ms);
    sip_fini(&source);
    return status == 0;
}

void reinvite_response(struct uac *u, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = u->leg, *mate = leg_mate(leg);

    if (m->status < 200) {
        if (m->status > 100 && mate->uas != NULL && mate->uas->echo != NULL && u->dialog->mate != NULL && m->rseq == 0)
            uas_progress(mate->uas, u->dialog->mate, m, now_ms);
        return;
    }
    if (m->status < 300) {
        answered(u, m, now_ms);
        return;
    }
    if (u->final || ask_again(u, m, now_ms))
        return;
    settle(u, m->status == 422 ? 500 : m->status, m->status == 422 ? NULL : m, now_ms);
    if (m->status == 481 || m->status == 408)
        leg_lost(leg, now_ms);
}

void reinvite_failed(struct uac *u, bool timeout, uint64_t now_ms) {
    struct leg *leg = u->leg;

    settle(u, timeout ? 408 : 503, NULL, now_ms);
    if (timeout)
        leg_lost(leg, now_ms);
}

/* The ACK on the leg that the INVITE came on: the one that is held on the other leg goes now. */
void reinvite_acked(struct leg *leg, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *mate = leg_mate(leg);

    if (mate->uac != NULL && mate->uac->kind == UAC_RELAYED && mate->uac->final)
        uac_ack(mate->uac, mate->uac->dialog, m, now_ms);
}

/* The peer cancels its INVITE. */
void reinvite_cancel(struct leg *leg, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *mate = leg_mate(leg);

    if (mate->uac != NULL && mate->uac->kind == UAC_RELAYED && mate->uac->tx != NULL && !mate->uac->final)
        ua_cancel(leg_ua(leg), mate->uac->tx, identity_reason(mate, m), now_ms);
}
