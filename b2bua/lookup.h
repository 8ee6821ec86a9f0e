/*
 * lookup: the targets of trunks that are names, followed by a resolver and published to the pool. On the server's
 * thread; says in the log where each target is, whenever that changes.
 *
 * Order of use: lookup_new, lookup_follow for each snapshot once the pool has adopted it, lookup_close, run the loop
 * until its handles are gone, lookup_free.
 */
#ifndef B2BUA_LOOKUP_H
#define B2BUA_LOOKUP_H

#include "b2bua/net/resolver.h"
#include "b2bua/trunk/pool.h"

struct lookup;

/* `p` is borrowed. Returns NULL with what is wrong in `error`; name servers that do not answer are no error. */
struct lookup *lookup_new(uv_loop_t *loop, struct pool *p, const struct settings_dns *dns, char *error, size_t size);

/* From now on the names of this snapshot's targets: what stays keeps its answer, what is not in it is followed no more.
 * From the second snapshot on its name servers, too; what is wrong with them is logged, and the old ones stay. */
void lookup_follow(struct lookup *l, const struct settings *s);

/* How old is what is known of this target, in s? -1: it is no name, or nothing is known of it yet. */
int64_t lookup_age_s(const struct lookup *l, int slot, const char *uri);

/* NULL is fine for all of these. */
struct resolver_counts lookup_counts(const struct lookup *l);
void lookup_close(struct lookup *l);
void lookup_free(struct lookup *l);

#endif
