/*
 * heir: what a new snapshot takes over from those that calls still hold, so that all of them mean the same.
 *
 * A flow names a listener by its index. So a listener, which is a transport, an address and a port, keeps its index in
 * every snapshot while any call may use it; one that the configuration has no more stays on as LISTEN_DRAINING: it
 * receives and sends for the calls that there are, and no trunk names it. Trunks and profiles are counted by their
 * slot, which goes by name.
 */
#ifndef B2BUA_CORE_HEIR_H
#define B2BUA_CORE_HEIR_H

#include "b2bua/core/names.h"
#include "b2bua/core/settings.h"

/* Since the program has started. */
struct heir_names {
    struct names trunks, profiles;
};

void heir_names_fini(struct heir_names *n);

/* Slots for the trunks and profiles of `s`. Returns NULL, or what is wrong. */
const char *heir_slots(struct settings *s, struct heir_names *names);

/* Indexes for the listeners of `s`, which nobody has seen yet. `alive`: the snapshots that are held, the newest first.
 * Returns NULL, or what is wrong; then `s` is as it was. */
const char *heir_listens(struct settings *s, struct settings *const *alive, int count);

#endif
