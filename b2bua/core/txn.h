/*
 * txn: one SIP transaction as a state machine (RFC 3261 section 17 with RFC 6026). Pure: it is told what happened and
 * the time, and answers with what to do.
 *
 * Order of use: txn_init; then txn_event for whatever happens and txn_tick when txn_deadline has come; after TXN_DO_END
 * the machine is over. The machine does not know messages; its owner keeps the bytes to resend.
 */
#ifndef B2BUA_CORE_TXN_H
#define B2BUA_CORE_TXN_H

#include <stdbool.h>
#include <stdint.h>

enum txn_kind { TXN_INVITE_CLIENT, TXN_CLIENT, TXN_INVITE_SERVER, TXN_SERVER, TXN_KINDS };

enum txn_state {
    TXN_CALLING,    /* INVITE client: request sent, nothing heard */
    TXN_TRYING,     /* other client: sent; other server: received */
    TXN_PROCEEDING, /* provisional received or sent; INVITE servers start here */
    TXN_COMPLETED,  /* final received or sent, resending */
    TXN_CONFIRMED,  /* INVITE server: ACK received, absorbing its copies (timer I) */
    TXN_ACCEPTED,   /* INVITE: 2xx, RFC 6026 (timers L, M) */
    TXN_TERMINATED,
    TXN_STATES
};

enum txn_event {
    TXN_EV_REQUEST, /* server: the request again */
    TXN_EV_ACK,     /* INVITE server: an ACK that belongs to this transaction */
    TXN_EV_1XX,     /* client: a response came in / server: its user sends one */
    TXN_EV_2XX,
    TXN_EV_FINAL,     /* 300-699 */
    TXN_EV_TRANSPORT, /* the transport could not deliver */
    TXN_EV_RESEND,    /* timer A, E or G */
    TXN_EV_TIMEOUT,   /* timer B, F or H */
    TXN_EV_LINGER,    /* timer D, I, J, K, L or M */
    TXN_EVENTS
};

/* What txn_event and txn_tick want done, as bits, in this order. */
enum {
    TXN_DO_SEND = 1 << 0,   /* server: send the response just given, and keep it while the state says so */
    TXN_DO_RESEND = 1 << 1, /* send the kept bytes again */
    TXN_DO_ACK = 1 << 2,  /* INVITE client: build the ACK for this 300-699, keep it in place of the request, send it */
    TXN_DO_PASS = 1 << 3, /* hand the response (client) or ACK to the user */
    TXN_DO_TIMEOUT = 1 << 4, /* tell the user: no answer (client), no ACK (INVITE server, timer H) */
    TXN_DO_ERROR = 1 << 5,   /* tell the user: transport failed */
    TXN_DO_END = 1 << 6,     /* forget the transaction */
};

/* RFC 3261 table 4; t1 500, t2 4000, t4 5000 unless a test says otherwise. */
struct txn_times {
    uint32_t t1_ms, t2_ms, t4_ms;
};

struct txn {
    uint8_t kind, state;
    bool reliable;        /* stream transport: no resending, no lingering for copies */
    uint32_t interval_ms; /* of the resend timer */
    uint64_t resend_ms;   /* deadlines; UINT64_MAX = not running */
    uint64_t timeout_ms;  /* B, F, H or the linger timer, as the state says */
};

/* Starts a machine: a client has just sent its request, a server just received it. */
void txn_init(struct txn *t, enum txn_kind kind, bool reliable, const struct txn_times *times, uint64_t now_ms);

/* Tells the machine what happened; returns TXN_DO_ bits, 0 = nothing (the event has no meaning in this state). */
unsigned txn_event(struct txn *t, enum txn_event event, const struct txn_times *times, uint64_t now_ms);

/* When txn_tick wants to be called; UINT64_MAX = never. */
uint64_t txn_deadline(const struct txn *t);

/* Runs the timers that are due; returns TXN_DO_ bits. */
unsigned txn_tick(struct txn *t, const struct txn_times *times, uint64_t now_ms);

/* May the kept bytes still be needed? False: the owner should free them. */
bool txn_keeps_bytes(const struct txn *t);

#endif
