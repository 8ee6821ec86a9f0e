/*
 * trunk: which trunk sent a message, and which of our sockets reaches a place.
 */
#ifndef B2BUA_TRUNK_TRUNK_H
#define B2BUA_TRUNK_TRUNK_H

#include "b2bua/core/settings.h"

/* The trunk that owns this source on this listener: an address with port before an address, a longer prefix before a
 * shorter, then the order of the configuration. Returns its index, or -1. */
int trunk_find(const struct settings *s, const struct flow *from);

/* The listener of a trunk for a transport and an address family (4, 6). Returns its index, or -1. */
int trunk_listen(const struct settings *s, int trunk, enum flow_proto proto, uint8_t family);

/* The flow to a target. Returns 0, or -1 when the trunk has no listener for it. */
int trunk_flow(const struct settings *s, int trunk, const struct settings_target *t, struct flow *out);

/* The listener for a request that is too large for UDP: the target named no transport and the trunk listens on TCP;
 * else -1. */
int trunk_tcp_listen(const struct settings *s, int trunk, const struct settings_target *t);

#endif
