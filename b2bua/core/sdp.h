/*
 * sdp: the few things that an element which does not touch media does to a session description (RFC 4566/8866): find it
 * in a body, replace its origin, and see whether two are the same but for the origin. Everything else crosses byte for
 * byte.
 */
#ifndef B2BUA_CORE_SDP_H
#define B2BUA_CORE_SDP_H

#include "b2bua/core/addr.h"

struct sdp_origin {
    uint64_t id;
    uint64_t version;
    struct addr host; /* ours */
};

/* The session description inside a body: the body itself for application/sdp, the first application/sdp part of a
 * multipart body (RFC 5621), else empty. `content_type` is the header's value. The result is a view into `body`. */
struct str sdp_find(struct str content_type, struct str body);

/* Writes `body` with the o= line of `sdp` (a view into it) replaced: "o=- id version IN IP4|IP6 host". All other bytes
 * as they were, line ends included. */
void sdp_rewrite(struct sbuf *out, struct str body, struct str sdp, const struct sdp_origin *o);

/* A digest of everything but the o= line: equal digests, same description. */
uint64_t sdp_digest(struct str sdp);

/* Does it hold a stream that is not to flow both ways: a direction other than sendrecv, or an address of 0.0.0.0 (RFC
 * 3264 5.1, 8.4)? */
bool sdp_is_held(struct str sdp);

/* Writes it with every stream flowing both ways again: what was held, or holding, is offered anew. As long as before.
 */
void sdp_unheld(struct sbuf *out, struct str sdp);

#endif
