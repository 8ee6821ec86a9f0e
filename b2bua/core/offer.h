/*
 * offer: offers and answers of one dialog (RFC 3264, RFC 6337): which description is in force on either side, whether
 * a new one changes anything, what a mid-call request is to become, and the version of what we send.
 *
 * A description that crosses from one dialog to the other is heard in the one and sent in the other. One that the peer
 * repeats, or that we repeat to it, concerns its dialog alone.
 */
#ifndef B2BUA_CORE_OFFER_H
#define B2BUA_CORE_OFFER_H

#include "b2bua/core/sdp.h"

enum offer_state { OFFER_NONE, OFFER_IN, OFFER_OUT };

/* A description that we sent: the bytes that left (owned; none = "") and a digest of all but the origin. */
struct offer_text {
    struct str text;
    uint64_t digest;
    uint64_t version;
};

/* Zeroed but for the origin = nothing said yet. */
struct offer {
    enum offer_state state;   /* an offer that waits for its answer, and who made it: IN the peer, OUT we */
    struct sdp_origin origin; /* of our descriptions towards this peer; its version is the highest that left */
    uint64_t last;            /* digest of the last one that left, 0 = none yet */
    uint64_t last_version;
    struct offer_text ours; /* in force */
    struct offer_text next; /* offered by us, not answered yet */
    uint64_t theirs;        /* digest of the peer's that is in force, 0 = none */
    uint64_t theirs_next;   /* of the one that it offered */
};

void offer_fini(struct offer *o);

/* Another dialog of the same INVITE starts from what was said in the first one. */
void offer_copy(struct offer *to, const struct offer *from);

/* The origin for a description that would leave now: the version of the one in force or of the last one when it is the
 * same as that (but for the origin), else one more than any before. */
struct sdp_origin offer_origin(const struct offer *o, struct str sdp);

/* `sdp`, printed with the origin that offer_origin gave for it, leaves to the peer as an offer, or as the answer to its
 * offer. Copied. */
void offer_sent(struct offer *o, struct str sdp, bool is_answer);

/* The peer's description came, as an offer, or as the answer to ours. */
void offer_heard(struct offer *o, struct str sdp, bool is_answer);

/* What is open came to nothing: what was in force stays (RFC 3261 14.1, RFC 6141). */
void offer_dropped(struct offer *o);

/* Is this the peer's description that is in force? (All but the origin is compared.) */
bool offer_is_same(const struct offer *o, struct str sdp);

/* --- what becomes of a mid-call request --- */

enum offer_midcall { MIDCALL_MEDIA_CHANGE, MIDCALL_PASSTHRU, MIDCALL_BLOCK }; /* as the trunk says */
enum offer_fate { OFFER_CONSUME, OFFER_FORWARD, OFFER_REFUSE };

struct offer_facts {
    enum offer_midcall here, there; /* of the trunks of both legs: the stricter holds */
    bool is_update;
    bool has_sdp, is_same; /* the one in force */
    bool has_ours;         /* we have a description to answer with */
    bool is_held;          /* ours in force says hold: offering it again would keep it so for ever */
    bool is_identity_new;  /* it asserts another identity than the peer did before (RFC 3325: a connected line) */
};

/* An INVITE or UPDATE inside a dialog: answered here, taken across, or refused with 488. */
enum offer_fate offer_fate(const struct offer_facts *f);

/* --- an offer of our own making (early_offer) --- */

/* The codecs that a trunk can name, NULL-terminated. */
extern const char *const offer_codecs[];

/* Writes a description with one audio stream and these codecs (indexes into offer_codecs). Its address is `o`'s host,
 * its port 9: nobody listens there, the first answer of the caller brings the real ones. */
void offer_make(struct sbuf *out, const struct sdp_origin *o, const int *codecs, int count);

#endif
