#include "b2bua/core/timerq.h"

#include <stddef.h>

enum { SLOT_BITS = 8 };

static void list_init(struct timer *head) {
    head->next = head->prev = head;
}

static void list_add(struct timer *head, struct timer *t) {
    t->next = head;
    t->prev = head->prev;
    head->prev->next = t;
    head->prev = t;
}

static void list_remove(struct timer *t) {
    t->next->prev = t->prev;
    t->prev->next = t->next;
    t->next = t->prev = NULL;
}

void timerq_init(struct timerq *q, uint64_t now_ms) {
    q->now_ms = now_ms;
    q->count = 0;
    for (int level = 0; level < TIMERQ_LEVELS; level++)
        for (int slot = 0; slot < TIMERQ_SLOTS; slot++)
            list_init(&q->slots[level][slot]);
}

bool timerq_is_set(const struct timer *t) {
    return t->next != NULL;
}

/* The wheel's time is the next tick to run: everything before it has fired. A timer goes to the lowest level whose span
 * reaches it. */
static struct timer *slot_for(struct timerq *q, uint64_t at_ms) {
    uint64_t ahead = at_ms - q->now_ms;

    for (int level = 0; level < TIMERQ_LEVELS - 1; level++)
        if (ahead < 1ull << (SLOT_BITS * (level + 1)))
            return &q->slots[level][(at_ms >> (SLOT_BITS * level)) & (TIMERQ_SLOTS - 1)];
    if (ahead >= 1ull << (SLOT_BITS * TIMERQ_LEVELS)) /* beyond the wheel: looked at again when it has turned */
        at_ms = q->now_ms + (1ull << (SLOT_BITS * TIMERQ_LEVELS)) - 1;
    return &q->slots[TIMERQ_LEVELS - 1][(at_ms >> (SLOT_BITS * (TIMERQ_LEVELS - 1))) & (TIMERQ_SLOTS - 1)];
}

void timerq_set(struct timerq *q, struct timer *t, uint64_t at_ms) {
    timerq_stop(q, t);
    t->at_ms = at_ms < q->now_ms ? q->now_ms : at_ms;
    list_add(slot_for(q, t->at_ms), t);
    q->count++;
}

void timerq_stop(struct timerq *q, struct timer *t) {
    if (!timerq_is_set(t))
        return;
    list_remove(t);
    q->count--;
}

/* At the start of a slot's span of a higher level its timers move down. */
static void cascade(struct timerq *q) {
    for (int level = 1; level < TIMERQ_LEVELS; level++) {
        if ((q->now_ms & ((1ull << (SLOT_BITS * level)) - 1)) != 0)
            return;
        struct timer *head = &q->slots[level][(q->now_ms >> (SLOT_BITS * level)) & (TIMERQ_SLOTS - 1)];
        struct timer all;
        list_init(&all);
        while (head->next != head) {
            struct timer *t = head->next;
            list_remove(t);
            list_add(&all, t);
        }
        while (all.next != &all) {
            struct timer *t = all.next;
            list_remove(t);
            list_add(slot_for(q, t->at_ms), t);
        }
    }
}

static void run_tick(struct timerq *q, uint64_t now_ms) {
    struct timer *head = &q->slots[0][q->now_ms & (TIMERQ_SLOTS - 1)];

    while (head->next != head) {
        struct timer *t = head->next;
        timerq_stop(q, t);
        t->fire(t, now_ms);
    }
}

/* The next tick at which anything can be due: a filled slot of the first level, or the end of that level's turn. */
static uint64_t next_stop(const struct timerq *q) {
    for (uint64_t at = q->now_ms;; at++) {
        const struct timer *head = &q->slots[0][at & (TIMERQ_SLOTS - 1)];
        if (head->next != head || ((at + 1) & (TIMERQ_SLOTS - 1)) == 0)
            return head->next != head ? at : at + 1;
    }
}

void timerq_run(struct timerq *q, uint64_t now_ms) {
    while (q->now_ms <= now_ms) {
        if (q->count == 0) {
            q->now_ms = now_ms;
            return;
        }
        run_tick(q, now_ms);
        if (q->now_ms == now_ms)
            return;
        uint64_t next = next_stop(q);
        q->now_ms = next > now_ms ? now_ms : next;
        if ((q->now_ms & (TIMERQ_SLOTS - 1)) == 0)
            cascade(q);
    }
}

uint64_t timerq_next(const struct timerq *q) {
    return q->count == 0 ? TIMERQ_NEVER : next_stop(q);
}
