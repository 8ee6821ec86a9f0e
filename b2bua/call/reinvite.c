/*
 * INVITE inside a dialog: it crosses, in a transaction of its own on each leg (RFC 3261 section 14, RFC 6141). A 2xx is
 * acknowledged on the other leg at once, or, when the INVITE brought no offer, with the answer that the peer's ACK
 * brings.
 */
#include "b2bua/call/impl.h"

static const char *retry_after(struct leg *leg, char *buf, size_t size) {
    struct sbuf b = sbuf_on(buf, size - 1);

    sbuf_puts(&b, "Retry-After: ");
    sbuf_number(&b, ua_random(leg_ua(leg)) % 11);
    sbuf_puts(&b, "\r\n");
    buf[b.n] = '\0';
    return buf;
}

/* May the leg take it, and may the mate be asked now? The mate's side of an unfinished exchange looks the other way
 * round. */
static int admit(const struct leg *leg, const struct dialog *d, const struct sip_msg *m) {
    const struct leg *mate = leg_mate((struct leg *)leg);
    struct glare here = relay_glare(leg, d), there;
    int status = glare_check(&here, m->method, m->sdp.n > 0 || m->method == METHOD_INVITE);

    if (status != 0 || d->mate == NULL)
        return status;
    there = relay_glare(mate, d->mate);
    if (m->method == METHOD_INVITE && (there.invite_in || there.invite_unacked || there.invite_out || there.update_in ||
                                       there.offer_in || there.offer_out))
        return 491;
    if (m->method == METHOD_UPDATE && m->sdp.n > 0 && (there.offer_in || there.offer_out || there.update_in))
        return 491;
    return 0;
}

/* Refuses what comes at the wrong moment. Returns true when it did. */
bool reinvite_glare(struct leg *leg, struct dialog *d, struct ua_in *in) {
    char extra[32];
    int status = admit(leg, d, &in->msg);

    if (status != 0)
        ua_refuse(leg_ua(leg), in, status, NULL, status == 500 ? retry_after(leg, extra, sizeof extra) : NULL);
    return status != 0;
}

void reinvite_in(struct leg *leg, struct dialog *d, struct ua_in *in) {
    struct leg *mate = leg_mate(leg);
    struct dialog *there = d->mate;
    struct out o;

    if (leg->state != LEG_UP || mate->state != LEG_UP || there == NULL) {
        ua_refuse(leg_ua(leg), in, leg->state == LEG_UP || leg->state == LEG_ANSWERED ? 491 : 481, NULL, NULL);
        return;
    }
    if (out_dialog(&o, mate, there, METHOD_INVITE, there->local_cseq + 1) < 0) {
        ua_refuse(leg_ua(leg), in, 500, NULL, NULL);
        return;
    }
    there->local_cseq++;
    leg_set_target(leg, d, in->msg.contact);
    struct uas *u = uas_new(leg, in);
    u->dialog = d;
    u->reliable_wanted = in->msg.required & SIP_OPTION_100REL;
    uas_trying(u, in->now_ms);
    struct uac *c = uac_new(mate, there->local_cseq);
    c->offerless = u->offerless;
    c->dialog = there;
    if (!u->offerless) {
        d->offer = DIALOG_OFFER_IN;
        there->offer = DIALOG_OFFER_OUT;
    }
    out_cross(&o, mate, there, &in->msg);
    o.ua.request.supported = NULL; /* provisionals of a re-INVITE are not made reliable */
    leg->call->calls->counts.midcalls_forwarded++;
    leg->midcalls++;
    c->tx = ua_request(leg_ua(leg), &o.ua, &c->user, 0, in->now_ms);
    if (c->tx == NULL) {
        uac_free(c);
        uas_fail(u, 513, NULL, NULL, in->now_ms);
    }
}

static void settle(struct uac *u, int status, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = u->leg, *mate = leg_mate(leg);

    u->final = true;
    leg->uac = NULL;
    u->dialog->offer = DIALOG_OFFER_NONE;
    if (u->dialog->mate != NULL)
        u->dialog->mate->offer = DIALOG_OFFER_NONE;
    if (mate->uas != NULL && mate->uas->echo != NULL)
        uas_fail(mate->uas, status, m, NULL, now_ms);
}

/* RFC 3261 12.2.1.2: 481, 408 or silence to a request in a dialog: the peer has no such call any more. */
static void lost(struct leg *leg, uint64_t now_ms) {
    struct call_in in = {.now_ms = now_ms};

    call_blame(leg->call, "us", "timeout");
    leg_event(leg, LEG_EV_LOST, &in);
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
    if (!u->offerless || mate->uas == NULL) {
        uac_ack(u, u->dialog, NULL, now_ms);
    } else if (m->sdp.n > 0) {
        u->dialog->offer = DIALOG_OFFER_IN;
    }
    if (mate->uas != NULL && mate->uas->echo != NULL && u->dialog->mate != NULL)
        uas_answer(mate->uas, u->dialog->mate, m, now_ms);
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
    if (u->final)
        return;
    settle(u, m->status, m, now_ms);
    if (m->status == 481 || m->status == 408)
        lost(leg, now_ms);
}

void reinvite_failed(struct uac *u, bool timeout, uint64_t now_ms) {
    struct leg *leg = u->leg;

    settle(u, timeout ? 408 : 503, NULL, now_ms);
    if (timeout)
        lost(leg, now_ms);
}

/* The ACK on the leg that the INVITE came on: the one that is held on the other leg goes now. */
void reinvite_acked(struct leg *leg, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *mate = leg_mate(leg);

    if (mate->uac != NULL && !mate->uac->initial && mate->uac->final)
        uac_ack(mate->uac, mate->uac->dialog, m, now_ms);
}

/* The peer cancels its INVITE. */
void reinvite_cancel(struct leg *leg, uint64_t now_ms) {
    struct leg *mate = leg_mate(leg);

    if (mate->uac != NULL && mate->uac->tx != NULL && !mate->uac->final)
        ua_cancel(leg_ua(leg), mate->uac->tx, STR_NONE, now_ms);
}
