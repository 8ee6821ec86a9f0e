/* The INVITE of leg B. */
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/trunk/trunk.h"

/* The caller's support for reliable provisionals matters to the target only when there is no offer: then the answer to
 * an offer in a provisional would have to come from the caller in a PRACK. */
static void rel100_headers(const struct leg *b, const struct sip_msg *m, bool own_offer, struct sip_request *r) {
    const struct leg *a = leg_mate((struct leg *)b);
    int mode = leg_trunk(b)->rel100;

    /* Nor with an offer of our own making, whose answer has to come in the 2xx to become an offer for the caller. */
    if (mode == REL100_OFF || own_offer || (m->sdp.n == 0 && !a->peer_100rel))
        return;
    r->supported = out_supported(b, true);
    r->require = mode == REL100_REQUIRE ? "100rel" : NULL;
}

/* The offer of an INVITE that came without: none of the caller's, but one that its answer will replace. */
static void put_own_offer(struct leg *b, struct dialog *d, struct out *o) {
    struct calls *c = b->call->calls;
    struct sbuf sdp = sbuf_on(c->body, sizeof c->body);

    offer_make(&sdp, &d->offer.origin, leg_trunk(b)->codecs, leg_trunk(b)->codec_count);
    offer_sent(&d->offer, sbuf_str(&sdp), false);
    o->ua.cross.body = sbuf_str(&sdp);
    o->ua.cross.own_sdp = true;
}

/* The dialog that is to be replaced, and whether that matters. Returns what to free, or NULL. */
static char *replaces_line(const struct call *call, struct sip_request *r) {
    if (call->replaces.text == NULL)
        return NULL;
    size_t size = strlen(call->replaces.text) + sizeof "Replaces: \r\n" + 1;
    char *line = mem_alloc(size);
    struct sbuf b = sbuf_on(line, size - 1);
    sbuf_puts(&b, "Replaces: ");
    sbuf_puts(&b, call->replaces.text);
    sbuf_puts(&b, "\r\n");
    line[b.n] = '\0';
    r->extra = line;
    if (call->replaces.required)
        r->require = r->require == NULL ? "replaces" : "100rel, replaces";
    return line;
}

/* The Request-URI of leg B. */
static void put_uri(struct sbuf *uri, const struct leg *b, const struct settings_target *t, const struct sip_msg *m) {
    const struct way *way = front_way(b);
    struct sip_numbers numbers = numbers_of((struct leg *)b);
    char host_port[320];

    if (way != NULL) {
        sbuf_put(uri, way->uri);
        return;
    }
    sip_target_uri(uri, m, str_of(trunk_host_port(t, host_port, sizeof host_port)), b->flow.proto);
    sip_renumber(uri, 0, &numbers, TRANSLATED_REQUEST_URI, m);
}

/* How it goes there. */
static void put_way(struct out *o, const struct leg *b, const struct settings_target *t) {
    const struct way *way = front_way(b);

    o->ua.flow = b->flow;
    if (way != NULL)
        o->ua.request.route = way->route;
    else
        registered_route(o, b);
    o->ua.tcp_listen = b->flow.proto == FLOW_UDP && t != NULL
                           ? trunk_tcp_listen(b->call->settings, b->trunk, t, b->flow.peer.family)
                           : -1;
}

int hunt_invite(struct leg *b, const struct sip_msg *m, uint64_t now_ms) {
    const struct settings_target *t = hunt_target(b->call, walk_current(b->call->walk));
    struct dialog *d = b->dialogs;
    struct uac *u = uac_new(b, d->local_cseq, UAC_INITIAL);
    bool may_offer = leg_trunk(b)->early_offer || b->call->referred_by != 0; /* nobody waits for an offer there */
    bool own_offer = m->sdp.n == 0 && m->body.n == 0 && may_offer;
    struct out o;

    u->offerless = m->sdp.n == 0 && !own_offer;
    b->own_offer = own_offer;
    struct sbuf uri = sbuf_on(o.uri, sizeof o.uri);
    put_uri(&uri, b, t, m);
    dialog_set_target(d, sbuf_str(&uri));
    if (uri.full || out_dialog(&o, b, d, METHOD_INVITE, u->cseq) < 0)
        return -1;
    out_cross(&o, b, d, m, CROSS_OFFER);
    if (own_offer)
        put_own_offer(b, d, &o);
    u->asked_s = o.timer.session_expires_s;
    o.ua.request.uri = str_of(d->target);
    put_way(&o, b, t);
    o.ua.loop_hash = ua_loop_hash(b->call->settings, leg_mate(b)->trunk, m);
    o.ua.request.supported = out_supported(b, false);
    rel100_headers(b, m, own_offer, &o.ua.request);
    char *replaces = replaces_line(b->call, &o.ua.request);
    u->tx = ua_request(leg_ua(b), &o.ua, &u->user, now_ms);
    free(replaces);
    timerq_set(b->call->calls->timers, &u->timer, now_ms + attempt_patience_ms(b));
    return u->tx == NULL ? -1 : 0;
}
