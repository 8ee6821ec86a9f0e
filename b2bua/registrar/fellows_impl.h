/* fellows_impl: what the files fellows*.c share. */
#ifndef B2BUA_REGISTRAR_FELLOWS_IMPL_H
#define B2BUA_REGISTRAR_FELLOWS_IMPL_H

#include <pthread.h>

#include "b2bua/core/advice.h"
#include "b2bua/registrar/fellows.h"

enum { FELLOWS_GRACE_MS = 2000 /* a question that nobody has concluded by then is forgotten */ };

struct fellows_member {
    char *name;
    uint32_t number;
    struct fellow fellow;
    unsigned turn; /* which of its places is in use, counted on */
    bool under_way;
    uint64_t asking; /* number of the question */
    uint64_t next_ms, sent_ms;
    uint64_t asked, missed, heard, refused;
    enum heartbeat_verdict refused_why; /* HEARTBEAT_GOOD: none was, since the last good one */
    uint32_t answer_ms;
    bool stun_differs, config_differs;
};

struct fellows {
    struct pool *pool;
    pthread_mutex_t lock; /* of all that follows, but `advising` */
    char name[HEARTBEAT_NAME_SIZE];
    struct token_key key;
    bool told; /* we know how we are */
    struct heartbeat_facts own;
    uint64_t own_ms;
    struct fellows_member members[SETTINGS_PEERS_MAX];
    int count;
    struct advice advice;
    atomic_bool advising;
};

static inline void fellows_lock(struct fellows *f) {
    pthread_mutex_lock(&f->lock);
}

static inline void fellows_unlock(struct fellows *f) {
    pthread_mutex_unlock(&f->lock);
}

/* The places of a fellow in this snapshot; `out` holds POOL_PLACES_MAX. */
int fellows_places(struct fellows *f, const struct settings *s, uint32_t number, struct pool_place *out);

/* NULL: there is none. */
struct fellows_member *fellows_find(struct fellows *f, uint32_t number);
struct fellows_member *fellows_named(struct fellows *f, const char *name);

/* Something is known anew of a fellow (NULL: of us): alarms and advice may begin or end. */
void fellows_compare(struct fellows *f, uint64_t now_ms);

/* What it has said is known from now on. */
void fellows_take(struct fellows *f, struct fellows_member *c, const struct heartbeat_facts *facts, uint64_t now_ms);

#endif
