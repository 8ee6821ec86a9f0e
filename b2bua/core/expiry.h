/*
 * expiry: how long a registration lasts, and what its client is told (RFC 3261 10.2.1, 10.3; RFC 5626 4.4). A client
 * whose path would otherwise go unnoticed is told less than the registrar has granted, so that it comes back sooner.
 */
#ifndef B2BUA_CORE_EXPIRY_H
#define B2BUA_CORE_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "b2bua/core/flow.h"

struct expiry_limits {
    uint32_t min_s;      /* less asked is refused */
    uint32_t udp_max_s;  /* over UDP without a keepalive */
    uint32_t flow_max_s; /* over a stream, or UDP with a keepalive */
};

/* What keeps the client's way open. */
struct expiry_client {
    enum flow_proto proto;
    bool keepalive; /* it said outbound (RFC 5626), or STUN was heard on its flow */
    bool ar_sk;     /* it finds a dead path by itself: it is told what was granted */
};

/* The Expires of a client that says none, as registrars assume (RFC 3261 10.2). */
enum { EXPIRY_UNSAID_S = 3600 };

/* 0, or 423: the client asked for too little. 0 seconds is a farewell, never too little. */
int expiry_check(const struct expiry_limits *l, uint32_t asked_s);

/* What the client is told: the least of what it asked for, what was granted and its limit, up to a tenth less by
 * `random`, so that those who came together do not come back together. 0 stays 0. */
uint32_t expiry_told(const struct expiry_limits *l, const struct expiry_client *c, uint32_t asked_s, uint32_t granted_s,
                     uint32_t random);

#endif
