/*
 * engine: the SIP of one worker as a whole: a ua, the calls on it, and who gets which request. No sockets, no clock, no
 * threads: bytes and time go in, bytes come out through flow_ops, so that a test can run half an hour of signalling in
 * a millisecond.
 *
 * Order of use: engine_new, engine_set_settings, then engine_message and engine_run as things happen; engine_stop to
 * end calls; engine_free.
 */
#ifndef B2BUA_WORKER_ENGINE_H
#define B2BUA_WORKER_ENGINE_H

#include "b2bua/call/call.h"
#include "b2bua/guard/guard.h"
#include "b2bua/registrar/fellows.h"
#include "b2bua/registrar/keepalive.h"
#include "b2bua/registrar/registrar.h"
#include "b2bua/upkeep/line.h"
#include "b2bua/worker/report.h"

struct engine;

struct engine_config {
    struct timerq *timers; /* borrowed; engine_run runs it */
    struct pool *pool;     /* borrowed; shared by all engines */
    struct guard *guard;   /* borrowed, or NULL */
    struct flow_ops flow;
    struct ladder *ladder; /* borrowed; NULL = no message is kept */
    uint32_t node;
    unsigned worker, workers;
    void (*random)(void *bytes, size_t n);
    struct calls_ops calls;
    struct registrations *registrations; /* borrowed */
    struct nodes *nodes;                 /* borrowed, shared, */
    const struct switches *switches;     /* like this */
    struct registrar_shared *registrar;  /* and this, */
    struct fellows *fellows;             /* and this; NULL = there are none */
    const struct ua_watch *watch;        /* see ua_config */
};

struct engine_load {
    uint32_t shed_percent, lag_ms, busy_percent; /* now */
    uint64_t overloads, refused;                 /* so far */
};

struct engine_counts {
    struct engine_load load;
    struct ua_counts ua;
    struct calls_counts calls;
    struct keepalives_counts keepalives;
    struct registrar_counts registrar;
};

struct engine *engine_new(const struct engine_config *config);
void engine_free(struct engine *e);

/* For what comes from now on; referenced. Its trunks have their slots (pool_adopt). */
void engine_set_settings(struct engine *e, struct settings *s);

/* See net_ops. */
void engine_message(struct engine *e, const struct flow *from, char *bytes, size_t n, int broken, uint64_t now_ms);
/* The same for an INVITE or REFER whose Replaces was looked up by engine_map of the worker that may own the dialog. */
void engine_message_mapped(struct engine *e, const struct flow *from, char *bytes, size_t n, struct str mapped,
                           uint64_t now_ms);
bool engine_map(const struct engine *e, struct str message, struct sbuf *out);
void engine_undelivered(struct engine *e, const struct flow *to, struct str bytes, uint64_t now_ms);
bool engine_stun(struct engine *e, const struct flow *from, struct str bytes, uint64_t now_ms);
void engine_trouble(struct engine *e, const struct flow *to, const char *why, uint64_t now_ms);
void engine_closed(struct engine *e, const struct flow *flow, uint64_t now_ms);

/* Does anybody wait for an answer of a client, on any worker? Then each is told (engine_gone) of a connection that has
 * ended, so that he goes another way. */
bool engine_awaits(const struct engine *e);
void engine_gone(struct engine *e, const struct flow *flow, uint64_t now_ms);

/* Runs the timers that are due and frees what has ended. */
void engine_run(struct engine *e, uint64_t now_ms);

/* Trunks, nodes and fellows are probed no more. */
void engine_stop_probes(struct engine *e);

/* No new calls from now on: they get 503 with Retry-After, and our registrations are taken back. */
void engine_drain(struct engine *e, uint64_t now_ms);

/* How the last OVERLOAD_TICK_MS were: new requests are turned away where that cannot go on. */
void engine_load(struct engine *e, const struct overload_load *load);

/* Ends all calls. */
void engine_stop(struct engine *e, enum calls_stop why, uint64_t now_ms);

/* The same at the very end: peers are told, nobody is waited for, each leg has its record. Then engine_free. */
void engine_close(struct engine *e, uint64_t now_ms);

struct engine_counts engine_counts(const struct engine *e);

/* Answers an operator's question, or a part of it: `r` is all zero before the first, and stays where it is until true
 * is returned, or engine_report_drop called. */
bool engine_report(struct engine *e, const struct report_ask *ask, struct report *r, uint64_t now_ms);
void engine_report_drop(struct engine *e, struct report *r);

/* Which ways a call between clients and nodes would take now (ways_ops.find); nothing is sent. */
bool engine_ways(struct engine *e, const struct ways_ask *ask, struct ways **out, uint64_t now_ms);

#endif
