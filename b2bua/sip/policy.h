/*
 * policy: what becomes of each header on its way from one leg to the other. The table in policy.c is the whole rule; it
 * is meant to be read beside RFC 3261 table 2 (section 20) and the RFCs named in its rows.
 */
#ifndef B2BUA_SIP_POLICY_H
#define B2BUA_SIP_POLICY_H

#include "b2bua/core/identity.h"

enum policy_class {
    POLICY_END,      /* end to end: crosses byte for byte; every header that is not in the table */
    POLICY_NEEDED,   /* the same, and its message means nothing without it: a trunk's `headers` does not touch it */
    POLICY_HOP,      /* between two neighbours: never crosses */
    POLICY_SECRET,   /* likewise, but for what a client and its node ask each other */
    POLICY_OURS,     /* names our dialog, or is negotiated on each leg: never crosses, ours takes its place */
    POLICY_BODY,     /* describes the body: crosses with it, never alone */
    POLICY_IDENTITY, /* tells about people: crosses as core/identity plans, hosts of the other side replaced by ours */
    POLICY_WARNING,  /* crosses with our host as warn-agent */
    POLICY_REDIRECT, /* Contact: crosses in a 3xx alone, its URIs with our host, so that the caller comes back through
                        us */
};

struct policy {
    enum policy_class class;
    enum identity_kind kind; /* what it tells about people: core/identity may drop it, whatever its class */
    struct str name;         /* the long one, where it is known */
};

/* What a header is, by its long or compact name, in any case. */
struct policy policy_of(struct str name);

#endif
