/*
 * notify: what a service manager is told (sd_notify): that we are ready, reload, stop; how we are; and, where it wants
 * a sign of life, that we are alive. A datagram to $NOTIFY_SOCKET; without that nothing is said to anybody.
 *
 * Order of use: notify_init once, before there are threads; then what happens; notify_tick now and then; notify_fini.
 * One thread. Times in ms of the monotonic clock, which is that of systemd.
 */
#ifndef B2BUA_NOTIFY_H
#define B2BUA_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct notify {
    int fd;               /* -1: nobody wants to know */
    uint64_t watchdog_ms; /* it wants a sign of life in this time; 0 = it does not */
    uint64_t told_ms;     /* the last one */
    bool stuck;
};

/* Reads the environment and takes the variables out of it. */
void notify_init(struct notify *n);
void notify_fini(struct notify *n);

/* At work, or again after notify_reloading (sd_notify(3)). */
void notify_ready(struct notify *n);
void notify_reloading(struct notify *n, uint64_t now_ms);

/* `patience_ms`: how long this may take. */
void notify_stopping(struct notify *n, uint64_t patience_ms);

/* All threads were at work at `alive_ms` or later. When that is longer ago than half of what the manager waits,
 * nothing is said any more: it will end us and start us anew. `status` is shown by the manager. */
void notify_tick(struct notify *n, uint64_t alive_ms, const char *status, uint64_t now_ms);

#endif
