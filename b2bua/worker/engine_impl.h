/*
 * engine, inside: what its files share. engine.c makes it and passes on what comes, serve.c is who serves which
 * request, answer.c what the operator asks.
 */
#ifndef B2BUA_WORKER_ENGINE_IMPL_H
#define B2BUA_WORKER_ENGINE_IMPL_H

#include "b2bua/registrar/heart.h"
#include "b2bua/upkeep/probe.h"
#include "b2bua/worker/engine.h"
#include "b2bua/worker/shed.h"

struct engine {
    struct timerq *timers;
    struct ua *ua;
    struct calls *calls;
    struct probes *probes;
    struct prober *prober;
    struct heart *heart;
    struct keepalives *keepalives;
    struct registrar *registrar;
    struct lines *lines;
    struct settings *settings;
    const struct switches *switches; /* borrowed; NULL = there are none */
    struct pool *pool;
    struct guard *guard;
    struct shed shed;
    unsigned worker;
    bool draining;
};

/* serve.c: what the SIP element (ua) asks of the engine; their ctx is the engine. */
extern const struct ua_ops engine_ua_ops;

/* engine.c: frees what has ended; at the end of whatever came in. */
void engine_sweep(struct engine *e);

#endif
