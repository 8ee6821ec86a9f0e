/* INVITEs of our own inside a dialog: a refresh of the session timer, or the alignment of one side with the other. The
 * other leg hears nothing of them unless the answer changes something. */
#include "b2bua/call/impl.h"

/* RFC 3261 14.1: no INVITE while another is under way in either direction, and none while an offer is open. */
bool own_may_send(const struct leg *leg) {
    if (!leg_is_up(leg) || leg->dialog == NULL)
        return false;
    struct glare g = relay_glare(leg, leg->dialog);
    return !g.invite_in && !g.invite_unacked && !g.invite_out && !g.update_in && !g.update_out && !g.offer_in &&
           !g.offer_out && leg->update_tx == NULL;
}

/* `sdp`: a description with our origin, or none. Returns 0 or -1. */
int own_invite(struct leg *leg, enum uac_kind kind, struct str sdp, int depth, uint64_t now_ms) {
    struct dialog *d = leg->dialog;
    struct out o;

    if (out_dialog(&o, leg, d, METHOD_INVITE, d->local_cseq + 1) < 0)
        return -1;
    struct uac *u = uac_new(leg, ++d->local_cseq, kind);
    u->offerless = sdp.n == 0;
    u->dialog = d;
    u->depth = depth;
    u->asked_s = o.timer.session_expires_s;
    o.ua.request.supported = out_supported(leg, false); /* its provisionals need not be reliable */
    o.ua.cross = cross_own(leg, sdp);
    u->tx = ua_request(leg_ua(leg), &o.ua, &u->user, now_ms);
    if (u->tx == NULL) {
        uac_free(u);
        return -1;
    }
    if (sdp.n > 0)
        offer_sent(&d->offer, sdp, false);
    return 0;
}

/* `status`: of `m`, or where that is NULL: 408 for silence, 503 when it could not be delivered. */
static void finished(struct uac *u, int status, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = u->leg;

    if (u->kind == UAC_REFRESH) {
        refresh_result(leg, METHOD_INVITE, u->asked_s, status, m, now_ms);
        return;
    }
    align_result(u, status, m, now_ms);
    if (status == 481 || status == 408)
        leg_lost(leg, now_ms);
}

/* The peer's answer is compared with what it said before: what is new concerns the other side. That side may be a new
 * one: after an alignment it is asked there whether it knows (align_run). */
static void answered(struct uac *u, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = u->leg;
    struct dialog *d = u->dialog;

    if (u->final) {
        if (u->ack.n > 0)
            ua_resend(leg_ua(leg), &u->ack_flow, leg->host, u->ack);
        return;
    }
    u->final = true;
    bool is_new = m->sdp.n > 0 && (u->kind == UAC_ALIGN || !offer_is_same(&d->offer, m->sdp));
    leg_set_target(leg, d, m->contact);
    refresh_granted(leg, m, u->asked_s, now_ms);
    if (m->sdp.n > 0 && !u->offerless)
        offer_heard(&d->offer, m->sdp, true);
    uac_ack(u, d, NULL, now_ms);
    finished(u, m->status, m, now_ms);
    if (is_new && !u->offerless)
        align_start(leg_mate(leg), m->sdp, u->depth + 1, now_ms);
}

void own_response(struct uac *u, const struct sip_msg *m, uint64_t now_ms) {
    if (m->status < 200)
        return;
    if (m->status < 300) {
        answered(u, m, now_ms);
        return;
    }
    if (u->final)
        return;
    u->final = true;
    u->leg->uac = NULL;
    offer_dropped(&u->dialog->offer);
    finished(u, m->status, m, now_ms);
}

void own_failed(struct uac *u, bool timeout, uint64_t now_ms) {
    u->leg->uac = NULL;
    offer_dropped(&u->dialog->offer);
    finished(u, timeout ? 408 : 503, NULL, now_ms);
}
