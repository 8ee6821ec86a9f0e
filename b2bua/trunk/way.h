/*
 * way: where an INVITE goes that the dial plan is not asked for: from a client to the nodes of the cluster, one after
 * the other, from these to the client, over each of its flows, and to all devices of a user who is registered at us.
 *
 * Who knows ways fills a struct ways with room for their texts (ways_text) and packs it into one block of memory; who
 * wants to know is given a struct ways_ops, and frees that block with free().
 */
#ifndef B2BUA_TRUNK_WAY_H
#define B2BUA_TRUNK_WAY_H

#include "b2bua/sip/sip.h"

enum { WAYS_MAX = 16, WAYS_TEXT_MAX = 16384 };

struct way {
    int trunk;   /* index into the settings' trunks */
    int target;  /* of that trunk; -1 = none: a flow to a client */
    uint32_t id; /* of its place in the pool; POOL_NO_PLACE */
    struct flow flow;
    struct str uri;   /* Request-URI */
    struct str route; /* complete Route lines; empty = none */
    uint32_t node;    /* nodes_number; 0 = a client */
    uint64_t binding; /* of the client; 0 = none */
    uint64_t device;  /* several flows of one device have the same, and stand one after the other */
    int turn;         /* devices of the same turn ring at the same time */
};

struct ways {
    uint64_t caller;   /* binding of who asks; 0 = none */
    int status;        /* where there is none (any more): what the caller is told */
    int retry_after_s; /* that goes with it, 0 = none */
    int count;
    struct way *list;
};

/* Who asks. */
struct ways_ask {
    const struct sip_msg *m;
    int trunk; /* that it came from */
    struct flow flow;
    struct str number; /* the dial plan says that it is for who is registered at us by this number; empty: not asked */
};

struct ways_ops {
    /* Whether the dial plan is not asked, and then *out. That may be NULL, or without ways: status says why. */
    bool (*find)(void *ctx, const struct ways_ask *ask, struct ways **out, uint64_t now_ms);
    /* A call of this binding begins, or ends. */
    void (*busy)(void *ctx, uint64_t binding, bool begins);
    /* What was heard on a way to a node: a response, or nothing (NULL): `refused`, or silence. */
    void (*heard)(void *ctx, uint32_t node, const struct sip_msg *m, bool refused, uint64_t now_ms);
    void *ctx;
};

/* In one block, texts included. `from` stays the caller's. */
struct ways *ways_pack(const struct ways *from);

#endif
