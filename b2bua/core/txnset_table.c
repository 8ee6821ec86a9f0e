/* The two hash tables of a txnset; they double when they are full. */
#include <stdlib.h>

#include "b2bua/core/txnset_impl.h"

enum { FIRST_BUCKETS = 1024 };

static uint32_t slot(uint32_t buckets, uint64_t hash) {
    return (uint32_t)(hash >> 32) & (buckets - 1);
}

static void link_key(struct tx **table, uint32_t buckets, struct tx *tx) {
    struct tx **at = &table[slot(buckets, tx->key_hash)];

    tx->next_key = *at;
    *at = tx;
}

static void link_merge(struct tx **table, uint32_t buckets, struct tx *tx) {
    if (tx->merge.p == NULL)
        return;
    struct tx **at = &table[slot(buckets, tx->merge_hash)];
    tx->next_merge = *at;
    *at = tx;
}

static void grow(struct txnset *set) {
    uint32_t buckets = set->buckets == 0 ? FIRST_BUCKETS : set->buckets * 2;
    struct tx **by_key = mem_zalloc(buckets * sizeof(struct tx *));
    struct tx **by_merge = mem_zalloc(buckets * sizeof(struct tx *));

    for (uint32_t i = 0; i < set->buckets; i++)
        while (set->by_key[i] != NULL) {
            struct tx *tx = set->by_key[i];
            set->by_key[i] = tx->next_key;
            link_key(by_key, buckets, tx);
            link_merge(by_merge, buckets, tx);
        }
    free(set->by_key);
    free(set->by_merge);
    set->by_key = by_key;
    set->by_merge = by_merge;
    set->buckets = buckets;
}

void txnset_insert(struct txnset *set, struct tx *tx) {
    if (set->counts.active >= set->buckets)
        grow(set);
    link_key(set->by_key, set->buckets, tx);
    link_merge(set->by_merge, set->buckets, tx);
    set->counts.active++;
}

void txnset_remove(struct txnset *set, struct tx *tx) {
    struct tx **at = &set->by_key[slot(set->buckets, tx->key_hash)];

    while (*at != tx)
        at = &(*at)->next_key;
    *at = tx->next_key;
    if (tx->merge.p != NULL) {
        at = &set->by_merge[slot(set->buckets, tx->merge_hash)];
        while (*at != tx)
            at = &(*at)->next_merge;
        *at = tx->next_merge;
    }
    set->counts.active--;
}

struct tx *txnset_find_client(const struct txnset *set, uint64_t id) {
    uint64_t hash = txnset_client_hash(set, id);

    if (set->buckets == 0)
        return NULL;
    for (struct tx *tx = set->by_key[slot(set->buckets, hash)]; tx != NULL; tx = tx->next_key)
        if (tx->key.p == NULL && tx->id == id)
            return tx;
    return NULL;
}

struct tx *txnset_find_server(const struct txnset *set, const struct txnset_keys *k) {
    if (set->buckets == 0)
        return NULL;
    for (struct tx *tx = set->by_key[slot(set->buckets, k->key_hash)]; tx != NULL; tx = tx->next_key)
        if (tx->key.p != NULL && tx->key_hash == k->key_hash && str_eq(tx->key, k->key))
            return tx;
    return NULL;
}

struct tx *txnset_find_merged(const struct txnset *set, const struct txnset_keys *k) {
    if (set->buckets == 0)
        return NULL;
    for (struct tx *tx = set->by_merge[slot(set->buckets, k->merge_hash)]; tx != NULL; tx = tx->next_merge)
        if (tx->merge_hash == k->merge_hash && str_eq(tx->merge, k->merge))
            return tx;
    return NULL;
}
