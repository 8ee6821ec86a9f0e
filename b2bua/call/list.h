/*
 * list: the calls of one worker as JSON, for an operator. Writes the values of lists, commas between them, without the
 * brackets: the lists of several workers become one by a comma.
 *
 *   LIST_CALLS   {"call_id", "state", "route", "from", "to", "start", "answer", "duration_ms",
 *                 "legs": [{"leg", "trunk", "state"}]}
 *   LIST_CALL    the same, with all that is known of a leg, its session timer as "timer"
 *   LIST_TIMERS  a leg each: {"call_id", "leg", "trunk", "state", "interval_s", "min_se_s", "refresher", "why",
 *                 "method", "next_refresh_s", "expires_s", "ends_s", "result"}
 *   LIST_IDS     the call id alone
 *
 * A session timer's times are seconds from now: our next refresh (null when it is the peer's), the end of the interval
 * (RFC 4028), and the moment at which we end the call if nobody has refreshed it. null = no timer.
 */
#ifndef B2BUA_CALL_LIST_H
#define B2BUA_CALL_LIST_H

#include "b2bua/call/call.h"

enum list_what { LIST_CALLS, LIST_CALL, LIST_TIMERS, LIST_IDS };

/* Which calls; borrowed. */
struct list_ask {
    enum list_what what;
    struct str trunk; /* one of its legs is on this one; empty = any */
    struct str id;    /* the first digits of the call id, or the Call-ID of a leg; empty = any */
    unsigned most;    /* no more calls than that are written; 0 = all */
};

/* Writes the calls that are asked for. Returns how many there are, those not written included. */
unsigned calls_list(const struct calls *c, const struct list_ask *ask, struct sbuf *out, uint64_t now_ms);

/* Adds to legs[i] how many legs are on trunk i of the settings now; `count` of them. */
void calls_count_legs(const struct calls *c, uint32_t *legs, int count);

#endif
