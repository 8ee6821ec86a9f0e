/*
 * overload: does one worker get more than it can do, and what share of new work does it turn away? Pure: the owner says
 * ten times a second how the loop is doing.
 *
 * Signs of trouble: what waits waits too long (lag), the loop hardly ever sleeps (busy), the kernel had to throw away
 * datagrams (lost). Trouble that lasts OVERLOAD_LAG_TICKS (lag, lost) or OVERLOAD_BUSY_TICKS (busy) begins an overload:
 * the share that is shed rises with each tick of trouble, stays between the low and the high marks, and falls slowly
 * when all is calm, so that work goes on at about what can be done instead of all or nothing. At 0 it is over.
 *
 * Who was turned away is remembered for a while: a copy of the same request must not get through (a caller who has his
 * answer would not expect another).
 */
#ifndef B2BUA_CORE_OVERLOAD_H
#define B2BUA_CORE_OVERLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    OVERLOAD_TICK_MS = 100,
    OVERLOAD_LAG_TICKS = 3,
    OVERLOAD_BUSY_TICKS = 30,
    OVERLOAD_RISE_PERCENT = 10,
    OVERLOAD_FALL_PERCENT = 2,
    OVERLOAD_BUSY_GAP_PERCENT = 10, /* calm is so far below busy_percent */
    OVERLOAD_MEMORY = 16384         /* requests */
};

struct overload_policy {
    int lag_high_ms, lag_low_ms; /* high 0 = lag does not matter */
    int busy_percent;            /* of the loop's time; 0 = does not matter */
};

/* All zero: nothing is known yet. */
struct overload {
    uint32_t lag_ms;                /* of the last tick */
    uint32_t busy_percent;          /* over the last second, about */
    uint32_t busy_sum;              /* ten times as much, and finer */
    uint32_t shed_percent;          /* of new work; 0 = no overload */
    uint32_t lag_ticks, busy_ticks; /* of trouble without a pause */
    uint64_t begun;                 /* overloads so far */
    uint64_t *turned_away;          /* by place; made when first needed */
};

void overload_fini(struct overload *o);

/* What has happened in one tick. */
struct overload_load {
    uint32_t lag_ms;       /* the longest that anything has waited */
    uint32_t busy_percent; /* of the tick's time */
    uint32_t lost;         /* datagrams */
};

/* One tick. Returns 1 when an overload begins, -1 when it ends, else 0. */
int overload_tick(struct overload *o, const struct overload_policy *p, const struct overload_load *load);

/* Could anything be turned away? For most of the time no. */
static inline bool overload_may_shed(const struct overload *o) {
    return o->shed_percent > 0 || o->turned_away != NULL;
}

/* Is this new request to be turned away? `key` is the same for all its copies. */
bool overload_sheds(struct overload *o, uint64_t key, uint64_t random);

/* Seconds for its Retry-After: 5..30, so that not all return at once. */
uint32_t overload_retry_s(uint64_t random);

#endif
