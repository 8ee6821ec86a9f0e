/*
 * srv_walk: what srv.c (the procedure) and srv_place.c (names into places) share.
 */
#ifndef B2BUA_CORE_SRV_WALK_H
#define B2BUA_CORE_SRV_WALK_H

#include "b2bua/core/srv.h"

/* One walk through a procedure. */
struct srv_walk {
    const struct srv_ask *ask;
    const struct srv_zone *zone;
    struct srv_answer *out;
    bool waiting, failed, refused; /* something was */
    bool denied;                   /* a service is decidedly not there (RFC 2782, target ".") */
    bool other_family;             /* there are addresses, none of which we can send to */
};

/* What all places of one name share. */
struct srv_host {
    const char *name;
    enum flow_proto proto;
    uint16_t port, priority, weight;
};

/* What the zone says of a name, along CNAMEs; notes in `w` what stands in the way. */
enum srv_look srv_look(struct srv_walk *w, const char *name, enum dns_type type, const struct dns_set **out);

/* One place; a second of the same address and priority adds its weight to the first. */
void srv_add_place(struct srv_answer *out, const struct srv_place *p);

/* The addresses of a host: those of /etc/hosts, else A and AAAA, both at once. */
void srv_add_host(struct srv_walk *w, const struct srv_host *h);

#endif
