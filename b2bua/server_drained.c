#include "b2bua/server_drained.h"

#include "b2bua/log/log.h"

/* What is counted may be a little old. */
enum { BELIEF_MS = 400 };

void server_drained_look(struct server_drained *d, uint64_t since_ms, const uint64_t left[SERVER_DRAINED_KINDS],
                         uint64_t now_ms) {
    static const char *const names[SERVER_DRAINED_KINDS] = {"calls", "registrations"};

    if (since_ms == 0)
        *d = (struct server_drained){{false}};
    for (int i = 0; since_ms != 0 && now_ms >= since_ms + BELIEF_MS && i < SERVER_DRAINED_KINDS; i++) {
        bool drained = left[i] == 0;
        if (drained && !d->said[i])
            log_info("service=%s state=drained after_s=%llu", names[i], (unsigned long long)(now_ms - since_ms) / 1000);
        d->said[i] = drained;
    }
}
