/*
 * route: which trunks may take a call, in order. Pure: settings and facts in, a list out.
 */
#ifndef DIALPLAN_ROUTE_H
#define DIALPLAN_ROUTE_H

#include "b2bua/core/settings.h"

/* What a decision is made from; views are borrowed. */
struct route_facts {
    int trunk;         /* the call came in on this trunk (index) */
    struct str called; /* user part of the Request-URI */
    struct str calling;
};

enum { ROUTE_TARGETS_MAX = 32 };

/* One place to try. */
struct route_target {
    int trunk;  /* index into settings.trunks */
    int target; /* index into that trunk's targets */
};

struct route_plan {
    const struct settings_route *route; /* borrowed from the settings */
    int count;
    struct route_target targets[ROUTE_TARGETS_MAX];
};

/*
 * Fills `out` with the targets in the order of trying: the `to` list by preference, in it each trunk's targets by
 * preference; `seed` (random) orders equal preferences by weight. Returns 0, or the SIP status that the caller gets:
 * 404 no route matched.
 */
int route_find(const struct settings *s, const struct route_facts *f, uint64_t seed, struct route_plan *out);

#endif
