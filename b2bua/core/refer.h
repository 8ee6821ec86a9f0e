/*
 * refer: what a REFER asks (RFC 3515), and how its sender is told what became of it. Pure text.
 */
#ifndef B2BUA_CORE_REFER_H
#define B2BUA_CORE_REFER_H

#include "b2bua/core/replaces.h"

enum { REFER_VALUE_MAX = 2048 };

/* The value of a Refer-To header, as views into it. */
struct refer_to {
    struct str uri;      /* without its headers and its method parameter's meaning: as written up to the '?' */
    struct str method;   /* the parameter `method`, empty = INVITE is meant */
    struct str replaces; /* URI header Replaces, still escaped; empty = none */
    struct str require;  /* likewise */
};

/* Reads the value. Header parameters of the URI other than those above are not for us to pass on, and are skipped.
 * Returns 0, 400 when there is no URI in it, 416 when nobody can be called by its scheme, 603 when something else than
 * an INVITE is asked for. */
int refer_parse(struct str value, struct refer_to *out);

/* Writes `s` with its %HH undone. Returns 0, or -1 when an escape is broken or hides a control character: what is
 * hidden there would become a header line of its own. */
int refer_unescape(struct sbuf *out, struct str s);

/* Writes `s` as the value of a URI header (RFC 3261 25.1). */
void refer_escape(struct sbuf *out, struct str s);

/* The dialog that a message, as it came from the wire, names to be replaced: the Replaces of an INVITE, or that in the
 * Refer-To of a REFER, unescaped into `room`. Empty = none. */
struct str refer_replaces(struct str message, struct sbuf *room);

/* The value of an Event header: is it the package `refer`? *id is its id, 0 = none given. */
bool refer_event(struct str value, uint32_t *id);

/* "Refer-Sub: false" (RFC 4488 section 4), in a message as it came from the wire. */
bool refer_wants_no_subscription(struct str message);

/* The headers of a NOTIFY with a sipfrag (RFC 3515 2.4.4, 2.4.5), complete lines. `id` 0 = none; `expires_s` 0: it is
 * the last one, and `why` says why. */
void refer_put_state(struct sbuf *out, uint32_t id, uint32_t expires_s, const char *why);

/* Of a sipfrag the first line, which is the status: the rest may name the other side. */
struct str refer_fragment(struct str body);

#endif
