#include "b2bua/core/srv_walk.h"

#include <stdlib.h>

/* What is done, in this order, until something has led to places (RFC 3263 4.1 and 4.2). */
enum step { STEP_END, STEP_LITERAL, STEP_ADDRESS, STEP_NAPTR, STEP_SRV_TLS, STEP_SRV_TCP, STEP_SRV_UDP, STEP_SRV_WISH };

enum { STEPS_MAX = 7 };

enum ask_kind { ASK_LITERAL, ASK_PORT, ASK_HOSTS, ASK_TRANSPORT, ASK_SIPS, ASK_NAME, ASK_KINDS };

/* Without NAPTR the transports are tried safest first; UDP comes last, as large requests do not fit it. */
static const enum step procedures[ASK_KINDS][STEPS_MAX] = {
    [ASK_LITERAL] = {STEP_LITERAL},
    [ASK_PORT] = {STEP_ADDRESS},
    [ASK_HOSTS] = {STEP_ADDRESS},
    [ASK_TRANSPORT] = {STEP_SRV_WISH, STEP_ADDRESS},
    [ASK_SIPS] = {STEP_NAPTR, STEP_SRV_TLS, STEP_ADDRESS},
    [ASK_NAME] = {STEP_NAPTR, STEP_SRV_TLS, STEP_SRV_TCP, STEP_SRV_UDP, STEP_ADDRESS},
};

static const struct {
    const char *prefix, *service;
    uint16_t port;
} transports[FLOW_PROTOS] = {
    [FLOW_UDP] = {"_sip._udp.", "SIP+D2U", 5060},
    [FLOW_TCP] = {"_sip._tcp.", "SIP+D2T", 5060},
    [FLOW_TLS] = {"_sips._tcp.", "SIPS+D2T", 5061},
};

const char *srv_strategy_name(enum srv_strategy s) {
    static const char *const names[] = {
        [SRV_BY_LITERAL] = "literal", [SRV_BY_ADDRESS] = "address", [SRV_BY_NAPTR] = "naptr", [SRV_BY_SRV] = "srv"};

    return names[s];
}

static bool enabled(const struct srv_ask *a, int proto) {
    return proto >= 0 && a->families[proto] != 0 && (!a->sips || proto == FLOW_TLS);
}

/* The transport when no record says which. */
static int usual(const struct srv_ask *a) {
    return a->sips ? FLOW_TLS : a->wish >= 0 ? a->wish : a->usual;
}

static void step_literal(struct srv_walk *w) {
    struct srv_place p = {.proto = (enum flow_proto)usual(w->ask), .weight = SRV_WEIGHT_UNIT};

    if (addr_parse(&p.addr, str_of(w->ask->host)) < 0)
        return;
    p.addr.port = w->ask->port != 0 ? w->ask->port : transports[p.proto].port;
    w->out->strategy = SRV_BY_LITERAL;
    if (w->ask->families[p.proto] & (p.addr.family == 4 ? SRV_IPV4 : SRV_IPV6))
        srv_add_place(w->out, &p);
    else
        w->other_family = true;
}

static void step_address(struct srv_walk *w) {
    int proto = usual(w->ask);
    struct srv_host h = {w->ask->host, (enum flow_proto)proto, w->ask->port, 0, 1};

    if (!enabled(w->ask, proto))
        return;
    if (h.port == 0)
        h.port = transports[proto].port;
    w->out->strategy = SRV_BY_ADDRESS;
    srv_add_host(w, &h);
}

static int by_priority(const void *a, const void *b) {
    const struct dns_record *x = *(const struct dns_record *const *)a, *y = *(const struct dns_record *const *)b;

    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    if (x->weight != y->weight)
        return x->weight < y->weight ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* SRV by priority, NAPTR by order and preference: what does not fit in the end is the least wanted. */
static void sort(const struct dns_set *set, const struct dns_record **out) {
    for (int i = 0; i < set->count; i++)
        out[i] = &set->records[i];
    qsort(out, (size_t)set->count, sizeof(void *), by_priority);
}

static void add_srv(struct srv_walk *w, const char *name, enum flow_proto proto) {
    const struct dns_record *records[DNS_RECORDS_MAX];
    const struct dns_set *set;

    if (srv_look(w, name, DNS_SRV, &set) != SRV_LOOK_FOUND)
        return;
    sort(set, records);
    w->out->cut |= set->cut;
    for (int i = 0; i < set->count; i++) {
        const struct dns_record *r = records[i];
        if (strcmp(r->name, ".") == 0)
            w->denied = true;
        else if (r->port != 0)
            srv_add_host(w, &(struct srv_host){r->name, proto, r->port, r->priority, r->weight});
    }
}

static void step_srv(struct srv_walk *w, int proto) {
    char name[DNS_NAME_MAX + 16];

    if (!enabled(w->ask, proto) || strlen(w->ask->host) >= DNS_NAME_MAX)
        return;
    struct sbuf b = sbuf_on(name, sizeof name - 1);
    sbuf_puts(&b, transports[proto].prefix);
    sbuf_puts(&b, w->ask->host);
    name[b.n] = '\0';
    w->out->strategy = SRV_BY_SRV;
    add_srv(w, name, (enum flow_proto)proto);
}

static int transport_of(const struct srv_ask *a, const struct dns_record *r) {
    for (int proto = 0; proto < FLOW_PROTOS; proto++)
        if (r->flag == 's' && strcmp(r->service, transports[proto].service) == 0 && enabled(a, proto))
            return proto;
    return -1;
}

/* The first service that we have and that leads somewhere. */
static void step_naptr(struct srv_walk *w) {
    const struct dns_record *records[DNS_RECORDS_MAX];
    const struct dns_set *set;

    if (srv_look(w, w->ask->host, DNS_NAPTR, &set) != SRV_LOOK_FOUND)
        return;
    sort(set, records);
    w->out->strategy = SRV_BY_NAPTR;
    for (int i = 0; i < set->count && w->out->count == 0 && !w->waiting && !w->failed; i++) {
        int proto = transport_of(w->ask, records[i]);
        if (proto >= 0)
            add_srv(w, records[i]->name, (enum flow_proto)proto);
    }
}

static void take_step(struct srv_walk *w, enum step step) {
    switch (step) {
    case STEP_END:
        break;
    case STEP_LITERAL:
        step_literal(w);
        break;
    case STEP_ADDRESS:
        if (!w->denied)
            step_address(w);
        break;
    case STEP_NAPTR:
        step_naptr(w);
        break;
    case STEP_SRV_TLS:
        step_srv(w, FLOW_TLS);
        break;
    case STEP_SRV_TCP:
        step_srv(w, FLOW_TCP);
        break;
    case STEP_SRV_UDP:
        step_srv(w, FLOW_UDP);
        break;
    case STEP_SRV_WISH:
        step_srv(w, w->ask->sips ? FLOW_TLS : w->ask->wish);
        break;
    }
}

static enum ask_kind kind_of(struct srv_walk *w) {
    const struct srv_ask *a = w->ask;
    const struct dns_set *set;
    struct addr literal;

    if (addr_parse(&literal, str_of(a->host)) == 0)
        return ASK_LITERAL;
    if (a->port != 0)
        return ASK_PORT;
    if (srv_look(w, a->host, DNS_HOSTS, &set) == SRV_LOOK_FOUND)
        return ASK_HOSTS;
    if (a->wish >= 0)
        return ASK_TRANSPORT;
    return a->sips ? ASK_SIPS : ASK_NAME;
}

static const char *reason_of(const struct srv_walk *w) {
    const struct {
        bool so;
        const char *text;
    } reasons[] = {
        {w->failed, "name servers are silent"},
        {w->denied, "no such service there, says its SRV record"},
        {w->other_family, "no address of a family that the listeners have"},
        {w->refused, "name servers refuse to answer"},
        {true, "no such name, or no address of it"},
    };
    int i = 0;

    while (!reasons[i].so)
        i++;
    return reasons[i].text;
}

static int compare(const void *a, const void *b) {
    const struct srv_place *x = a, *y = b;

    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    if (x->addr.family != y->addr.family)
        return x->addr.family < y->addr.family ? -1 : 1;
    int order = memcmp(x->addr.ip, y->addr.ip, sizeof x->addr.ip);
    if (order != 0)
        return order;
    return (int)x->addr.port - (int)y->addr.port;
}

/* A step that has failed ends it: what it would have said must not be passed over for a lesser transport. */
enum srv_outcome srv_resolve(const struct srv_ask *ask, const struct srv_zone *zone, struct srv_answer *out) {
    struct srv_walk w = {.ask = ask, .zone = zone, .out = out};

    *out = (struct srv_answer){.count = 0};
    const enum step *step = procedures[kind_of(&w)];
    for (; *step != STEP_END && out->count == 0 && !w.waiting && !w.failed; step++)
        take_step(&w, *step);
    if (w.waiting)
        return SRV_WAITING;
    if (out->count > 0) {
        qsort(out->places, (size_t)out->count, sizeof *out->places, compare);
        return SRV_RESOLVED;
    }
    out->reason = reason_of(&w);
    return SRV_FAILED;
}
