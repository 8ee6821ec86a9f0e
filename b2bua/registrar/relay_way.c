/* Which way a request other than INVITE goes. No way leads anywhere but to a node, or to who has registered. */
#include <stdlib.h>

#include "b2bua/registrar/relay.h"
#include "b2bua/trunk/trunk.h"

/* What belongs to the dialogs of calls, or is served by itself. */
static bool is_passed(enum method m) {
    static const bool others[METHODS] = {
        [METHOD_INVITE] = true, [METHOD_ACK] = true,    [METHOD_CANCEL] = true, [METHOD_BYE] = true,
        [METHOD_PRACK] = true,  [METHOD_UPDATE] = true, [METHOD_INFO] = true,   [METHOD_REGISTER] = true};

    return !others[m];
}

bool front_is_our_uri(const struct settings *s, int trunk, struct str uri) {
    size_t colon = str_find(uri, ':'), at = str_find(uri, '@');

    return front_is_ours(s, trunk, str_from(uri, at < uri.n ? at + 1 : colon + 1));
}

/* A question for ourselves. Nodes may know their clients by a user of ours. */
static bool asks_us(const struct settings *s, const struct ua_in *in) {
    bool names_user = s->cluster.on && in->trunk == s->cluster.trunk && in->msg.uri_user.n > 0;

    return in->msg.method == METHOD_OPTIONS && !names_user && front_is_our_uri(s, in->trunk, in->msg.uri);
}

/* --- outside of a dialog --- */

static enum relay_verdict outside(struct registrar *r, const struct ua_in *in, struct relay_way *out) {
    struct ways_ask ask = {.m = &in->msg, .trunk = in->trunk, .flow = in->flow};

    if (!front_ways(r, &ask, &out->ways, in->now_ms))
        return RELAY_NOT_OURS;
    out->status = out->ways->status;
    out->retry_after_s = out->ways->retry_after_s;
    return out->ways->count > 0 ? RELAY_PASSED : RELAY_REFUSED;
}

/* --- inside of one --- */

static struct way *one_way(struct relay_way *out) {
    struct way way = {.target = -1};
    struct ways ways = {.count = 1, .list = &way};

    out->ways = ways_pack(&ways);
    return out->ways->list;
}

/* The address in the first place of the message that is not ours: further Routes, then the Request-URI. */
static bool next_address(const struct settings *s, int side, const struct sip_msg *m, struct addr *out) {
    struct enrol_lines lines = {0};
    struct str value, uri = m->uri, host;
    struct contact c;
    bool found = false;

    while (!found && enrol_line_next(&lines, m->raw, STR("Route"), 0, &value))
        while (!found && contact_next(&value, &c) > 0)
            if (!front_is_our_uri(s, side, c.uri)) {
                uri = c.uri;
                found = true;
            }
    size_t at = str_find(uri, '@');
    host = str_from(uri, at < uri.n ? at + 1 : str_find(uri, ':') + 1);
    for (size_t i = 0; i < host.n; i++)
        if (strchr(";?>", host.p[i]) != NULL)
            host.n = i;
    if (host.n > 0 && host.p[0] != '[')
        host.n = str_find(host, ':');
    return addr_parse(out, host) == 0;
}

/* To the node that the dialog names, where that is one, else to the client's own. */
static enum relay_verdict dialog_to_node(struct registrar *r, const struct ua_in *in, struct relay_way *out) {
    const struct settings *s = r->settings;
    struct nodes *nodes = r->config.shared->nodes;
    struct pool_place at;
    struct addr named;

    if (!s->cluster.on)
        return RELAY_NOT_OURS;
    uint32_t node = next_address(s, s->registrar.trunk, &in->msg, &named) ? nodes_at(nodes, s, &named) : NODES_NONE;

    if (node == NODES_NONE || nodes_place(nodes, s, node, &at) < 0)
        return outside(r, in, out);
    struct way *way = one_way(out);
    *way = (struct way){.trunk = s->cluster.trunk, .target = at.target, .id = at.id, .node = node};
    out->status = 503;
    return trunk_flow(s, s->cluster.trunk, at.proto, &at.addr, &way->flow) == 0 ? RELAY_PASSED : RELAY_REFUSED;
}

/* Over the flow that our own Record-Route names, be its client registered still or no more. */
static enum relay_verdict dialog_to_client(struct registrar *r, const struct ua_in *in, struct relay_way *out) {
    const struct settings *s = r->settings;
    struct str text;

    if (!front_route_token(s, in->trunk, &in->msg, &text))
        return RELAY_NOT_OURS;
    out->to_client = true;
    out->status = 403;
    if (registrar_token_read(r->config.shared, text, &out->to) < 0)
        return RELAY_REFUSED;
    struct way *way = one_way(out);
    *way = (struct way){.trunk = s->registrar.trunk, .target = -1};
    out->status = 430;
    return registrar_flow(r->config.shared, s, &out->to, &way->flow) == 0 ? RELAY_PASSED : RELAY_REFUSED;
}

static enum relay_verdict find(struct registrar *r, const struct ua_in *in, struct relay_way *out) {
    enum relay_verdict v;

    if (in->msg.to_tag.n == 0)
        return outside(r, in, out);
    v = dialog_to_client(r, in, out);
    return v == RELAY_NOT_OURS && out->from_client ? dialog_to_node(r, in, out) : v;
}

enum relay_verdict relay_find(struct registrar *r, const struct ua_in *in, struct relay_way *out) {
    const struct settings *s = r->settings;
    bool from_client = in->trunk == s->registrar.trunk, from_node = s->cluster.on && in->trunk == s->cluster.trunk;

    *out = (struct relay_way){.from_client = from_client, .in_dialog = in->msg.to_tag.n > 0};
    if (!s->registrar.on || (!from_client && !from_node) || !is_passed(in->msg.method) || asks_us(s, in))
        return RELAY_NOT_OURS;
    if (from_client)
        out->from = registrar_via(r->config.shared, s, &in->flow);
    enum relay_verdict v = find(r, in, out);
    if (v == RELAY_PASSED && out->ways->list[0].node == NODES_NONE) {
        out->to_client = true;
        out->to = registrar_via(r->config.shared, s, &out->ways->list[0].flow);
    }
    if (v != RELAY_PASSED) {
        free(out->ways);
        out->ways = NULL;
    }
    return v;
}
