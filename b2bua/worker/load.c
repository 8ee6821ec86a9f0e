#include "b2bua/worker/load.h"

enum { NS_A_MS = 1000000 };

void worker_load_waited(struct worker_load *l, uint64_t since_ms, uint64_t now_ms) {
    if (now_ms > since_ms && now_ms - since_ms > l->lag_ms)
        l->lag_ms = (uint32_t)(now_ms - since_ms);
}

/* The idle time of a sleep is known when the sleep is over: it may be more than the tick. */
static uint32_t busy_percent(uint64_t idle_ms, uint64_t passed_ms) {
    return idle_ms >= passed_ms ? 0 : (uint32_t)((passed_ms - idle_ms) * 100 / passed_ms);
}

bool worker_load_tick(struct worker_load *l, uv_loop_t *loop, uint64_t lost, uint64_t now_ms,
                      struct overload_load *out) {
    uint64_t idle_ns = uv_metrics_idle_time(loop), passed_ms = now_ms - l->at_ms;

    if (passed_ms < OVERLOAD_TICK_MS)
        return false;
    *out = (struct overload_load){.lag_ms = l->lag_ms,
                                  .busy_percent = busy_percent((idle_ns - l->idle_ns) / NS_A_MS, passed_ms),
                                  .lost = (uint32_t)(lost - l->lost)};
    *l = (struct worker_load){.at_ms = now_ms, .idle_ns = idle_ns, .lost = lost};
    return true;
}
