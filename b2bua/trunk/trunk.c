#include "b2bua/trunk/trunk.h"

static bool listens_on(const struct settings_trunk *t, int listen) {
    for (int i = 0; i < t->listen_count; i++)
        if (t->listens[i] == listen)
            return true;
    return false;
}

static int better(int a, int b) {
    return a > b ? a : b;
}

/* Sources of one address, as the pool knows them. */
struct named {
    const struct source *items;
    int count;
};

static int best_source(const struct settings_trunk *t, const struct named *named, const struct addr *a) {
    int best = -1;

    for (int i = 0; i < t->source_count; i++)
        best = better(best, addr_range_match(&t->sources[i], a));
    for (int i = 0; i < named->count && t->sources_follow; i++)
        if (named->items[i].slot == t->slot)
            best = better(best, a->family == 4 ? 32 : 128);
    return best;
}

/* Two trunks behind one address are told apart by the port that their targets name; a source port that is none of them
 * (a stream's, say) leaves the order of the configuration. */
static int port_bonus(const struct settings_trunk *t, const struct named *named, const struct addr *a) {
    for (int i = 0; i < t->target_count; i++)
        if (addr_eq(&t->targets[i].addr, a))
            return 500;
    for (int i = 0; i < named->count; i++)
        if (named->items[i].slot == t->slot && named->items[i].addr.port == a->port)
            return 500;
    return 0;
}

int trunk_find(const struct settings *s, const struct source_table *table, const struct flow *from) {
    struct named named;
    int found = -1, best = -1;

    named.items = source_at(table, &from->peer, &named.count);
    for (int i = 0; i < s->trunk_count; i++) {
        const struct settings_trunk *t = &s->trunks[i];
        if (!listens_on(t, from->listen))
            continue;
        int score = best_source(t, &named, &from->peer);
        if (score < 0)
            continue;
        score += port_bonus(t, &named, &from->peer);
        if (score > best) {
            best = score;
            found = i;
        }
    }
    return found;
}

bool trunk_has_target(const struct settings_trunk *t, const struct source_table *table, const struct addr *a) {
    struct named named;

    for (int i = 0; i < t->target_count; i++)
        if (addr_same_ip(&t->targets[i].addr, a))
            return true;
    named.items = source_at(table, a, &named.count);
    for (int i = 0; i < named.count; i++)
        if (named.items[i].slot == t->slot)
            return true;
    return false;
}

int trunk_listen(const struct settings *s, int trunk, enum flow_proto proto, uint8_t family) {
    const struct settings_trunk *t = &s->trunks[trunk];

    for (int i = 0; i < t->listen_count; i++) {
        const struct settings_listen *l = &s->listens[t->listens[i]];
        if (l->proto == (int)proto && l->bind.family == family)
            return t->listens[i];
    }
    return -1;
}

const char *trunk_host_port(const struct settings_target *t, char *buf, size_t size) {
    struct sbuf b = sbuf_on(buf, size - 1);
    bool v6 = strchr(t->host, ':') != NULL;

    sbuf_puts(&b, v6 ? "[" : "");
    sbuf_puts(&b, t->host);
    sbuf_puts(&b, v6 ? "]" : "");
    if (t->addr.port != 0) {
        sbuf_putc(&b, ':');
        sbuf_number(&b, t->addr.port);
    }
    buf[b.full ? 0 : b.n] = '\0';
    return buf;
}

int trunk_flow(const struct settings *s, int trunk, enum flow_proto proto, const struct addr *to, struct flow *out) {
    int listen = trunk_listen(s, trunk, proto, to->family);

    if (listen < 0)
        return -1;
    *out = (struct flow){.proto = proto, .listen = (uint16_t)listen, .peer = *to};
    return 0;
}

int trunk_tcp_listen(const struct settings *s, int trunk, const struct settings_target *t, uint8_t family) {
    return t->proto_given ? -1 : trunk_listen(s, trunk, FLOW_TCP, family);
}
