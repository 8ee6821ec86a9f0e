/* The trunk `cluster`: its targets are call managers, whose state is what the registration front knows of them. */
#include "b2bua/command/impl.h"

static bool is_cluster(const struct commands *c, const struct settings_trunk *t) {
    const struct settings *s = c->config.settings;

    return s->cluster.on && t == &s->trunks[s->cluster.trunk];
}

bool trunk_node(const struct commands *c, const struct settings_trunk *t, int target, struct nodes_look *out) {
    const struct settings_cluster *cluster = &c->config.settings->cluster;
    struct nodes_look all[SETTINGS_NODES_MAX];
    int count = is_cluster(c, t) ? nodes_look(c->config.shared->nodes, all, net_now_ms()) : 0;

    for (int i = 0; i < count; i++)
        for (int j = 0; j < cluster->node_count; j++)
            if (cluster->nodes[j].target == target && nodes_number(cluster->nodes[j].name) == all[i].number) {
                *out = all[i];
                return true;
            }
    return false;
}

bool trunk_node_usable(const struct nodes_look *node) {
    return node->state != NODE_DOWN && node->state != NODE_MAINTENANCE;
}

const char *trunk_nodes_state(const struct commands *c, const struct settings_trunk *t) {
    int up = 0, usable = 0;

    if (!is_cluster(c, t))
        return NULL;
    for (int i = 0; i < t->target_count; i++) {
        struct nodes_look node;
        if (!trunk_node(c, t, i, &node))
            continue;
        up += node.state == NODE_UP ? 1 : 0;
        usable += trunk_node_usable(&node) ? 1 : 0;
    }
    return usable == 0 ? "busy" : up == t->target_count ? "up" : "degraded";
}
