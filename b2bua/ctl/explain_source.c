#include "b2bua/ctl/explain_source.h"

#include <stdio.h>

#include "b2bua/core/nearest.h"

enum { HOSTS_MAX = 255 };

/* --- of a trunk --- */

static int trunk_named(const struct settings *s, const char *name, char *error, size_t size) {
    struct nearest nearest = {.text = name};

    for (int i = 0; i < s->trunk_count; i++) {
        if (strcmp(s->trunks[i].name, name) == 0)
            return i;
        nearest_try(&nearest, s->trunks[i].name);
    }
    snprintf(error, size, "no trunk \"%s\"%s%s%s", name, nearest.best == NULL ? "" : ", did you mean \"",
             nearest.best == NULL ? "" : nearest.best, nearest.best == NULL ? "" : "\"?");
    return -1;
}

struct search {
    const struct explain_world *w;
    int trunk, listen;
    struct flow *out;
    int other; /* the trunk that has what we tried; -1 = none */
};

/* What trunk_find gives in the daemon is what counts. */
static bool tries(struct search *s, const struct addr *a) {
    const struct settings_listen *l = &s->w->settings->listens[s->listen];
    struct flow flow = {.proto = (enum flow_proto)l->proto, .listen = (uint16_t)s->listen, .peer = *a};

    if (a->family != l->bind.family)
        return false;
    if (flow.peer.port == 0)
        flow.peer.port = l->proto == FLOW_TLS ? 5061 : 5060;
    flow.conn = flow_is_stream(flow.proto) ? 1 : 0;
    int found = trunk_find(s->w->settings, &s->w->sources, &flow);
    if (found == s->trunk)
        *s->out = flow;
    else if (found >= 0)
        s->other = found;
    return found == s->trunk;
}

/* Of a network any host will do whose address no other trunk owns. */
static bool tries_range(struct search *s, const struct addr_range *r) {
    struct addr a = r->base;
    int all = a.family == 4 ? 32 : 128;
    bool is_host = r->bits >= all;

    for (int i = 1; i <= HOSTS_MAX; i++) {
        if (!is_host)
            a.ip[all / 8 - 1] = (uint8_t)(r->base.ip[all / 8 - 1] + i);
        if (addr_range_match(r, &a) >= 0 && tries(s, &a))
            return true;
        if (is_host)
            return false;
    }
    return false;
}

/* Where clients register anybody may send. */
static bool tries_anybody(struct search *s) {
    static const struct addr hosts[] = {{.family = 4, .port = 5060, .ip = {192, 0, 2, 1}},
                                        {.family = 6, .port = 5060, .ip = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}}};

    return tries(s, &hosts[0]) || tries(s, &hosts[1]);
}

static bool tries_listener(struct search *s) {
    const struct settings_trunk *t = &s->w->settings->trunks[s->trunk];
    struct pool_place places[POOL_PLACES_MAX];
    int count = pool_places(s->w->pool, t, places);

    for (int i = 0; i < count; i++)
        if (tries(s, &places[i].addr))
            return true;
    for (int i = 0; i < t->source_count; i++)
        if (tries_range(s, &t->sources[i]))
            return true;
    return tries_anybody(s);
}

/* Listeners of the wanted transport first. */
static bool tries_all(struct search *s, int wanted, bool others) {
    const struct settings_trunk *t = &s->w->settings->trunks[s->trunk];

    for (int i = 0; i < t->listen_count; i++) {
        s->listen = t->listens[i];
        if ((s->w->settings->listens[s->listen].proto == wanted) != others && tries_listener(s))
            return true;
    }
    return false;
}

int explain_source_trunk(const struct explain_world *w, const char *name, int wanted, struct flow *out, char *error,
                         size_t size) {
    struct search s = {.w = w, .trunk = trunk_named(w->settings, name, error, size), .out = out, .other = -1};

    if (s.trunk < 0)
        return -1;
    if (tries_all(&s, wanted, false) || tries_all(&s, wanted, true))
        return 0;
    if (s.other >= 0)
        snprintf(error, size, "trunk \"%s\" gets nothing: trunk \"%s\" owns its sources", name,
                 w->settings->trunks[s.other].name);
    else
        snprintf(error, size, "trunk \"%s\" has no sources: no address may send for it", name);
    return -1;
}

/* --- of a packet --- */

static bool is_any(const struct addr *a) {
    static const uint8_t zero[16];

    return memcmp(a->ip, zero, sizeof zero) == 0;
}

/* How well a listener fits where the packet went: the very address and port, any address, only the transport. */
static int fit(const struct settings_listen *l, const struct pcap_message *m) {
    bool family = l->bind.family == m->to.family, port = l->bind.port == m->to.port;

    if (l->state != LISTEN_OPEN || !family || (l->proto == FLOW_UDP) != (m->proto == FLOW_UDP))
        return 0;
    if (!port)
        return 1;
    return addr_same_ip(&l->bind, &m->to) ? 4 : is_any(&l->bind) ? 3 : 2;
}

int explain_source_packet(const struct explain_world *w, const struct pcap_message *m, struct flow *out, char *error,
                          size_t size) {
    const struct settings *s = w->settings;
    char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
    int best = 0;

    for (int i = 0; i < s->listen_count; i++) {
        struct flow flow = {.proto = (enum flow_proto)s->listens[i].proto, .listen = (uint16_t)i, .peer = m->from};
        bool known = trunk_find(s, &w->sources, &flow) >= 0;
        int fits = fit(&s->listens[i], m);
        /* Where the address is not ours (a capture from elsewhere, NAT) a listener that knows the sender will do. */
        if (fits == 0 || (fits == 1 && !known) || 2 * fits + known <= best)
            continue;
        best = 2 * fits + known;
        flow.conn = flow_is_stream(flow.proto) ? 1 : 0;
        *out = flow;
    }
    if (best > 0)
        return 0;
    snprintf(error, size, "no listener can have got what went from %s to %s; say whose it is: --from TRUNK",
             addr_format(&m->from, from), addr_format(&m->to, to));
    return -1;
}
