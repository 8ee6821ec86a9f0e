/*
 * line: the registrations of our trunks at their providers, those of one worker: a trunk with `register` belongs to the
 * worker that its name hashes to. core/regclient decides, here its decisions become requests; what they come to stands
 * in trunk/registration.
 *
 * Order of use: lines_new, lines_set_settings for each snapshot (a line goes on as it is where its trunk's `register`
 * and targets are the same: same Call-ID, CSeq rising), lines_stop in the end, lines_free. One thread.
 */
#ifndef B2BUA_UPKEEP_LINE_H
#define B2BUA_UPKEEP_LINE_H

#include "b2bua/trunk/pool.h"
#include "b2bua/trunk/registration.h"
#include "b2bua/ua/ua.h"

struct lines;

/* All borrowed. */
struct lines_config {
    struct ua *ua;
    struct timerq *timers;
    struct pool *pool;
    struct registrations *registrations;
    unsigned worker, workers;
};

struct lines *lines_new(const struct lines_config *config);

/* Says nothing to anybody. */
void lines_free(struct lines *l);

/* Registrations that are gone from the snapshot are taken back; others go on, and keep a reference to it. */
void lines_set_settings(struct lines *l, struct settings *s);

/* A connection is gone: who was registered over it registers again. */
void lines_closed(struct lines *l, const struct flow *flow, uint64_t now_ms);

/* Takes all registrations back. */
void lines_stop(struct lines *l, uint64_t now_ms);

/* Frees what has ended: at the end of a turn. */
void lines_sweep(struct lines *l);

#endif
