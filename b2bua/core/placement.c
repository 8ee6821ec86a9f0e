#include "b2bua/core/placement.h"

#include <assert.h>

/* Load compared without division: a/wa < b/wb. */
static bool less_loaded(const struct placement_node *a, const struct placement_node *b) {
    uint64_t la = (uint64_t)a->registrations * b->weight, lb = (uint64_t)b->registrations * a->weight;

    return la != lb ? la < lb : a->calls < b->calls;
}

static int open_nodes(const struct placement_node *nodes, int count, int *open) {
    int n = 0;

    assert(count <= PLACEMENT_NODES_MAX);
    for (int i = 0; i < count; i++)
        if (nodes[i].weight > 0)
            open[n++] = i;
    return n;
}

/* Drawn by weight, so that a node that is just coming back is seldom in the draw at all. */
static int draw(const struct placement_node *nodes, const int *open, int n, int except, uint32_t random) {
    uint64_t total = 0;

    for (int i = 0; i < n; i++)
        total += open[i] == except ? 0 : nodes[open[i]].weight;
    uint64_t at = total * random >> 32;
    for (int i = 0; i < n; i++) {
        uint32_t weight = open[i] == except ? 0 : nodes[open[i]].weight;
        if (at < weight)
            return open[i];
        at -= weight;
    }
    return open[0];
}

int placement_choose(const struct placement_node *nodes, int count, uint64_t random) {
    int open[PLACEMENT_NODES_MAX], n = open_nodes(nodes, count, open);

    if (n == 0)
        return -1;
    if (n == 1)
        return open[0];
    int one = draw(nodes, open, n, -1, (uint32_t)random), two = draw(nodes, open, n, one, (uint32_t)(random >> 32));
    return less_loaded(&nodes[two], &nodes[one]) ? two : one;
}

/* Load of a node in thousandths of the mean load. */
static uint32_t relative(const struct placement_node *nodes, const int *open, int n, int node) {
    double registrations = 0, weight = 0;

    for (int i = 0; i < n; i++) {
        registrations += nodes[open[i]].registrations;
        weight += nodes[open[i]].weight;
    }
    if (registrations <= 0)
        return 1000;
    return (uint32_t)(nodes[node].registrations * weight / nodes[node].weight / registrations * 1000);
}

uint32_t placement_spread(const struct placement_node *nodes, int count, uint32_t *difference) {
    int open[PLACEMENT_NODES_MAX], n = open_nodes(nodes, count, open);
    uint32_t low = UINT32_MAX, high = 0, fewest = UINT32_MAX, most = 0;

    *difference = 0;
    for (int i = 0; i < n; i++) {
        uint32_t load = relative(nodes, open, n, open[i]), registrations = nodes[open[i]].registrations;
        low = load < low ? load : low;
        high = load > high ? load : high;
        fewest = registrations < fewest ? registrations : fewest;
        most = registrations > most ? registrations : most;
    }
    if (n < 2)
        return 0;
    *difference = most - fewest;
    return (high - low) / 10;
}

bool placement_sample(struct placement_balance *b, const struct placement_policy *p, const struct placement_node *nodes,
                      int count, bool changed, uint64_t now_ms) {
    uint32_t difference, percent = placement_spread(nodes, count, &difference);
    bool wide = percent > p->start_percent && difference > p->start_count && p->per_second > 0;

    b->wide_ms = !wide ? 0 : b->wide_ms == 0 ? now_ms : b->wide_ms;
    if (b->on && (changed || percent < p->stop_percent || now_ms - b->on_ms >= PLACEMENT_LONGEST_MS)) {
        b->on = false;
        b->wide_ms = 0;
    } else if (!b->on && !changed && b->wide_ms != 0 && now_ms - b->wide_ms >= p->settle_ms) {
        b->on = true;
        b->on_ms = now_ms;
    }
    return b->on;
}

/* As likely as its node is above the mean, at most every second one: the nearer, the slower. */
static bool should_leave(const struct placement_node *nodes, const int *open, int n, int node, uint32_t random) {
    uint32_t load = relative(nodes, open, n, node);

    if (load <= 1000)
        return false;
    uint64_t chance = (uint64_t)(load - 1000) * 1000 / load;
    return (uint64_t)random * 1000 >> 32 < (chance > 500 ? 500 : chance);
}

static int least_loaded(const struct placement_node *nodes, const int *open, int n) {
    int least = open[0];

    for (int i = 1; i < n; i++)
        if (less_loaded(&nodes[open[i]], &nodes[least]))
            least = open[i];
    return least;
}

int placement_move(struct placement_balance *b, const struct placement_policy *p, const struct placement_node *nodes,
                   int count, const struct placement_client *c, uint64_t random, uint64_t now_ms) {
    int open[PLACEMENT_NODES_MAX], n = open_nodes(nodes, count, open);
    bool rests = c->moved_ms != 0 && now_ms - c->moved_ms < p->again_ms;

    if (!b->on || !c->adaptive || c->busy || rests || n < 2 || nodes[c->node].weight == 0)
        return c->node;
    if (!should_leave(nodes, open, n, c->node, (uint32_t)random))
        return c->node;
    int to = least_loaded(nodes, open, n);
    if (to == c->node || !bucket_take(&b->moves, p->per_second, now_ms))
        return c->node;
    b->moved++;
    return to;
}
