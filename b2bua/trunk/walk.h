/*
 * walk: the places of trunks, one after the other: of a route's trunks for an INVITE, of one trunk for what we send of
 * ourselves. The same filter chooses the first and all that follow.
 *
 * Trunk by trunk; in a trunk those that are up before those in doubt (suspect, recovering), then what has failed in
 * this walk already; among these the targets by preference, equals drawn by weight; in a target its addresses by
 * priority, equals drawn by weight (RFC 2782). What is down, or cannot be reached from a listener of the trunk, is left
 * out. A trunk is looked at when the one before has no place left: what has happened meanwhile counts.
 */
#ifndef B2BUA_TRUNK_WALK_H
#define B2BUA_TRUNK_WALK_H

#include "b2bua/trunk/pool.h"
#include "dialplan/route.h"

enum { WALK_PLACES_MAX = 32, WALK_FAILED_MAX = 16 };

/* One place to try. */
struct walk_place {
    int trunk;   /* index into settings.trunks */
    int target;  /* index into that trunk's targets */
    uint32_t id; /* in the trunk's slot of the pool */
    struct flow flow;
};

struct walk {
    struct pool *pool;               /* borrowed, */
    const struct settings *settings; /* as this */
    uint64_t seed;
    int hop_count, next_hop;
    int hops[ROUTE_HOPS_MAX]; /* trunks */
    int busy;                 /* the first trunk that had no place up; -1 = none */
    int count, next;          /* next: the first that has not been tried */
    struct walk_place current, places[WALK_PLACES_MAX];
    int failed_count;
    struct {
        struct addr addr;
        enum flow_proto proto;
    } failed[WALK_FAILED_MAX];
};

void walk_init(struct walk *w, struct pool *pool, const struct settings *s, const struct route_plan *plan,
               uint64_t seed);

/* The places of one trunk alone. */
void walk_init_trunk(struct walk *w, struct pool *pool, const struct settings *s, int trunk, uint64_t seed);

/* These places alone, in this order; copied. At most WALK_PLACES_MAX. */
void walk_init_places(struct walk *w, struct pool *pool, const struct settings *s, const struct walk_place *places,
                      int count);

/* Is there one more? */
bool walk_has_next(struct walk *w);

/* The next place, borrowed until the next call, or NULL: none left. */
const struct walk_place *walk_next(struct walk *w);

/* The place that walk_next gave last. */
const struct walk_place *walk_current(const struct walk *w);

/* No further place of the trunk that walk_next gave last. */
void walk_skip_trunk(struct walk *w);

/* The one that walk_next gave last did not do: it comes last from now on. */
void walk_failed(struct walk *w);

#endif
