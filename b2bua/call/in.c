/* Requests that concern calls: new INVITEs, ACK, CANCEL, and what comes inside dialogs. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/call/refer.h"
#include "b2bua/log/log.h"

/* --- a new call --- */

/* The extensions that a peer may require of us. */
static unsigned known_options(const struct settings_trunk *t, bool in_dialog) {
    return (in_dialog || t->rel100 != REL100_OFF ? SIP_OPTION_100REL : 0) | (t->timer.on ? SIP_OPTION_TIMER : 0) |
           (!in_dialog                  ? SIP_OPTION_REPLACES
            : t->refer == REFER_CONSUME ? SIP_OPTION_NOREFERSUB
                                        : 0);
}

/* What the caller demands that we do not do. */
static bool refused(struct calls *c, struct ua_in *in) {
    const struct settings_trunk *t = &c->settings->trunks[in->trunk];
    struct sip_fault fault = {0};

    if (in->msg.max_forwards == 0) {
        ua_refuse(c->ua, in, 483, NULL, NULL);
        return true;
    }
    if (sip_check_require(&in->msg, known_options(t, false), &fault) < 0) {
        ua_refuse(c->ua, in, fault.status, fault.phrase, fault.extra);
        return true;
    }
    if (t->rel100 == REL100_REQUIRE && !((in->msg.supported | in->msg.required) & SIP_OPTION_100REL)) {
        ua_refuse(c->ua, in, 421, NULL, "Require: 100rel\r\n"); /* RFC 3261 21.4.15 */
        return true;
    }
    if (in->msg.contact.n == 0 && !in->msg.is_rfc2543) {
        ua_refuse(c->ua, in, 400, "Missing Contact", NULL); /* RFC 3261 8.1.1.8 */
        return true;
    }
    return refresh_refuse(c, t, in);
}

static void first_dialog(struct leg *a, struct ua_in *in) {
    char tag[DIALOG_TAG_SIZE];

    ua_tag(leg_ua(a), tag);
    a->dialogs = dialog_new(tag, in->msg.from_tag, 0);
    a->dialogs->remote_cseq = in->msg.cseq;
    a->dialogs->remote_cseq_known = true;
    if (in->msg.sdp.n > 0)
        offer_heard(&a->dialogs->offer, in->msg.sdp, false);
    /* Before RFC 3261 a Contact was optional, and From the address to call back (RFC 2543 6.13). */
    leg_set_target(a, a->dialogs, in->msg.contact.n > 0 ? in->msg.contact : in->msg.from_uri);
    leg_set_route(a, a->dialogs, &in->msg, false);
}

/* The trunk carries what it may: the caller is told, and there is no call. Else it counts one more. */
static bool is_beyond_limits(struct calls *c, struct ua_in *in) {
    const struct settings_trunk *t = &c->settings->trunks[in->trunk];
    int limit = pool_call_begin(c->pool, t->slot, POOL_NO_PLACE, &t->limits, false, in->now_ms);
    char extra[40];

    if (limit == POOL_ADMITTED)
        return false;
    log_info("trunk=%s limit=%s", t->name, pool_limit_name(limit));
    snprintf(extra, sizeof extra, "Retry-After: %d\r\n", attempt_retry_after_s(limit));
    ua_refuse(c->ua, in, t->limits.code, NULL, extra);
    return true;
}

void calls_invite(struct calls *c, struct ua_in *in) {
    struct call_replaces replaces = {0};
    struct call_in event = {.msg = &in->msg, .now_ms = in->now_ms};

    if (refused(c, in))
        return;
    int status = replaces_take(c, in, &replaces);
    if (status != 0) {
        ua_refuse(c->ua, in, status, status == 400 ? "Bad Replaces header" : NULL, NULL);
        return;
    }
    if (is_beyond_limits(c, in)) {
        free(replaces.text);
        return;
    }
    struct call *call = call_new(c, in->now_ms);
    struct leg *a = &call->legs[LEG_A];
    call->replaces = replaces;
    call->rules = in->rules;
    in->rules = NULL;
    a->trunk = in->trunk;
    front_ask(call, in);
    a->joined = true;
    front_busy(a, true);
    a->flow = in->flow.bound ? in->flow : in->tx->flow;
    a->peer_100rel = ((in->msg.supported | in->msg.required) & SIP_OPTION_100REL) && leg_trunk(a)->rel100 != REL100_OFF;
    first_dialog(a, in);
    call->timer_asked = in->msg.timer.session_expires_s != 0;
    sst_heard(&a->sst, &in->msg.timer);
    midcall_note_identity(a, &in->msg);
    struct uas *u = uas_new(a, in);
    u->initial = true;
    u->reliable_wanted = a->peer_100rel;
    hunt_name_a(a, &in->msg);
    uas_trying(u, in->now_ms);
    leg_event(a, LEG_EV_INVITE, &event);
}

/* --- ACK and CANCEL --- */

void calls_ack(struct calls *c, struct ua_in *in) {
    struct call_in event = {.msg = &in->msg, .now_ms = in->now_ms};
    struct dialog *d = NULL;
    struct leg *leg = table_find(c, &in->msg, &d);

    if (leg == NULL || !uas_ack(leg->uas, in->msg.cseq))
        return;
    bool initial = leg->uas->initial, local = leg->uas->local, offerless = leg->uas->offerless;
    uas_free(leg->uas);
    if (in->msg.sdp.n == 0 && d->offer.state == OFFER_OUT)
        offer_dropped(&d->offer);
    event.dialog = d;
    if (initial)
        leg_event(leg, LEG_EV_ACK, &event);
    else if (!local)
        reinvite_acked(leg, &in->msg, in->now_ms);
    if (offerless && in->msg.sdp.n > 0)
        midcall_answered(leg, d, local || (initial && leg_mate(leg)->own_offer), &in->msg, in->now_ms);
}

void calls_cancel(struct calls *c, struct tx *invite, struct ua_in *in) {
    struct uas *u = CONTAINER(invite->user, struct uas, user);
    struct call_in event = {.msg = &in->msg, .now_ms = in->now_ms};
    struct leg *leg = u->leg;

    (void)c;
    if (u->echo == NULL) /* answered: the CANCEL came too late (RFC 3261 9.2) */
        return;
    if (!u->initial) {
        reinvite_cancel(leg, &in->msg, in->now_ms);
        return;
    }
    call_blame(leg->call, ENDING_BY_A, ENDING_CANCEL);
    leg_event(leg, LEG_EV_CANCEL, &event);
}

/* --- inside a dialog --- */

static void bye_in(struct leg *leg, struct dialog *d, struct ua_in *in) {
    struct call_in event = {.msg = &in->msg, .dialog = d, .now_ms = in->now_ms};

    ua_refuse(leg_ua(leg), in, 200, NULL, NULL);
    if (callfsm_step(leg->role, leg->state, LEG_EV_BYE) == NULL)
        return; /* both hung up at once */
    if (refer_stays(leg))
        return;
    refer_left(leg, in->now_ms);
    if (leg->role == LEG_B && leg->state == LEG_EARLY) { /* it has given up */
        call_failure(leg->call, 480, NULL);
        if (rival_leave(leg, in->now_ms))
            return;
    }
    call_blame(leg->call, leg_by(leg), ENDING_BYE);
    leg_event(leg, LEG_EV_BYE, &event);
}

static void prack_or_refuse(struct leg *leg, struct dialog *d, struct ua_in *in) {
    if (!prack_in(leg, d, in))
        ua_refuse(leg_ua(leg), in, 481, NULL, NULL);
}

/* What is done with each method inside a dialog; what is not here is refused, never passed on. */
static void (*const handlers[METHODS])(struct leg *, struct dialog *, struct ua_in *) = {
    [METHOD_BYE] = bye_in,
    [METHOD_PRACK] = prack_or_refuse,
    [METHOD_UPDATE] = midcall_in,
    [METHOD_INVITE] = midcall_in,
    [METHOD_INFO] = relay_in,
    [METHOD_MESSAGE] = relay_in,
    [METHOD_NOTIFY] = refer_notify_in,
    [METHOD_OPTIONS] = relay_in,
    [METHOD_REFER] = refer_in,
    [METHOD_SUBSCRIBE] = refer_subscribe_in,
};

/* Nor is what the trunk does not want. */
static bool is_served(const struct leg *leg, enum method method) {
    bool is_transfer = method == METHOD_REFER || method == METHOD_SUBSCRIBE;

    return handlers[method] != NULL && !(is_transfer && leg_trunk(leg)->refer == REFER_REJECT);
}

static void not_allowed(struct leg *leg, struct ua_in *in) {
    char allow[160];
    struct sbuf b = sbuf_on(allow, sizeof allow - 1);

    sbuf_puts(&b, "Allow: ");
    sbuf_puts(&b, out_allow(leg));
    sbuf_puts(&b, "\r\n");
    allow[b.n] = '\0';
    ua_refuse(leg_ua(leg), in, in->msg.method == METHOD_UNKNOWN ? 501 : 405, NULL, allow);
}

static bool refused_in_dialog(struct calls *c, struct leg *leg, struct dialog *d, struct ua_in *in) {
    struct sip_fault fault = {0};

    if (sip_check_require(&in->msg, known_options(leg_trunk(leg), true), &fault) < 0) {
        ua_refuse(c->ua, in, fault.status, fault.phrase, fault.extra);
        return true;
    }
    if (in->msg.method != METHOD_BYE && in->msg.max_forwards == 0) {
        ua_refuse(c->ua, in, 483, NULL, NULL);
        return true;
    }
    if (!is_served(leg, in->msg.method)) {
        not_allowed(leg, in);
        return true;
    }
    if (dialog_take_cseq(d, in->msg.cseq) != 0) {
        ua_refuse(c->ua, in, 500, "CSeq Out Of Order", NULL);
        return true;
    }
    sst_heard(&leg->sst, &in->msg.timer);
    return d->confirmed && (in->msg.method == METHOD_INVITE || in->msg.method == METHOD_UPDATE) &&
           refresh_refuse(c, leg_trunk(leg), in);
}

bool calls_known(const struct calls *c, const struct sip_msg *m) {
    struct dialog *d;

    return table_find(c, m, &d) != NULL;
}

bool calls_request(struct calls *c, struct ua_in *in) {
    struct dialog *d = NULL;
    struct leg *leg = table_find(c, &in->msg, &d);

    if (leg == NULL || leg->state == LEG_ENDED)
        return false;
    bool follows = flow_is_stream(in->flow.proto) || (leg->flow.bound && in->flow.bound);
    if (follows && in->flow.proto == leg->flow.proto && leg_knows(leg, in->flow.listen))
        leg->flow = leg->flow.bound ? in->flow : in->tx->flow; /* the way that the peer comes by now */
    if (!refused_in_dialog(c, leg, d, in))
        handlers[in->msg.method](leg, d, in);
    return true;
}
