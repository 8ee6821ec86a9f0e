/*
 * Which way an INVITE goes between clients and nodes: from a client to its node, and to the next ones when that is not
 * there; from a node over the flow that its Path token, our Contact, or the client's own Contact names, and over the
 * other flows of the same device when that is gone (RFC 5626 5.3).
 */
#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/registrar/impl.h"
#include "b2bua/trunk/trunk.h"

/* Ways being collected: their texts stand in `text`. */
struct bundle {
    struct ways ways;
    struct way list[WAYS_MAX];
    char text[WAYS_TEXT_MAX];
    struct sbuf room;
};

static struct str keep(struct bundle *b, struct str text) {
    size_t start = b->room.n;

    sbuf_put(&b->room, text);
    return (struct str){b->room.p + start, b->room.n - start};
}

static void add(struct bundle *b, const struct way *way) {
    if (b->ways.count == WAYS_MAX)
        return;
    struct way *at = &b->list[b->ways.count];
    *at = *way;
    at->uri = keep(b, way->uri);
    at->route = keep(b, way->route);
    b->ways.count += !b->room.full;
}

/* --- to the nodes --- */

/* The node that has asked for the credentials of this request. */
static uint32_t pinned(struct registrar *r, const struct sip_msg *m, uint64_t now_ms) {
    struct enrol_ask ask;
    const char *phrase;

    if (enrol_ask_read(&ask, m->raw, &phrase) != 0 || ask.nonce.n == 0)
        return NODES_NONE;
    return nodes_pinned(r->config.shared->nodes, ask.nonce, now_ms);
}

static void add_node(struct registrar *r, struct bundle *b, const struct binding *client, uint32_t node,
                     const struct sip_msg *m) {
    const struct settings *s = r->settings;
    struct way way = {.trunk = s->cluster.trunk, .node = node, .uri = m->uri};
    struct pool_place at;

    if (nodes_place(r->config.shared->nodes, s, node, &at) < 0 ||
        trunk_flow(s, s->cluster.trunk, at.proto, &at.addr, &way.flow) < 0)
        return;
    way.target = at.target;
    way.id = at.id;
    if (node == client->f.node)
        way.route = client->service_route;
    add(b, &way);
}

/* With a call the client is where it is, whatever the loads. */
static void to_nodes(struct registrar *r, struct bundle *b, const struct binding *client, const struct sip_msg *m,
                     uint64_t now_ms) {
    uint32_t tried[SETTINGS_NODES_MAX];
    struct nodes_client c = {.node = client->f.node, .pinned = pinned(r, m, now_ms), .calls = 1, .tried = tried};

    while (c.tried_count < SETTINGS_NODES_MAX) {
        uint32_t node = nodes_choose(r->config.shared->nodes, &c, ua_random(r->config.ua), now_ms);
        if (node == NODES_NONE)
            break;
        tried[c.tried_count++] = node;
        add_node(r, b, client, node, m);
    }
    b->ways.status = 503;
    b->ways.retry_after_s = r->settings->cluster.retry_after_s;
}

/* --- to a client --- */

static struct str contact_uri(const struct binding *client) {
    struct str rest = client->contact;
    struct contact c;

    return contact_next(&rest, &c) > 0 ? c.uri : STR_NONE;
}

static void add_client(struct registrar *r, struct bundle *b, const struct binding *client) {
    struct way way = {.trunk = r->settings->registrar.trunk,
                      .target = -1,
                      .id = POOL_NO_PLACE,
                      .uri = contact_uri(client),
                      .route = client->path,
                      .binding = client->f.id,
                      .device = client->instance.n > 0 ? str_hash(client->instance) : client->f.id};

    if (registrar_flow(r->config.shared, r->settings, &client->f.via, &way.flow) == 0)
        add(b, &way);
}

/* The other flows of the same device, the latest first. */
static void add_siblings(struct registrar *r, struct bundle *b, const struct binding *client) {
    struct bindings *all = r->config.shared->bindings;
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    struct binding other;
    int n = client->instance.n == 0 ? 0 : bindings_of_aor(all, client->aor, ids);

    for (int i = 0; i < n; i++)
        if (ids[i] != client->f.id && bindings_get(all, ids[i], &other) && str_eq(other.instance, client->instance))
            add_client(r, b, &other);
}

static void to_client(struct registrar *r, struct bundle *b, const struct binding *client, int gone) {
    b->ways.status = gone;
    add_client(r, b, client);
    add_siblings(r, b, client);
}

/* Of several registrations on one flow the one that the Request-URI names, else the latest. */
static bool on_flow(struct registrar *r, const struct token *via, struct str uri, struct binding *out) {
    struct bindings *all = r->config.shared->bindings;
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    int n = bindings_of_flow(all, via, ids, BINDINGS_OF_AOR_MAX);

    for (int i = 0; i < n; i++)
        if (bindings_get(all, ids[i], out) && str_eq(contact_uri(out), uri))
            return true;
    return n > 0 && bindings_get(all, ids[0], out);
}

/* The user of a URI, and what stands behind the "@". Returns false when it has none. */
static bool split_user(struct str uri, struct str *user, struct str *place) {
    size_t colon = str_find(uri, ':'), at = str_find(uri, '@');

    if (colon >= at || at >= uri.n)
        return false;
    *user = (struct str){uri.p + colon + 1, at - colon - 1};
    *place = str_from(uri, at + 1);
    return true;
}

/* Is this the place of a listener of ours towards the nodes? */
static bool is_ours(const struct settings *s, struct str place) {
    const struct settings_trunk *t = &s->trunks[s->cluster.trunk];

    for (int i = 0; i < t->listen_count; i++) {
        struct str own = str_of(s->listens[t->listens[i]].sent_by);
        if (place.n >= own.n && str_ieq(str_upto(place, own.n), own) &&
            (place.n == own.n || strchr(";?>", place.p[own.n]) != NULL))
            return true;
    }
    return false;
}

/* The token in the topmost Route, if that is ours (RFC 3327 5.2). */
static bool route_token(const struct settings *s, const struct sip_msg *m, struct str *token) {
    const void *cursor = NULL;
    struct contact c;
    struct str value, place;

    return sip_header_next(m, STR("Route"), &cursor, &value) && contact_next(&value, &c) > 0 &&
           split_user(c.uri, token, &place) && is_ours(s, place);
}

static void by_token(struct registrar *r, struct bundle *b, struct str text, struct str uri) {
    struct binding client;
    struct token via;

    if (registrar_token_read(r->config.shared, text, &via) < 0)
        b->ways.status = 403;
    else if (!on_flow(r, &via, uri, &client))
        b->ways.status = 430;
    else
        to_client(r, b, &client, 430);
}

static bool by_number(struct registrar *r, struct bundle *b, const struct sip_msg *m) {
    struct str user, place;
    struct binding client;
    uint64_t id;

    if (!split_user(m->uri, &user, &place) || !is_ours(r->settings, place) || !front_id_of(m->uri, &id))
        return false;
    if (bindings_get(r->config.shared->bindings, id, &client))
        to_client(r, b, &client, 480);
    else
        b->ways.status = 480;
    return true;
}

/* A node that does not give back the Path: the client is who has this Contact under the name that is called. */
static bool by_contact(struct registrar *r, struct bundle *b, const struct sip_msg *m) {
    struct bindings *all = r->config.shared->bindings;
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    char text[FRONT_AOR_MAX];
    struct sbuf aor = sbuf_on(text, sizeof text);
    struct binding client;
    int n = sip_put_aor(&aor, sip_to_uri(m)) && !aor.full ? bindings_of_aor(all, sbuf_str(&aor), ids) : 0;

    for (int i = 0; i < n; i++)
        if (bindings_get(all, ids[i], &client) && str_eq(contact_uri(&client), m->uri)) {
            to_client(r, b, &client, 480);
            return true;
        }
    return false;
}

/* --- who asks --- */

/* What it calls that does not concern its clients is for the dial plan. */
static bool from_node(struct registrar *r, struct bundle *b, const struct sip_msg *m) {
    struct str token;

    if (route_token(r->settings, m, &token)) {
        by_token(r, b, token, m->uri);
        return true;
    }
    return by_number(r, b, m) || by_contact(r, b, m);
}

/* The registration that speaks: of those on its flow the one whose name stands in From. */
static bool caller_on(struct registrar *r, const struct ways_ask *ask, struct binding *out) {
    struct bindings *all = r->config.shared->bindings;
    struct token via = registrar_via(r->config.shared, r->settings, &ask->flow);
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    char text[FRONT_AOR_MAX];
    struct sbuf aor = sbuf_on(text, sizeof text);
    int n = bindings_of_flow(all, &via, ids, BINDINGS_OF_AOR_MAX);

    if (!sip_put_aor(&aor, ask->m->from_uri))
        aor.n = 0;
    for (int i = 0; i < n; i++)
        if (bindings_get(all, ids[i], out) && str_eq(out->aor, sbuf_str(&aor)))
            return true;
    return n > 0 && bindings_get(all, ids[0], out);
}

static bool from_client(struct registrar *r, struct bundle *b, const struct ways_ask *ask, uint64_t now_ms) {
    struct binding caller;

    b->ways.status = 403;
    if (!caller_on(r, ask, &caller))
        return true;
    b->ways.caller = caller.f.id;
    if (caller.f.node == NODES_NONE)
        return false;
    to_nodes(r, b, &caller, ask->m, now_ms);
    return true;
}

static bool find(void *ctx, const struct ways_ask *ask, struct ways **out, uint64_t now_ms) {
    struct registrar *r = ctx;
    const struct settings *s = r->settings;
    bool is_client = s->registrar.on && ask->trunk == s->registrar.trunk;
    bool is_node = s->registrar.on && s->cluster.on && ask->trunk == s->cluster.trunk;

    if (!is_client && !is_node)
        return false;
    struct bundle *b = mem_alloc(sizeof *b);
    b->ways = (struct ways){.list = b->list};
    b->room = sbuf_on(b->text, sizeof b->text);
    bool found = is_client ? from_client(r, b, ask, now_ms) : from_node(r, b, ask->m);
    *out = ways_pack(&b->ways);
    free(b);
    return found;
}

static void busy(void *ctx, uint64_t binding, bool begins) {
    bindings_call(((struct registrar *)ctx)->config.shared->bindings, binding, begins);
}

/* --- what is heard of nodes --- */

static void pin(struct registrar *r, const struct sip_msg *m, uint32_t node, uint64_t now_ms) {
    struct digest_asked asked;

    digest_asked_read(&asked, m->raw);
    for (int i = 0; i < asked.count; i++)
        nodes_pin(r->config.shared->nodes, asked.of[i].challenge.nonce, node, now_ms);
}

static void heard(void *ctx, uint32_t node, const struct sip_msg *m, bool refused, uint64_t now_ms) {
    struct registrar *r = ctx;
    enum node_evidence e = m != NULL ? nodes_evidence_of(m) : refused ? NODE_REFUSED : NODE_TIMEOUT;

    if (m != NULL && (m->status == 401 || m->status == 407))
        pin(r, m, node, now_ms);
    nodes_event(r->config.shared->nodes, node, e, m == NULL ? 0 : m->retry_after_s, now_ms);
}

void registrar_ways(struct registrar *r, struct ways_ops *out) {
    *out = (struct ways_ops){find, busy, heard, r};
}
