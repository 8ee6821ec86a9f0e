/*
 * route_why: why a route takes a call, or does not, as a sentence for people.
 */
#ifndef B2BUA_ROUTE_WHY_H
#define B2BUA_ROUTE_WHY_H

#include "dialplan/route.h"

/* What holds. `buf` holds the text. */
struct str route_why_taken(const struct settings *s, const struct route_verdict *v, char *buf, size_t size);

/* What does not, or, where all holds, what made `taken` win. */
struct str route_why_not(const struct settings *s, const struct route_verdict *v, const struct route_verdict *taken,
                         char *buf, size_t size);

#endif
