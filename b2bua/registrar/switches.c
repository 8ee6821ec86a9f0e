#include "b2bua/registrar/switches.h"

#include <stdio.h>

enum { RETRY_AFTER_S = 120, PARTS = 1000, PART_MS = 50 /* 1 / PARTS of the clients each */ };

void switches_set_stun(struct switches *s, bool on) {
    atomic_store(&s->stun, on ? 1 : -1);
}

bool switches_stun(const struct switches *s, const struct settings *settings) {
    int stun = atomic_load_explicit(&s->stun, memory_order_relaxed);

    return stun != 0 ? stun > 0 : settings->registrar.stun;
}

void switches_maintain(struct switches *s, bool on, uint32_t retry_after_s, uint64_t now_ms) {
    atomic_store(&s->retry_after_s, retry_after_s);
    if (!on)
        atomic_store(&s->maintenance_ms, 0);
    else if (switches_maintained_ms(s) == 0)
        atomic_store(&s->maintenance_ms, now_ms);
}

uint64_t switches_maintained_ms(const struct switches *s) {
    return atomic_load_explicit(&s->maintenance_ms, memory_order_relaxed);
}

const char *switches_maintenance_lines(const struct switches *s, const char *host, char *buf, size_t size) {
    unsigned seconds = atomic_load_explicit(&s->retry_after_s, memory_order_relaxed);

    snprintf(buf, size, "Retry-After: %u\r\nWarning: 382 %s \"System in Maintenance Mode\"\r\n",
             seconds != 0 ? seconds : RETRY_AFTER_S, host);
    return buf;
}

bool switches_is_silent(const struct switches *s, uint64_t client, uint64_t now_ms) {
    uint64_t since_ms = switches_maintained_ms(s), mixed = client * 0x9e3779b97f4a7c15u;

    return since_ms != 0 && now_ms >= since_ms + (mixed >> 32) % PARTS * PART_MS;
}
