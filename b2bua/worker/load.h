/*
 * load: how busy a worker's loop is: how long things have waited for it, how much of the time it slept, what its
 * sockets had to drop. The loop is configured with UV_METRICS_IDLE_TIME.
 */
#ifndef B2BUA_WORKER_LOAD_H
#define B2BUA_WORKER_LOAD_H

#include <uv.h>

#include "b2bua/core/overload.h"

/* All zero at first. */
struct worker_load {
    uint64_t at_ms;
    uint64_t idle_ns, lost; /* in all, until then */
    uint32_t lag_ms;        /* the longest since then */
};

/* Something waited from `since_ms` to `now_ms`. */
void worker_load_waited(struct worker_load *l, uint64_t since_ms, uint64_t now_ms);

/* Is a tick over (true)? Then `out` says what it was like, and the next one begins. `lost` counts datagrams in all. */
bool worker_load_tick(struct worker_load *l, uv_loop_t *loop, uint64_t lost, uint64_t now_ms,
                      struct overload_load *out);

#endif
