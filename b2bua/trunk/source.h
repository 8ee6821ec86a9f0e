/*
 * source: who may send for a trunk whose targets are names, as one worker knows it: a copy of the addresses that the
 * pool has, made anew when they have changed. Literals stand in the settings.
 *
 * Order of use: zero it, source_fresh before each question, source_fini.
 */
#ifndef B2BUA_TRUNK_SOURCE_H
#define B2BUA_TRUNK_SOURCE_H

#include "b2bua/trunk/pool.h"

struct source {
    struct addr addr; /* with the port of the target */
    int slot;         /* of the trunk, in the pool */
};

struct source_table {
    bool known;
    unsigned version; /* of the pool */
    int count;
    struct source *items; /* by address */
};

/* Cheap when nothing has changed. `p` may be NULL: then there are no names. */
void source_fresh(struct source_table *t, struct pool *p, const struct settings *s);

/* Other settings from now on. */
void source_forget(struct source_table *t);
void source_fini(struct source_table *t);

/* Those at this address, whatever the port: the first, and how many in `*count`. */
const struct source *source_at(const struct source_table *t, const struct addr *a, int *count);

#endif
