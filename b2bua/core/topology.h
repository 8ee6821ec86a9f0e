/*
 * topology: which host names belong to a side and are not said to the other. Address literals never cross and need no
 * list; this is for names.
 */
#ifndef B2BUA_CORE_TOPOLOGY_H
#define B2BUA_CORE_TOPOLOGY_H

#include "b2bua/core/settings.h"

/* Is `host`, in something that came from trunk `from`, the name of a listener of ours or of a target of that trunk? A
 * name that trunk `to` is called by, too, may be said to it. */
bool topology_hides(const struct settings *s, int from, int to, struct str host);

#endif
