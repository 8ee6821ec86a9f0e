/*
 * prober: asks the nodes of the cluster whether they are there, those of one worker (node mod workers), and any of them
 * when somebody wants to know now: by STUN on the flow that signalling uses, or by OPTIONS. What it finds goes to
 * nodes, which say when and how.
 *
 * Order of use: prober_new, prober_set_settings; prober_stop when the program ends; prober_free before the ua. One
 * thread.
 */
#ifndef B2BUA_REGISTRAR_PROBER_H
#define B2BUA_REGISTRAR_PROBER_H

#include "b2bua/registrar/nodes.h"
#include "b2bua/ua/ua.h"

struct prober;

struct prober_config {
    struct ua *ua; /* borrowed, like those below */
    struct flow_ops flow;
    struct timerq *timers;
    struct nodes *nodes;
    void (*random)(void *bytes, size_t n);
    unsigned worker, workers;
    /* Something was heard of a node, or not in time; ctx is `config.ctx`. May be NULL. */
    void (*news)(void *ctx, uint64_t now_ms);
    void *ctx;
};

struct prober *prober_new(const struct prober_config *config);
void prober_free(struct prober *p); /* NULL is fine */

/* The nodes that are probed from now on; referenced. The first call starts it. */
void prober_set_settings(struct prober *p, struct settings *s, uint64_t now_ms);

/* Gives up what is under way and sends nothing more. */
void prober_stop(struct prober *p);

/* Probes this node now, unless that is under way already. */
void prober_ask(struct prober *p, uint32_t node, uint64_t now_ms);

/* A STUN message that is no request has come in. */
void prober_stun(struct prober *p, struct str message, uint64_t now_ms);

/* A STUN request of ours could not be delivered: refused, reset. */
void prober_undelivered(struct prober *p, struct str message, uint64_t now_ms);

/* Why a connection that we have opened, perhaps to a node, has failed. */
void prober_trouble(struct prober *p, const struct flow *to, const char *why, uint64_t now_ms);

/* A connection has ended: if it led to a node, is that still there? */
void prober_closed(struct prober *p, const struct flow *flow, uint64_t now_ms);

#endif
