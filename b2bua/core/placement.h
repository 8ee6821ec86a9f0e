/*
 * placement: which node of the cluster takes a registration, and when registrations move from one to another. Pure:
 * what is known of the nodes in, an index out; randomness is an argument.
 *
 * A client stays where it is while its node takes registrations. A new one goes to the less loaded of two nodes drawn
 * at random: nearly as even as the least loaded of all, and a node that returns is not overrun. Rebalancing begins when
 * the spread has been wide for a while, moves clients at their own REGISTERs only, and stops well before all are equal.
 */
#ifndef B2BUA_CORE_PLACEMENT_H
#define B2BUA_CORE_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "b2bua/core/bucket.h"

enum { PLACEMENT_NODES_MAX = 16 };

struct placement_node {
    uint32_t weight; /* capacity times its share at the moment (node_share); 0 = takes nothing */
    uint32_t registrations, calls;
};

/* The node for a client that has none, or whose node takes nothing: less load per weight of two that are drawn; a tie
 * goes to fewer calls. -1: none takes anything. */
int placement_choose(const struct placement_node *nodes, int count, uint64_t random);

struct placement_policy {
    uint32_t start_percent, start_count; /* the spread that begins it has to be above both */
    uint32_t stop_percent;
    uint32_t settle_ms; /* for so long */
    uint32_t again_ms;  /* a client moves at most once within */
    uint32_t per_second;
};

enum { PLACEMENT_LONGEST_MS = 15 * 60 * 1000 };

struct placement_balance {
    bool on;
    uint64_t wide_ms; /* since when the spread is wide; 0 = it is not */
    uint64_t on_ms;
    uint64_t moved;
    struct bucket moves;
};

/* How far apart the nodes that take registrations are: most above the mean minus most below, in percent of the mean;
 * *count gets the difference between the most and the fewest registrations. */
uint32_t placement_spread(const struct placement_node *nodes, int count, uint32_t *difference);

/* To be called every few seconds. `changed`: a node changed its state since the last time, which ends a rebalancing.
 * Returns b->on. */
bool placement_sample(struct placement_balance *b, const struct placement_policy *p, const struct placement_node *nodes,
                      int count, bool changed, uint64_t now_ms);

/* A client of `node` registers again. */
struct placement_client {
    int node;
    bool adaptive;     /* it said AR */
    bool busy;         /* it has a call */
    uint64_t moved_ms; /* when it was moved last; 0 = never */
};

/* Where it goes: its own node, or another when it is to be moved now. */
int placement_move(struct placement_balance *b, const struct placement_policy *p, const struct placement_node *nodes,
                   int count, const struct placement_client *c, uint64_t random, uint64_t now_ms);

#endif
