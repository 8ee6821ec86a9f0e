/*
 * queue: numbers that wait, each once, in the order in which they came. Not for threads by itself.
 */
#ifndef B2BUA_STORE_QUEUE_H
#define B2BUA_STORE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct queue {
    uint64_t *ids;    /* `max` of them; memory is used as it is needed */
    uint32_t *places; /* hash table: 1 + index into ids, 0 = free */
    uint32_t count, max, mask;
};

/* `max` is a power of two. */
void queue_init(struct queue *q, uint32_t max);
void queue_fini(struct queue *q);

/* True: it waits, or did already. False: there is no room. */
bool queue_add(struct queue *q, uint64_t id);

/* Forgets all that wait. */
void queue_clear(struct queue *q);

#endif
