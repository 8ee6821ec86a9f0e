/*
 * srv: where a SIP URI leads (RFC 3263 section 4) as a pure procedure over what is known of a zone. The order in which
 * equals are tried is core/draw's.
 *
 * srv_resolve is called from its beginning again whenever something more is known: it asks `zone` for each set of
 * records that it needs, goes on where it can, and says "waiting" while one is under way. No state is kept.
 */
#ifndef B2BUA_CORE_SRV_H
#define B2BUA_CORE_SRV_H

#include "b2bua/core/dns.h"
#include "b2bua/core/flow.h"

enum {
    SRV_PLACES_MAX = 32,
    SRV_PRIORITY_STEP = 2, /* from one SRV priority to the next: between them the second family has its place */
    SRV_ALIASES_MAX = 8,   /* CNAMEs in a row */
    SRV_WEIGHT_UNIT = 1000 /* a weight of 1: the addresses of one name share its weight */
};

/* Families that we can send to by one transport. */
enum srv_families { SRV_IPV4 = 1, SRV_IPV6 = 2, SRV_IPV6_FIRST = 4 };

struct srv_ask {
    const char *host;              /* of the uri: a name or a literal without brackets; borrowed */
    uint16_t port;                 /* 0 = none */
    bool sips;                     /* only TLS will do */
    int wish;                      /* the uri's transport (enum flow_proto), -1 = none */
    int usual;                     /* the transport when nothing says which (enum flow_proto) */
    uint8_t families[FLOW_PROTOS]; /* bits of enum srv_families; 0: the transport is not enabled */
};

/* How the places were found; fits a log line. */
enum srv_strategy { SRV_BY_LITERAL, SRV_BY_ADDRESS, SRV_BY_NAPTR, SRV_BY_SRV };
const char *srv_strategy_name(enum srv_strategy s);

struct srv_place {
    struct addr addr; /* with port */
    enum flow_proto proto;
    uint32_t priority; /* lower first: SRV_PRIORITY_STEP times that of the SRV record, then the family */
    uint32_t weight;   /* share among equal priorities; a sum of SRV_PLACES_MAX of them fits 32 bits */
};

struct srv_answer {
    enum srv_strategy strategy;
    bool cut;           /* there were more places */
    const char *reason; /* SRV_FAILED: what to tell the operator; static text */
    int count;
    struct srv_place places[SRV_PLACES_MAX]; /* by priority, then address: the same places are in the same order */
};

enum srv_look {
    SRV_LOOK_FOUND,   /* `*out` is set, borrowed until srv_resolve returns */
    SRV_LOOK_NONE,    /* no such record */
    SRV_LOOK_REFUSED, /* the server answers, but not this: for NAPTR and SRV as good as none */
    SRV_LOOK_WAITING,
    SRV_LOOK_FAILED /* the server is silent, or sends garbage */
};

struct srv_zone {
    enum srv_look (*look)(void *ctx, const char *name, enum dns_type type, const struct dns_set **out);
    void *ctx;
};

enum srv_outcome { SRV_RESOLVED, SRV_WAITING, SRV_FAILED };

enum srv_outcome srv_resolve(const struct srv_ask *ask, const struct srv_zone *zone, struct srv_answer *out);

#endif
