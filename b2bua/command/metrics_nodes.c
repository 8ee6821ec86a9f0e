/* Call managers of the cluster. */
#include "b2bua/command/page.h"

static const char *const none[] = {NULL};

static uint64_t is_up(const struct nodes_look *n) {
    return n->state == NODE_UP || n->state == NODE_RECOVERING;
}

static uint64_t registrations(const struct nodes_look *n) {
    return n->registrations;
}

static uint64_t flips(const struct nodes_look *n) {
    return n->flips;
}

static const struct {
    const char *name, *help;
    enum metric_type type;
    uint64_t (*value)(const struct nodes_look *n);
} rows[] = {
    {"node_up", "Does the call manager take registrations?", METRIC_GAUGE, is_up},
    {"node_registrations", "Registrations at the call manager.", METRIC_GAUGE, registrations},
    {"node_flips_total", "Changes of its state.", METRIC_COUNTER, flips},
};

static void put_probes(struct page *p, const struct nodes_look *look, int count) {
    page_head(p, "node_probes_total", METRIC_COUNTER, "Probes of a call manager by what came of them.");
    for (int i = 0; i < count; i++) {
        SAMPLE(p, "node_probes_total", look[i].probes - look[i].missed, "node", look[i].name, "result", "answered");
        SAMPLE(p, "node_probes_total", look[i].missed, "node", look[i].name, "result", "missed");
    }
}

void page_put_nodes(struct page *p, struct nodes *nodes) {
    struct nodes_look look[SETTINGS_NODES_MAX];
    struct nodes_balance balance;
    uint64_t now_ms = net_now_ms();
    int count = nodes_look(nodes, look, now_ms);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        page_head(p, rows[i].name, rows[i].type, rows[i].help);
        for (int j = 0; j < count; j++)
            SAMPLE(p, rows[i].name, rows[i].value(&look[j]), "node", look[j].name);
    }
    put_probes(p, look, count);
    nodes_look_balance(nodes, &balance, now_ms);
    page_head(p, "rebalancing", METRIC_GAUGE, "Are registrations being moved to level the load?");
    page_sample(p, "rebalancing", none, balance.on);
    page_head(p, "registrations_moved_total", METRIC_COUNTER, "Registrations that moved to level the load.");
    page_sample(p, "registrations_moved_total", none, balance.moved);
}
