/*
 * ua: the SIP element of one worker: bytes become messages, messages meet their transactions, requests and responses go
 * out. It joins sip (messages) with core/txnset (transactions) over any carrier of bytes (struct flow_ops) and knows
 * nothing of calls: those who want requests give `struct ua_ops`, those who send requests embed a `struct ua_user`.
 *
 * One thread. Time enters with each call.
 */
#ifndef B2BUA_UA_UA_H
#define B2BUA_UA_UA_H

#include "b2bua/core/forward.h"
#include "b2bua/core/ladder.h"
#include "b2bua/core/settings.h"
#include "b2bua/core/timerq.h"
#include "b2bua/sip/sip.h"
#include "b2bua/trunk/credentials.h"
#include "profiles/profile.h"

struct ua;

/* A received request on its way up. Everything is valid until the handler returns. */
struct ua_in {
    struct sip_msg msg;
    struct flow flow;       /* where it came from */
    int trunk;              /* index into the settings' trunks, -1 = from no trunk */
    struct tx *tx;          /* its server transaction; NULL for ACK */
    struct ua_rules *rules; /* what the inbound rules of a first INVITE have set; a call takes it, or nobody */
    uint64_t now_ms;
};

/* The description that a leg was told last, rules included. */
struct ua_told {
    uint64_t id, version; /* of the o= line as it was printed */
    uint64_t digest;      /* of all but the o= line, as it left */
    uint64_t more;        /* what the version that leaves is above the printed one */
};

/* What SIP profiles keep in a call. */
struct ua_rules {
    struct profile_vars *vars;
    struct ua_told told[2]; /* by leg */
};

struct ua_rules *ua_rules_new(void);
void ua_rules_free(struct ua_rules *r); /* NULL is fine */

struct ua_ops {
    /* May this request have a transaction? 0 = yes; a status = refused, answered without keeping state, with what
     * `fault` has got besides; -1 = dropped without a word. */
    int (*admit)(void *ctx, const struct ua_in *in, struct sip_fault *fault);
    /* Somebody whom no trunk knows has sent what nobody can read. */
    void (*suspect)(void *ctx, const struct flow *from, uint64_t now_ms);
    /* A new request, transaction in in->tx: it must get a final response, now or later. */
    void (*request)(void *ctx, struct ua_in *in);
    /* An ACK that no transaction wanted: it confirms a 2xx. */
    void (*ack)(void *ctx, struct ua_in *in);
    /* What SIP profiles keep in the call of this Call-ID, and which leg that is (0 or 1). NULL: no such call. */
    struct ua_rules *(*rules)(void *ctx, struct str call_id, uint8_t *leg);
    /* The snapshot that the call of this Call-ID has started with. NULL: no such call. Borrowed. */
    struct settings *(*kept)(void *ctx, struct str call_id);
    /* A request of ours was challenged (`m`), and we have credentials: the CSeq for sending it again, which is used up
     * then. 0: it is not wanted any more, and its user gets the challenge as response. */
    uint32_t (*again)(void *ctx, const struct tx *tx, const struct sip_msg *m);
    /* The INVITE transaction was cancelled (the CANCEL is answered already). */
    void (*cancel)(void *ctx, struct tx *invite, struct ua_in *in);
};

/* Whoever has a stake in transactions embeds this; tx->user points to it. */
struct ua_user {
    const struct ua_user_ops *ops;
};

struct ua_user_ops {
    /* Client: a response. */
    void (*response)(struct ua_user *u, struct tx *tx, const struct sip_msg *m, uint64_t now_ms);
    /* Client: no final response will come: time-out, or the transport failed. */
    void (*failed)(struct ua_user *u, struct tx *tx, bool timeout, uint64_t now_ms);
    /* The transaction goes: forget the pointer. `next` replaces it (the request goes out again: by another transport,
     * or with credentials and a CSeq of its own), or NULL. */
    void (*ended)(struct ua_user *u, struct tx *tx, struct tx *next);
};

/* For whoever wants to see what SIP profiles do with a message. */
struct ua_watch {
    /* Rules begin on `text`. What is returned hears of each of them, before the next message; NULL: nobody does. */
    const struct profile_trace *(*rules)(void *ctx, const struct settings_profile *p, bool leaving,
                                         const struct profile_message *m, struct str text);
    void *ctx;
};

struct ua_config {
    struct timerq *timers; /* borrowed */
    struct pool *pool;     /* borrowed: where targets are that have names; NULL = there are none */
    struct flow_ops flow;
    struct ladder *ladder; /* borrowed: what comes and goes is kept there; NULL = nowhere */
    uint32_t node;         /* random number of this process, marks our branches */
    void (*random)(void *bytes, size_t n);
    unsigned worker, workers; /* Call-IDs are drawn to hash to `worker` */
    const struct ua_ops *ops;
    void *ctx;                    /* for ops */
    const struct ua_watch *watch; /* borrowed; NULL = nobody watches */
};

struct ua_counts {
    uint64_t requests_in[METHODS], requests_out[METHODS];
    uint64_t responses_in[7], responses_out[7]; /* by class */
    uint64_t malformed, refused, unknown_source, stray_response, looped;
    struct txnset_counts txn;
};

/* Of one SIP profile. */
struct ua_profile_counts {
    uint64_t applied, failed; /* rules that changed something; that were skipped: broken result, limit, time */
};

struct ua *ua_new(const struct ua_config *config);
void ua_free(struct ua *ua);

/* The snapshot that messages without a call are judged by; referenced. */
void ua_set_settings(struct ua *ua, struct settings *s);

/* --- from the transport --- */

/* See net_ops.message and net_ops.undelivered. */
void ua_message(struct ua *ua, const struct flow *from, char *bytes, size_t n, int broken, uint64_t now_ms);
void ua_undelivered(struct ua *ua, const struct flow *to, struct str bytes, uint64_t now_ms);

/* Is a request of this branch and sent-by being served? See txnset_knows. */
bool ua_knows(const struct ua *ua, enum method method, struct str branch, struct str sent_by);

/* Answers a request that nobody has parsed, without keeping state. */
void ua_refuse_unread(struct ua *ua, enum method method, struct str raw, const struct sip_fault *fault,
                      const struct flow *from);

/* trunk_find, with what is known of names by now. */
int ua_trunk_of(struct ua *ua, const struct settings *s, const struct flow *from);

/* --- sending --- */

/* A message that is passed on as it came, but for what `edits` says and its Vias (core/forward.h). Of these edits two
 * fewer than FORWARD_EDITS_MAX may be taken. */
struct ua_passed {
    struct str message;
    const struct forward *edits; /* NULL: none */
};

/* A request to send. */
struct ua_out {
    struct sip_request request; /* proto, sent_by and branch are filled in here */
    struct sip_cross cross;     /* what crosses; from NULL = nothing */
    struct flow flow;
    const char *host;               /* name for TLS, or NULL */
    int tcp_listen;                 /* listener for requests too large for UDP; -1 = none: they leave by UDP */
    uint32_t loop_hash;             /* of the request that caused this one; 0 = ours alone */
    struct settings *settings;      /* for the sent-by of flow.listen */
    int trunk;                      /* whose outbound rules it goes through; -1 = none */
    bool reinvite;                  /* an INVITE that is not the first of its dialog */
    const struct ua_passed *passed; /* NULL: it is made of `request` and `cross`; else of that: its Vias make room for
                                       ours alone, and `request` says method and CSeq again */
};

/*
 * Where the trunk has credentials, a 401 or 407 is answered here (again.c): the request as it was before the outbound
 * rules leaves once more, with credentials, in a new transaction; the user learns of it by `ended`.
 *
 * Sends a request in a client transaction of `user` (NULL: nobody cares). Above 1,300 bytes it goes by TCP where
 * out->tcp_listen allows, and again by UDP when that connection cannot be had (RFC 3261 18.1.1). Returns the
 * transaction, or NULL when the request is too large to print.
 */
struct tx *ua_request(struct ua *ua, struct ua_out *out, struct ua_user *user, uint64_t now_ms);

/* Prints a request without transaction (ACK to a 2xx) and sends it, with the credentials of its INVITE (NULL: without;
 * RFC 3261 13.2.2.4). *copy (may be NULL) gets a malloc'd copy to resend. Returns 0 or -1. */
int ua_ack(struct ua *ua, struct ua_out *out, const struct tx *invite, struct str *copy);

/* Sends bytes again as they are. */
void ua_resend(struct ua *ua, struct flow *flow, const char *host, struct str bytes);

/* Answers through a server transaction. A message too large to print is replaced by a 513 (183 for a provisional)
 * without body. */
void ua_reply(struct ua *ua, struct tx *tx, const struct sip_response *r, const struct sip_cross *x, uint64_t now_ms);

/* The same in two steps, for responses that are kept: the printed text is a malloc'd copy for the caller (none: too
 * large). */
struct str ua_print_reply(struct ua *ua, const struct tx *tx, const struct sip_response *r, const struct sip_cross *x);
void ua_reply_text(struct ua *ua, struct tx *tx, int status, struct str text, uint64_t now_ms);

/* Passes a response on: its Vias become those of the request (`echo`). One that does not fit becomes a 500. */
void ua_pass_reply(struct ua *ua, struct tx *tx, const struct sip_echo *echo, int status,
                   const struct ua_passed *passed, uint64_t now_ms);

/* Answers a request with a status and nothing else, its echo made and forgotten. `phrase` and `extra` may be NULL. */
void ua_refuse(struct ua *ua, struct ua_in *in, int status, const char *phrase, const char *extra);

/* See txnset_abandon. */
void ua_abandon(struct ua *ua, struct tx *tx);

/* See txnset_cancel. */
void ua_cancel(struct ua *ua, struct tx *tx, struct str reason, uint64_t now_ms);

/* --- names --- */

/* 64 bits that nobody can guess. */
uint64_t ua_random(struct ua *ua);

/* Where notes of what is decided belong; may be NULL, which ladder_note takes. */
struct ladder *ua_ladder(const struct ua *ua);

/* What tells a loop from a spiral of a request that this trunk has sent. It goes to nodes and returns for a client. */
uint32_t ua_loop_hash(const struct settings *s, int trunk, const struct sip_msg *m);

/* A fresh tag, 16 hex digits. `buf` holds DIALOG_TAG_SIZE bytes. */
void ua_tag(struct ua *ua, char *buf);

/* A fresh Call-ID that belongs to this worker, 32 hex digits and a terminator. */
enum { UA_CALL_ID_SIZE = 33 };
void ua_call_id(struct ua *ua, char *buf);

/* Which worker owns a Call-ID. */
unsigned ua_owner(struct str call_id, unsigned workers);

struct ua_counts ua_counts(const struct ua *ua);

/* Challenges of one trunk, by index of the settings' trunks. */
struct credentials_counts ua_credentials(const struct ua *ua, int trunk);

/* By slot of the settings' profiles; *count of them. Borrowed. */
const struct ua_profile_counts *ua_profiles(const struct ua *ua, int *count);

#endif
