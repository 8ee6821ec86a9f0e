#include "b2bua/ctl/explain_front.h"

#include <stdlib.h>

#include "b2bua/core/json.h"

/* --- what the daemon knows of clients --- */

static const char *text_at(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

static int listen_named(const struct settings *s, const char *name) {
    for (int i = 0; i < s->listen_count; i++)
        if (strcmp(s->listens[i].name, name) == 0)
            return i;
    return -1;
}

static enum flow_proto proto_at(const json_t *one) {
    for (enum flow_proto p = FLOW_UDP; p < FLOW_PROTOS; p++)
        if (strcmp(text_at(one, "transport"), flow_proto_name(p)) == 0)
            return p;
    return FLOW_UDP;
}

/* Connections have numbers of our own: one for each peer. */
static uint32_t connection_of(const struct explain_known *k, const char *peer) {
    const json_t *one;
    size_t i;

    json_array_foreach(k->registrations, i, one) {
        if (strcmp(text_at(one, "peer"), peer) == 0)
            return (uint32_t)i + 1;
    }
    return 0;
}

static int flow_of(const struct explain_known *k, const struct settings *s, const json_t *one, struct flow *out) {
    int listen = listen_named(s, text_at(one, "listener"));

    *out = (struct flow){.proto = proto_at(one), .listen = (uint16_t)listen};
    if (flow_is_stream(out->proto))
        out->conn = connection_of(k, text_at(one, "peer"));
    return listen < 0 ? -1 : addr_parse(&out->peer, str_of(text_at(one, "peer")));
}

static unsigned caps_of(const json_t *one) {
    const json_t *cap;
    unsigned caps = 0;
    size_t i;

    json_array_foreach(json_object_get(one, "caps"), i, cap) {
        const char *name = json_string_value(cap);
        caps |= strcmp(name, "AR") == 0 ? CONTACT_AR : strcmp(name, "SK") == 0 ? CONTACT_SK : 0;
    }
    return caps;
}

static void give_binding(struct explain_world *w, const struct explain_known *k, const json_t *one) {
    struct bindings *all = registrar_bindings(w->registrar);
    const char *node = text_at(one, "node");
    struct binding b = {.aor = str_of(text_at(one, "aor")),
                        .contact = str_of(text_at(one, "contact")),
                        .instance = str_of(text_at(one, "instance")),
                        .path = str_of(text_at(one, "path")),
                        .service_route = str_of(text_at(one, "service_route")),
                        .user_agent = str_of(text_at(one, "user_agent"))};
    struct str rest = b.contact;
    struct contact c;
    struct flow flow;

    if (flow_of(k, w->settings, one, &flow) < 0 || contact_next(&rest, &c) <= 0)
        return;
    b.f = (struct binding_facts){.via = registrar_via(w->registrar, w->settings, &flow),
                                 .node = strcmp(node, "local") == 0 ? NODES_NONE : nodes_number(node),
                                 .reg_id = (uint32_t)explain_known_number(one, "reg_id"),
                                 .q = (uint32_t)explain_known_number(one, "q"),
                                 .caps = caps_of(one),
                                 .since_ms = EXPLAIN_NOW_MS,
                                 .told_ms = EXPLAIN_NOW_MS + (explain_known_number(one, "expires_in_s") + 1) * 1000};
    b.f.id = bindings_id(all, b.aor, b.instance, b.f.reg_id, c.uri);
    bindings_put(all, &b, EXPLAIN_NOW_MS);
}

/* --- and of nodes --- */

static const struct {
    const char *state;
    enum node_evidence evidence;
} states[] = {{"suspect", NODE_MISSED}, {"down", NODE_REFUSED}, {"maintenance", NODE_ENTERED}};

static void give_node(struct explain_world *w, const json_t *one) {
    uint32_t node = nodes_number(text_at(one, "name")), closed_s = (uint32_t)explain_known_number(one, "closed_s");

    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(text_at(one, "state"), states[i].state) == 0)
            nodes_event(w->nodes, node, states[i].evidence, 0, EXPLAIN_NOW_MS);
    if (closed_s > 0)
        nodes_event(w->nodes, node, NODE_CLOSED, closed_s, EXPLAIN_NOW_MS);
}

void explain_front_give(struct explain_world *w, const struct explain_known *k) {
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(k->nodes, "nodes"), i, one) {
        give_node(w, one);
    }
    json_array_foreach(k->registrations, i, one) {
        give_binding(w, k, one);
    }
}

/* --- who matters to a message --- */

enum { AOR_MAX = 512 };

static void ask_for(struct explain_known *k, const struct ctl_how *how, struct str aor, bool caller) {
    explain_known_registrations(k, how, aor, caller);
}

static void ask_for_uri(struct explain_known *k, const struct ctl_how *how, struct str uri, bool caller) {
    char text[AOR_MAX];
    struct sbuf aor = sbuf_on(text, sizeof text);

    if (sip_put_aor(&aor, uri) && !aor.full)
        ask_for(k, how, sbuf_str(&aor), caller);
}

/* The dial plan may send a number to a user of ours. */
static void ask_for_number(struct explain_known *k, const struct ctl_how *how, const struct settings *s,
                           struct str uri) {
    char text[AOR_MAX];

    for (int i = 0; i < s->registrar.local_count; i++) {
        struct sbuf aor = sbuf_on(text, sizeof text);
        if (!sip_put_aor(&aor, uri) || aor.full)
            return;
        aor.n = str_find(sbuf_str(&aor), '@');
        sbuf_putc(&aor, '@');
        sbuf_puts(&aor, s->registrar.local[i].domain);
        if (!aor.full)
            ask_for(k, how, sbuf_str(&aor), false);
    }
}

void explain_front_ask(struct explain_known *k, const struct ctl_how *how, const struct settings *s, struct str text) {
    struct sip_msg m;

    if (!explain_is_known(k) || !s->registrar.on || sip_parse(&m, text) < 0)
        return;
    ask_for_uri(k, how, m.from_uri, true);
    ask_for_uri(k, how, sip_to_uri(&m), false);
    ask_for_uri(k, how, m.uri, false);
    ask_for_number(k, how, s, m.uri);
    sip_fini(&m);
}

int explain_front_source(const struct explain_world *w, const struct explain_known *k, struct flow *out) {
    const json_t *one;
    size_t i;

    json_array_foreach(k->registrations, i, one) {
        if (json_is_true(json_object_get(one, "caller")) && flow_of(k, w->settings, one, out) == 0)
            return 0;
    }
    return -1;
}

const json_t *explain_front_ban(const struct explain_known *k, const struct addr *a) {
    const json_t *one;
    struct addr banned;
    size_t i;

    json_array_foreach(json_object_get(k->bans, "bans"), i, one) {
        if (addr_parse(&banned, str_of(text_at(one, "address"))) == 0 && addr_same_ip(&banned, a))
            return one;
    }
    return NULL;
}
