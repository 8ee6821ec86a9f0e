/*
 * replaces: the header that names a dialog to be replaced (RFC 3891). Each side knows a call by its own Call-ID and
 * tags, so the name has to be turned into the other side's before it crosses.
 */
#ifndef B2BUA_CORE_REPLACES_H
#define B2BUA_CORE_REPLACES_H

#include "b2bua/core/str.h"

struct replaces {
    struct str call_id, to_tag, from_tag; /* as seen by who gets the header: to_tag is its own */
    bool early_only;
};

/* Reads a header's value; views into it. Returns 0, or -1 when that is no Replaces (RFC 3891 6.1). */
int replaces_parse(struct str value, struct replaces *out);

/* Writes a header's value (RFC 3891 6.1). */
void replaces_put(struct sbuf *out, const struct replaces *r);

/* The value of the header in an INVITE as it came from the wire; empty when it is another message or has none. */
struct str replaces_of(struct str message);

#endif
