/* pool_impl: what the files pool*.c share. */
#ifndef B2BUA_TRUNK_POOL_IMPL_H
#define B2BUA_TRUNK_POOL_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "b2bua/core/bucket.h"
#include "b2bua/trunk/pool.h"

struct place {
    uint32_t id;
    char *uri; /* of its target; owned by that */
    struct pool_address at;
    struct health health;
    uint32_t calls;
    uint64_t flips, error_ms;
    int error;
    uint64_t heard[HEALTH_EVIDENCES];
};

struct slot_target {
    char *uri, *reason; /* owned; reason may be NULL */
};

struct slot {
    char *name; /* never changes */
    pthread_mutex_t lock;
    bool was_busy;
    struct health_policy policy;
    struct slot_target *targets;
    int target_count;
    struct place *places;
    int place_count;
    uint32_t next_id;
    uint64_t seed;
    struct bucket rate;
    /* without the lock */
    atomic_uint troubled; /* places that are not up */
    _Atomic uint64_t deadline_ms;
    atomic_uint calls;
    atomic_ullong attempts[POOL_ATTEMPTS];
    atomic_ullong refused[2][POOL_LIMITS];
};

struct pool {
    struct slot *slots[POOL_SLOTS_MAX]; /* NULL: not adopted yet; never moved, never freed before the pool */
    uint64_t seed;
    atomic_uint version, downs;
    /* all trunks together */
    atomic_uint calls;
    atomic_ullong refused[POOL_LIMITS];
    pthread_mutex_t rate_lock;
    struct bucket rate;
};

static inline struct slot *pool_lock(struct pool *p, int index) {
    struct slot *s = p->slots[index];

    pthread_mutex_lock(&s->lock);
    return s;
}

static inline void pool_unlock(struct slot *s) {
    pthread_mutex_unlock(&s->lock);
}

uint64_t slot_random(struct slot *s);

/* Sums up what is read without the lock, and says in the log when the trunk has become busy or free. */
void slot_settle(struct slot *s);

/* Which target of the trunk has this uri; -1 = none. */
int slot_target_of(const struct settings_trunk *t, const char *uri);

struct place *slot_find_place(struct slot *s, uint32_t id); /* NULL: it is gone */

void slot_copy_place(const struct place *from, int target, struct pool_place *out);

#endif
