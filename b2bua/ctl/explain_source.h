/*
 * explain_source: where the message comes from: the flow that the engine is told.
 */
#ifndef B2BUA_CTL_EXPLAIN_SOURCE_H
#define B2BUA_CTL_EXPLAIN_SOURCE_H

#include "b2bua/ctl/explain_world.h"
#include "b2bua/ctl/pcap.h"

/* A flow that the trunk of this name owns; `wanted` is the transport that the message speaks of, -1 = none. Returns 0,
 * or -1 with what is wrong. */
int explain_source_trunk(const struct explain_world *w, const char *name, int wanted, struct flow *out, char *error,
                         size_t size);

/* The flow of a packet. Returns 0, or -1 with what is wrong: no listener can have got it. */
int explain_source_packet(const struct explain_world *w, const struct pcap_message *m, struct flow *out, char *error,
                          size_t size);

#endif
