/*
 * Requests other than INVITE inside a dialog: INFO, MESSAGE, NOTIFY, OPTIONS, UPDATE. Each is answered in its own
 * transaction on the leg that it came on, with what the same request got in another transaction on the other leg.
 */
#include <stdlib.h>

#include "b2bua/call/refer.h"

static void unlink_relay(struct relay *r) {
    struct relay **at = &r->from->call->relays;

    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
}

static void destroy(struct relay *r) {
    if (r->server != NULL)
        r->server->user = NULL;
    if (r->client != NULL)
        r->client->user = NULL;
    free(r->echo);
    free((char *)r->source.p);
    free(r);
}

/* An UPDATE came to nothing, or its 2xx brought no answer. */
static void settle_offer(struct relay *r) {
    if (!r->offer)
        return;
    if (r->from_dialog != NULL && r->from_dialog->offer.state == OFFER_IN)
        offer_dropped(&r->from_dialog->offer);
    if (r->to_dialog != NULL && r->to_dialog->offer.state == OFFER_OUT)
        offer_dropped(&r->to_dialog->offer);
}

/* Answers the peer and is done. `m` is the response that crosses, or NULL. */
static void finish(struct relay *r, int status, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *from = r->from;
    bool updated = r->method == METHOD_UPDATE && status < 300;
    bool subscribed = (r->method == METHOD_REFER || r->method == METHOD_SUBSCRIBE) && status < 300;

    if (r->server != NULL && r->echo != NULL) {
        struct sip_cross x = cross_to(from, r->from_dialog, m, updated ? CROSS_ANSWER : CROSS_ASIDE);
        struct sst_say say = {.supported = leg_policy(from)->on};
        if (updated && r->from_dialog->confirmed)
            refresh_accept(from, METHOD_UPDATE, &r->said, now_ms, &say);
        struct sip_response resp = {.status = status,
                                    .echo = r->echo,
                                    .contact = updated || subscribed ? from->names->contact : STR_NONE,
                                    .allow = updated || status == 405 ? out_allow(from) : NULL,
                                    .supported = updated ? out_supported(from, true) : NULL,
                                    .timer = updated ? &say : NULL};
        ua_reply(leg_ua(from), r->server, &resp, &x, now_ms);
    }
    settle_offer(r);
    unlink_relay(r);
    destroy(r);
}

static void updated(struct relay *r, const struct sip_msg *m, uint64_t now_ms) {
    if (r->to_dialog == NULL)
        return;
    leg_set_target(r->to, r->to_dialog, m->contact);
    if (r->offer && m->sdp.n > 0)
        offer_heard(&r->to_dialog->offer, m->sdp, true);
    if (r->to_dialog->confirmed)
        refresh_granted(r->to, m, r->asked_s, now_ms);
}

static int send_across(struct relay *r, const struct sip_msg *m, const struct relay_change *change, uint64_t now_ms);

/* The interval was too small for the one that we asked (RFC 4028 7.3): the same UPDATE again, with a larger one. */
static bool ask_again(struct relay *r, const struct sip_msg *m, uint64_t now_ms) {
    struct sip_msg source;

    if (m->status != 422 || r->source.n == 0 || r->to_dialog == NULL || !refresh_too_small(r->to, m, r->asked_s) ||
        sip_parse(&source, r->source) < 0)
        return false;
    int sent = send_across(r, &source, NULL, now_ms);
    sip_fini(&source);
    return sent == 0;
}

static int status_to_show(const struct call *call, int status) {
    if (status == 422)
        return 500;
    return (status == 401 || status == 407) && !front_shares(call) ? 403 : status;
}

static void response(struct ua_user *user, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    struct relay *r = CONTAINER(user, struct relay, client_user);
    struct leg *to = r->to;
    int status = status_to_show(to->call, m->status);

    (void)tx;
    sst_heard(&to->sst, &m->timer);
    if (m->status < 200 || ask_again(r, m, now_ms))
        return;
    if (m->status < 300 && r->method == METHOD_UPDATE)
        updated(r, m, now_ms);
    finish(r, status, m->status == status ? m : NULL, now_ms);
    if (m->status == 481) /* RFC 5057 section 5.1: the peer has no such dialog */
        leg_lost(to, now_ms);
}

static void failed(struct ua_user *user, struct tx *tx, bool timeout, uint64_t now_ms) {
    (void)tx;
    finish(CONTAINER(user, struct relay, client_user), timeout ? 408 : 503, NULL, now_ms);
}

static void client_ended(struct ua_user *user, struct tx *tx, struct tx *next) {
    struct relay *r = CONTAINER(user, struct relay, client_user);

    if (r->client == tx)
        r->client = next;
}

static void server_ended(struct ua_user *user, struct tx *tx, struct tx *next) {
    struct relay *r = CONTAINER(user, struct relay, server_user);

    (void)next;
    if (r->server == tx)
        r->server = NULL;
}

static const struct ua_user_ops client_ops = {response, failed, client_ended};
static const struct ua_user_ops server_ops = {.ended = server_ended};

struct glare relay_glare(const struct leg *leg, const struct dialog *d) {
    struct glare g = {0};

    if (leg->uas != NULL) {
        g.invite_in = leg->uas->echo != NULL;
        g.invite_unacked = leg->uas->echo == NULL;
    }
    g.invite_out = leg->uac != NULL;
    if (leg->state == LEG_ANSWERED)
        g.invite_unacked = true;
    for (const struct relay *r = leg->call->relays; r != NULL; r = r->next) {
        if (r->method != METHOD_UPDATE)
            continue;
        g.update_in |= r->from_dialog == d;
        g.update_out |= r->to_dialog == d;
    }
    g.offer_in = d->offer.state == OFFER_IN;
    g.offer_out = d->offer.state == OFFER_OUT;
    return g;
}

static int count(const struct call *call) {
    int n = 0;

    for (const struct relay *r = call->relays; r != NULL; r = r->next)
        n++;
    return n;
}

static struct relay *relay_new(struct leg *leg, struct dialog *d, struct ua_in *in) {
    struct relay *r = mem_zalloc(sizeof *r);

    r->server_user.ops = &server_ops;
    r->client_user.ops = &client_ops;
    r->from = leg;
    r->to = leg_across(leg, d);
    r->from_dialog = d;
    r->to_dialog = d->mate;
    r->server = in->tx;
    r->server->user = &r->server_user;
    r->echo = sip_echo_new(&in->msg, &in->flow);
    r->method = in->msg.method;
    r->offer = r->method == METHOD_UPDATE && in->msg.sdp.n > 0;
    r->said = in->msg.timer;
    if (r->method == METHOD_UPDATE && leg_policy(r->to)->on)
        r->source = (struct str){str_dup(in->msg.raw), in->msg.raw.n};
    r->next = leg->call->relays;
    leg->call->relays = r;
    return r;
}

/* Returns 0, or the status for the one who asked. */
static int send_across(struct relay *r, const struct sip_msg *m, const struct relay_change *change, uint64_t now_ms) {
    struct leg *to = r->to;
    struct dialog *d = r->to_dialog;
    struct out o;

    if (out_dialog(&o, to, d, m->method, d->local_cseq + 1) < 0)
        return 500;
    d->local_cseq++;
    out_cross(&o, to, d, m, r->offer ? CROSS_OFFER : CROSS_ASIDE);
    if (change != NULL) {
        o.ua.request.extra = change->extra;
        o.ua.cross.without = change->without;
        o.ua.cross.without_compact = change->without_compact;
        o.ua.cross.body = change->body.n > 0 ? change->body : o.ua.cross.body;
    }
    if (r->client != NULL) /* the one before it, answered by a 422 */
        r->client->user = NULL;
    r->asked_s = o.timer.session_expires_s;
    r->client = ua_request(leg_ua(to), &o.ua, &r->client_user, now_ms);
    return r->client == NULL ? 513 : 0;
}

/* Who is behind the other leg is just being exchanged: the dialog lives, but there is nobody to ask. */
static bool is_between(const struct leg *leg, const struct leg *mate) {
    return leg->state == LEG_PARKED || mate->state == LEG_PARKED || refer_stands_in(mate);
}

/* Takes the request across. The other leg has to have a dialog to say it in. */
void relay_changed(struct leg *leg, struct dialog *d, struct ua_in *in, const struct relay_change *change) {
    struct leg *mate = leg_across(leg, d);
    struct dialog *there = d->mate;

    if (is_between(leg, mate)) {
        ua_refuse(leg_ua(leg), in, 500, NULL, "Retry-After: 5\r\n");
        return;
    }
    if (there == NULL || there->target == NULL || mate->state == LEG_ENDING || mate->state == LEG_ENDED ||
        there->remote_tag[0] == '\0') {
        ua_refuse(leg_ua(leg), in, 481, NULL, NULL);
        return;
    }
    if (count(leg->call) >= CALL_RELAYS_MAX) {
        ua_refuse(leg_ua(leg), in, 500, NULL, "Retry-After: 5\r\n");
        return;
    }
    if (in->msg.method == METHOD_UPDATE)
        leg_set_target(leg, d, in->msg.contact);
    struct relay *r = relay_new(leg, d, in);
    if (r->offer)
        offer_heard(&d->offer, in->msg.sdp, false);
    leg->call->calls->counts.midcalls_forwarded++;
    leg->midcalls++;
    int status = send_across(r, &in->msg, change, in->now_ms);
    if (status != 0)
        finish(r, status, NULL, in->now_ms);
}

void relay_in(struct leg *leg, struct dialog *d, struct ua_in *in) {
    relay_changed(leg, d, in, NULL);
}

/* A leg is over: what its peer still asks is answered (RFC 3261 15.1.2), what was asked of it is answered for it. */
void relay_end(struct leg *leg, uint64_t now_ms) {
    struct relay *next;

    for (struct relay *r = leg->call->relays; r != NULL; r = next) {
        next = r->next;
        finish(r, 487, NULL, now_ms);
    }
    if (leg->uas != NULL && leg->uas->echo != NULL)
        uas_fail(leg->uas, 487, NULL, NULL, now_ms);
}

/* All dialogs of the leg but `keep` go; what is under way in them is answered. */
void relay_forget(struct leg *leg, const struct dialog *keep, uint64_t now_ms) {
    struct relay *next;

    for (struct relay *r = leg->call->relays; r != NULL; r = next) {
        next = r->next;
        struct dialog *here = r->from == leg ? r->from_dialog : r->to_dialog;
        if ((r->from == leg || r->to == leg) && here != keep)
            finish(r, 481, NULL, now_ms);
    }
}

void relay_free(struct call *call) {
    while (call->relays != NULL) {
        struct relay *r = call->relays;
        call->relays = r->next;
        destroy(r);
    }
}
