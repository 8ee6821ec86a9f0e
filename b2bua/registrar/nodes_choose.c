/* Which node takes a REGISTER, and when registrations move. */
#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/registrar/nodes_impl.h"

void nodes_weigh(struct nodes *n, struct placement_node *out, uint64_t now_ms) {
    for (int i = 0; i < n->count; i++) {
        struct member *m = &n->members[i];
        out[i] = (struct placement_node){.weight = m->capacity * node_share(&m->node, &n->policy, now_ms)};
        n->ops.load(n->ops.ctx, m->number, &out[i].registrations, &out[i].calls);
    }
}

/* --- choosing --- */

static bool is_tried(const struct nodes_client *c, uint32_t node) {
    for (int i = 0; i < c->tried_count; i++)
        if (c->tried[i] == node)
            return true;
    return false;
}

/* Would it answer, if asked by one who has a reason to? */
static bool is_reachable(const struct member *m) {
    return m->node.state != NODE_DOWN && m->node.state != NODE_MAINTENANCE;
}

static const struct member *untried(struct nodes *n, const struct nodes_client *c, uint32_t node) {
    const struct member *m = node == NODES_NONE ? NULL : nodes_find(n, node);

    return m == NULL || is_tried(c, node) ? NULL : m;
}

/* Where a client goes that has a node which takes registrations. */
static int from_own(struct nodes *n, const struct nodes_client *c, struct placement_node *nodes, int own,
                    uint64_t random, uint64_t now_ms) {
    struct placement_client client = {own, c->adaptive, c->calls > 0, c->moved_ms};
    struct placement_node before = nodes[own];

    if (!c->pending)
        return placement_move(&n->balance, &n->placement, nodes, n->count, &client, random, now_ms);
    nodes[own].weight = 0;
    int other = placement_choose(nodes, n->count, random);
    nodes[own] = before;
    return other >= 0 ? other : own;
}

/* One in doubt is better than none. */
static int in_doubt(struct nodes *n, const struct nodes_client *c, uint64_t now_ms) {
    for (int i = 0; i < n->count; i++) {
        const struct member *m = &n->members[i];
        if (m->node.state == NODE_SUSPECT && now_ms >= m->node.closed_ms && !is_tried(c, m->number))
            return i;
    }
    return -1;
}

static int choose(struct nodes *n, const struct nodes_client *c, uint64_t random, uint64_t now_ms) {
    const struct member *pinned = untried(n, c, c->pinned), *own = untried(n, c, c->node);
    struct placement_node nodes[SETTINGS_NODES_MAX];

    if (pinned != NULL && is_reachable(pinned))
        return (int)(pinned - n->members);
    if (own != NULL && c->calls > 0 && is_reachable(own))
        return (int)(own - n->members);
    nodes_weigh(n, nodes, now_ms);
    for (int i = 0; i < n->count; i++)
        if (is_tried(c, n->members[i].number))
            nodes[i].weight = 0;
    if (own != NULL && nodes[own - n->members].weight > 0)
        return from_own(n, c, nodes, (int)(own - n->members), random, now_ms);
    int chosen = placement_choose(nodes, n->count, random);
    return chosen >= 0 ? chosen : in_doubt(n, c, now_ms);
}

uint32_t nodes_choose(struct nodes *n, const struct nodes_client *c, uint64_t random, uint64_t now_ms) {
    nodes_lock(n);
    int chosen = choose(n, c, random, now_ms);
    uint32_t node = chosen < 0 ? NODES_NONE : n->members[chosen].number;
    nodes_unlock(n);
    return node;
}

/* --- time --- */

static void sample(struct nodes *n, uint64_t now_ms) {
    struct placement_node nodes[SETTINGS_NODES_MAX];
    bool before = n->balance.on;
    uint32_t difference;

    n->sampled_ms = now_ms;
    nodes_weigh(n, nodes, now_ms);
    bool on = placement_sample(&n->balance, &n->placement, nodes, n->count, n->changed, now_ms);
    n->changed = false;
    if (on != before)
        log_info("cluster rebalancing=%s spread=%u%% moved=%llu", on ? "begins" : "ends",
                 placement_spread(nodes, n->count, &difference), (unsigned long long)n->balance.moved);
}

/* Without probes nobody would find out that a node is back: after a while it is believed to be. */
static void lapse(struct nodes *n, struct member *m, uint64_t now_ms) {
    bool bad = m->node.state != NODE_UP && m->node.state != NODE_RECOVERING && !m->node.by_operator;

    if (n->method != NODE_PROBE_NONE || !bad || now_ms - m->node.since_ms < NODES_LAPSE_MS || now_ms < m->next_ms)
        return;
    m->next_ms = now_ms + NODES_LAPSE_MS / 10;
    nodes_take(n, m, NODE_ANSWERED, 0, now_ms);
}

void nodes_tick(struct nodes *n, uint64_t now_ms) {
    nodes_lock(n);
    for (int i = 0; i < n->count; i++) {
        struct member *m = &n->members[i];
        lapse(n, m, now_ms);
        if (node_tick(&m->node, &n->policy, now_ms)) {
            m->flips++;
            n->changed = true;
            log_info("node=%s state=%s was=%s", m->name, node_state_name(m->node.state),
                     node_state_name(NODE_RECOVERING));
        }
    }
    if (now_ms - n->sampled_ms >= NODES_SAMPLE_MS)
        sample(n, now_ms);
    nodes_unlock(n);
}

/* --- nonces --- */

static struct pin *pins_for(struct nodes *n, uint64_t hash) {
    return &n->pins[hash % (NODES_PINS / NODES_PIN_WAYS) * NODES_PIN_WAYS];
}

void nodes_pin(struct nodes *n, struct str nonce, uint32_t node, uint64_t now_ms) {
    uint64_t hash = str_hash(nonce);

    pthread_mutex_lock(&n->pin_lock);
    struct pin *pins = n->pins == NULL ? NULL : pins_for(n, hash), *at = pins;
    for (int i = 0; pins != NULL && i < NODES_PIN_WAYS; i++) {
        if (pins[i].hash == hash) {
            at = &pins[i];
            break;
        }
        at = pins[i].until_ms < at->until_ms ? &pins[i] : at;
    }
    if (at != NULL)
        *at = (struct pin){hash, now_ms + NODES_PIN_MS, node};
    pthread_mutex_unlock(&n->pin_lock);
}

uint32_t nodes_pinned(struct nodes *n, struct str nonce, uint64_t now_ms) {
    uint64_t hash = str_hash(nonce);
    uint32_t node = NODES_NONE;

    pthread_mutex_lock(&n->pin_lock);
    const struct pin *pins = n->pins == NULL ? NULL : pins_for(n, hash);
    for (int i = 0; pins != NULL && i < NODES_PIN_WAYS; i++)
        if (pins[i].hash == hash && now_ms < pins[i].until_ms)
            node = pins[i].node;
    pthread_mutex_unlock(&n->pin_lock);
    return node;
}
