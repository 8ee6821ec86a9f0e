/*
 * keepalive: STUN requests of clients on their signalling flows (RFC 5626 4.4, RFC 8489): a client takes silence as
 * "my path is dead" and registers anew elsewhere. So an answer says more than that we are there: the node that it is
 * registered at is there, too. Where that is not known for certain the answer waits for a probe, two seconds at most.
 *
 * Order of use: keepalives_new, keepalives_set_settings; keepalives_stun for requests, keepalives_news when something
 * was heard of nodes; keepalives_free. One thread.
 */
#ifndef B2BUA_REGISTRAR_KEEPALIVE_H
#define B2BUA_REGISTRAR_KEEPALIVE_H

#include "b2bua/registrar/prober.h"
#include "b2bua/registrar/switches.h"

struct keepalives;

/* A registration on a flow. */
struct keepalive_binding {
    uint64_t id;
    uint32_t node;        /* NODES_NONE: we are its registrar */
    uint64_t accepted_ms; /* by the node, the last time */
    bool adaptive;        /* it said AR */
    bool calls;           /* it has some */
};

enum { KEEPALIVE_BINDINGS_MAX = 4 }; /* of a flow, that are looked at */

struct keepalives_config {
    struct flow_ops flow; /* borrowed, like those below */
    struct timerq *timers;
    struct nodes *nodes;
    struct prober *prober;
    const struct switches *switches;
    /* Copies registrations on this flow, and notes that STUN was heard there. `out` holds KEEPALIVE_BINDINGS_MAX.
     * Returns how many. */
    int (*bindings)(void *ctx, const struct flow *flow, struct keepalive_binding *out, uint64_t now_ms);
    void *ctx;
};

struct keepalives *keepalives_new(const struct keepalives_config *config);
void keepalives_free(struct keepalives *k); /* NULL is fine */
void keepalives_set_settings(struct keepalives *k, struct settings *s);

/* A STUN request. Returns true when it is to be answered now; else there is silence, perhaps an answer later. */
bool keepalives_stun(struct keepalives *k, const struct flow *from, struct str request, uint64_t now_ms);

/* Answers what can be answered by now. */
void keepalives_news(struct keepalives *k, uint64_t now_ms);

struct keepalives_counts {
    uint64_t late; /* answered after a probe */
    uint64_t dead, doubted, off,
        maintained;   /* silence: the path is dead; no probe came back; switched off; told to go */
    uint32_t waiting; /* for a probe now */
};
struct keepalives_counts keepalives_counts(const struct keepalives *k);

#endif
