/*
 * probe: asks the places of trunks whether they are up: OPTIONS (RFC 3261 11) outside any dialog, as the pool says
 * when. A place belongs to the worker (slot of its trunk) mod workers. What it finds goes to the pool.
 *
 * Order of use: probes_new, probes_set_settings; probes_stop when the program ends; probes_free before the ua. One
 * thread.
 */
#ifndef B2BUA_UPKEEP_PROBE_H
#define B2BUA_UPKEEP_PROBE_H

#include "b2bua/trunk/pool.h"
#include "b2bua/ua/ua.h"

struct probes;

struct probes_config {
    struct ua *ua; /* borrowed, like those below */
    struct timerq *timers;
    struct pool *pool;
    unsigned worker, workers;
    void (*lost)(void *ctx, uint64_t now_ms); /* a place has gone down, here or elsewhere */
    void *ctx;
};

struct probes *probes_new(const struct probes_config *config);
void probes_free(struct probes *p); /* NULL is fine */

/* The trunks that are probed from now on; referenced. The first call starts it. */
void probes_set_settings(struct probes *p, struct settings *s, uint64_t now_ms);

/* Gives up what is under way and sends nothing more. */
void probes_stop(struct probes *p);

#endif
