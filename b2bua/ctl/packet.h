/*
 * packet: from a captured packet to what UDP or TCP carries in it. Pieces (IP fragments, TCP segments) that follow
 * one another are put together; others are left out.
 */
#ifndef B2BUA_CTL_PACKET_H
#define B2BUA_CTL_PACKET_H

#include "b2bua/core/flow.h"

enum { PACKET_PENDING_MAX = 16, PACKET_BYTES_MAX = 1 << 17 };

/* Pieces of one datagram or stream that are still going on. */
struct packet_pending {
    bool used;
    uint8_t protocol;
    struct addr from, to;
    uint32_t id;   /* of the IP datagram */
    uint32_t next; /* where the next piece begins: offset, or sequence number */
    struct sbuf bytes;
};

struct packets {
    struct packet_pending pending[PACKET_PENDING_MAX];
    int oldest;
    /* A datagram, or what a stream has brought since its first INVITE; borrowed. True: enough, stop. */
    bool (*take)(void *ctx, const struct addr *from, const struct addr *to, enum flow_proto proto, struct str bytes);
    void *ctx;
};

/* One packet of a link type (LINKTYPE_ of pcap). Returns what `take` has said. */
bool packet_read(struct packets *p, unsigned link, struct str packet);
void packets_fini(struct packets *p);

#endif
