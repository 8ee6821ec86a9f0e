/*
 * state: what a call consists of: its two legs, the INVITE exchanges on them, the requests that cross between them, and
 * the calls of a worker. Who changes what is in impl.h, with the files that do.
 */
#ifndef B2BUA_CALL_STATE_H
#define B2BUA_CALL_STATE_H

#include "b2bua/call/call.h"
#include "b2bua/call/numbers.h"
#include "b2bua/core/callfsm.h"
#include "b2bua/core/dialog.h"
#include "b2bua/core/glare.h"
#include "b2bua/core/hunt.h"
#include "b2bua/trunk/walk.h"

enum {
    CALL_T1_MS = 500,
    CALL_T2_MS = 4000,
    CALL_FORKS_MAX = 16,       /* early dialogs of one call; further forks are answered but not shown */
    CALL_RIVALS_MAX = 7,       /* devices that ring beside leg B; further ones of the same q come after these */
    CALL_RIVAL_FORKS_MAX = 4,  /* early dialogs of one device, while others ring */
    CALL_RELAYS_MAX = 16,      /* requests of one call that are under way at a time */
    CALL_NAMES_MAX = 4096,     /* From, To and Contact of a leg, in all */
    CALL_RING_NEXT_MS = 20000, /* devices ring that long when the user has others of a lower q */
    CALL_QUEUE_MAX = 8,        /* reliable provisionals that wait for the PRACK of the one before */
};

struct call;
struct leg;
struct refer; /* b2bua/call/refer.h */

#define CONTAINER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* A reliable provisional that is under way or waits for its turn (RFC 3262). */
struct reliable {
    struct reliable *next;
    struct dialog *dialog;
    uint32_t rseq;
    int status;
    struct str text; /* owned */
};

/* An INVITE that came in on a leg, until it is answered and the answer acknowledged. */
struct uas {
    struct ua_user user;
    struct leg *leg;
    struct tx *tx;
    struct sip_echo *echo; /* until the final response */
    struct flow flow;      /* where responses go */
    uint32_t cseq;
    bool initial, offerless, reliable_wanted;
    bool local;             /* answered by us, the other side hears nothing of it */
    struct sst_said said;   /* of session timers */
    bool answered;          /* a 2xx has left, its ACK has not come */
    struct dialog *dialog;  /* of the 2xx */
    struct str answer;      /* the 2xx, owned; kept for resending, or held for a PRACK */
    struct reliable *queue; /* the first is on the wire */
    struct timer timer;     /* resends the 2xx or the reliable provisional */
    uint64_t give_up_ms;
    uint32_t interval_ms;
};

/* Why we sent an INVITE. */
enum uac_kind {
    UAC_INITIAL,
    UAC_RELAYED, /* the other leg's, inside the dialog */
    UAC_REFRESH, /* ours, for the session timer (RFC 4028 7.4) */
    UAC_ALIGN,   /* ours, to tell one side what the other has answered to an offer of ours */
};

/* An INVITE that we sent on a leg, until its transaction is over. */
struct uac {
    struct ua_user user;
    struct uac *next; /* of the leg; older ones only repeat their ACK */
    struct leg *leg;
    struct tx *tx;
    uint32_t cseq;
    enum uac_kind kind;
    bool offerless;
    bool final;            /* a final response has come */
    uint32_t asked_s;      /* its Session-Expires, 0 = none */
    int depth;             /* UAC_ALIGN: how many led to this one */
    struct str source;     /* UAC_RELAYED, owned: what it carries across, for another try after a 422 */
    struct dialog *dialog; /* re-INVITE: where it was sent; initial: where the 2xx came from */
    struct str ack;        /* owned: repeated for each copy of the 2xx */
    struct flow ack_flow;
    uint64_t hung_up;   /* digest of the tag of the last answer that came too late and got its BYE; 0 = none */
    struct timer timer; /* no reply, then no answer */
};

/* An attempt to reach a target, or a device. */
struct attempt {
    bool open;       /* it has no result yet */
    bool waiting;    /* nothing but 100 has been heard */
    bool heard;      /* its answer is known to the pool */
    uint8_t way;     /* of the call's ways the one that is taken, + 1; 0 = the dial plan's */
    uint8_t way_end; /* + 1: where the other flows of the same device end */
    uint32_t number; /* of the call's attempts; the first is 1 */
    uint64_t start_ms;
};

/* What a leg is called: fixed for one attempt. One block. */
struct leg_names {
    struct str call_id;
    struct str local, remote; /* From and To of our requests, without tags */
    struct str contact;
    char text[];
};

struct leg {
    enum leg_role role;
    enum leg_state state;
    struct call *call;
    int trunk;
    struct flow flow; /* where the peer was last known to be */
    const char *host; /* name for TLS; borrowed from the settings; NULL = none */
    struct leg_names *names;
    struct leg *next_hash;
    struct dialog *dialogs; /* all; one of them is: */
    struct dialog *dialog;  /* the confirmed one */
    struct uas *uas;        /* the INVITE of the peer that is being answered */
    struct uac *uac;        /* our INVITE that has no final response yet, or whose ACK is held */
    struct uac *uacs;       /* all that still have a transaction */
    struct ua_user bye;
    struct tx *bye_tx;
    bool owns_call_id; /* we made its Call-ID */
    bool peer_100rel;
    bool own_offer; /* B: its INVITE left with an offer of our making */
    bool forked;    /* one INVITE of ours has opened several dialogs */
    bool recorded;
    struct attempt attempt; /* B */
    bool joined;            /* the pool counts it, at: */
    uint32_t place;         /* of the trunk's slot */
    uint64_t binding;       /* of the client behind it, which is busy as long; 0 = none */
    /* the session timer, and the requests of ours in this dialog (refresh.c, align.c) */
    struct sst sst;
    struct timer clock;
    struct ua_user update;
    struct tx *update_tx; /* our refresh by UPDATE */
    uint32_t update_asked_s;
    struct align *align;    /* what the peer is still to be told */
    uint64_t identity;      /* digest of the identity that the peer asserted last (RFC 3325), 0 = none */
    unsigned privacy;       /* PRIVACY_ bits that the peer has asked for last */
    uint64_t session_id[2]; /* the peer's (RFC 7989); zero = none */
    struct refer *refer;    /* what the peer has asked for last by REFER, owned */
    /* for the record */
    uint64_t start_ms, ring_ms, answer_ms;
    int status;
    uint32_t midcalls, consumed, refreshes_out, refreshes_in;
};

/* A request other than INVITE that came on one leg and went out on the other. */
struct relay {
    struct ua_user server_user, client_user;
    struct relay *next;
    struct leg *from, *to;
    struct dialog *from_dialog, *to_dialog;
    struct tx *server, *client;
    struct sip_echo *echo;
    enum method method;
    bool offer;
    struct sst_said said;
    uint32_t asked_s;
    struct str source; /* UPDATE, owned: for another try after a 422 */
};

/* A device that rings beside leg B: a leg of the same role, with an INVITE of its own (rival.c). */
struct rival {
    struct rival *next;
    struct leg leg;
};

/* The dialog that an INVITE replaces, as the side of that trunk knows it. */
struct call_replaces {
    char *text; /* owned; NULL = none */
    int slot;   /* of that trunk: the calls may hold different snapshots */
    bool required;
    bool is_ours; /* we know both sides of it */
};

enum { CALL_REFERS_MAX = 4 };

/* A REFER that has crossed: what either side calls its subscription (RFC 3515 2.4.6). */
struct call_crossed {
    const struct leg *from;
    uint32_t here, there; /* CSeq on the leg that it came on, and on the other */
};

struct call {
    struct calls *calls;
    struct call *next, *prev; /* all calls of the worker */
    struct call *next_ended;
    struct settings *settings;
    uint64_t id;
    uint64_t epoch_ms; /* wall clock at 0 of the monotonic one, as it was when the call began: for its records */
    struct leg legs[LEG_ROLES];
    struct relay *relays;
    /* the INVITE, kept for further targets */
    struct str invite;    /* owned; none once leg B is answered */
    struct walk *walk;    /* likewise */
    struct ways *ways;    /* likewise; NULL: the dial plan says where it goes */
    bool is_front;        /* between a client and a node */
    struct rival *rivals; /* owned */
    struct rival *left;   /* owned; those that ring no more, until the call is settled */
    uint32_t attempts;
    const struct settings_route *route; /* NULL: none matched, or none was asked for */
    uint64_t waited_ms;                 /* for targets that did not ring, */
    uint64_t waited_at_ms;              /* up to this time */
    /* how it ends */
    int failure;             /* status for leg A */
    int limited;             /* the first trunk of the route that was full + 1, 0 = none */
    int retry_after_s;       /* that goes with it, 0 = none */
    struct str failure_text; /* the response that it came with, owned; may be none */
    int failure_trunk;       /* of the target that gave it */
    enum ending_by ended_by; /* ENDING_BY_NOBODY: it goes on */
    enum ending_cause cause;
    const char *reason; /* Reason lines for our BYEs, or NULL */
    bool timer_asked;   /* the caller's INVITE brought a Session-Expires */
    struct call_replaces replaces;
    struct refer *refer;  /* it is the transfer that this one asks for, and not decided; NULL = it is not */
    uint64_t referred_by; /* the call that it comes from, 0 = none */
    struct call_crossed crossed[CALL_REFERS_MAX];
    unsigned crossed_count; /* of all that ever did */
    int from;               /* the trunk that asks the dial plan: the caller's, or the last that redirected the call */
    struct redirect *redirect; /* owned; NULL = it was not redirected */
    struct ua_rules *rules;    /* owned; NULL until a profile of either leg wants them */
    bool queued;               /* for the sweep */
};

struct calls {
    struct ua *ua;
    struct timerq *timers;
    struct pool *pool;
    struct calls_ops ops;
    struct registrations *registrations; /* borrowed */
    struct ways_ops front;
    struct settings *settings;
    struct route_ctx *routing;
    struct call *all;
    struct call *ended;
    struct list_walk *lists; /* that are being made */
    struct leg **buckets;
    uint32_t bucket_count;
    struct calls_counts counts;
    struct calls_trunk_counts *trunk_counts; /* by slot */
    int trunk_slots;
    struct str mapped; /* while a message is handled whose Replaces another worker has looked up: what it found */
    char body[SIP_MESSAGE_MAX + 1024]; /* where rewritten bodies are made: the longest, with a longer origin */
    char text[16384];                  /* where route sets and names are made */
};

/* What an event carries. */
struct call_in {
    const struct sip_msg *msg; /* the message that caused it, or NULL */
    struct dialog *dialog;     /* of the leg that it came on */
    uint64_t now_ms;
};

/* Monotonic to wall clock, by the distance to now; 0 = never stays. */
static inline uint64_t call_wall_ms(uint64_t at_ms, uint64_t now_ms, uint64_t wall_now_ms) {
    return at_ms == 0 ? 0 : wall_now_ms - (now_ms - at_ms);
}

static inline struct leg *leg_mate(struct leg *leg) {
    return &leg->call->legs[leg->role == LEG_A ? LEG_B : LEG_A];
}

static inline struct ua *leg_ua(const struct leg *leg) {
    return leg->call->calls->ua;
}

static inline const struct settings_trunk *leg_trunk(const struct leg *leg) {
    return &leg->call->settings->trunks[leg->trunk];
}

static inline const struct sst_policy *leg_policy(const struct leg *leg) {
    return &leg_trunk(leg)->timer;
}

static inline struct calls_trunk_counts *leg_counts(const struct leg *leg) {
    return &leg->call->calls->trunk_counts[leg_trunk(leg)->slot];
}

static inline const struct settings_listen *leg_listen(const struct leg *leg) {
    return &leg->call->settings->listens[leg->flow.listen];
}

/* Listeners that came after the call has begun are nothing to it; one that was on its way out then may go any time. */
static inline bool leg_knows(const struct leg *leg, int listen) {
    const struct settings *s = leg->call->settings;

    return listen < s->listen_count && s->listens[listen].state == LISTEN_OPEN;
}

/* Confirmed: requests of the dialog have their way, whoever is behind the other leg. */
static inline bool leg_is_up(const struct leg *leg) {
    return leg->state == LEG_UP || leg->state == LEG_PARKED;
}

/* Its peer, as who ends a call. */
static inline enum ending_by leg_by(const struct leg *leg) {
    return leg->role == LEG_A ? ENDING_BY_A : ENDING_BY_B;
}

static inline char leg_letter(const struct leg *leg) {
    return leg->role == LEG_A ? 'a' : 'b';
}

/* The peer was heard on this flow: that connection is used from now on. A request that took another transport for its
 * size alone changes nothing: the next small one goes the usual way (RFC 3261 18.1.1). */
static inline void leg_heard(struct leg *leg, const struct flow *flow) {
    if (flow->proto == leg->flow.proto && leg_knows(leg, flow->listen))
        leg->flow = *flow;
}

#endif
