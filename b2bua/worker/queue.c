#include "b2bua/worker/queue.h"

#include <stdlib.h>

#include "b2bua/net/net.h"

enum { WORKER_QUEUE_MAX = 64 << 20 };

void worker_queue_init(struct worker_queue *q) {
    *q = (struct worker_queue){.first = NULL};
    q->last = &q->first;
    pthread_mutex_init(&q->lock, NULL);
}

void worker_queue_fini(struct worker_queue *q) {
    struct worker_item *next;

    for (struct worker_item *i = worker_queue_take(q); i != NULL; i = next) {
        next = i->next;
        free(i);
    }
    pthread_mutex_destroy(&q->lock);
}

/* Returns whether the queue was empty; the lock is held. */
static bool append(struct worker_queue *q, struct worker_item *item) {
    bool first = q->first == NULL;

    *q->last = item;
    q->last = &item->next;
    q->bytes += item->n;
    return first;
}

int worker_queue_put(struct worker_queue *q, enum worker_item_kind kind, int order, const struct flow *flow,
                     struct str bytes) {
    struct worker_item *item = mem_alloc(sizeof *item + bytes.n);
    int woke;

    *item = (struct worker_item){.kind = kind, .order = order, .at_ms = net_now_ms(), .n = bytes.n};
    if (flow != NULL)
        item->flow = *flow;
    if (bytes.n > 0)
        memcpy(item->bytes, bytes.p, bytes.n);
    pthread_mutex_lock(&q->lock);
    if (kind != WORKER_ITEM_ORDER && q->bytes + bytes.n > WORKER_QUEUE_MAX) {
        pthread_mutex_unlock(&q->lock);
        free(item);
        return -1;
    }
    woke = append(q, item);
    pthread_mutex_unlock(&q->lock);
    return woke;
}

static void append_borrowed(struct worker_queue *q, const struct worker_item *what) {
    struct worker_item *item = mem_alloc(sizeof *item);

    *item = *what;
    pthread_mutex_lock(&q->lock);
    append(q, item);
    pthread_mutex_unlock(&q->lock);
}

void worker_queue_ask(struct worker_queue *q, struct worker_question *question) {
    append_borrowed(q, &(struct worker_item){.kind = WORKER_ITEM_ASK, .question = question});
}

void worker_queue_change(struct worker_queue *q, struct worker_change *change) {
    append_borrowed(q, &(struct worker_item){.kind = WORKER_ITEM_CHANGE, .change = change});
}

struct worker_item *worker_queue_take(struct worker_queue *q) {
    struct worker_item *all;

    pthread_mutex_lock(&q->lock);
    all = q->first;
    q->first = NULL;
    q->last = &q->first;
    q->bytes = 0;
    pthread_mutex_unlock(&q->lock);
    return all;
}
