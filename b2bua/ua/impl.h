/* impl: what the files of this room share. */
#ifndef B2BUA_UA_IMPL_H
#define B2BUA_UA_IMPL_H

#include "b2bua/trunk/source.h"
#include "b2bua/ua/ua.h"

enum { UA_ENTROPY = 256 };

/* The UDP form of a request that left by TCP for its size, until TCP has delivered it or failed. */
struct ua_spare {
    struct ua_spare *next;
    uint64_t id; /* of the transaction by TCP */
    uint64_t spare_id;
    struct flow flow;
    size_t n;
    char bytes[];
};

/* A request that a challenge may want again: as it was printed, before any rules. One block. */
struct ua_sent {
    struct settings *settings; /* referenced */
    struct credentials_tried tried;
    struct flow flow; /* as it was wanted, whatever its size made of it */
    int trunk, tcp_listen;
    bool reinvite;
    uint32_t loop_hash;
    struct str lines; /* of credentials, owned; terminated */
    struct str peer;  /* the message that it follows from, owned; for rules */
    size_t n;
    char text[];
};

struct ua {
    struct ua_config config;
    struct credentials *credentials;
    struct settings *settings;
    struct source_table sources;
    struct txnset *txns;
    struct ua_spare *spares;
    struct ua_counts counts;
    bool has_changed;                         /* the settings, since the start: calls may hold others */
    bool describes;                           /* of the profiles so far, one may change descriptions */
    struct ua_profile_counts *profile_counts; /* by slot */
    int profile_slots;
    struct profile_ctx *profile_ctx; /* made for the first message that has rules */
    size_t entropy_left;
    uint64_t entropy[UA_ENTROPY];
    char out[SIP_MESSAGE_MAX];            /* where messages are printed */
    char described[SIP_MESSAGE_MAX + 64]; /* with another version in its description */
    char in[PROFILE_MESSAGE_MAX];         /* what inbound rules have made */
};

extern const struct txnset_ops ua_txn_ops;

/* Sends the spare of a transaction that failed. Returns the new transaction, or NULL when there is none. */
struct tx *ua_spare_send(struct ua *ua, struct tx *failed, uint64_t now_ms);

/* Forgets the spare of a transaction that does not need it any more. */
void ua_spare_drop(struct ua *ua, uint64_t id);

/* tx->tag of a client: the trunk whose rules its request went through, -1 = none, and whether that was a REINVITE. */
static inline uint32_t ua_mark(const struct ua_out *out) {
    return (uint32_t)(out->trunk + 1) << 1 | out->reinvite;
}
static inline int ua_mark_trunk(const struct tx *tx) {
    return (int)(tx->tag >> 1) - 1;
}
static inline bool ua_mark_reinvite(const struct tx *tx) {
    return tx->tag & 1;
}

/* ua_out.c: the one way out. See flow_ops.send. */
int ua_wire(struct ua *ua, struct flow *flow, const char *host, const char *bytes, size_t n);

/* again.c: kept where the trunk has credentials, else NULL; with the credentials that are known already. */
struct ua_sent *ua_sent_new(struct ua *ua, struct ua_out *out);
void ua_sent_free(struct ua_sent *sent);
/* Sends what a challenge has come for once more. Returns false when the response is the user's. */
bool ua_again(struct ua *ua, struct tx *tx, const struct sip_msg *m, uint64_t now_ms);

/* pass.c: a request that is passed on, with our Via. */
void ua_pass_put(struct sbuf *text, const struct ua_out *out);

/* ua_out.c: `sent` is taken; NULL: none is kept. */
struct tx *ua_send(struct ua *ua, struct ua_out *out, struct ua_sent *sent, struct ua_user *user, uint64_t now_ms);

/* rewrite.c: what the SIP profiles of a trunk make of a message. The result is `raw` or `text` itself, or stands until
 * the next message. */
struct str ua_rewrite_in(struct ua *ua, const struct flow *from, struct str raw, struct ua_rules **fresh);
struct str ua_rewrite_out(struct ua *ua, const struct settings_trunk *t, struct profile_message m,
                          const struct sip_msg *peer, struct str text);
struct str ua_rewrite_derived(void *ctx, struct tx *tx, struct str text);

/* The snapshot that the call which `text` belongs to keeps; the newest for an INVITE that begins one, and for all that
 * belongs to none. */
struct settings *ua_settings_for(const struct ua *ua, struct str text);

/* The trunk on whose side a response goes back. */
const struct settings_trunk *ua_trunk_at(struct ua *ua, const struct flow *flow, struct str text);

/* described.c: `text` with the version in its description that is due. */
struct str ua_described(struct ua *ua, struct ua_told *told, struct str text);

#endif
