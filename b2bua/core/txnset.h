/*
 * txnset: the transactions of one worker: matching (RFC 3261 17.1.3, 17.2.3, 9.2; RFC 6026), kept bytes, timers.
 * Sends and upward calls go through `struct txnset_ops`; there is no message parsing here: the caller gives the few
 * facts that matching needs.
 *
 * A `struct tx` is owned by the set, which frees it after `ended`. Users may hold the pointer until then.
 */
#ifndef B2BUA_CORE_TXNSET_H
#define B2BUA_CORE_TXNSET_H

#include "b2bua/core/flow.h"
#include "b2bua/core/method.h"
#include "b2bua/core/timerq.h"
#include "b2bua/core/txn.h"

struct txnset;

/* What a received request is matched by. Views are borrowed for the call. */
struct tx_facts {
    enum method method;
    struct str method_name;
    struct str branch;  /* of the top Via; empty when it has none */
    struct str via;     /* the whole value of the top Via (RFC 2543 matching) */
    struct str sent_by; /* host:port of the top Via, as written */
    struct str uri, call_id, from_tag, to_tag;
    uint32_t cseq;
    bool forks; /* a copy by another branch is a request of its own: for somebody else behind us (RFC 3261 16.3) */
};

/* One transaction. The fields shown may be read by users; `user`, `tag` and `sent` are theirs. */
struct tx {
    struct txn m;
    enum method method;
    struct flow flow;
    char *host;   /* client: name for TLS, or NULL; owned by the set */
    void *user;   /* the user's own object; NULL = nobody listens any more */
    uint32_t tag; /* the user's own number */
    void *keep;   /* what the user lets go when it ends */
    void *sent;   /* client: what the user keeps of its request; the user frees it when the transaction ends */
    uint64_t id;  /* client: the key that is part of its branch */
    uint32_t cseq;
    bool cancelled;  /* server: its CANCEL has come; client: ours has been sent */
    int last_status; /* last status sent or received; 0 = none */
    struct str kept; /* bytes kept to resend; none when n is 0 */
    struct txnset *set;
    /* below: private to the set */
    struct timer timer;
    struct tx *next_key, *next_merge;
    uint64_t key_hash, merge_hash;
    struct str key;     /* servers; none for clients */
    struct str merge;   /* requests without To tag */
    bool cancel_wanted; /* client: CANCEL goes with the first provisional */
    char *reason;       /* of that CANCEL, or NULL; owned */
    bool send_failed;   /* client: to be told at the next run of the timers */
};

struct txnset_ops {
    /* Sends bytes on tx->flow (which it may update). Returns 0, or -1 when that is impossible. */
    int (*send)(void *ctx, struct tx *tx, const char *bytes, size_t n);
    /* Client: a response for the user, once for each provisional and final; repeated 2xx to INVITE and 2xx of other
     * forks come here, too (RFC 6026). `msg` is what txnset_response was given. */
    void (*response)(void *ctx, struct tx *tx, int status, void *msg);
    /* Client: no final response will come. Server (INVITE): no ACK for the 300-699 came. `timeout` or transport error.
     */
    void (*failed)(void *ctx, struct tx *tx, bool timeout);
    /* The transaction is over; tx is freed when this returns. */
    void (*ended)(void *ctx, struct tx *tx);
    /* A last word on the ACK to a failure or the CANCEL that was made from the request of `tx`: what this returns
     * leaves instead; valid until it is copied, at once. NULL: nobody has one. */
    struct str (*derived)(void *ctx, struct tx *tx, struct str bytes);
};

/* `q` is borrowed and outlives the set. `times` NULL: RFC 3261's. */
struct txnset *txnset_new(struct timerq *q, const struct txn_times *times, const struct txnset_ops *ops, void *ctx);

/* A random number that keys the hashing, so that peers cannot choose what collides. Before the first transaction. */
void txnset_seed(struct txnset *set, uint64_t seed);

/* Ends all transactions (calling `ended`) and frees the set. */
void txnset_free(struct txnset *set);

/* --- client side --- */

/*
 * Starts a client transaction and sends its request. `id` is a fresh random number that the caller has put as 16 hex
 * digits at the end of the branch of the top Via: responses are matched by it and the CSeq method. `bytes` are copied.
 * `host` may be NULL. When the send fails at once the transaction still exists and `failed` comes from the next timer
 * run, never from inside. ACK to a 2xx is not a transaction: send it straight.
 */
struct tx *txnset_client(struct txnset *set, enum method method, uint64_t id, const struct flow *flow, const char *host,
                         struct str bytes, uint32_t cseq, uint64_t now_ms);

/* Sends CANCEL for an INVITE client transaction (RFC 3261 9.1), made from its kept bytes: at once when a provisional
 * has come, else when it comes; nothing after a final. Calling it twice is harmless. 64*T1 after the CANCEL left
 * without a final answer, `failed` is called with timeout. `reason`: the value of its Reason header, empty = none. */
void txnset_cancel(struct txnset *set, struct tx *tx, struct str reason, uint64_t now_ms);

/* Forgets a client transaction: nothing is sent any more, its user hears nothing, what still comes belongs to nobody.
 * Not from inside an op. */
void txnset_abandon(struct txnset *set, struct tx *tx);

/* A response came in. `branch` of its top Via; `to` = the whole To line with CRLF as received, for the ACK. Returns the
 * transaction that took it, or NULL: no such transaction. */
struct tx *txnset_response(struct txnset *set, struct str branch, enum method cseq_method, int status, struct str to,
                           void *msg, uint64_t now_ms);

/* The transaction that such a response would go to, or NULL. */
const struct tx *txnset_peek(const struct txnset *set, struct str branch, enum method cseq_method);

/* The transport could not deliver the message whose top Via has this branch and method. */
void txnset_undelivered(struct txnset *set, struct str branch, enum method method, uint64_t now_ms);

/* --- server side --- */

enum txnset_match {
    TXNSET_NEW,      /* no transaction yet: make one with txnset_server, or treat the ACK as one to a 2xx */
    TXNSET_ABSORBED, /* a retransmission or ACK; answered or swallowed, nothing to do */
    TXNSET_CANCEL, /* a CANCEL, *found is its INVITE transaction; the CANCEL needs a transaction and a 200 of its own */
    TXNSET_NO_MATCH, /* a CANCEL that matches nothing: 481 */
    TXNSET_MERGED,   /* the same request by another path (RFC 3261 8.2.2.2): 482 */
};

/* Matches a received request. A CANCEL is matched by branch and, where a NAT changed the sent-by, by Call-ID, From tag
 * and CSeq. *found is set for CANCEL (and ABSORBED), else NULL. */
enum txnset_match txnset_request(struct txnset *set, const struct tx_facts *f, uint64_t now_ms, struct tx **found);

/* Is a request of this branch and sent-by being served? Also true where the branch says nothing (RFC 2543). */
bool txnset_knows(const struct txnset *set, enum method method, struct str branch, struct str sent_by);

/* A new server transaction for a request that was NEW. */
struct tx *txnset_server(struct txnset *set, const struct tx_facts *f, const struct flow *from, uint64_t now_ms);

/* Sends a response through a server transaction. The bytes are copied and kept as long as they may be resent (a 2xx to
 * INVITE is not: its resending is the user's, RFC 6026). After a final, further calls do nothing. */
void txnset_reply(struct txnset *set, struct tx *tx, int status, struct str bytes, uint64_t now_ms);

struct txnset_counts {
    uint32_t active;           /* transactions that exist */
    uint32_t open;             /* of them, those that still wait for a response or an ACK */
    uint64_t resent, absorbed; /* since start: our own retransmissions; the peers' */
};

/* What there is now, and what was counted since txnset_new. */
struct txnset_counts txnset_counts(const struct txnset *set);

#endif
