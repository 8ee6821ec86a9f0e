/*
 * change: another configuration on its way to all workers, one step at a time; each takes the step in a turn of
 * its own, and the last one wakes who waits. A worker that is stopping takes none.
 */
#ifndef B2BUA_WORKER_CHANGE_H
#define B2BUA_WORKER_CHANGE_H

#include <stdatomic.h>
#include <uv.h>

#include "b2bua/worker/worker.h"

enum worker_step {
    WORKER_STEP_TAKE,   /* the snapshot and its TLS contexts: for what comes from now on */
    WORKER_STEP_LISTEN, /* on new listeners: when all have taken the snapshot, since they hand each other what comes in
                         */
    WORKER_STEP_REMOVE, /* listeners that nobody uses any more */
};

struct worker_change {
    enum worker_step step;
    struct settings *settings;
    struct net_tls *tls;
    int (*fds)[SETTINGS_LISTEN_SLOTS];  /* WORKER_STEP_LISTEN: a row a worker, -1 = nothing new; taken, then -1 */
    bool remove[SETTINGS_LISTEN_SLOTS]; /* WORKER_STEP_REMOVE */
    uv_async_t *wake;                   /* borrowed */
    atomic_uint left;                   /* workers that have not taken the step */
};

/* Tells all workers to take the step; `c` stays where it is until `left` is 0, or all are joined. */
void worker_change_start(struct worker_change *c, struct worker_shared *shared, enum worker_step step);

/* A worker's thread. */
void worker_change_take(struct worker_change *c, unsigned worker, struct net *net, struct engine *engine);
void worker_change_taken(struct worker_change *c);

#endif
