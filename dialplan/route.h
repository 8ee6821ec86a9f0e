/*
 * route: which trunks a call may take, in what order, and with which numbers. Pure: settings and facts in, a plan out;
 * where a trunk's targets are and whether they live is the business of b2bua/trunk.
 *
 * A route takes a call when all its conditions hold. Of several the one that gives most of the called number literally
 * wins, then the lower priority, then the order of the file.
 *
 * Order of use: route_ctx_new once a thread, route_find for each call, route_ctx_free. Texts that come back are views
 * into the facts, the settings or the context, and live until the context is used again.
 */
#ifndef DIALPLAN_ROUTE_H
#define DIALPLAN_ROUTE_H

#include "b2bua/core/settings.h"

enum { ROUTE_HOPS_MAX = 32, ROUTE_NUMBER_MAX = 255 /* a longer user is no number: it is never translated */ };

/* What a decision is made from; views are borrowed. Numbers are user parts: what a URI may say in several ways
 * (escapes, visual separators of a telephone number) has been taken out. */
struct route_facts {
    int trunk;              /* the call came in on this trunk (index); -1 = none */
    struct str called;      /* of the Request-URI */
    struct str calling;     /* of From */
    struct str redirecting; /* of the first Diversion; empty = none */
    struct str request_uri, to_uri, from_uri;
    /* The value of the next header of that name; *cursor is NULL before the first. NULL: no headers are known. */
    bool (*header)(const void *message, struct str name, const void **cursor, struct str *value);
    const void *message;
    bool trial; /* only asked: no round robin goes on */
};

/* One trunk to try, and how the configuration ranks it. */
struct route_hop {
    int trunk; /* index into settings.trunks */
    int preference, weight;
    const struct settings_group *group; /* that it comes from; NULL = named by the route itself */
};

struct route_plan {
    const struct settings_route *route;      /* the one that took the call; NULL: none */
    int literals;                            /* so much of the number it gives literally */
    int status;                              /* 0 = go on; else what the caller gets: 404 no route matched */
    struct str phrase;                       /* that goes with it; empty = the standard one */
    struct str called, calling, redirecting; /* as they are when the route's translations are done */
    bool cut;                                /* an expression was too costly to say: it counts as not matching */
    int count;
    struct route_hop hops[ROUTE_HOPS_MAX]; /* in the order of trying; no trunk twice */
};

/* What a thread needs to decide. */
struct route_ctx;
struct route_ctx *route_ctx_new(void);
void route_ctx_free(struct route_ctx *ctx); /* NULL is fine */

/* Fills `out`; `seed` (random) orders equal preferences by weight. */
void route_find(struct route_ctx *ctx, const struct settings *s, const struct route_facts *f, uint64_t seed,
                struct route_plan *out);

/* --- the numbers of the messages that leave --- */

/* Whose rules a number goes through, in this order: the trunk that it comes from, the maps of the route, the route, the
 * trunk that it goes to. */
struct route_chain {
    const struct settings *settings;
    const struct settings_route *route; /* NULL = none */
    int from, to;                       /* trunks; -1 = none */
};

/* What becomes of a number. Returns whether it changes: then it is written to `out`. */
bool route_number(struct route_ctx *ctx, const struct route_chain *chain, enum settings_number kind, struct str number,
                  struct sbuf *out);

/* May route_number change anything? */
bool route_changes_numbers(const struct route_chain *chain);

/* --- why --- */

enum route_condition {
    ROUTE_FROM,
    ROUTE_CALLED,
    ROUTE_CALLED_MAP,
    ROUTE_CALLING,
    ROUTE_CALLING_MAP,
    ROUTE_REQUEST_URI,
    ROUTE_TO_URI,
    ROUTE_FROM_URI,
    ROUTE_HEADER,
    ROUTE_CONDITIONS
};

struct route_verdict {
    const struct settings_route *route;
    unsigned failed; /* bits of enum route_condition: what does not hold */
    int literals;    /* of a called number that fits */
    size_t reach;    /* so many of its characters fit where the pattern as a whole does not */
    bool cut;
};

/* How each condition of a route stands to a call. */
void route_judge(struct route_ctx *ctx, const struct settings *s, const struct route_facts *f,
                 const struct settings_route *r, struct route_verdict *out);

/* The `max` routes, other than `taken` (may be NULL), that were nearest to taking the call: those that matched and lost
 * first, then those that one condition kept out. Returns how many there are. */
int route_near(struct route_ctx *ctx, const struct settings *s, const struct route_facts *f,
               const struct settings_route *taken, struct route_verdict *out, int max);

#endif
