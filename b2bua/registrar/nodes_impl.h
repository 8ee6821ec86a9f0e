/* nodes_impl: what the files nodes*.c share. */
#ifndef B2BUA_REGISTRAR_NODES_IMPL_H
#define B2BUA_REGISTRAR_NODES_IMPL_H

#include <pthread.h>

#include "b2bua/registrar/nodes.h"

enum {
    NODES_FRESH_MS = 6000,       /* what was heard is believed for so long without another probe */
    NODES_SAMPLE_MS = 5000,      /* between looks at the loads */
    NODES_DOUBT_MS = 10 * 60000, /* a node that says AR_SK and answers no STUN is asked by OPTIONS for so long */
    NODES_AWAY_MS = 60000,       /* a node that is down for so long ... */
    NODES_AWAY_PAUSE_MS = 5000,  /* ... is probed so often */
    NODES_GRACE_MS = 2000,       /* a probe that nobody has concluded by then is forgotten */
    NODES_GAP_MS = 500,          /* between probes that somebody asks for */
    NODES_CLOSED_S = 10,         /* by a 503 that does not say for how long */
    NODES_LAPSE_MS = 10000,      /* without probes: how long a bad state lasts at least */
    NODES_TROUBLE_MAX = 120,
    NODES_TROUBLE_MS = 10000, /* between lines about it */
    NODES_LEAVE_MS = 25000,   /* within that long the idle clients of a node in maintenance are told to go */
    NODES_PINS = 1 << 17,
    NODES_PIN_WAYS = 4,
    NODES_PIN_MS = 60000
};

struct member {
    char *name;
    uint32_t number, capacity;
    int target;
    struct node node;
    enum node_evidence evidence;
    bool began;
    char trouble[NODES_TROUBLE_MAX]; /* the last one, since it was heard; may be empty */
    uint64_t trouble_said_ms;
    bool ar_sk;
    uint64_t doubt_ms;             /* STUN is not tried before */
    unsigned turn;                 /* which of its places is in use, counted on */
    unsigned places;               /* as many as were seen last */
    unsigned refused;              /* in a row */
    uint64_t heard_ms, refused_ms; /* 0 = never */
    /* probes */
    bool under_way, by_stun;
    uint8_t id[STUN_ID];
    uint64_t next_ms, sent_ms;
    uint64_t flips, probes, missed;
    uint32_t answer_ms;
};

struct pin {
    uint64_t hash, until_ms;
    uint32_t node;
};

struct nodes {
    struct pool *pool;
    struct nodes_ops ops;
    pthread_mutex_t lock;
    uint64_t seed;
    struct node_policy policy;
    struct placement_policy placement;
    int method; /* enum settings_node_probe */
    struct member members[SETTINGS_NODES_MAX];
    int count;
    struct placement_balance balance;
    bool changed; /* a state has, since the last sample */
    uint64_t sampled_ms;
    pthread_mutex_t pin_lock;
    struct pin *pins; /* NULL: no cluster so far */
};

static inline void nodes_lock(struct nodes *n) {
    pthread_mutex_lock(&n->lock);
}

static inline void nodes_unlock(struct nodes *n) {
    pthread_mutex_unlock(&n->lock);
}

/* NULL: there is none. */
struct member *nodes_find(struct nodes *n, uint32_t node);

/* Takes evidence, and says in the log what it has changed. Returns true when the node is lost: who has the lock lets go
 * of it and says so (nodes_say_lost). */
bool nodes_take(struct nodes *n, struct member *m, enum node_evidence e, uint32_t seconds, uint64_t now_ms);
void nodes_say_lost(struct nodes *n, uint32_t node, bool lost);

/* Why its state is as it is, in words. */
void nodes_reason(const struct member *m, char *out, size_t size);

/* What each carries, and how much of it may be given to it now. */
void nodes_weigh(struct nodes *n, struct placement_node *out, uint64_t now_ms);

#endif
