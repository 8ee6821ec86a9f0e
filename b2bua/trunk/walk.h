/*
 * walk: the targets of a route's trunks, one after the other.
 */
#ifndef B2BUA_TRUNK_WALK_H
#define B2BUA_TRUNK_WALK_H

#include "dialplan/route.h"

enum { WALK_MAX = 32 };

/* One place to try. */
struct walk_place {
    int trunk;  /* index into settings.trunks */
    int target; /* index into that trunk's targets */
};

struct walk {
    int count, next; /* next: the first that has not been tried */
    struct walk_place places[WALK_MAX];
};

/* Trunk by trunk as the plan has them; in a trunk by the targets' preferences, equals drawn by weight. What does not
 * fit is left out. */
void walk_init(struct walk *w, const struct settings *s, const struct route_plan *plan, uint64_t seed);

/* The next place, or NULL: none left. */
const struct walk_place *walk_next(struct walk *w);

/* The place that walk_next gave last. */
const struct walk_place *walk_current(const struct walk *w);

#endif
