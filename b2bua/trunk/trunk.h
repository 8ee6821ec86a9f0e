/*
 * trunk: which trunk sent a message, and which of our sockets reaches a place.
 */
#ifndef B2BUA_TRUNK_TRUNK_H
#define B2BUA_TRUNK_TRUNK_H

#include "b2bua/trunk/source.h"

/* The trunk that owns this source on this listener: an address with port before an address, a longer prefix before a
 * shorter, then the order of the configuration. `table` is fresh. Returns its index, or -1. */
int trunk_find(const struct settings *s, const struct source_table *table, const struct flow *from);

/* Is this the address of a target of the trunk, whatever the port? `table` is fresh. */
bool trunk_has_target(const struct settings_trunk *t, const struct source_table *table, const struct addr *a);

/* The listener of a trunk for a transport and an address family (4, 6). Returns its index, or -1. */
int trunk_listen(const struct settings *s, int trunk, enum flow_proto proto, uint8_t family);

/* What a target is called in URIs: "host", "host:port", IPv6 in brackets. Returns `buf`, ended by a NUL; "" when it
 * does not fit. */
const char *trunk_host_port(const struct settings_target *t, char *buf, size_t size);

/* The flow to a place. Returns 0, or -1 when the trunk has no listener for it. */
int trunk_flow(const struct settings *s, int trunk, enum flow_proto proto, const struct addr *to, struct flow *out);

/* The listener for a request that is too large for UDP, to a place of target `t` of this family: the target named no
 * transport and the trunk listens on TCP; else -1. */
int trunk_tcp_listen(const struct settings *s, int trunk, const struct settings_target *t, uint8_t family);

#endif
