/*
 * Which way a request goes between clients and nodes, INVITE or other: from a client to its node, and to the next ones
 * when that is not there; from a node as calls_client.c says.
 */
#include <stdlib.h>

#include "b2bua/registrar/impl.h"
#include "b2bua/trunk/trunk.h"

static struct str keep(struct front_ways *b, struct str text) {
    size_t start = b->room.n;

    sbuf_put(&b->room, text);
    return (struct str){b->room.p + start, b->room.n - start};
}

void front_way_add(struct front_ways *b, const struct way *way) {
    if (b->ways.count == WAYS_MAX)
        return;
    struct way *at = &b->list[b->ways.count];
    *at = *way;
    at->turn = b->turn;
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

static void add_node(struct registrar *r, struct front_ways *b, const struct binding *client, uint32_t node,
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
    front_way_add(b, &way);
}

/* With a call the client is where it is, whatever the loads. */
static void to_nodes(struct registrar *r, struct front_ways *b, const struct binding *client, const struct sip_msg *m,
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

/* --- who asks --- */

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

/* Nobody else asks who it is that names a user of ours in From. */
static bool poses(struct registrar *r, const struct sip_msg *m, const struct binding *caller) {
    char text[FRONT_AOR_MAX];
    struct sbuf aor = sbuf_on(text, sizeof text);

    return sip_put_aor(&aor, m->from_uri) && front_local(r->settings, front_domain(sbuf_str(&aor))) != NULL &&
           !str_eq(caller->aor, sbuf_str(&aor));
}

static bool from_client(struct registrar *r, struct front_ways *b, const struct ways_ask *ask, uint64_t now_ms) {
    struct binding caller;

    b->ways.status = 403;
    if (!caller_on(r, ask, &caller))
        return true;
    b->ways.caller = caller.f.id;
    if (caller.f.node == NODES_NONE && poses(r, ask->m, &caller))
        return true;
    if (front_to_local(r, b, ask->m->uri))
        return true;
    if (caller.f.node == NODES_NONE)
        return false;
    to_nodes(r, b, &caller, ask->m, now_ms);
    return true;
}

static bool collect(struct registrar *r, struct front_ways *b, const struct ways_ask *ask, uint64_t now_ms) {
    const struct settings *s = r->settings;

    if (ask->number.n > 0)
        front_to_number(r, b, ask->number);
    else if (ask->trunk == s->registrar.trunk)
        return from_client(r, b, ask, now_ms);
    else
        return front_from_node(r, b, ask->m);
    return true;
}

bool front_ways(struct registrar *r, const struct ways_ask *ask, struct ways **out, uint64_t now_ms) {
    const struct settings *s = r->settings;
    bool is_client = ask->trunk == s->registrar.trunk, is_node = s->cluster.on && ask->trunk == s->cluster.trunk;

    *out = NULL;
    if (!s->registrar.on || (!is_client && !is_node && ask->number.n == 0))
        return false;
    struct front_ways *b = mem_alloc(sizeof *b);
    b->ways = (struct ways){.list = b->list};
    b->turn = 0;
    b->room = sbuf_on(b->text, sizeof b->text);
    bool found = collect(r, b, ask, now_ms);
    *out = ways_pack(&b->ways);
    free(b);
    return found;
}

static bool find(void *ctx, const struct ways_ask *ask, struct ways **out, uint64_t now_ms) {
    return front_ways(ctx, ask, out, now_ms);
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

void front_heard_node(struct registrar *r, uint32_t node, const struct sip_msg *m, bool refused, uint64_t now_ms) {
    enum node_evidence e = m != NULL ? nodes_evidence_of(m) : refused ? NODE_REFUSED : NODE_TIMEOUT;

    if (m != NULL && (m->status == 401 || m->status == 407))
        pin(r, m, node, now_ms);
    nodes_event(r->config.shared->nodes, node, e, m == NULL ? 0 : m->retry_after_s, now_ms);
}

static void heard(void *ctx, uint32_t node, const struct sip_msg *m, bool refused, uint64_t now_ms) {
    front_heard_node(ctx, node, m, refused, now_ms);
}

void registrar_ways(struct registrar *r, struct ways_ops *out) {
    *out = (struct ways_ops){find, busy, heard, r};
}
