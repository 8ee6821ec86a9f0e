/* The table as a whole: begin and end, and what goes through all of it. */
#include <stdlib.h>

#include "b2bua/registrar/bindings_impl.h"

struct bindings *bindings_new(const struct token_key *key, uint32_t max) {
    struct bindings *b = mem_zalloc(sizeof *b);
    uint8_t numbers[HASH_MAC_SIZE];

    b->key = *key;
    hash_mac(key->bytes, STR("numbers of bindings"), numbers);
    b->numbers = hash_numbers_new(numbers);
    b->max = max;
    pthread_mutex_init(&b->lock, NULL);
    for (int i = 0; i < BINDINGS_SHARDS; i++) {
        b->shards[i].all = b;
        pthread_mutex_init(&b->shards[i].lock, NULL);
        timerq_init(&b->shards[i].ends, 0);
        pthread_mutex_init(&b->flows[i].lock, NULL);
    }
    return b;
}

static void drop_shard(struct bindings_shard *s) {
    struct bindings_entry *next;

    for (uint32_t i = 0; s->buckets != NULL && i <= s->mask; i++)
        for (struct bindings_entry *e = s->buckets[i]; e != NULL; e = next) {
            next = e->next;
            free(e);
        }
    free(s->buckets);
    pthread_mutex_destroy(&s->lock);
}

static void drop_flows(struct bindings_flow_shard *s) {
    struct bindings_flow *next;

    for (uint32_t i = 0; s->buckets != NULL && i <= s->mask; i++)
        for (struct bindings_flow *f = s->buckets[i]; f != NULL; f = next) {
            next = f->next;
            free(f);
        }
    free(s->buckets);
    pthread_mutex_destroy(&s->lock);
}

void bindings_free(struct bindings *b) {
    if (b == NULL)
        return;
    for (int i = 0; i < BINDINGS_SHARDS; i++) {
        drop_shard(&b->shards[i]);
        drop_flows(&b->flows[i]);
    }
    pthread_mutex_destroy(&b->lock);
    hash_numbers_free(b->numbers);
    free(b);
}

void bindings_set_ops(struct bindings *b, const struct bindings_ops *ops) {
    b->ops = *ops;
}

/* --- one after the other --- */

/* Numbers of a shard as they are now; the caller frees them. */
static uint64_t *numbers(struct bindings_shard *s, uint32_t *count) {
    uint64_t *ids;

    pthread_mutex_lock(&s->lock);
    *count = 0;
    ids = mem_alloc(((size_t)s->count + 1) * sizeof *ids);
    for (uint32_t i = 0; s->buckets != NULL && i <= s->mask; i++)
        for (const struct bindings_entry *e = s->buckets[i]; e != NULL; e = e->next)
            ids[(*count)++] = e->f.id;
    pthread_mutex_unlock(&s->lock);
    return ids;
}

void bindings_walk(struct bindings *b, bool (*each)(void *arg, const struct binding *one), void *arg) {
    struct binding one;
    bool goes_on = true;

    for (int i = 0; i < BINDINGS_SHARDS && goes_on; i++) {
        uint32_t count;
        uint64_t *ids = numbers(&b->shards[i], &count);
        for (uint32_t j = 0; j < count && goes_on; j++)
            if (bindings_get(b, ids[j], &one))
                goes_on = each(arg, &one);
        free(ids);
    }
}

static void mark_pending(struct bindings_shard *s, uint32_t node) {
    pthread_mutex_lock(&s->lock);
    for (uint32_t i = 0; s->buckets != NULL && i <= s->mask; i++)
        for (struct bindings_entry *e = s->buckets[i]; e != NULL; e = e->next)
            e->f.pending |= e->f.node == node && e->f.calls > 0;
    pthread_mutex_unlock(&s->lock);
}

void bindings_lost(struct bindings *b, uint32_t node) {
    for (int i = 0; i < BINDINGS_SHARDS && bindings_load(b, node).calls > 0; i++)
        mark_pending(&b->shards[i], node);
}

static void forget_old(struct binding_facts *f, void *now_ms) {
    if (f->credential_ms <= *(const uint64_t *)now_ms)
        f->credential = 0;
}

void bindings_cleanup(struct bindings *b, unsigned worker, unsigned workers, uint64_t now_ms) {
    for (unsigned i = worker; i < BINDINGS_SHARDS; i += workers) {
        uint32_t count;
        uint64_t *ids = numbers(&b->shards[i], &count);
        for (uint32_t j = 0; j < count; j++)
            bindings_change(b, ids[j], forget_old, &now_ms);
        free(ids);
    }
}
