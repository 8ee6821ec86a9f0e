/* txnset_impl: what the files of txnset share. */
#ifndef B2BUA_CORE_TXNSET_IMPL_H
#define B2BUA_CORE_TXNSET_IMPL_H

#include "b2bua/core/txnset.h"

struct txnset {
    struct timerq *timers;
    struct txn_times times;
    struct txnset_ops ops;
    void *ctx;
    uint64_t seed;
    struct txnset_counts counts;
    struct tx **by_key;   /* clients by id, servers by key */
    struct tx **by_merge; /* servers only */
    uint32_t buckets;     /* of each; a power of two */
};

/* What a server transaction is found by; both keys in one place. */
enum { TXNSET_KEY_MAX = 2048 };
struct txnset_keys {
    struct str key, merge;
    uint64_t key_hash, merge_hash;
    char text[TXNSET_KEY_MAX];
};

/* txnset_key.c: the keys of a request (RFC 3261 17.2.3, 8.2.2.2). `method` INVITE for ACK and, to find what it cancels,
 * CANCEL. */
void txnset_keys(const struct txnset *set, const struct tx_facts *f, enum method method, struct txnset_keys *out);
uint64_t txnset_client_hash(const struct txnset *set, uint64_t id);

/* txnset_table.c */
void txnset_insert(struct txnset *set, struct tx *tx);
void txnset_remove(struct txnset *set, struct tx *tx);
struct tx *txnset_find_client(const struct txnset *set, uint64_t id);
struct tx *txnset_find_server(const struct txnset *set, const struct txnset_keys *k);
struct tx *txnset_find_merged(const struct txnset *set, const struct txnset_keys *k);

#endif
