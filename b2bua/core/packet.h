/*
 * packet: a message as if it had come alone in one UDP datagram, with its IP header: for tools that read packets. What
 * came by TCP or TLS looks so, too: no stream has to be put together, no key is needed, and the Via says what it was.
 */
#ifndef B2BUA_CORE_PACKET_H
#define B2BUA_CORE_PACKET_H

#include "b2bua/core/addr.h"

/* The file header of pcap, with microseconds, for packets that begin with their IP header (LINKTYPE_RAW). */
void packet_pcap_header(struct sbuf *out);

/* One packet with its record header. An address without family becomes zeros. `payload` is cut where UDP ends. */
void packet_pcap(struct sbuf *out, uint64_t at_us, const struct addr *from, const struct addr *to, struct str payload);

#endif
