/*
 * derive: the ACK to a 300-699 and the CANCEL, made from the bytes of the INVITE that we sent (RFC 3261 17.1.1.3, 9.1):
 * same Request-URI, top Via, Route, From, Call-ID and CSeq number, same credentials (22.1). Works on header lines, so
 * whatever rewrote the INVITE on its way out is repeated.
 */
#ifndef B2BUA_CORE_DERIVE_H
#define B2BUA_CORE_DERIVE_H

#include "b2bua/core/str.h"

/* Writes the ACK. `to`: the whole To line of the response, with CRLF. Returns 0, or -1 (invite not as we print it, or
 * out full). */
int derive_ack(struct sbuf *out, struct str invite, struct str to);

/* Writes the CANCEL. `reason`: the value of a Reason header (RFC 3326), empty = none. */
int derive_cancel(struct sbuf *out, struct str invite, struct str reason);

/* The value of the first line of header `name` (long or one-letter `compact`, 0 = none) in the header part of
 * `message`; empty when there is none. Folded lines are returned as they stand. */
struct str derive_header(struct str message, struct str name, char compact);

/* The next line of that name: `rest` is the message at first, then what is behind the line. Returns false when there is
 * no further one. */
bool derive_next(struct str *rest, struct str name, char compact, struct str *value);

#endif
