/*
 * registrar: the registration front of one worker: clients register through us at the nodes of the cluster, or at us
 * (registrar.local). What all workers know together is in struct registrar_shared.
 *
 * Order of use: registrar_shared_new; registrar_shared_adopt for each snapshot before anyone else sees it;
 * registrar_new, registrar_set_settings; registrar_admit and registrar_request as requests come; registrar_free before
 * the ua; registrar_shared_free when the threads are gone.
 *
 * A client is who comes by a listener of `registrar`: its requests have the trunk of that name, which takes any source
 * that no other trunk has. Without `registrar` in the configuration nothing is ever taken here.
 */
#ifndef B2BUA_REGISTRAR_REGISTRAR_H
#define B2BUA_REGISTRAR_REGISTRAR_H

#include "b2bua/guard/guard.h"
#include "b2bua/registrar/bindings.h"
#include "b2bua/registrar/fellows.h"
#include "b2bua/registrar/keepalive.h"
#include "b2bua/registrar/switches.h"
#include "b2bua/trunk/way.h"
#include "b2bua/ua/ua.h"

/* --- what the workers share --- */

struct registrar_shared;

struct registrar_shared_config {
    struct nodes *nodes;             /* borrowed; told what they carry */
    struct fellows *fellows;         /* borrowed; NULL = there are none */
    const struct switches *switches; /* borrowed */
    uint32_t boot;                   /* marks the connections of this process in tokens */
    struct str secret;               /* copied; signs where the configuration has none, and may be of an earlier run */
};
struct registrar_shared *registrar_shared_new(const struct registrar_shared_config *config);
void registrar_shared_free(struct registrar_shared *s); /* NULL is fine */

/* Limits and secrets are those of this snapshot from now on. One thread at a time. */
void registrar_shared_adopt(struct registrar_shared *s, const struct settings *settings);

/* The table of bindings; as long as `s`. Any thread. */
struct bindings *registrar_bindings(struct registrar_shared *s);

/* --- flows and tokens --- */

/* The flow of a message as bindings and tokens have it. */
struct token registrar_via(const struct registrar_shared *s, const struct settings *settings, const struct flow *flow);

/* Signs; `text` holds TOKEN_TEXT_MAX bytes. */
struct str registrar_token(struct registrar_shared *s, const struct token *via, char *text);

/* 0; -1: not signed by us (403). */
int registrar_token_read(struct registrar_shared *s, struct str text, struct token *via);

/* The flow to send on. Returns 0, or -1 when it is gone for good: a connection of an earlier process, a listener that
 * the configuration has no more (430). A connection that was closed since is found out by sending. */
int registrar_flow(const struct registrar_shared *s, const struct settings *settings, const struct token *via,
                   struct flow *flow);

/* --- one worker --- */

struct registrar;

struct registrar_config {
    struct ua *ua; /* borrowed, like those below */
    struct timerq *timers;
    struct registrar_shared *shared;
    struct guard *guard; /* hears of wrong credentials; may be NULL */
    unsigned worker, workers;
};

struct registrar *registrar_new(const struct registrar_config *config);
void registrar_free(struct registrar *r); /* NULL is fine */

/* For what comes from now on; referenced. */
void registrar_set_settings(struct registrar *r, struct settings *s, uint64_t now_ms);

/* The process is about to end: REGISTER gets 503 from now on, as in maintenance. */
void registrar_drain(struct registrar *r);

/* Does the request come from a client? */
bool registrar_is_client(const struct registrar *r, const struct ua_in *in);

/* May a request of a client have a transaction? See ua_ops.admit. REGISTER always; others when their flow has a
 * binding: else 403, and 481 inside a dialog (RFC 3261 12.2.2: who has not moved with his registration hears of it). */
int registrar_admit(struct registrar *r, const struct ua_in *in);

/* Takes a REGISTER of a client, which gets its final answer. Returns false when the request is none. */
bool registrar_request(struct registrar *r, struct ua_in *in);

/* Where INVITEs of clients and nodes go; calls.c. */
void registrar_ways(struct registrar *r, struct ways_ops *out);

/* Takes a request other than INVITE and REGISTER that goes between clients and nodes and belongs to no call: it gets
 * its final answer. Returns false when it is none. */
bool registrar_relay(struct registrar *r, struct ua_in *in);

/* Is a request on its way to a client, on any worker? */
bool registrar_awaits(const struct registrar *r);

/* The connection of this flow has ended: what a client was to answer by it goes the next way, or gets 430. */
void registrar_gone(struct registrar *r, const struct flow *flow, uint64_t now_ms);

/* STUN was heard on this flow: its registrations know it from now on. Copies some; see keepalives_config. */
int registrar_keepalive(struct registrar *r, const struct flow *flow, struct keepalive_binding *out, uint64_t now_ms);

/* Has a client on this flow said a User-Agent that passes? */
bool registrar_is_agent(struct registrar *r, const struct flow *flow, const struct header_rules *which);

/* What became of REGISTERs. */
enum registrar_result {
    REGISTRAR_OK,          /* 200 */
    REGISTRAR_ABSORBED,    /* 200 without asking the node: it had accepted the credentials */
    REGISTRAR_CHALLENGED,  /* 401, 407 */
    REGISTRAR_REFUSED,     /* other answers of a node, or of our own registrar */
    REGISTRAR_MALFORMED,   /* 400 */
    REGISTRAR_FORBIDDEN,   /* 403: domain that is not served */
    REGISTRAR_TOO_BRIEF,   /* 423 */
    REGISTRAR_LIMITED,     /* 480: too many authorizations */
    REGISTRAR_BUSY,        /* 503: too many under way, or bindings */
    REGISTRAR_MAINTENANCE, /* 503 */
    REGISTRAR_UNAVAILABLE, /* 503: no node answered */
    REGISTRAR_RESULTS
};
const char *registrar_result_name(enum registrar_result r);

/* What became of other requests. */
enum registrar_relay {
    REGISTRAR_RELAY_ANSWERED,    /* 2xx */
    REGISTRAR_RELAY_REFUSED,     /* another answer, or ours */
    REGISTRAR_RELAY_SILENT,      /* 408 */
    REGISTRAR_RELAY_UNREACHABLE, /* 430, 503 */
    REGISTRAR_RELAYS
};

struct registrar_counts {
    uint64_t results[REGISTRAR_RESULTS];
    uint64_t failovers;                   /* another node was tried */
    uint32_t pending;                     /* under way now */
    uint64_t relays[2][REGISTRAR_RELAYS]; /* to nodes, to clients */
    uint32_t relaying;                    /* under way now */
};
struct registrar_counts registrar_counts(const struct registrar *r);

#endif
