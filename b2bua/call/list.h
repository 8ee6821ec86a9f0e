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

#include <stdatomic.h>

#include "b2bua/call/call.h"

enum list_what { LIST_CALLS, LIST_CALL, LIST_TIMERS, LIST_IDS };

/* Which calls; borrowed. */
struct list_ask {
    enum list_what what;
    struct str trunk;  /* one of its legs is on this one; empty = any */
    struct str id;     /* the first digits of the call id, or the Call-ID of a leg; empty = any */
    atomic_uint *room; /* rows that may still be written, by all who share it; NULL = no end */
};

/* How far a list is. Zeroed before its first slice; stays where it is until its last. */
struct list_walk {
    bool begun;
    unsigned found;  /* calls that were asked for, those not written included */
    unsigned rows;   /* likewise: what is a row of the list, a call, or a leg where timers are listed */
    struct call *at; /* the next to be looked at */
    struct list_walk *next;
};

/*
 * Writes a slice of the calls that are asked for: a list of all may be long, and nobody else is served meanwhile. Calls
 * may come and go between slices; new ones are not listed. Returns true when that was the last slice.
 */
bool calls_list(struct calls *c, const struct list_ask *ask, struct list_walk *w, struct sbuf *out, uint64_t now_ms);

/* A list that will not be gone on with. One that has not begun or has ended is fine. */
void calls_list_drop(struct calls *c, struct list_walk *w);

/* Reminds the ladder (ua_ladder) of who those calls are whose id that is; of a few at most. */
void calls_remind(struct calls *c, struct str id);

/* Adds to legs[i] how many legs are on the trunk of slot i now; `count` of them. */
void calls_count_legs(const struct calls *c, uint32_t *legs, int count);

#endif
