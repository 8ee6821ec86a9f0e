/*
 * queue: work for a worker from other threads: bounded, in order, one lock; the reader takes all at once.
 */
#ifndef B2BUA_WORKER_QUEUE_H
#define B2BUA_WORKER_QUEUE_H

#include <pthread.h>

#include "b2bua/core/flow.h"

enum worker_item_kind {
    WORKER_ITEM_MESSAGE,
    WORKER_ITEM_SEND,
    WORKER_ITEM_UNDELIVERED,
    WORKER_ITEM_ORDER,
    WORKER_ITEM_REPLACES, /* an INVITE or REFER that names a dialog which is this worker's, if anybody's */
    WORKER_ITEM_MAPPED,   /* the same on its way back: what was found and a NUL stand before the message */
    WORKER_ITEM_CLOSED,   /* the connection of this flow has ended */
    WORKER_ITEM_ASK,
    WORKER_ITEM_CHANGE
};

struct worker_question;
struct worker_change;

/* Some bytes and their flow, an order, a question, or a step to another configuration. */
struct worker_item {
    struct worker_item *next;
    enum worker_item_kind kind;
    int order;
    struct worker_question *question;
    struct worker_change *change;
    struct flow flow;
    uint64_t at_ms; /* when it was put there */
    size_t n;
    char bytes[];
};

struct worker_queue {
    pthread_mutex_t lock;
    struct worker_item *first, **last;
    size_t bytes;
};

void worker_queue_init(struct worker_queue *q);
void worker_queue_fini(struct worker_queue *q);

/* Copies the bytes. Returns 1 when the queue was empty (wake the reader), 0 when not, -1 when it is full (64 MiB).
 * Orders always fit. */
int worker_queue_put(struct worker_queue *q, enum worker_item_kind kind, int order, const struct flow *flow,
                     struct str bytes);

/* A question, which is borrowed; it always fits. */
void worker_queue_ask(struct worker_queue *q, struct worker_question *question);

/* The same for a step to another configuration. */
void worker_queue_change(struct worker_queue *q, struct worker_change *change);

/* Everything that waits, oldest first; the caller frees each. */
struct worker_item *worker_queue_take(struct worker_queue *q);

#endif
