/* Which bindings are on a flow: a list for each flow that has any. */
#include <stdlib.h>

#include "b2bua/registrar/bindings_impl.h"

/* What tells flows apart, without padding. */
struct key {
    uint8_t bytes[32];
    size_t n;
};

static void key_put(struct key *k, const void *bytes, size_t n) {
    memcpy(k->bytes + k->n, bytes, n);
    k->n += n;
}

static struct key key_of(const struct token *via) {
    uint8_t proto = (uint8_t)via->flow.proto;
    struct key k = {.n = 0};

    key_put(&k, &proto, sizeof proto);
    if (via->flow.proto == FLOW_UDP) {
        key_put(&k, &via->listen_id, sizeof via->listen_id);
        key_put(&k, &via->flow.peer.port, sizeof via->flow.peer.port);
        key_put(&k, via->flow.peer.ip, via->flow.peer.family == 4 ? 4 : 16);
    } else {
        key_put(&k, &via->boot, sizeof via->boot);
        key_put(&k, &via->flow.worker, sizeof via->flow.worker);
        key_put(&k, &via->flow.conn, sizeof via->flow.conn);
    }
    return k;
}

static bool same(const struct token *a, const struct token *b) {
    struct key x = key_of(a), y = key_of(b);

    return x.n == y.n && memcmp(x.bytes, y.bytes, x.n) == 0;
}

static uint64_t hash_of(const struct bindings *b, const struct token *via) {
    struct key k = key_of(via);
    uint64_t seed;

    memcpy(&seed, b->key.bytes, sizeof seed);
    return (str_hash((struct str){(const char *)k.bytes, k.n}) ^ seed) * 0x9e3779b97f4a7c15ull;
}

static struct bindings_flow_shard *shard_of(struct bindings *b, uint64_t hash) {
    return &b->flows[hash >> 59]; /* 32 of them */
}

static struct bindings_flow **bucket_of(const struct bindings_flow_shard *s, uint64_t hash) {
    return &s->buckets[hash >> 24 & s->mask];
}

static void grow(struct bindings *b, struct bindings_flow_shard *s) {
    struct bindings_flow **old = s->buckets, *next;
    uint32_t count = old == NULL ? 0 : s->mask + 1;

    if (s->count < count)
        return;
    s->mask = count == 0 ? 15 : 2 * count - 1;
    s->buckets = mem_zalloc(((size_t)s->mask + 1) * sizeof(struct bindings_flow *));
    for (uint32_t i = 0; i < count; i++)
        for (struct bindings_flow *f = old[i]; f != NULL; f = next) {
            next = f->next;
            struct bindings_flow **at = bucket_of(s, hash_of(b, &f->via));
            f->next = *at;
            *at = f;
        }
    free(old);
}

static struct bindings_flow *find(const struct bindings_flow_shard *s, uint64_t hash, const struct token *via) {
    struct bindings_flow *f = s->buckets == NULL ? NULL : *bucket_of(s, hash);

    while (f != NULL && !same(&f->via, via))
        f = f->next;
    return f;
}

static struct bindings_flow *make(struct bindings *b, struct bindings_flow_shard *s, uint64_t hash,
                                  const struct token *via) {
    struct bindings_flow *f = mem_zalloc(sizeof *f);

    grow(b, s);
    s->count++;
    f->via = *via;
    f->next = *bucket_of(s, hash);
    *bucket_of(s, hash) = f;
    return f;
}

void bindings_flow_add(struct bindings *b, struct bindings_entry *e) {
    uint64_t hash = hash_of(b, &e->f.via);
    struct bindings_flow_shard *s = shard_of(b, hash);

    pthread_mutex_lock(&s->lock);
    struct bindings_flow *f = find(s, hash, &e->f.via);
    if (f == NULL)
        f = make(b, s, hash, &e->f.via);
    e->flow = f;
    e->newer = NULL;
    e->older = f->newest;
    if (f->newest != NULL)
        f->newest->newer = e;
    f->newest = e;
    pthread_mutex_unlock(&s->lock);
}

static void forget(struct bindings_flow_shard *s, uint64_t hash, struct bindings_flow *f) {
    struct bindings_flow **at = bucket_of(s, hash);

    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    s->count--;
    free(f);
}

void bindings_flow_remove(struct bindings *b, struct bindings_entry *e) {
    uint64_t hash = hash_of(b, &e->f.via);
    struct bindings_flow_shard *s = shard_of(b, hash);

    pthread_mutex_lock(&s->lock);
    if (e->older != NULL)
        e->older->newer = e->newer;
    if (e->newer != NULL)
        e->newer->older = e->older;
    else
        e->flow->newest = e->older;
    if (e->flow->newest == NULL)
        forget(s, hash, e->flow);
    e->flow = NULL;
    pthread_mutex_unlock(&s->lock);
}

int bindings_of_flow(struct bindings *b, const struct token *via, uint64_t *ids, int most) {
    uint64_t hash = hash_of(b, via);
    struct bindings_flow_shard *s = shard_of(b, hash);
    int n = 0;

    pthread_mutex_lock(&s->lock);
    const struct bindings_flow *f = find(s, hash, via);
    for (const struct bindings_entry *e = f == NULL ? NULL : f->newest; e != NULL && n < most; e = e->older)
        ids[n++] = e->f.id;
    pthread_mutex_unlock(&s->lock);
    return n;
}
