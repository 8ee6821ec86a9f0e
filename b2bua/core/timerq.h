/*
 * timerq: many timers, cheap to set and stop (a hierarchical wheel of 1 ms ticks; setting, moving and stopping cost the
 * same however many there are). Time comes from outside and only runs forward.
 *
 * A timer is embedded in its owner, which must stop it before it goes. `fire` may set or stop any timer, its own
 * included. Nothing is allocated.
 */
#ifndef B2BUA_CORE_TIMERQ_H
#define B2BUA_CORE_TIMERQ_H

#include <stdbool.h>
#include <stdint.h>

#define TIMERQ_NEVER UINT64_MAX

enum { TIMERQ_LEVELS = 4, TIMERQ_SLOTS = 256 };

struct timer {
    struct timer *next, *prev; /* both NULL: not set */
    uint64_t at_ms;
    void (*fire)(struct timer *t, uint64_t now_ms);
};

struct timerq {
    uint64_t now_ms;
    uint32_t count;
    struct timer slots[TIMERQ_LEVELS][TIMERQ_SLOTS]; /* list heads */
};

void timerq_init(struct timerq *q, uint64_t now_ms);

/* Sets `t` (or moves it) to fire once at `at_ms`; a time not after the queue's now fires at the next run. */
void timerq_set(struct timerq *q, struct timer *t, uint64_t at_ms);

/* Stops `t`; not being set is fine. */
void timerq_stop(struct timerq *q, struct timer *t);

bool timerq_is_set(const struct timer *t);

/* Fires everything due at or before `now_ms`, in order of time; a timer that is set for a due time by a firing one
 * fires in the same run. */
void timerq_run(struct timerq *q, uint64_t now_ms);

/* When timerq_run should be called next: never later than the first timer, perhaps a little earlier; TIMERQ_NEVER. */
uint64_t timerq_next(const struct timerq *q);

#endif
