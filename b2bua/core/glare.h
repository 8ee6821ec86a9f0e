/*
 * glare: may a request with an offer, or a second INVITE or UPDATE, be taken now? (RFC 3261 14.2, RFC 3311 5.2, RFC
 * 6141, RFC 5407 3.1). One leg's open exchanges in, a verdict out. And: how long to wait when ours was not taken.
 */
#ifndef B2BUA_CORE_GLARE_H
#define B2BUA_CORE_GLARE_H

#include <stdbool.h>
#include <stdint.h>

#include "b2bua/core/method.h"

struct glare {
    bool invite_in;      /* the peer's INVITE has no final response from us yet */
    bool invite_unacked; /* our 2xx to it has no ACK yet */
    bool invite_out;     /* our INVITE has no final response from the peer yet */
    bool update_in;      /* the peer's UPDATE has no final response from us yet */
    bool update_out;     /* our UPDATE has none */
    bool offer_in;       /* the peer's offer is unanswered (whatever carried it) */
    bool offer_out;      /* ours is */
};

/* 0: go on. 491: they crossed; the peer tries again later. 500: to be answered with Retry-After of 0 to 10 s. */
int glare_check(const struct glare *g, enum method method, bool has_offer);

/* Until a request of ours that got 491 is tried again (RFC 3261 14.1): who made the Call-ID waits 2.1 to 4 s, the other
 * 0 to 2 s, in steps of 10 ms. `random` draws. */
uint32_t glare_pause_ms(bool owns_call_id, uint32_t random);

#endif
