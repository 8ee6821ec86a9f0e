/*
 * shared: what the nets of all workers have in common: how many connections there are in all and from each address, and
 * the keys of TLS session tickets, so that a session may be resumed on another worker.
 */
#ifndef B2BUA_NET_SHARED_H
#define B2BUA_NET_SHARED_H

#include "b2bua/net/net.h"

/* Any thread. Takes a place for a connection from `a`, or, NULL, for one of ours: there are as many for those, counted
 * apart, so that who fills all places does not part us from those whom we connect to. Returns 0, or -1: none left. */
int net_shared_take(struct net_shared *l, const struct addr *a);
void net_shared_give(struct net_shared *l, const struct addr *a);

/* Whether this address is kept out; counted in `banned`. */
bool net_shared_keeps_out(const struct net_shared *l, const struct addr *a, struct net_counts *counts);

/* Bytes of this address are no SIP. */
void net_shared_garbage(const struct net_shared *l, const struct addr *a);

/* Random at start, the same for all; NET_TICKET_KEY bytes. */
enum { NET_TICKET_KEY = 80 };
const unsigned char *net_shared_ticket_key(const struct net_shared *l);

#endif
