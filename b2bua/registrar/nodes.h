/*
 * nodes: what is known of the call managers of the cluster while the program runs: how each is doing (core/node), which
 * one takes a registration (core/placement), which one a nonce came from, and what its probes found. Program lifetime,
 * one for all workers, one lock; nothing in it is borrowed across a return.
 *
 * A node is named by a number that is made of its name, the same in every process (nodes_number); 0 is none. A node
 * keeps what is known of it as long as the configuration has its name. Its addresses are the places of its target in
 * the pool's trunk `cluster`: one is in use at a time, and the next one after it has failed.
 *
 * Order of use: nodes_new, nodes_set_ops; nodes_adopt for each snapshot before anyone else sees it; then anything from
 * any thread, and nodes_tick from one of them, each second or so; nodes_free when the threads are gone. Times in ms of
 * the monotonic clock.
 */
#ifndef B2BUA_REGISTRAR_NODES_H
#define B2BUA_REGISTRAR_NODES_H

#include "b2bua/core/stun.h"
#include "b2bua/sip/sip.h"
#include "b2bua/trunk/pool.h"

struct nodes;

enum { NODES_NONE = 0 };

/* `pool` is borrowed; `seed` spreads probes. */
struct nodes *nodes_new(struct pool *pool, uint64_t seed);
void nodes_free(struct nodes *n); /* NULL is fine */

/* Who knows of registrations. Called from any thread. */
struct nodes_ops {
    /* What the node carries now. Takes no lock of ours. */
    void (*load)(void *ctx, uint32_t node, uint32_t *registrations, uint32_t *calls);
    /* The node has gone down, or into maintenance: its clients that have calls are to be placed anew when these are
     * over, even if it is back by then. */
    void (*lost)(void *ctx, uint32_t node);
    void *ctx;
};

/* Before the first worker runs; copied. */
void nodes_set_ops(struct nodes *n, const struct nodes_ops *ops);

/* The nodes of this snapshot from now on: those whose names stay go on as they are, new ones are up, the others are
 * forgotten. One thread at a time, after pool_adopt. */
void nodes_adopt(struct nodes *n, const struct settings *s, uint64_t now_ms);

/* The number of a node by its name, never NODES_NONE: the same on all nodes of ours, and after a restart. */
uint32_t nodes_number(const char *name);

/* Index into s->cluster.nodes, or -1: this snapshot has no such node. */
int nodes_index(const struct settings *s, uint32_t node);

/* The place of the node's target that is in use. Returns 0, or -1: no such node, or its name has no address now. */
int nodes_place(struct nodes *n, const struct settings *s, uint32_t node, struct pool_place *out);

/* Which node this address is a place of: of this port, else of any; NODES_NONE. */
uint32_t nodes_at(struct nodes *n, const struct settings *s, const struct addr *a);

/* --- which node takes a REGISTER --- */

struct nodes_client {
    uint32_t node;         /* it is registered there; NODES_NONE */
    uint32_t pinned;       /* its nonce came from there (nodes_pinned); NODES_NONE */
    bool adaptive;         /* it said AR, and the other side does, too */
    bool pending;          /* its node was lost while it had a call */
    uint32_t calls;        /* in progress */
    uint64_t moved_ms;     /* when it was moved last; 0 = never */
    const uint32_t *tried; /* for this REGISTER, without success */
    int tried_count;
};

/*
 * The node to try (next), or NODES_NONE: none is left. In this order: where its nonce came from; where it is, while
 * that takes registrations and the client is not to be moved (rebalancing, or pending); the less loaded of two. A
 * client with a call stays where it is unless that node is down or in maintenance.
 */
uint32_t nodes_choose(struct nodes *n, const struct nodes_client *c, uint64_t random, uint64_t now_ms);

/* A 401 or 407 of this node had this nonce: a request with it goes there, for a minute. Bounded: the oldest go first.
 */
void nodes_pin(struct nodes *n, struct str nonce, uint32_t node, uint64_t now_ms);
uint32_t nodes_pinned(struct nodes *n, struct str nonce, uint64_t now_ms);

/* --- what was seen of a node --- */

/* Why a connection to it has failed, in words: the reason of what NODE_REFUSED and NODE_MISSED come to. Said in the log
 * when it is another one. */
void nodes_trouble(struct nodes *n, uint32_t node, const char *why, uint64_t now_ms);

/* What a final response says of its node: a 503 with Warning 382 that it is in maintenance, another 503 that it is
 * closed (m->retry_after_s), all else that it is there. */
enum node_evidence nodes_evidence_of(const struct sip_msg *m);

/* `seconds`: of NODE_CLOSED, 0 = it did not say. A node that is gone is fine. */
void nodes_event(struct nodes *n, uint32_t node, enum node_evidence e, uint32_t seconds, uint64_t now_ms);

/* Did its 200 say X-cisco-supports-AR_SK? Then it answers STUN. */
void nodes_supports(struct nodes *n, uint32_t node, bool ar_sk);
/* --- may keepalives of its clients be answered? --- */

enum nodes_path {
    NODES_PATH_ALIVE,
    NODES_PATH_STALE, /* believed alive, but not heard of for some seconds: worth a probe */
    NODES_PATH_DOUBT, /* a miss: worth one, too */
    NODES_PATH_DEAD
};
enum nodes_path nodes_path(struct nodes *n, uint32_t node, uint64_t now_ms);

/* ALIVE or STALE. */
bool nodes_path_alive(struct nodes *n, uint32_t node);

/* May it have forgotten a registration that it accepted then? It may when it has refused a connection since: a process
 * that begins anew has none, and nobody would call its clients before they refresh. */
bool nodes_forgets(struct nodes *n, uint32_t node, uint64_t accepted_ms);

/* Should this idle client, registered there, be told to go by silence? It should while the node is in maintenance and
 * another one takes registrations: in its turn, a twenty-fifth of all clients each second. `client` is any number of
 * its own. */
bool nodes_is_leaving(struct nodes *n, uint32_t node, uint64_t client, uint64_t now_ms);

/* --- time --- */

/* What happens by itself: a node that recovers is up again, loads are looked at each five seconds. */
void nodes_tick(struct nodes *n, uint64_t now_ms);

/* --- probes, for registrar/probe.c --- */

struct nodes_probe {
    uint32_t node;
    bool stun; /* else OPTIONS */
    uint32_t timeout_ms;
    uint8_t id[STUN_ID]; /* of this probe, OPTIONS too */
};

/* The next node whose probe is due, of those of this worker; or the one that is asked for, now (soon, when the last
 * probe has only just left). It counts as being probed until nodes_probed. Returns false when there is none. `id`:
 * STUN_ID random bytes. */
bool nodes_probe_due(struct nodes *n, unsigned worker, unsigned workers, const uint8_t *id, struct nodes_probe *out,
                     uint64_t now_ms);
bool nodes_probe_ask(struct nodes *n, uint32_t node, const uint8_t *id, struct nodes_probe *out, uint64_t now_ms);

/* What came of it. Returns false when it is not awaited (any more). */
bool nodes_probed(struct nodes *n, const uint8_t id[STUN_ID], enum node_evidence e, uint32_t seconds, uint64_t now_ms);

/* Is it still awaited? */
bool nodes_probe_waits(struct nodes *n, const uint8_t id[STUN_ID]);

/* --- for the operator --- */

/* Into maintenance or out of it. Returns false when there is no such node. */
bool nodes_maintain(struct nodes *n, uint32_t node, bool on, uint64_t now_ms);

enum { NODES_REASON_MAX = 160 };

struct nodes_look {
    char name[64];
    uint32_t number;
    enum node_state state;
    char reason[NODES_REASON_MAX]; /* why it is so */
    bool by_operator, ar_sk, stun; /* stun: that is how it is probed */
    uint64_t since_ms, heard_ms;   /* heard_ms 0 = never */
    uint64_t closed_ms;            /* takes nothing until then */
    uint32_t capacity, share;      /* share in thousandths */
    uint32_t registrations, calls;
    uint64_t flips, probes, missed;
    uint32_t answer_ms; /* of the last probe */
};

/* Copies what is known of each node; `out` holds SETTINGS_NODES_MAX. Returns how many. */
int nodes_look(struct nodes *n, struct nodes_look *out, uint64_t now_ms);

struct nodes_balance {
    bool on; /* registrations are being moved */
    uint64_t moved;
    uint32_t spread_percent, difference;
};
void nodes_look_balance(struct nodes *n, struct nodes_balance *out, uint64_t now_ms);

#endif
