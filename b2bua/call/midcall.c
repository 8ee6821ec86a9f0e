/*
 * INVITE and UPDATE inside a dialog: refused for the moment (glare), answered here with what is in force, taken across,
 * or refused for good (RFC 3261 14.2, RFC 3311, RFC 6141). What the trunks want of it is core/offer's.
 */
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/log/log.h"

static const char *retry_after(struct leg *leg, char *buf, size_t size) {
    struct sbuf b = sbuf_on(buf, size - 1);

    sbuf_puts(&b, "Retry-After: ");
    sbuf_number(&b, ua_random(leg_ua(leg)) % 11);
    sbuf_puts(&b, "\r\n");
    buf[b.n] = '\0';
    return buf;
}

/* May the mate be asked now? Its side of an unfinished exchange looks the other way round. */
static int admit_across(const struct leg *leg, const struct dialog *d, const struct sip_msg *m) {
    const struct leg *mate = leg_across((struct leg *)leg, d);

    if (d->mate == NULL)
        return 0;
    struct glare there = relay_glare(mate, d->mate);
    if (m->method == METHOD_INVITE && (there.invite_in || there.invite_unacked || there.invite_out || there.update_in ||
                                       there.offer_in || there.offer_out))
        return 491;
    if (m->method == METHOD_UPDATE && m->sdp.n > 0 && (there.offer_in || there.offer_out || there.update_in))
        return 491;
    return 0;
}

static void refuse(struct leg *leg, struct ua_in *in, int status) {
    char extra[32];

    ua_refuse(leg_ua(leg), in, status, NULL, status == 500 ? retry_after(leg, extra, sizeof extra) : NULL);
}

/* Who the peer says that it is, and whether that is for everybody: what a display would show. */
static uint64_t identity_of(const struct sip_msg *m) {
    return m->identity.n == 0 ? 0 : (str_hash(m->identity) + m->privacy * 2UL + m->rpid_private) | 1;
}

void midcall_note_identity(struct leg *leg, const struct sip_msg *m) {
    uint64_t identity = identity_of(m);

    if (identity != 0)
        leg->identity = identity;
}

static enum offer_fate fate(struct leg *leg, const struct dialog *d, const struct sip_msg *m) {
    uint64_t identity = identity_of(m);
    struct offer_facts f = {.here = (enum offer_midcall)leg_trunk(leg)->midcall,
                            .there = (enum offer_midcall)leg_trunk(leg_mate(leg))->midcall,
                            .is_update = m->method == METHOD_UPDATE,
                            .has_sdp = m->sdp.n > 0,
                            .is_same = m->sdp.n > 0 && offer_is_same(&d->offer, m->sdp),
                            .has_ours = d->offer.ours.text.n > 0,
                            .is_held = sdp_is_held(d->offer.ours.text),
                            .is_identity_new = identity != 0 && identity != leg->identity};

    return offer_fate(&f);
}

/* An UPDATE is answered with our description when it brought one, else without. */
static void answer_update(struct leg *leg, struct dialog *d, struct ua_in *in) {
    struct sip_cross x = cross_own(leg, in->msg.sdp.n > 0 ? d->offer.ours.text : STR_NONE);
    struct sst_say say = {.supported = leg_policy(leg)->on};
    struct sip_echo *echo = sip_echo_new(&in->msg, &in->flow);

    if (d->confirmed)
        refresh_accept(leg, METHOD_UPDATE, &in->msg.timer, in->now_ms, &say);
    if (echo != NULL)
        ua_reply(leg_ua(leg), in->tx,
                 &(struct sip_response){.status = 200,
                                        .echo = echo,
                                        .contact = leg->names->contact,
                                        .allow = out_allow(leg),
                                        .supported = out_supported(leg, true),
                                        .timer = &say},
                 &x, in->now_ms);
    free(echo);
}

static void consume(struct leg *leg, struct dialog *d, struct ua_in *in) {
    leg_counts(leg)->midcall[CALLS_CONSUMED]++;
    leg->consumed++;
    leg_set_target(leg, d, in->msg.contact);
    log_debug("call=%016llx leg=%c method=%s midcall=consumed", (unsigned long long)leg->call->id,
              leg->role == LEG_A ? 'a' : 'b', method_name(in->msg.method));
    leg_note(leg, "%s changes nothing for the other side: answered here", method_name(in->msg.method));
    if (in->msg.method == METHOD_UPDATE) {
        answer_update(leg, d, in);
        return;
    }
    struct uas *u = uas_new(leg, in);
    u->dialog = d;
    uas_answer_here(u, d, in->now_ms);
}

static void forward(struct leg *leg, struct dialog *d, struct ua_in *in) {
    int status = admit_across(leg, d, &in->msg);

    if (status != 0) {
        refuse(leg, in, status);
        return;
    }
    leg_counts(leg)->midcall[CALLS_FORWARDED]++;
    midcall_note_identity(leg, &in->msg);
    if (in->msg.method == METHOD_UPDATE)
        relay_in(leg, d, in);
    else
        reinvite_in(leg, d, in);
}

/* Before the call is up on this leg, only an UPDATE has a place in it; once it is over, nothing has. */
static int out_of_place(const struct leg *leg, enum method method) {
    bool over = leg->state == LEG_HANGING || leg->state == LEG_ENDING || leg->state == LEG_CANCELLING;

    if (over || (method == METHOD_INVITE && !leg_is_up(leg) && leg->state != LEG_ANSWERED))
        return 481;
    return method == METHOD_INVITE && leg->state == LEG_ANSWERED ? 491 : 0;
}

void midcall_in(struct leg *leg, struct dialog *d, struct ua_in *in) {
    const struct sip_msg *m = &in->msg;
    struct glare here = relay_glare(leg, d);
    int status = glare_check(&here, m->method, m->sdp.n > 0 || m->method == METHOD_INVITE);

    if (status != 0) {
        refuse(leg, in, status);
        return;
    }
    status = out_of_place(leg, m->method);
    if (status != 0) {
        refuse(leg, in, status);
        return;
    }
    switch (fate(leg, d, m)) {
    case OFFER_CONSUME:
        consume(leg, d, in);
        break;
    case OFFER_FORWARD:
        forward(leg, d, in);
        break;
    case OFFER_REFUSE:
        leg_counts(leg)->midcall[CALLS_REJECTED]++;
        refuse(leg, in, 488);
        break;
    }
}

/* The ACK to a 2xx of ours that made the offer: an answer that changes something concerns the other side, too, unless
 * it has crossed in the ACK there (`is_ours`: it has not, the offer was of our making). */
void midcall_answered(struct leg *leg, struct dialog *d, bool is_ours, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *mate = leg_mate(leg);
    bool is_same = offer_is_same(&d->offer, m->sdp);

    offer_heard(&d->offer, m->sdp, true);
    if (is_ours && !is_same && leg->state == LEG_UP && mate->state == LEG_UP)
        align_start(mate, m->sdp, 0, now_ms);
}
