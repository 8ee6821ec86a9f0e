/* Which nodes there are, and where. */
#include "b2bua/registrar/nodes.h"

#include <stdlib.h>

#include "b2bua/registrar/nodes_impl.h"

static void no_load(void *ctx, uint32_t node, uint32_t *registrations, uint32_t *calls) {
    (void)ctx;
    (void)node;
    *registrations = *calls = 0;
}

static void nobody_lost(void *ctx, uint32_t node) {
    (void)ctx;
    (void)node;
}

struct nodes *nodes_new(struct pool *pool, uint64_t seed) {
    struct nodes *n = mem_zalloc(sizeof *n);

    n->pool = pool;
    n->seed = seed;
    n->ops = (struct nodes_ops){no_load, nobody_lost, NULL};
    pthread_mutex_init(&n->lock, NULL);
    pthread_mutex_init(&n->pin_lock, NULL);
    return n;
}

void nodes_free(struct nodes *n) {
    if (n == NULL)
        return;
    for (int i = 0; i < n->count; i++)
        free(n->members[i].name);
    free(n->pins);
    pthread_mutex_destroy(&n->lock);
    pthread_mutex_destroy(&n->pin_lock);
    free(n);
}

void nodes_set_ops(struct nodes *n, const struct nodes_ops *ops) {
    n->ops = *ops;
}

uint32_t nodes_number(const char *name) {
    uint32_t hash = (uint32_t)str_hash(str_of(name));

    return hash != 0 ? hash : 1;
}

struct member *nodes_find(struct nodes *n, uint32_t node) {
    for (int i = 0; i < n->count; i++)
        if (n->members[i].number == node)
            return &n->members[i];
    return NULL;
}

/* --- snapshots --- */

/* The first probe comes at a moment of its own, at most an interval away. */
static void init_member(struct nodes *n, struct member *m, const char *name, uint64_t now_ms) {
    uint64_t draw = str_hash(str_of(name)) ^ n->seed;

    *m = (struct member){.name = str_dup(str_of(name)), .number = nodes_number(name), .began = true};
    node_init(&m->node, now_ms);
    m->next_ms = now_ms + draw % n->policy.interval_ms;
}

static void take_policies(struct nodes *n, const struct settings_cluster *c) {
    n->policy = settings_node_policy(c);
    n->placement = settings_placement_policy(c);
    n->method = c->probe;
    pthread_mutex_lock(&n->pin_lock);
    if (n->pins == NULL)
        n->pins = mem_zalloc(NODES_PINS * sizeof *n->pins);
    pthread_mutex_unlock(&n->pin_lock);
}

static void take_members(struct nodes *n, const struct settings_cluster *c, uint64_t now_ms) {
    struct member new[SETTINGS_NODES_MAX];
    int count = c->on ? c->node_count : 0;

    for (int i = 0; i < count; i++) {
        struct member *old = nodes_find(n, nodes_number(c->nodes[i].name));
        if (old != NULL && old->name != NULL) {
            new[i] = *old;
            old->name = NULL; /* it has moved */
        } else {
            init_member(n, &new[i], c->nodes[i].name, now_ms);
        }
        new[i].capacity = (uint32_t)c->nodes[i].capacity;
        new[i].target = c->nodes[i].target;
        if (new[i].next_ms > now_ms + n->policy.interval_ms)
            new[i].next_ms = now_ms + n->policy.interval_ms;
    }
    for (int i = 0; i < n->count; i++)
        free(n->members[i].name);
    if (count > 0)
        memcpy(n->members, new, (size_t)count * sizeof *new);
    n->count = count;
}

void nodes_adopt(struct nodes *n, const struct settings *s, uint64_t now_ms) {
    nodes_lock(n);
    if (s->cluster.on)
        take_policies(n, &s->cluster);
    take_members(n, &s->cluster, now_ms);
    n->changed = true;
    nodes_unlock(n);
}

/* --- addresses --- */

int nodes_index(const struct settings *s, uint32_t node) {
    for (int i = 0; s->cluster.on && i < s->cluster.node_count; i++)
        if (nodes_number(s->cluster.nodes[i].name) == node)
            return i;
    return -1;
}

static int places_of(struct nodes *n, const struct settings *s, int index, struct pool_place *out) {
    struct pool_place all[POOL_PLACES_MAX];
    int count = pool_places(n->pool, &s->trunks[s->cluster.trunk], all), found = 0;

    for (int i = 0; i < count; i++)
        if (all[i].target == s->cluster.nodes[index].target)
            out[found++] = all[i];
    return found;
}

int nodes_place(struct nodes *n, const struct settings *s, uint32_t node, struct pool_place *out) {
    struct pool_place places[POOL_PLACES_MAX];
    int index = nodes_index(s, node), count = index < 0 ? 0 : places_of(n, s, index, places);
    unsigned turn = 0;

    if (count == 0)
        return -1;
    nodes_lock(n);
    struct member *m = nodes_find(n, node);
    if (m != NULL) {
        m->places = (unsigned)count;
        turn = m->turn;
    }
    nodes_unlock(n);
    *out = places[turn % (unsigned)count];
    return 0;
}

uint32_t nodes_at(struct nodes *n, const struct settings *s, const struct addr *a) {
    struct pool_place all[POOL_PLACES_MAX];
    int count = s->cluster.on ? pool_places(n->pool, &s->trunks[s->cluster.trunk], all) : 0;
    uint32_t any = NODES_NONE;

    for (int i = 0; i < count; i++)
        for (int j = 0; j < s->cluster.node_count && addr_same_ip(&all[i].addr, a); j++) {
            if (s->cluster.nodes[j].target != all[i].target)
                continue;
            uint32_t node = nodes_number(s->cluster.nodes[j].name);
            if (all[i].addr.port == a->port)
                return node;
            any = any != NODES_NONE ? any : node;
        }
    return any;
}
