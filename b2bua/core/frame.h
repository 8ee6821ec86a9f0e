/*
 * frame: where one message ends in a stream of bytes: SIP by Content-Length (RFC 3261 18.3, compact forms and folding
 * included), STUN (RFC 8489, RFC 5389 7.2.2), CRLF keepalives (RFC 5626 3.5.1). Pure and without memory: it is asked
 * again when more bytes have come.
 */
#ifndef B2BUA_CORE_FRAME_H
#define B2BUA_CORE_FRAME_H

#include "b2bua/core/str.h"

enum frame_kind {
    FRAME_MORE,    /* not complete yet; a CRLF alone may be half a ping, and is no unfinished message */
    FRAME_SIP,     /* a whole SIP message */
    FRAME_STUN,    /* a whole STUN message */
    FRAME_PING,    /* CRLFCRLF: answer with CRLF (a pong) */
    FRAME_SKIP,    /* bytes to pass over: a single CRLF before a start line, or a pong */
    FRAME_TOO_BIG, /* would be above the limit: close the connection */
    FRAME_GARBAGE, /* cannot be framed (no or bad Content-Length, not SIP): the head is there to be answered with 400,
                      then close */
};

struct frame {
    enum frame_kind kind;
    size_t n; /* bytes that belong to it, from the start; for GARBAGE: the head (start line and headers), or all */
};

/* Looks at the start of a stream's unread bytes. `max` bytes is the most a message may have. `scanned` is the caller's,
 * one a connection, zeroed whenever bytes are consumed: it keeps repeated looks at a slowly growing message linear. */
struct frame frame_next(struct str unread, size_t max, size_t *scanned);

/* A datagram: SIP (perhaps with bytes behind its Content-Length, which its parser cuts), STUN or PING/SKIP; GARBAGE
 * when neither. */
enum frame_kind frame_datagram(struct str bytes);

/* The Call-ID of a SIP message in raw bytes (long or compact form, folded values trimmed), without parsing; empty when
 * absent. */
struct str frame_call_id(struct str message);

/* The branch parameter of the first Via, in raw bytes; empty when absent. */
struct str frame_branch(struct str message);

#endif
