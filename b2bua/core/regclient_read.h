/*
 * regclient_read: what the answer to a REGISTER says (RFC 3261 10.2.4, RFC 3608), from its bytes.
 */
#ifndef B2BUA_CORE_REGCLIENT_READ_H
#define B2BUA_CORE_REGCLIENT_READ_H

#include "b2bua/core/str.h"

/* How long the binding of `contact` (our URI) holds, in s: the expires of its Contact, else the Expires header, else
 * `asked_s`. */
uint32_t reg_granted_s(struct str message, struct str contact, uint32_t asked_s);

/* The text of its first Warning, without quotes; empty where there is none. */
struct str reg_warning(struct str message);

/* Min-Expires, 0 = none. */
uint32_t reg_min_expires_s(struct str message);

/* Writes Route lines from the Service-Route of the message. */
void reg_service_route(struct str message, struct sbuf *out);

#endif
