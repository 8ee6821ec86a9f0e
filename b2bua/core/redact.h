/*
 * redact: takes the secrets out of a SIP message before anybody is shown it: in place, the length unchanged, so that
 * Content-Length and what a tool makes of the rest stay right.
 *
 * Of Authorization and Proxy-Authorization (RFC 3261 20.7, 20.28) with Digest, what says who and where stays (username,
 * realm, uri, algorithm, qop, nc), every other parameter becomes "x"; of another scheme everything does. So does
 * rspauth in (Proxy-)Authentication-Info, and in a body each key of a=crypto (RFC 4568 `inline:`) and a=key-mgmt.
 */
#ifndef B2BUA_CORE_REDACT_H
#define B2BUA_CORE_REDACT_H

#include "b2bua/core/str.h"

/* One message, whole, as it was sent or received. */
void redact_message(char *bytes, size_t n);

#endif
