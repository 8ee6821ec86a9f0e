/*
 * worker: one thread with its loop, its sockets (net), its SIP (engine), and a queue through which others hand it work.
 * A message belongs to the worker that its Call-ID hashes to; whoever receives it hands it over as bytes.
 */
#ifndef B2BUA_WORKER_WORKER_H
#define B2BUA_WORKER_WORKER_H

#include "b2bua/admin/record.h"
#include "b2bua/admin/tap.h"
#include "b2bua/net/net.h"
#include "b2bua/worker/engine.h"

struct worker;

/* What all workers share; made and owned by the server, which outlives them. */
struct worker_shared {
    struct worker **workers;
    unsigned count;
    uint32_t node;
    struct recorder *recorder; /* NULL: no records */
    struct net_shared *net;
    struct pool *pool;   /* what is known of the trunks */
    struct net_tls *tls; /* of the settings that they start with */
    struct registrations *registrations;
    struct nodes *nodes;      /* of the cluster */
    struct fellows *fellows;  /* nodes of ours */
    struct switches switches; /* what the operator has switched */
    struct registrar_shared *registrar;
    struct tap *tap; /* gets what workers keep; NULL: nobody does */
    struct guard *guard;
};

struct worker_counts {
    struct engine_counts engine;
    struct net_counts net;
    uint64_t handed_over, handed_dropped;
    uint64_t at_ms; /* when they were counted: it is at work */
};

/* Opens the worker's sockets. NULL, with what is wrong in `error`, when one cannot be opened. */
struct worker *worker_new(struct worker_shared *shared, unsigned index, struct settings *settings, char *error,
                          size_t size);

/* Its thread begins. */
void worker_start(struct worker *w);

/* Any thread: what the worker should do next. */
enum worker_order { WORKER_DRAIN, WORKER_END_CALLS, WORKER_STOP };
void worker_order(struct worker *w, enum worker_order order);

/* Any thread: counters as of the worker's last turn. */
struct worker_counts worker_counts(struct worker *w);

/* Any thread: a question (question.h), borrowed until the worker has answered it. */
struct worker_question;
void worker_ask(struct worker *w, struct worker_question *q);

/* Any thread: a step on the way to another configuration (change.h), borrowed until the worker has taken it. */
struct worker_change;
void worker_tell(struct worker *w, struct worker_change *c);

/* Waits for the thread after WORKER_STOP. All workers are joined before the first is freed: they hand each other work.
 */
void worker_join(struct worker *w);
void worker_free(struct worker *w);

#endif
