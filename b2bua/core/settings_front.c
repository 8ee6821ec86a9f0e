#include "b2bua/core/settings.h"

#include <stdlib.h>

struct node_policy settings_node_policy(const struct settings_cluster *c) {
    return (struct node_policy){.interval_ms = (uint32_t)c->interval_s * 1000,
                                .timeout_ms = (uint32_t)c->timeout_s * 1000,
                                .down_after = (uint32_t)c->down_after,
                                .up_after = (uint32_t)c->up_after,
                                .hold_down_ms = (uint32_t)c->hold_down_s * 1000,
                                .ramp_ms = (uint32_t)c->ramp_s * 1000};
}

struct placement_policy settings_placement_policy(const struct settings_cluster *c) {
    return (struct placement_policy){.start_percent = (uint32_t)c->rebalance.start_percent,
                                     .start_count = (uint32_t)c->rebalance.start_count,
                                     .stop_percent = (uint32_t)c->rebalance.stop_percent,
                                     .settle_ms = (uint32_t)c->rebalance.settle_s * 1000,
                                     .again_ms = (uint32_t)c->rebalance.again_s * 1000,
                                     .per_second = (uint32_t)c->rebalance.per_second};
}

int settings_peers_trunk(const struct settings_cluster *c) {
    return c->on && c->peer_count > 0 ? c->peers_trunk : -1;
}

int settings_call_trunks(const struct settings *s) {
    return settings_peers_trunk(&s->cluster) < 0 ? s->trunk_count : s->trunk_count - 1;
}

void settings_registrar_fini(struct settings_registrar *r) {
    for (int i = 0; i < r->domain_count; i++)
        free(r->domains[i]);
    free(r->domains);
    for (int i = 0; i < r->local_count; i++) {
        free(r->local[i].domain);
        free(r->local[i].users);
        users_free(r->local[i].table);
    }
    free(r->local);
    free(r->flow_secret);
}

void settings_cluster_fini(struct settings_cluster *c) {
    for (int i = 0; i < c->node_count; i++) {
        free(c->nodes[i].name);
        free(c->nodes[i].uri);
    }
    free(c->nodes);
    for (int i = 0; i < c->peer_count; i++) {
        free(c->peers[i].name);
        free(c->peers[i].uri);
    }
    free(c->peers);
}
