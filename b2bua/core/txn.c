#include "b2bua/core/txn.h"

#include <stddef.h>

#define NEVER UINT64_MAX

enum { TIMEOUT_FACTOR = 64, COMPLETED_INVITE_CLIENT_MS = 32000 };

static const uint8_t first_state[TXN_KINDS] = {
    [TXN_INVITE_CLIENT] = TXN_CALLING,
    [TXN_CLIENT] = TXN_TRYING,
    [TXN_INVITE_SERVER] = TXN_PROCEEDING,
    [TXN_SERVER] = TXN_TRYING,
};

struct row {
    uint8_t kind, state, event, next;
    uint8_t actions;
};

/* clang-format off */

/* RFC 3261 figures 5 to 8 with the Accepted states of RFC 6026. What is not here means nothing in that state. */
static const struct row rows[] = {
    /* figure 5: INVITE client */
    {TXN_INVITE_CLIENT, TXN_CALLING,    TXN_EV_RESEND,    TXN_CALLING,    TXN_DO_RESEND},
    {TXN_INVITE_CLIENT, TXN_CALLING,    TXN_EV_TIMEOUT,   TXN_TERMINATED, TXN_DO_TIMEOUT | TXN_DO_END},
    {TXN_INVITE_CLIENT, TXN_CALLING,    TXN_EV_TRANSPORT, TXN_TERMINATED, TXN_DO_ERROR | TXN_DO_END},
    {TXN_INVITE_CLIENT, TXN_CALLING,    TXN_EV_1XX,       TXN_PROCEEDING, TXN_DO_PASS},
    {TXN_INVITE_CLIENT, TXN_CALLING,    TXN_EV_2XX,       TXN_ACCEPTED,   TXN_DO_PASS},
    {TXN_INVITE_CLIENT, TXN_CALLING,    TXN_EV_FINAL,     TXN_COMPLETED,  TXN_DO_ACK | TXN_DO_PASS},
    {TXN_INVITE_CLIENT, TXN_PROCEEDING, TXN_EV_1XX,       TXN_PROCEEDING, TXN_DO_PASS},
    {TXN_INVITE_CLIENT, TXN_PROCEEDING, TXN_EV_2XX,       TXN_ACCEPTED,   TXN_DO_PASS},
    {TXN_INVITE_CLIENT, TXN_PROCEEDING, TXN_EV_FINAL,     TXN_COMPLETED,  TXN_DO_ACK | TXN_DO_PASS},
    {TXN_INVITE_CLIENT, TXN_PROCEEDING, TXN_EV_TIMEOUT,   TXN_TERMINATED, TXN_DO_TIMEOUT | TXN_DO_END},
    {TXN_INVITE_CLIENT, TXN_COMPLETED,  TXN_EV_FINAL,     TXN_COMPLETED,  TXN_DO_RESEND},
    {TXN_INVITE_CLIENT, TXN_COMPLETED,  TXN_EV_LINGER,    TXN_TERMINATED, TXN_DO_END},
    {TXN_INVITE_CLIENT, TXN_ACCEPTED,   TXN_EV_2XX,       TXN_ACCEPTED,   TXN_DO_PASS},
    {TXN_INVITE_CLIENT, TXN_ACCEPTED,   TXN_EV_LINGER,    TXN_TERMINATED, TXN_DO_END},

    /* figure 6: other client */
    {TXN_CLIENT,        TXN_TRYING,     TXN_EV_RESEND,    TXN_TRYING,     TXN_DO_RESEND},
    {TXN_CLIENT,        TXN_TRYING,     TXN_EV_TIMEOUT,   TXN_TERMINATED, TXN_DO_TIMEOUT | TXN_DO_END},
    {TXN_CLIENT,        TXN_TRYING,     TXN_EV_TRANSPORT, TXN_TERMINATED, TXN_DO_ERROR | TXN_DO_END},
    {TXN_CLIENT,        TXN_TRYING,     TXN_EV_1XX,       TXN_PROCEEDING, TXN_DO_PASS},
    {TXN_CLIENT,        TXN_TRYING,     TXN_EV_2XX,       TXN_COMPLETED,  TXN_DO_PASS},
    {TXN_CLIENT,        TXN_TRYING,     TXN_EV_FINAL,     TXN_COMPLETED,  TXN_DO_PASS},
    {TXN_CLIENT,        TXN_PROCEEDING, TXN_EV_RESEND,    TXN_PROCEEDING, TXN_DO_RESEND},
    {TXN_CLIENT,        TXN_PROCEEDING, TXN_EV_TIMEOUT,   TXN_TERMINATED, TXN_DO_TIMEOUT | TXN_DO_END},
    {TXN_CLIENT,        TXN_PROCEEDING, TXN_EV_TRANSPORT, TXN_TERMINATED, TXN_DO_ERROR | TXN_DO_END},
    {TXN_CLIENT,        TXN_PROCEEDING, TXN_EV_1XX,       TXN_PROCEEDING, TXN_DO_PASS},
    {TXN_CLIENT,        TXN_PROCEEDING, TXN_EV_2XX,       TXN_COMPLETED,  TXN_DO_PASS},
    {TXN_CLIENT,        TXN_PROCEEDING, TXN_EV_FINAL,     TXN_COMPLETED,  TXN_DO_PASS},
    {TXN_CLIENT,        TXN_COMPLETED,  TXN_EV_LINGER,    TXN_TERMINATED, TXN_DO_END},

    /* figure 7: INVITE server */
    {TXN_INVITE_SERVER, TXN_PROCEEDING, TXN_EV_REQUEST,   TXN_PROCEEDING, TXN_DO_RESEND},
    {TXN_INVITE_SERVER, TXN_PROCEEDING, TXN_EV_1XX,       TXN_PROCEEDING, TXN_DO_SEND},
    {TXN_INVITE_SERVER, TXN_PROCEEDING, TXN_EV_2XX,       TXN_ACCEPTED,   TXN_DO_SEND},
    {TXN_INVITE_SERVER, TXN_PROCEEDING, TXN_EV_FINAL,     TXN_COMPLETED,  TXN_DO_SEND},
    {TXN_INVITE_SERVER, TXN_COMPLETED,  TXN_EV_REQUEST,   TXN_COMPLETED,  TXN_DO_RESEND},
    {TXN_INVITE_SERVER, TXN_COMPLETED,  TXN_EV_RESEND,    TXN_COMPLETED,  TXN_DO_RESEND},
    {TXN_INVITE_SERVER, TXN_COMPLETED,  TXN_EV_ACK,       TXN_CONFIRMED,  0},
    {TXN_INVITE_SERVER, TXN_COMPLETED,  TXN_EV_TIMEOUT,   TXN_TERMINATED, TXN_DO_TIMEOUT | TXN_DO_END},
    {TXN_INVITE_SERVER, TXN_CONFIRMED,  TXN_EV_LINGER,    TXN_TERMINATED, TXN_DO_END},
    {TXN_INVITE_SERVER, TXN_ACCEPTED,   TXN_EV_2XX,       TXN_ACCEPTED,   TXN_DO_SEND},
    {TXN_INVITE_SERVER, TXN_ACCEPTED,   TXN_EV_ACK,       TXN_ACCEPTED,   TXN_DO_PASS},
    {TXN_INVITE_SERVER, TXN_ACCEPTED,   TXN_EV_LINGER,    TXN_TERMINATED, TXN_DO_END},

    /* figure 8: other server */
    {TXN_SERVER,        TXN_TRYING,     TXN_EV_1XX,       TXN_PROCEEDING, TXN_DO_SEND},
    {TXN_SERVER,        TXN_TRYING,     TXN_EV_2XX,       TXN_COMPLETED,  TXN_DO_SEND},
    {TXN_SERVER,        TXN_TRYING,     TXN_EV_FINAL,     TXN_COMPLETED,  TXN_DO_SEND},
    {TXN_SERVER,        TXN_PROCEEDING, TXN_EV_REQUEST,   TXN_PROCEEDING, TXN_DO_RESEND},
    {TXN_SERVER,        TXN_PROCEEDING, TXN_EV_1XX,       TXN_PROCEEDING, TXN_DO_SEND},
    {TXN_SERVER,        TXN_PROCEEDING, TXN_EV_2XX,       TXN_COMPLETED,  TXN_DO_SEND},
    {TXN_SERVER,        TXN_PROCEEDING, TXN_EV_FINAL,     TXN_COMPLETED,  TXN_DO_SEND},
    {TXN_SERVER,        TXN_COMPLETED,  TXN_EV_REQUEST,   TXN_COMPLETED,  TXN_DO_RESEND},
    {TXN_SERVER,        TXN_COMPLETED,  TXN_EV_LINGER,    TXN_TERMINATED, TXN_DO_END},
};

/* clang-format on */

static const struct row *find(const struct txn *t, enum txn_event event) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].kind == t->kind && rows[i].state == t->state && rows[i].event == (uint8_t)event)
            return &rows[i];
    return NULL;
}

static void start_resend(struct txn *t, uint32_t interval_ms, uint64_t now_ms) {
    t->interval_ms = interval_ms;
    t->resend_ms = t->reliable ? NEVER : now_ms + interval_ms;
}

static uint64_t linger(const struct txn *t, uint64_t udp_ms, uint64_t now_ms) {
    return now_ms + (t->reliable ? 0 : udp_ms);
}

static uint64_t long_ms(const struct txn_times *times) {
    return (uint64_t)TIMEOUT_FACTOR * times->t1_ms;
}

/* A, B; E, F; G, H: sent again, and given up in the end. */
static void insist(struct txn *t, const struct txn_times *times, uint64_t now_ms) {
    start_resend(t, times->t1_ms, now_ms);
    t->timeout_ms = now_ms + long_ms(times);
}

/* Until copies have died out: D; J, K. */
static uint64_t completed_ms(const struct txn *t, const struct txn_times *times, uint64_t now_ms) {
    if (t->kind == TXN_INVITE_CLIENT)
        return linger(t, COMPLETED_INVITE_CLIENT_MS, now_ms);
    return linger(t, t->kind == TXN_SERVER ? long_ms(times) : times->t4_ms, now_ms);
}

/* The timers of a state, set when it is entered. */
static void enter(struct txn *t, enum txn_state next, const struct txn_times *times, uint64_t now_ms) {
    t->state = (uint8_t)next;
    if (next == TXN_PROCEEDING && t->kind == TXN_CLIENT) { /* E runs out and is T2 from then on, F goes on */
        t->interval_ms = times->t2_ms;
        return;
    }
    t->resend_ms = t->timeout_ms = NEVER;
    switch (next) {
    case TXN_CALLING:
        insist(t, times, now_ms);
        break;
    case TXN_TRYING: /* a server waits for its user */
        if (t->kind == TXN_CLIENT)
            insist(t, times, now_ms);
        break;
    case TXN_PROCEEDING: /* how long to ring is the user's business */
        break;
    case TXN_COMPLETED:
        if (t->kind == TXN_INVITE_SERVER)
            insist(t, times, now_ms);
        else
            t->timeout_ms = completed_ms(t, times, now_ms);
        break;
    case TXN_CONFIRMED: /* I */
        t->timeout_ms = linger(t, times->t4_ms, now_ms);
        break;
    case TXN_ACCEPTED: /* L, M */
        t->timeout_ms = now_ms + long_ms(times);
        break;
    case TXN_TERMINATED:
    case TXN_STATES:
        break;
    }
}

void txn_init(struct txn *t, enum txn_kind kind, bool reliable, const struct txn_times *times, uint64_t now_ms) {
    *t = (struct txn){.kind = (uint8_t)kind, .reliable = reliable, .resend_ms = NEVER, .timeout_ms = NEVER};
    enter(t, (enum txn_state)first_state[kind], times, now_ms);
}

/* A doubles for ever, G and E double up to T2 (and E is T2 once a provisional has come). */
static void next_interval(struct txn *t, const struct txn_times *times, uint64_t now_ms) {
    uint32_t interval = t->interval_ms * 2;

    if (t->kind != TXN_INVITE_CLIENT && interval > times->t2_ms)
        interval = times->t2_ms;
    start_resend(t, interval, now_ms);
}

unsigned txn_event(struct txn *t, enum txn_event event, const struct txn_times *times, uint64_t now_ms) {
    const struct row *row = find(t, event);

    if (row == NULL)
        return 0;
    if (event == TXN_EV_RESEND)
        next_interval(t, times, now_ms);
    if (row->next != t->state)
        enter(t, (enum txn_state)row->next, times, now_ms);
    return row->actions;
}

uint64_t txn_deadline(const struct txn *t) {
    return t->resend_ms < t->timeout_ms ? t->resend_ms : t->timeout_ms;
}

static bool lingers(const struct txn *t) {
    return t->state == TXN_CONFIRMED || t->state == TXN_ACCEPTED ||
           (t->state == TXN_COMPLETED && t->kind != TXN_INVITE_SERVER);
}

unsigned txn_tick(struct txn *t, const struct txn_times *times, uint64_t now_ms) {
    if (t->timeout_ms <= now_ms)
        return txn_event(t, lingers(t) ? TXN_EV_LINGER : TXN_EV_TIMEOUT, times, now_ms);
    if (t->resend_ms <= now_ms)
        return txn_event(t, TXN_EV_RESEND, times, now_ms);
    return 0;
}

bool txn_keeps_bytes(const struct txn *t) {
    switch ((enum txn_state)t->state) {
    case TXN_CALLING:
    case TXN_TRYING:
    case TXN_PROCEEDING:
        return true;
    case TXN_COMPLETED:
        return t->kind == TXN_INVITE_SERVER || (t->kind != TXN_CLIENT && !t->reliable);
    case TXN_CONFIRMED:
    case TXN_ACCEPTED:
    case TXN_TERMINATED:
    case TXN_STATES:
        return false;
    }
    return false;
}
