/*
 * advice: whether clients are told that another node has room: "Warning: 399 .. load-imbalance;target=sbc2" in the 200
 * of a REGISTER. Pure. It keeps apart only nothing and everything: it begins when a node has less than a fifth of the
 * mean of all that take registrations, and ends when that node has two fifths. One 200 in five at most carries it, so
 * that the load moves in small parts and the next heartbeat tells when it is enough.
 */
#ifndef B2BUA_CORE_ADVICE_H
#define B2BUA_CORE_ADVICE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    ADVICE_BEGINS_PERCENT = 20, /* of the mean: below */
    ADVICE_ENDS_PERCENT = 40,   /* not below */
    ADVICE_LEAST = 10,          /* registrations that the node has fewer than we */
    ADVICE_BUSY_PERCENT = 85,   /* a node that is as busy is no target */
    ADVICE_STALE_MS = 15000,    /* what a node said longer ago does not count */
    ADVICE_SHARE_PERCENT = 20   /* of the 200s */
};

struct advice_node {
    bool takes; /* it is up and takes registrations */
    uint32_t registrations, busy_percent;
    uint64_t heard_ms; /* when that was said */
};

struct advice {
    int target; /* index of the node that has room; -1 = no advice */
    uint32_t credit;
    uint64_t given;
};

void advice_init(struct advice *a);

/* What is known of all nodes, ours being `self`. Returns a->target. */
int advice_judge(struct advice *a, const struct advice_node *nodes, int count, int self, uint64_t now_ms);

/* A 200 is about to leave: does it carry the advice? */
bool advice_take(struct advice *a);

#endif
