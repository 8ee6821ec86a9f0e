/* Connections by number and by peer. */
#include "b2bua/net/impl.h"

static struct conn **id_bucket(struct net *n, uint32_t id) {
    return &n->by_id[id % NET_BUCKETS];
}

static struct conn **peer_bucket(struct net *n, const struct addr *peer) {
    return &n->by_peer[(addr_hash_ip(peer) + peer->port) % NET_BUCKETS];
}

void conn_table_add(struct conn *c) {
    struct net *n = c->net;

    do {
        c->id = n->next_id++;
    } while (c->id == 0 || conn_by_id(n, c->id) != NULL);
    struct conn **at = id_bucket(n, c->id);
    c->next_id = *at;
    *at = c;
    at = peer_bucket(n, &c->peer);
    c->next_peer = *at;
    *at = c;
    c->next = n->conns;
    if (n->conns != NULL)
        n->conns->prev = c;
    n->conns = c;
    n->counts.connections++;
}

void conn_table_remove(struct conn *c) {
    struct net *n = c->net;
    struct conn **at = id_bucket(n, c->id);

    while (*at != c)
        at = &(*at)->next_id;
    *at = c->next_id;
    at = peer_bucket(n, &c->peer);
    while (*at != c)
        at = &(*at)->next_peer;
    *at = c->next_peer;
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        n->conns = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    n->counts.connections--;
}

struct conn *conn_by_id(const struct net *n, uint32_t id) {
    for (struct conn *c = n->by_id[id % NET_BUCKETS]; c != NULL; c = c->next_id)
        if (c->id == id)
            return c;
    return NULL;
}

/* A TLS connection that we opened was verified for one name; it carries nothing for another. */
static bool is_for(const struct conn *c, const char *host) {
    return c->proto != FLOW_TLS || !c->outgoing || str_ieq(str_of(c->host), str_of(host));
}

struct conn *conn_by_peer(const struct net *n, const struct flow *flow, const char *host) {
    struct conn *c = n->by_peer[(addr_hash_ip(&flow->peer) + flow->peer.port) % NET_BUCKETS];

    while (c != NULL && !(c->proto == flow->proto && c->listen == flow->listen && c->state <= CONN_READY &&
                          addr_eq(&c->peer, &flow->peer) && is_for(c, host)))
        c = c->next_peer;
    return c;
}
