/*
 * redirect: where a call goes that was redirected (RFC 3261 8.1.3.4, 21.3): the Contacts of each 3xx by their q, each
 * number once, bounded in hops and in all; and what the INVITE to them says of it (RFC 5806, RFC 7044). Pure.
 *
 * Order of use: redirect_new when the first 3xx comes; redirect_take for each; then redirect_next, redirect_invite and
 * redirect_from for each further try.
 */
#ifndef B2BUA_CORE_REDIRECT_H
#define B2BUA_CORE_REDIRECT_H

#include "b2bua/core/str.h"

enum { REDIRECT_HOPS_MAX = 10, REDIRECT_TARGETS_MAX = 20 };

struct redirect;

/* `invite` is the first one as it came from the wire, `uri` its Request-URI; `host` stands for the host of numbers that
 * are spoken of. All are copied. */
struct redirect *redirect_new(struct str invite, struct str uri, struct str host);
void redirect_free(struct redirect *r); /* NULL is fine */

/*
 * Takes the Contacts of a 3xx, as it came from the wire, that the current try got on trunk `from`; they come before
 * those that wait from earlier ones. Left out: numbers that were tried already, or wait; what is no sip, sips or tel
 * URI; a 305, which names a proxy and nobody to call; all of them, when REDIRECT_HOPS_MAX were followed. Returns how
 * many were taken.
 */
int redirect_take(struct redirect *r, int status, struct str message, int from);

bool redirect_has_next(const struct redirect *r); /* NULL is fine: no */

/* Makes the next one the current try. Returns its URI, without headers; empty: none. */
struct str redirect_next(struct redirect *r);

/* The trunk that named the current one. */
int redirect_from(const struct redirect *r);

/* The INVITE to the current one: the first one with another Request-URI and To, a Diversion for each number that has
 * diverted it, the last on top, and where it has a History-Info one more entry for each number. Returns 0 or -1. */
int redirect_invite(const struct redirect *r, struct sbuf *out);

/* The user part of a URI as it is compared; the whole URI when it has none. */
struct str redirect_number(struct str uri);

#endif
