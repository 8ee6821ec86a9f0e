/*
 * node: how a call manager of the cluster is doing, from what was seen of it. Pure: evidence and time in, state out.
 *
 *     up          takes registrations
 *     suspect     a miss: no new registrations, probed each second; one answer clears it
 *     down        misses enough, or refused: silent towards its clients' keepalives; probed on
 *     recovering  answers enough after a hold-down (longer after each relapse): its share grows from a tenth to all
 *     maintenance it said so (503 with Warning 382), or the operator did: calls go on, nothing is placed
 *
 * A 503 with Retry-After alone closes the node for that long without calling it down.
 */
#ifndef B2BUA_CORE_NODE_H
#define B2BUA_CORE_NODE_H

#include <stdbool.h>
#include <stdint.h>

enum node_state { NODE_UP, NODE_SUSPECT, NODE_DOWN, NODE_RECOVERING, NODE_MAINTENANCE, NODE_STATES };

enum node_evidence {
    NODE_ANSWERED, /* a probe, or a request, was answered */
    NODE_MISSED,   /* a probe was not answered in time */
    NODE_TIMEOUT,  /* a request was not: the second within ten seconds is a miss */
    NODE_REFUSED,  /* connection refused or reset, and no new one to be had */
    NODE_CLOSED,   /* 503 with Retry-After */
    NODE_WARNED,   /* 503 with Warning 382 */
    NODE_ENTERED,  /* the operator: into maintenance */
    NODE_LEFT,     /* the operator: out of it */
    NODE_EVIDENCES
};

struct node_policy {
    uint32_t interval_ms; /* between probes while up */
    uint32_t timeout_ms;  /* of a probe */
    uint32_t down_after;  /* misses in a row */
    uint32_t up_after;    /* answers in a row */
    uint32_t hold_down_ms, ramp_ms;
};

struct node {
    enum node_state state;
    bool by_operator; /* the maintenance */
    uint32_t misses, answers, relapses;
    uint64_t since_ms;     /* of the state */
    uint64_t lost_ms;      /* when it last went down */
    uint64_t closed_ms;    /* nothing is placed before that */
    uint64_t timed_out_ms; /* the last time-out of a request; 0 = none */
};

enum { NODE_CLOSED_MAX_S = 300 };

/* Up, as every node is believed to be at first. */
void node_init(struct node *n, uint64_t now_ms);

/* Takes evidence; `seconds` is the Retry-After of NODE_CLOSED. Returns true when the state changed. */
bool node_event(struct node *n, const struct node_policy *p, enum node_evidence e, uint32_t seconds, uint64_t now_ms);

/* Time passes: recovering becomes up. Returns true when the state changed. */
bool node_tick(struct node *n, const struct node_policy *p, uint64_t now_ms);

/* From the end of a probe to the next one, ms. */
uint32_t node_pause_ms(const struct node *n, const struct node_policy *p);

/* How much of its capacity it may be given now, in thousandths: 1000 up, 100 rising to 1000 recovering, else 0. */
uint32_t node_share(const struct node *n, const struct node_policy *p, uint64_t now_ms);

const char *node_state_name(enum node_state s);
const char *node_evidence_name(enum node_evidence e);

#endif
