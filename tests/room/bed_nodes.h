/*
 * bed_nodes: three call managers, cm1 to cm3, each with an address, and a clock. What they carry is in `registrations`
 * and `calls`; `lost` tells whose clients were told to go, by digits.
 */
#ifndef TESTS_ROOM_BED_NODES_H
#define TESTS_ROOM_BED_NODES_H

#include "b2bua/registrar/nodes.h"

enum { NOW = 1000000, NODES = 3 };

static struct settings_target targets[NODES] = {{.uri = "sip:n1"}, {.uri = "sip:n2"}, {.uri = "sip:n3"}};
static struct settings_trunk trunks[] = {
    {.name = "cluster", .targets = targets, .target_count = NODES, .keepalive = {KEEPALIVE_NONE, 60, 30, 5, 503}}};
static struct settings_cluster_node members[NODES] = {
    {"cm1", "sip:n1", 1, 0}, {"cm2", "sip:n2", 1, 1}, {"cm3", "sip:n3", 1, 2}};
static struct settings settings;

static struct pool *pool;
static struct nodes *nodes;
static uint32_t ids[NODES];
static uint32_t registrations[NODES], calls[NODES]; /* what the nodes carry */
static char lost[64];
static uint64_t now_ms;

static inline int index_of(uint32_t node) {
    for (int i = 0; i < NODES; i++)
        if (ids[i] == node)
            return i;
    return -1;
}

static inline void load(void *ctx, uint32_t node, uint32_t *r, uint32_t *c) {
    int i = index_of(node);

    (void)ctx;
    *r = i < 0 ? 0 : registrations[i];
    *c = i < 0 ? 0 : calls[i];
}

static inline void is_lost(void *ctx, uint32_t node) {
    (void)ctx;
    lost[strlen(lost)] = (char)('1' + index_of(node));
}

static inline void publish(int target, int count) {
    struct pool_address list[3];

    for (int i = 0; i < count; i++)
        list[i] = (struct pool_address){
            .proto = FLOW_UDP,
            .addr = {.family = 4, .port = 5060, .ip = {127, 0, (uint8_t)(target + 1), (uint8_t)(i + 1)}}};
    pool_publish(pool, 0, targets[target].uri, list, count, count == 0 ? "gone" : NULL, now_ms);
}

static inline void bed_nodes_setup(void) {
    settings = (struct settings){.trunks = trunks, .trunk_count = 1};
    settings.cluster = (struct settings_cluster){.on = true,
                                                 .nodes = members,
                                                 .node_count = NODES,
                                                 .interval_s = 30,
                                                 .timeout_s = 3,
                                                 .down_after = 2,
                                                 .up_after = 3,
                                                 .hold_down_s = 10,
                                                 .ramp_s = 60,
                                                 .rebalance = {20, 50, 8, 15, 600, 50}};
    now_ms = NOW;
    memset(registrations, 0, sizeof registrations);
    memset(calls, 0, sizeof calls);
    memset(lost, 0, sizeof lost);
    pool = pool_new(7);
    pool_adopt(pool, &settings, now_ms);
    nodes = nodes_new(pool, 7);
    nodes_set_ops(nodes, &(struct nodes_ops){load, is_lost, NULL});
    nodes_adopt(nodes, &settings, now_ms);
    for (int i = 0; i < NODES; i++) {
        ids[i] = nodes_number(members[i].name);
        publish(i, 1);
    }
}

static inline void bed_nodes_teardown(void) {
    nodes_free(nodes);
    pool_free(pool);
}

/* Evidence by letter, as it came a second apart: "1MM 2R" is two misses of the first, a refusal of the second. */
static inline void take(const char *evidence) {
    static const char letters[] = "AMTRCWEL";
    int node = 0;

    for (; *evidence != '\0'; evidence++) {
        const char *letter = strchr(letters, *evidence);
        if (*evidence >= '1' && *evidence <= '3')
            node = *evidence - '1';
        else if (letter != NULL)
            nodes_event(nodes, ids[node], (enum node_evidence)(letter - letters), 60, now_ms += 1000);
    }
}

#endif
