/*
 * hep: a SIP message for a capture server (Homer), as HEP version 3 says: "HEP3", the length of all, then chunks of
 * vendor 0: type, length, value.
 */
#ifndef B2BUA_CORE_HEP_H
#define B2BUA_CORE_HEP_H

#include "b2bua/core/flow.h"

enum { HEP_MAX = 65507 }; /* of a datagram */

struct hep_message {
    uint64_t at_us;
    enum flow_proto proto;
    struct addr from, to;
    uint32_t agent;         /* who captures: a number of ours */
    struct str node;        /* and its name */
    struct str correlation; /* what the legs of a call have in common */
    struct str payload;
};

/* Writes one datagram. Returns 0, or -1 when it does not fit into `out` or a datagram. */
int hep_put(struct sbuf *out, const struct hep_message *m);

#endif
