/*
 * route: which trunks a call may take, in what order, and with which numbers. Pure: settings and facts in, a plan out;
 * where a trunk's targets are and whether they live is the business of b2bua/trunk.
 *
 * Order of use: route_ctx_new once a thread, route_find for each call, route_ctx_free. A plan's texts are views into
 * the facts, the settings or the context, and live until the context decides again.
 */
#ifndef DIALPLAN_ROUTE_H
#define DIALPLAN_ROUTE_H

#include "b2bua/core/settings.h"

enum { ROUTE_HOPS_MAX = 32, ROUTE_NUMBER_MAX = 255 };

/* What a decision is made from; views are borrowed. Numbers are user parts: what a URI may say in several ways
 * (escapes, visual separators of a telephone number) has been taken out. */
struct route_facts {
    int trunk;              /* the call came in on this trunk (index); -1 = none */
    struct str called;      /* of the Request-URI */
    struct str calling;     /* of From */
    struct str redirecting; /* of the first Diversion; empty = none */
    struct str request_uri, to_uri, from_uri;
    /* The value of the n-th instance (from 0) of a header: false when there is none. NULL: no headers are known. */
    bool (*header)(const void *message, struct str name, int n, struct str *value);
    const void *message;
    bool trial; /* only asked: no round robin goes on */
};

/* One trunk to try, and how the configuration ranks it. */
struct route_hop {
    int trunk; /* index into settings.trunks */
    int preference, weight;
};

struct route_plan {
    const struct settings_route *route;      /* the one that took the call; NULL: none */
    int status;                              /* 0 = go on; else what the caller gets: 404 no route matched */
    struct str phrase;                       /* that goes with it; empty = the standard one */
    struct str called, calling, redirecting; /* as they are when the route's translations are done */
    int count;
    struct route_hop hops[ROUTE_HOPS_MAX]; /* in the order of trying: by preference, equals by weight */
};

/* What a thread needs to decide. */
struct route_ctx;
struct route_ctx *route_ctx_new(void);
void route_ctx_free(struct route_ctx *ctx); /* NULL is fine */

/* Fills `out`; `seed` (random) orders equal preferences by weight. */
void route_find(struct route_ctx *ctx, const struct settings *s, const struct route_facts *f, uint64_t seed,
                struct route_plan *out);

#endif
