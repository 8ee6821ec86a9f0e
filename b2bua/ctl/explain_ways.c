/* Where a call between clients and nodes goes: told as targets are. */
#include <stdlib.h>

#include "b2bua/core/json.h"
#include "b2bua/ctl/explain_front.h"

bool explain_front_ways(struct explain_view *v) {
    struct ways_ask ask = {.m = &v->msg, .trunk = v->trunk, .flow = v->from};

    return engine_ways(v->world->engine, &ask, &v->ways, EXPLAIN_NOW_MS);
}

static bool is_client(const struct explain_view *v) {
    return v->trunk == v->world->settings->registrar.trunk;
}

const char *explain_front_note(const struct explain_view *v) {
    const struct settings *s = v->world->settings;
    bool drawn = s->registrar.flow_secret == NULL || s->registrar.flow_secret[0] == '\0';

    if (!v->is_front)
        return NULL;
    if (!explain_is_known(v->known))
        return "no daemon was asked: here nobody is registered";
    if (!is_client(v) && drawn && v->result == EXPLAIN_REFUSED)
        return "what the daemon has signed (flow tokens in Route, our Contacts) is read here only with a "
               "registrar.flow_secret";
    return NULL;
}

/* --- rows --- */

static const json_t *node_of(const struct explain_view *v, const char *name) {
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(v->known->nodes, "nodes"), i, one) {
        if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0)
            return one;
    }
    return NULL;
}

static void put_state(struct explain_view *v, const char *node) {
    const char *state = json_string_value(json_object_get(node_of(v, node), "state"));

    json_put_text(v->json, "state", state == NULL ? STR("not known") : str_of(state));
}

static void put_way(struct explain_view *v, const struct way *way) {
    const struct settings *s = v->world->settings;
    int node = way->node == 0 ? -1 : nodes_index(s, way->node);

    json_item(v->json);
    sbuf_putc(v->json, '{');
    json_put_text(v->json, "trunk", str_of(s->trunks[way->trunk].name));
    json_put_text(v->json, "target", node < 0 ? way->uri : str_of(s->cluster.nodes[node].name));
    explain_put_address(v, &way->flow.peer, way->flow.proto);
    if (node < 0)
        json_put_text(v->json, "state", STR("registered"));
    else
        put_state(v, s->cluster.nodes[node].name);
    sbuf_putc(v->json, '}');
}

static bool has_node(const struct ways *ways, uint32_t node) {
    for (int i = 0; ways != NULL && i < ways->count; i++)
        if (ways->list[i].node == node)
            return true;
    return false;
}

/* Nodes that do not get it, where it is for nodes. */
static void put_left(struct explain_view *v, const struct settings_cluster_node *node) {
    const json_t *known = node_of(v, node->name);
    const char *state = json_string_value(json_object_get(known, "state"));
    const char *reason = json_string_value(json_object_get(known, "reason"));
    char why[256];

    snprintf(why, sizeof why, "%s%s%s", state == NULL ? "has no address" : state, reason == NULL ? "" : ": ",
             reason == NULL ? "" : reason);
    json_item(v->json);
    sbuf_putc(v->json, '{');
    json_put_text(v->json, "trunk", STR("cluster"));
    json_put_text(v->json, "target", str_of(node->name));
    json_put_text(v->json, "why", str_of(why));
    sbuf_putc(v->json, '}');
}

static bool is_for_nodes(const struct explain_view *v) {
    return v->ways == NULL ? false : v->ways->count > 0 ? v->ways->list[0].node != 0 : v->ways->status == 503;
}

static const char *to_whom(const struct explain_view *v) {
    if (is_for_nodes(v))
        return "the call managers";
    return v->ways != NULL && v->ways->count > 0 ? "a registered client" : "nobody";
}

void explain_put_front(struct explain_view *v) {
    const struct settings *s = v->world->settings;
    bool for_nodes = is_for_nodes(v);
    struct binding caller;

    json_name(v->json, "front");
    sbuf_putc(v->json, '{');
    json_put_text(v->json, "from", is_client(v) ? STR("a client") : STR("a call manager"));
    if (v->ways != NULL && v->ways->caller != 0 &&
        bindings_get(registrar_bindings(v->world->registrar), v->ways->caller, &caller))
        json_put_text(v->json, "registered_as", caller.aor);
    json_put_text(v->json, "to", str_of(to_whom(v)));
    sbuf_putc(v->json, '}');
    json_name(v->json, "targets");
    sbuf_putc(v->json, '[');
    for (int i = 0; v->ways != NULL && i < v->ways->count; i++)
        put_way(v, &v->ways->list[i]);
    sbuf_putc(v->json, ']');
    json_name(v->json, "left_out");
    sbuf_putc(v->json, '[');
    for (int i = 0; for_nodes && i < s->cluster.node_count; i++)
        if (!has_node(v->ways, nodes_number(s->cluster.nodes[i].name)))
            put_left(v, &s->cluster.nodes[i]);
    sbuf_putc(v->json, ']');
}
