#include "b2bua/net/shared.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

enum { BUCKETS = 4096 };

struct entry {
    struct entry *next;
    struct addr ip;
    int count;
};

struct net_shared {
    pthread_mutex_t lock;
    int max, max_per_ip, total, ours;
    struct guard *guard; /* borrowed, may be NULL */
    unsigned char ticket_key[NET_TICKET_KEY];
    struct entry *buckets[BUCKETS];
};

struct net_shared *net_shared_new(int max_connections, int max_connections_per_ip) {
    struct net_shared *l = mem_zalloc(sizeof *l);

    pthread_mutex_init(&l->lock, NULL);
    l->max = max_connections;
    l->max_per_ip = max_connections_per_ip;
    while (getrandom(l->ticket_key, sizeof l->ticket_key, 0) < 0)
        ;
    return l;
}

void net_shared_limit(struct net_shared *l, int max_connections, int max_connections_per_ip) {
    pthread_mutex_lock(&l->lock);
    l->max = max_connections;
    l->max_per_ip = max_connections_per_ip;
    pthread_mutex_unlock(&l->lock);
}

void net_shared_guard(struct net_shared *l, struct guard *guard) {
    l->guard = guard;
}

bool net_shared_keeps_out(const struct net_shared *l, const struct addr *a, struct net_counts *counts) {
    bool out = guard_keeps_out(l->guard, a);

    counts->banned += out ? 1 : 0;
    return out;
}

void net_shared_garbage(const struct net_shared *l, const struct addr *a) {
    guard_event(l->guard, BANS_SIP_INTRUSION, GUARD_GARBAGE, a, net_now_ms());
}

const unsigned char *net_shared_ticket_key(const struct net_shared *l) {
    return l->ticket_key;
}

void net_shared_free(struct net_shared *l) {
    if (l == NULL)
        return;
    for (int i = 0; i < BUCKETS; i++)
        while (l->buckets[i] != NULL) {
            struct entry *e = l->buckets[i];
            l->buckets[i] = e->next;
            free(e);
        }
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static struct entry **find(struct net_shared *l, const struct addr *a) {
    struct entry **at = &l->buckets[addr_hash_ip(a) % BUCKETS];

    while (*at != NULL && !addr_same_ip(&(*at)->ip, a))
        at = &(*at)->next;
    return at;
}

static int take_ip(struct net_shared *l, const struct addr *a) {
    struct entry **at = find(l, a);

    if (*at == NULL) {
        *at = mem_zalloc(sizeof **at);
        (*at)->ip = *a;
    }
    if ((*at)->count >= l->max_per_ip)
        return -1;
    (*at)->count++;
    return 0;
}

int net_shared_take(struct net_shared *l, const struct addr *a) {
    int result = -1, *count = a == NULL ? &l->ours : &l->total;

    pthread_mutex_lock(&l->lock);
    if (*count < l->max && (a == NULL || take_ip(l, a) == 0)) {
        ++*count;
        result = 0;
    }
    pthread_mutex_unlock(&l->lock);
    return result;
}

void net_shared_give(struct net_shared *l, const struct addr *a) {
    pthread_mutex_lock(&l->lock);
    --*(a == NULL ? &l->ours : &l->total);
    if (a != NULL) {
        struct entry **at = find(l, a);
        if (*at != NULL && --(*at)->count == 0) {
            struct entry *e = *at;
            *at = e->next;
            free(e);
        }
    }
    pthread_mutex_unlock(&l->lock);
}
