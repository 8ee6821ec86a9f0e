/*
 * bindings_impl: what the files of the table share.
 *
 * Locks are taken in this order: a shard (by the upper half of the number, so that an AoR is in one), a flow shard, the
 * totals. An entry belongs to its shard; of an entry found by flow only the number may be read.
 */
#ifndef B2BUA_REGISTRAR_BINDINGS_IMPL_H
#define B2BUA_REGISTRAR_BINDINGS_IMPL_H

#include <pthread.h>

#include "b2bua/core/hash.h"
#include "b2bua/core/timerq.h"
#include "b2bua/registrar/bindings.h"

enum { BINDINGS_SHARDS = 32, BINDINGS_TEXTS = 7 };

struct bindings_entry {
    struct bindings_entry *next;
    struct bindings_entry *newer, *older; /* on its flow */
    struct bindings_flow *flow;
    struct bindings_shard *shard;
    struct timer end; /* the queue of its shard counts seconds */
    struct binding_facts f;
    uint16_t lengths[BINDINGS_TEXTS];
    char text[];
};

struct bindings_flow {
    struct bindings_flow *next;
    struct token via;
    struct bindings_entry *newest;
};

struct bindings_shard {
    struct bindings *all;
    pthread_mutex_t lock;
    struct bindings_entry **buckets;
    uint32_t mask, count;
    struct timerq ends;
    struct bindings_entry *ended; /* while the queue runs */
};

struct bindings_flow_shard {
    pthread_mutex_t lock;
    struct bindings_flow **buckets;
    uint32_t mask, count;
};

struct bindings_node_load {
    uint32_t node;
    struct bindings_load load;
};

struct bindings {
    struct token_key key;
    struct hash_numbers *numbers; /* their key is made of `key` */
    struct bindings_ops ops;
    struct bindings_shard shards[BINDINGS_SHARDS];
    struct bindings_flow_shard flows[BINDINGS_SHARDS];
    pthread_mutex_t lock; /* of what follows */
    uint32_t max;
    struct bindings_counts counts;
    struct bindings_node_load nodes[BINDINGS_NODES_MAX];
    int node_count;
};

/* bindings_flow.c: on the list of its flow, and off it. */
void bindings_flow_add(struct bindings *b, struct bindings_entry *e);
void bindings_flow_remove(struct bindings *b, struct bindings_entry *e);

/* bindings_total.c: counts one more (+1) or one less of all; false when there is no room for one more. */
bool bindings_total_add(struct bindings *b, const struct binding_facts *f);
void bindings_total_remove(struct bindings *b, const struct binding_facts *f);
/* Counts what differs between a binding before and after. */
void bindings_total_change(struct bindings *b, const struct binding_facts *before, const struct binding_facts *after);
void bindings_total_expired(struct bindings *b, uint32_t expired);
void bindings_total_refused(struct bindings *b);

#endif
