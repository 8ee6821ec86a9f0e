#include "b2bua/store/queue.h"

#include <stdlib.h>

#include "b2bua/core/str.h"

void queue_init(struct queue *q, uint32_t max) {
    *q = (struct queue){.max = max, .mask = 2 * max - 1};
    q->ids = mem_alloc(max * sizeof *q->ids);
    q->places = mem_zalloc(2 * (size_t)max * sizeof *q->places);
}

void queue_fini(struct queue *q) {
    free(q->ids);
    free(q->places);
}

/* Where it is, or would be. Half of the table is free: this ends. */
static uint32_t *place_of(const struct queue *q, uint64_t id) {
    uint32_t at = (uint32_t)((id * 0x9e3779b97f4a7c15ull) >> 32) & q->mask;

    while (q->places[at] != 0 && q->ids[q->places[at] - 1] != id)
        at = (at + 1) & q->mask;
    return &q->places[at];
}

bool queue_add(struct queue *q, uint64_t id) {
    uint32_t *place = place_of(q, id);

    if (*place != 0)
        return true;
    if (q->count == q->max)
        return false;
    q->ids[q->count++] = id;
    *place = q->count;
    return true;
}

/* From the last to the first: what a place was passed over for is gone before it. */
void queue_clear(struct queue *q) {
    while (q->count > 0) {
        *place_of(q, q->ids[q->count - 1]) = 0;
        q->count--;
    }
}
