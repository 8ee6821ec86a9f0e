/*
 * server_totals: what all workers together have and did, as of their last turns (up to 200 ms ago).
 */
#ifndef B2BUA_SERVER_TOTALS_H
#define B2BUA_SERVER_TOTALS_H

#include "b2bua/worker/worker.h"

struct server_totals {
    uint64_t calls, legs, transactions, open, connections, received, sent, resent, absorbed, handed, dropped, started,
        answered;
    uint64_t busy_percent; /* the mean */
    uint64_t alive_ms;     /* the worker that has been silent for longest was at work then */
};

struct server_totals server_totals(const struct worker_shared *shared);

/* One line in the log that begins with `what`. */
void server_totals_log(const struct worker_shared *shared, const char *what);

#endif
