/*
 * bindings: who is registered, and how he is reached. Program lifetime, one table for all workers, in shards with a
 * lock each. Nothing in it is borrowed across a return: what is found is copied out.
 *
 * A binding is named by a number that is made of its key: AoR, instance and reg-id where the client has both (RFC 5626
 * 6), else AoR and the URI of the Contact (RFC 3261 10.3). The same key gives the same number in every process that has
 * the same secret; nobody else can guess it. Its upper half is that of the AoR.
 *
 * It is found by number, by AoR, and by flow. A flow is a struct token (core/token.h): what token_read gives back, so
 * this is how a token is looked up, too. `via.flow.listen` is as it was at the registration and may be stale after a
 * reload; `via.listen_id` says which listener it is (registrar_flow in registrar.h puts that right).
 *
 * Order of use: bindings_new; anything from any thread; bindings_tick each second or so, from the worker that a shard
 * belongs to; bindings_free when the threads are gone. Times in ms of the monotonic clock.
 */
#ifndef B2BUA_REGISTRAR_BINDINGS_H
#define B2BUA_REGISTRAR_BINDINGS_H

#include "b2bua/core/contact.h"
#include "b2bua/core/token.h"

struct bindings;

enum {
    BINDINGS_OF_AOR_MAX = 64, /* further ones are refused */
    BINDINGS_NODES_MAX = 32,  /* whose load is counted */
    BINDING_TEXT_MAX = 6000   /* of one: AoR, Contact and so on together */
};

/* What is known of a binding, but for texts. */
struct binding_facts {
    uint64_t id;
    struct token via;       /* how the client is reached */
    uint32_t node;          /* nodes_number of the node that has it; 0 = we are its registrar */
    uint32_t reg_id, q;     /* 0 = none; thousandths */
    uint32_t cseq;          /* of the last REGISTER with its Call-ID */
    unsigned caps;          /* CONTACT_AR, CONTACT_SK: as far as both sides support it */
    bool outbound;          /* the client has asked for RFC 5626 */
    uint64_t since_ms;      /* registered first */
    uint64_t told_ms;       /* when it ends for the client, and here */
    uint64_t granted_ms;    /* when it ends at the node */
    uint64_t accepted_ms;   /* when the node last did; 0 = before this process began */
    uint64_t moved_ms;      /* when it last went to another node; 0 = never */
    uint64_t stun_ms;       /* when STUN was last heard on its flow; 0 = never */
    uint32_t calls;         /* in progress */
    bool pending;           /* to be placed anew when its calls are over */
    uint64_t credential;    /* hash of what the node has accepted; 0 = nothing */
    uint64_t credential_ms; /* and until when it is believed */
};

/* A copy. The views are into `text`, or, of one that is to be put, anywhere. */
struct binding {
    struct binding_facts f;
    struct str aor;           /* user@host */
    struct str contact;       /* as the client wrote it: from "<" to the last parameter */
    struct str instance;      /* empty = none */
    struct str call_id;       /* of its last REGISTER */
    struct str service_route; /* of the node: complete Route lines; empty = none */
    struct str path;          /* from further proxies between client and us: complete Route lines; empty = none */
    struct str user_agent;
    char text[BINDING_TEXT_MAX];
};

/* Who wants to know of changes; called without a lock held, from any worker. */
struct bindings_ops {
    void (*put)(void *ctx, const struct binding *b);
    void (*gone)(void *ctx, uint64_t id);
    void *ctx;
};

/* `key` makes the numbers. */
struct bindings *bindings_new(const struct token_key *key, uint32_t max);
void bindings_free(struct bindings *b); /* NULL is fine */

/* Before the first worker runs; copied. */
void bindings_set_ops(struct bindings *b, const struct bindings_ops *ops);
void bindings_set_max(struct bindings *b, uint32_t max);

/* The number of a binding. `instance` and `reg_id` count when both are given, else `contact_uri`. */
uint64_t bindings_id(const struct bindings *b, struct str aor, struct str instance, uint32_t reg_id,
                     struct str contact_uri);

enum bindings_put { BINDINGS_NEW, BINDINGS_RENEWED, BINDINGS_FULL, BINDINGS_TOO_LONG };

/* Puts a binding, or what is new of one that is there: since_ms, moved_ms, calls and pending of that stay, but for
 * moved_ms when the node is another. FULL: the table, or the AoR, has as many as it may; TOO_LONG: its texts. */
enum bindings_put bindings_put(struct bindings *b, const struct binding *from, uint64_t now_ms);

/* Copies a binding. Returns false when there is none. `out` may be NULL. */
bool bindings_get(struct bindings *b, uint64_t id, struct binding *out);

/* Returns false when there is none. */
bool bindings_remove(struct bindings *b, uint64_t id);

/* Changes facts (not id, via, node, told_ms) under the lock: `change` only computes. False: there is none. */
bool bindings_change(struct bindings *b, uint64_t id, void (*change)(struct binding_facts *f, void *arg), void *arg);

/* A call of this binding begins or ends. One that is gone is fine. */
void bindings_call(struct bindings *b, uint64_t id, bool begins);

/* The node is lost: its bindings that have calls are pending from now on. */
void bindings_lost(struct bindings *b, uint32_t node);

/* Numbers of the bindings of an AoR; `ids` holds BINDINGS_OF_AOR_MAX. Returns how many. */
int bindings_of_aor(struct bindings *b, struct str aor, uint64_t *ids);

/* Numbers of the bindings on a flow, `most` of them at most; the latest first. Returns how many. */
int bindings_of_flow(struct bindings *b, const struct token *via, uint64_t *ids, int most);

struct bindings_load {
    uint32_t registrations, calls;
};

/* What a node carries (nodes_number); 0: what we are registrar of. */
struct bindings_load bindings_load(struct bindings *b, uint32_t node);

struct bindings_counts {
    uint32_t current, peak;
    uint64_t expired, refused; /* since start; refused: the table or an AoR was full */
    uint32_t credentials;      /* bindings that hold some */
};
struct bindings_counts bindings_counts(struct bindings *b);

/* Removes what has ended in the shards of this worker. */
void bindings_tick(struct bindings *b, unsigned worker, unsigned workers, uint64_t now_ms);

/* Forgets credentials that are believed no more, in the shards of this worker. Looks at each binding: seldom. */
void bindings_cleanup(struct bindings *b, unsigned worker, unsigned workers, uint64_t now_ms);

/* Calls `each` for every binding, copied, without a lock held; what comes or goes meanwhile may be left out. It returns
 * false to end the walk. */
void bindings_walk(struct bindings *b, bool (*each)(void *arg, const struct binding *one), void *arg);

#endif
