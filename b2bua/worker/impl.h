/*
 * worker, inside: what its files share. worker.c makes and ends it, turn.c is its loop, traffic.c stands between its
 * sockets, its engine and the other workers.
 */
#ifndef B2BUA_WORKER_IMPL_H
#define B2BUA_WORKER_IMPL_H

#include <pthread.h>

#include "b2bua/worker/load.h"
#include "b2bua/worker/queue.h"
#include "b2bua/worker/worker.h"

struct worker {
    struct worker_shared *shared;
    unsigned index;
    pthread_t thread;
    bool running;
    uv_loop_t loop;
    uv_async_t wake;
    uv_timer_t timer;
    uv_prepare_t prepare;
    uv_check_t check;
    struct timerq timers;
    struct net *net;
    struct ladder *ladder;
    uint64_t tapped_at; /* of the ladder: given to the tap up to there */
    unsigned tapped;    /* tap_wanted of that time */
    struct engine *engine;
    struct worker_queue queue;
    uint64_t timer_at_ms; /* what the loop's timer is set for */
    struct worker_load load;
    bool stopping;
    uint64_t handed_over, handed_dropped;
    pthread_mutex_t counts_lock;
    struct worker_counts counts;
    uint64_t counts_at_ms;
};

/* traffic.c */
/* What the net tells of. */
extern const struct net_ops worker_net_ops;

/* The engine's way out (flow_ops). */
int worker_flow_send(void *ctx, struct flow *flow, const char *host, const char *bytes, size_t n);

/* Does what another worker, or whoever received it here, has put into the queue: one of the kinds that carry bytes or a
 * flow. The item is borrowed. */
void worker_traffic(struct worker *w, struct worker_item *i, uint64_t now_ms);

/* turn.c */
/* Makes the loop, its timer, and what wakes it. */
void worker_turn_init(struct worker *w);

#endif
