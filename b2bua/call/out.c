/* Fills in the requests that we send inside a dialog, and what crosses into them. */
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/trunk/trunk.h"

/* `rel100`: may reliable provisionals be spoken of? */
const char *out_supported(const struct leg *leg, bool rel100) {
    static const char *const lists[2][2] = {{"replaces", "replaces, norefersub"},
                                            {"100rel, replaces", "100rel, replaces, norefersub"}};

    return lists[rel100 && leg_trunk(leg)->rel100 != REL100_OFF][leg_trunk(leg)->refer == REFER_CONSUME];
}

#define ALLOW_FIRST "INVITE, ACK, CANCEL, BYE, OPTIONS, "
#define ALLOW_LAST  "UPDATE, INFO, MESSAGE, NOTIFY"
#define ALLOW_REFER ", REFER, SUBSCRIBE"

const char *calls_allow(const struct settings_trunk *t) {
    static const char *const lists[2][2] = {
        {ALLOW_FIRST ALLOW_LAST, ALLOW_FIRST ALLOW_LAST ALLOW_REFER},
        {ALLOW_FIRST "PRACK, " ALLOW_LAST, ALLOW_FIRST "PRACK, " ALLOW_LAST ALLOW_REFER}};

    return lists[t->rel100 != REL100_OFF][t->refer != REFER_REJECT];
}

const char *out_allow(const struct leg *leg) {
    return calls_allow(leg_trunk(leg));
}

/*
 * The way to the next hop. A name in a Contact is not looked up: the peer is where it was last heard from. Over a
 * stream the live connection of the leg comes first (RFC 5626; connection reuse), the hop's address serves when it is
 * gone. A client is where its flow is, and nowhere else.
 */
static struct flow hop_flow(const struct leg *leg, const struct sip_hop *hop) {
    struct flow f = leg->flow;
    enum flow_proto proto = hop->proto_given || hop->sips ? hop->proto : leg->flow.proto;
    struct addr to;

    if (f.bound || addr_parse(&to, str_of(hop->host)) < 0)
        return f;
    to.port = hop->port != 0 ? hop->port : proto == FLOW_TLS ? 5061 : 5060;
    int listen = trunk_listen(leg->call->settings, leg->trunk, proto, to.family);
    if (listen < 0)
        return f;
    if (f.proto != proto || !flow_is_stream(proto))
        f.conn = 0;
    f.proto = proto;
    f.listen = (uint16_t)listen;
    f.peer = to;
    f.fallback_port = 0;
    return f;
}

static bool is_usable(struct str target) {
    char text[OUT_URI];
    struct sbuf uri = sbuf_on(text, sizeof text), none = sbuf_on(text, 0);
    struct sip_hop hop;

    /* What a strict router's route adds around it must fit, too. */
    return target.n < OUT_URI / 2 && sip_next_hop(target, STR_NONE, &uri, &none, &hop) == 0;
}

void leg_set_target(const struct leg *leg, struct dialog *d, struct str contact) {
    char text[ADDR_TEXT_MAX + 32], peer[ADDR_TEXT_MAX];
    struct sbuf b = sbuf_on(text, sizeof text);

    if (is_usable(contact)) {
        dialog_set_target(d, contact);
        return;
    }
    if (d->target != NULL)
        return;
    sbuf_puts(&b, "sip:");
    sbuf_puts(&b, addr_format(&leg->flow.peer, peer));
    if (leg->flow.proto != FLOW_UDP)
        sbuf_puts(&b, leg->flow.proto == FLOW_TCP ? ";transport=tcp" : ";transport=tls");
    dialog_set_target(d, sbuf_str(&b));
}

void leg_set_route(const struct leg *leg, struct dialog *d, const struct sip_msg *m, bool reversed) {
    struct calls *c = leg->call->calls;
    struct sbuf b = sbuf_on(c->text, OUT_ROUTE - OUT_URI);

    sip_route_set(&b, m, reversed);
    dialog_set_route(d, b.full ? STR_NONE : sbuf_str(&b));
}

static struct str tagged(char *at, size_t size, struct str value, struct str tag) {
    struct sbuf b = sbuf_on(at, size);

    sbuf_put(&b, value);
    if (tag.n > 0) {
        sbuf_puts(&b, ";tag=");
        sbuf_put(&b, tag);
    }
    return sbuf_str(&b);
}

/* An UPDATE before the answer belongs to no session yet, and so to no timer (RFC 4028 7.4). */
static void ask_timer(struct out *o, const struct leg *leg, const struct dialog *d, enum method method) {
    o->timer = (struct sst_say){0};
    o->ua.request.timer = &o->timer;
    if (method == METHOD_INVITE || d->confirmed)
        sst_ask(&leg->sst, leg_policy(leg), leg->call->timer_asked, &o->timer);
    else
        o->timer.supported = leg_policy(leg)->on;
}

/* A request of ours in dialog `d` (RFC 3261 12.2.1.1). Returns 0, or -1 when the peer gave us no usable target. */
int out_dialog(struct out *o, const struct leg *leg, const struct dialog *d, enum method method, uint32_t cseq) {
    struct sbuf uri = sbuf_on(o->uri, sizeof o->uri), route = sbuf_on(o->route, sizeof o->route);
    struct sip_hop hop;

    o->ua = (struct ua_out){.flow = leg->flow,
                            .host = leg->host,
                            .tcp_listen = -1,
                            .settings = leg->call->settings,
                            .trunk = leg->trunk,
                            .reinvite = method == METHOD_INVITE && str_of(d->remote_tag).n > 0};
    if (sip_next_hop(str_of(d->target), str_of(d->route), &uri, &route, &hop) < 0 || uri.full || route.full)
        return -1;
    o->ua.flow = hop_flow(leg, &hop);
    if (o->ua.flow.proto == FLOW_UDP && !hop.proto_given && !o->ua.flow.bound)
        o->ua.tcp_listen = trunk_listen(leg->call->settings, leg->trunk, FLOW_TCP, o->ua.flow.peer.family);
    o->ua.request =
        (struct sip_request){.method = method,
                             .uri = sbuf_str(&uri),
                             .route = sbuf_str(&route),
                             .max_forwards = 70,
                             .from = tagged(o->from, sizeof o->from, leg->names->local, str_of(d->local_tag)),
                             .to = tagged(o->to, sizeof o->to, leg->names->remote, str_of(d->remote_tag)),
                             .call_id = leg->names->call_id,
                             .cseq = cseq};
    if (method == METHOD_INVITE || method == METHOD_UPDATE) {
        o->ua.request.allow = out_allow(leg);
        o->ua.request.supported = out_supported(leg, true);
        ask_timer(o, leg, d, method);
    }
    identity_session(leg, &o->ua.cross);
    if (method != METHOD_BYE && method != METHOD_PRACK && method != METHOD_ACK)
        o->ua.request.contact = leg->names->contact;
    return 0;
}

/* Notes what leaves: the description alone, also where it is one part of a body. */
static void note(struct dialog *d, const struct sip_msg *m, const struct sip_cross *x, enum cross_as as,
                 const struct sdp_origin *origin) {
    enum { ORIGIN_ROOM = 256 };

    if (as == CROSS_ASIDE)
        return;
    if (m->sdp.n == m->body.n) {
        offer_sent(&d->offer, x->body, as == CROSS_ANSWER);
        return;
    }
    char *alone = mem_alloc(m->sdp.n + ORIGIN_ROOM);
    struct sbuf b = sbuf_on(alone, m->sdp.n + ORIGIN_ROOM);
    sdp_rewrite(&b, m->sdp, m->sdp, origin);
    if (!b.full)
        offer_sent(&d->offer, sbuf_str(&b), as == CROSS_ANSWER);
    free(alone);
}

/* What of `m` goes to the peer of `leg` in dialog `d`: its end-to-end headers, and its body with our origin. `m` may be
 * NULL. */
struct sip_cross cross_to(struct leg *leg, struct dialog *d, const struct sip_msg *m, enum cross_as as) {
    struct calls *c = leg->call->calls;
    const struct settings_listen *l = leg_listen(leg);
    struct sip_cross x = {.from = m, .our_host = str_of(l->host), .our_sent_by = str_of(l->sent_by)};

    if (m == NULL) {
        identity_session(leg, &x);
        return x;
    }
    identity_cross(leg, leg_across(leg, d), m, &x);
    x.numbers = numbers_of(leg);
    x.body = m->body;
    if (m->sdp.n > 0) {
        struct sbuf b = sbuf_on(c->body, sizeof c->body);
        struct sdp_origin origin = offer_origin(&d->offer, m->sdp);
        sdp_rewrite(&b, m->body, m->sdp, &origin);
        if (!b.full)
            x.body = sbuf_str(&b);
        note(d, m, &x, as, &origin);
    }
    return x;
}

struct sip_cross cross_own(const struct leg *leg, struct str sdp) {
    struct sip_cross x = {.body = sdp, .own_sdp = true};

    identity_session(leg, &x);
    return x;
}

void out_cross(struct out *o, struct leg *leg, struct dialog *d, const struct sip_msg *m, enum cross_as as) {
    o->ua.cross = cross_to(leg, d, m, as);
    if (m != NULL && m->max_forwards > 0)
        o->ua.request.max_forwards = (unsigned)m->max_forwards - 1;
}
