/*
 * pcap: the first INVITE in a file of captured packets (pcap or pcapng), with where it came from. UDP, TCP in the
 * order of the file, IPv4 and IPv6, on Ethernet (VLANs, too), Linux cooked, raw IP and loopback; fragments that follow
 * one another. What cannot be read is left out.
 */
#ifndef B2BUA_CTL_PCAP_H
#define B2BUA_CTL_PCAP_H

#include "b2bua/core/flow.h"

struct pcap_message {
    struct str text; /* owned: free text.p */
    struct addr from, to;
    enum flow_proto proto; /* UDP or TCP */
};

/* Do these bytes begin as such a file does? */
bool pcap_is(struct str bytes);

/* Returns 0, or -1: there is no INVITE in it. */
int pcap_invite(struct str bytes, struct pcap_message *out);

#endif
