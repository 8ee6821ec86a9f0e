/* Where registrations go: small cases by table, and a cluster of ten nodes and 100,000 clients through a node's death
 * and return, in virtual time. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/node.h"
#include "b2bua/core/placement.h"
#include "tests/suite.h"

static const struct placement_policy policy = {.start_percent = 20,
                                               .start_count = 50,
                                               .stop_percent = 8,
                                               .settle_ms = 15000,
                                               .again_ms = 600000,
                                               .per_second = 50};

/* A generator of the test's own, so that runs are the same everywhere. */
static uint64_t draw(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

enum { ROW_NODES = 4 };

/* clang-format off */
static const struct {
    const char *name;
    int count;
    struct placement_node nodes[ROW_NODES];
    int least[ROW_NODES], most[ROW_NODES]; /* of 10,000 choices */
} chosen[] = {
    {"one node", 1, {{1000, 7, 0}}, {10000}, {10000}},
    {"two nodes: always the less loaded", 2, {{1000, 10, 0}, {1000, 11, 0}}, {10000, 0}, {10000, 0}},
    {"load is per weight", 2, {{1000, 10, 0}, {3000, 15, 0}}, {0, 10000}, {0, 10000}},
    {"a tie goes to fewer calls", 2, {{1000, 10, 5}, {1000, 10, 4}}, {0, 10000}, {0, 10000}},
    {"a closed one gets nothing", 3, {{1000, 10, 0}, {0, 0, 0}, {1000, 20, 0}}, {10000, 0, 0}, {10000, 0, 0}},
    {"the most loaded of three is never the better of two", 3,
     {{1000, 10, 0}, {1000, 20, 0}, {1000, 30, 0}}, {6300, 3000, 0}, {7000, 3700, 0}},
    {"one that comes back slowly is not overrun", 3,
     {{1000, 1000, 0}, {1000, 1000, 0}, {100, 0, 0}}, {3700, 3700, 1000}, {4500, 4500, 2000}},
};
/* clang-format on */

START_TEST(choose) {
    int got[ROW_NODES] = {0};
    uint64_t seed = 88172645463325252u;

    for (int i = 0; i < 10000; i++)
        got[placement_choose(chosen[_i].nodes, chosen[_i].count, draw(&seed))]++;
    for (int i = 0; i < chosen[_i].count; i++)
        ck_assert_msg(got[i] >= chosen[_i].least[i] && got[i] <= chosen[_i].most[i], "%s: node %d got %d",
                      chosen[_i].name, i, got[i]);
}
END_TEST

START_TEST(none_takes_anything) {
    struct placement_node closed[2] = {{0, 1, 1}, {0, 2, 2}};

    ck_assert_int_eq(placement_choose(closed, 2, 7), -1);
    ck_assert_int_eq(placement_choose(closed, 0, 7), -1);
}
END_TEST

/* clang-format off */
static const struct {
    const char *name;
    int count;
    struct placement_node nodes[ROW_NODES];
    uint32_t percent, difference;
} spreads[] = {
    {"even", 2, {{1000, 100, 0}, {1000, 100, 0}}, 0, 0},
    {"all on one", 2, {{1000, 100, 0}, {1000, 0, 0}}, 200, 100},
    {"40 to 60", 2, {{1000, 40, 0}, {1000, 60, 0}}, 40, 20},
    {"by weight it is even", 2, {{1000, 100, 0}, {3000, 300, 0}}, 0, 200},
    {"closed nodes do not count", 3, {{1000, 100, 0}, {1000, 100, 0}, {0, 0, 0}}, 0, 0},
    {"empty", 3, {{1000, 0, 0}, {1000, 0, 0}, {1000, 0, 0}}, 0, 0},
    {"one node alone", 1, {{1000, 100, 0}}, 0, 0},
};
/* clang-format on */

START_TEST(spread) {
    uint32_t difference, percent = placement_spread(spreads[_i].nodes, spreads[_i].count, &difference);

    ck_assert_msg(percent == spreads[_i].percent && difference == spreads[_i].difference, "%s: %u %u", spreads[_i].name,
                  percent, difference);
}
END_TEST

START_TEST(begins_and_ends) {
    struct placement_node wide[2] = {{1000, 1000, 0}, {1000, 0, 0}}, level[2] = {{1000, 515, 0}, {1000, 485, 0}};
    struct placement_node few[2] = {{1000, 50, 0}, {1000, 0, 0}}, between[2] = {{1000, 560, 0}, {1000, 440, 0}};
    struct placement_balance b = {0};

    ck_assert(!placement_sample(&b, &policy, few, 2, false, 1000));
    ck_assert(!placement_sample(&b, &policy, few, 2, false, 60000));
    ck_assert(!placement_sample(&b, &policy, wide, 2, false, 70000));
    ck_assert(!placement_sample(&b, &policy, wide, 2, false, 84999));
    ck_assert(!placement_sample(&b, &policy, wide, 2, true, 85000));
    ck_assert(placement_sample(&b, &policy, wide, 2, false, 86000));
    ck_assert(placement_sample(&b, &policy, between, 2, false, 90000));
    ck_assert(!placement_sample(&b, &policy, level, 2, false, 95000));
    ck_assert(!placement_sample(&b, &policy, level, 2, false, 200000));
    ck_assert(!placement_sample(&b, &policy, wide, 2, false, 300000));
    ck_assert(placement_sample(&b, &policy, wide, 2, false, 315000));
    ck_assert(!placement_sample(&b, &policy, wide, 2, true, 320000));
    ck_assert(!placement_sample(&b, &policy, wide, 2, false, 400000));
    ck_assert(placement_sample(&b, &policy, wide, 2, false, 415000));
    ck_assert(!placement_sample(&b, &policy, wide, 2, false, 415000 + PLACEMENT_LONGEST_MS));
}
END_TEST

/* clang-format off */
static const struct {
    const char *name;
    struct placement_client client;
    bool on, moves;
} moved[] = {
    {"it may", {0, true, false, 0}, true, true},
    {"no rebalancing", {0, true, false, 0}, false, false},
    {"it cannot", {0, false, false, 0}, true, false},
    {"it has a call", {0, true, true, 0}, true, false},
    {"it was moved lately", {0, true, false, 1000000 - 599999}, true, false},
    {"it was moved long ago", {0, true, false, 1000000 - 600000}, true, true},
    {"its node is the empty one", {1, true, false, 0}, true, false},
};
/* clang-format on */

START_TEST(who_moves) {
    struct placement_node nodes[2] = {{1000, 1000, 0}, {1000, 100, 0}};
    struct placement_balance b = {.on = moved[_i].on};
    uint64_t seed = 88172645463325252u;
    int n = 0;

    for (int i = 0; i < 40; i++)
        n += placement_move(&b, &policy, nodes, 2, &moved[_i].client, draw(&seed), 1000000) != moved[_i].client.node;
    ck_assert_msg((n > 0) == moved[_i].moves, "%s: %d", moved[_i].name, n);
    ck_assert_uint_eq(b.moved, (uint64_t)n);
}
END_TEST

/* --- a cluster, a second a step: each client registers every minute --- */

enum { NODES = 10, CLIENTS = 100000, EVERY_S = 60, SAMPLE_S = 5, DEATH_S = 300, RETURN_S = 900, END_S = 3600 };

static const struct node_policy node_policy = {
    .interval_ms = 5000, .timeout_ms = 2000, .down_after = 2, .up_after = 3, .hold_down_ms = 10000, .ramp_ms = 60000};

struct cluster {
    struct node nodes[NODES];
    struct placement_node load[NODES];
    struct placement_balance balance;
    int node_of[CLIENTS]; /* -1 = none */
    uint64_t moved_ms[CLIENTS];
    uint32_t moves_of[CLIENTS];
    uint64_t seed;
    bool changed;
    uint32_t most_moves_a_second, begun;
};

static void weigh(struct cluster *c, uint64_t now_ms) {
    for (int i = 0; i < NODES; i++)
        c->load[i].weight = node_share(&c->nodes[i], &node_policy, now_ms);
}

static void place(struct cluster *c, int client, int node, uint64_t now_ms) {
    if (c->node_of[client] == node)
        return;
    if (c->node_of[client] >= 0) {
        c->load[c->node_of[client]].registrations--;
        c->moves_of[client]++;
        c->moved_ms[client] = now_ms;
    }
    c->node_of[client] = node;
    c->load[node].registrations++;
}

static void register_again(struct cluster *c, int client, uint64_t now_ms) {
    struct placement_client who = {c->node_of[client], true, false, c->moved_ms[client]};

    if (who.node < 0 || c->load[who.node].weight == 0)
        place(c, client, placement_choose(c->load, NODES, draw(&c->seed)), now_ms);
    else
        place(c, client, placement_move(&c->balance, &policy, c->load, NODES, &who, draw(&c->seed), now_ms), now_ms);
}

static void probe(struct cluster *c, int second, uint64_t now_ms) {
    for (int i = 0; i < NODES; i++) {
        bool dead = i == 0 && second >= DEATH_S && second < RETURN_S;
        c->changed |= node_event(&c->nodes[i], &node_policy, dead ? NODE_MISSED : NODE_ANSWERED, 0, now_ms);
    }
}

static void step(struct cluster *c, int second) {
    uint64_t now_ms = 1000 + (uint64_t)second * 1000, before = c->balance.moved;

    if (second % SAMPLE_S == 0)
        probe(c, second, now_ms);
    weigh(c, now_ms);
    if (second % SAMPLE_S == 0) {
        bool was = c->balance.on;
        c->begun += placement_sample(&c->balance, &policy, c->load, NODES, c->changed, now_ms) && !was;
        c->changed = false;
    }
    for (int i = second % EVERY_S; i < CLIENTS; i += EVERY_S)
        register_again(c, i, now_ms);
    uint32_t moves = (uint32_t)(c->balance.moved - before);
    c->most_moves_a_second = moves > c->most_moves_a_second ? moves : c->most_moves_a_second;
}

static uint32_t fewest(const struct cluster *c, int from, uint32_t *most) {
    uint32_t low = UINT32_MAX;

    *most = 0;
    for (int i = from; i < NODES; i++) {
        low = c->load[i].registrations < low ? c->load[i].registrations : low;
        *most = c->load[i].registrations > *most ? c->load[i].registrations : *most;
    }
    return low;
}

START_TEST(node_dies_and_returns) {
    struct cluster *c = calloc(1, sizeof *c);
    uint32_t low, most, often = 0;

    c->seed = 88172645463325252u;
    for (int i = 0; i < NODES; i++)
        node_init(&c->nodes[i], 0);
    for (int i = 0; i < CLIENTS; i++)
        c->node_of[i] = -1;
    int second = 0;
    while (second < DEATH_S)
        step(c, second++);
    low = fewest(c, 0, &most);
    ck_assert_msg(low >= 9500 && most <= 10500, "at first %u..%u", low, most);
    ck_assert_uint_eq(c->balance.moved, 0);
    while (second < RETURN_S)
        step(c, second++);
    low = fewest(c, 1, &most);
    ck_assert_uint_eq(c->load[0].registrations, 0);
    ck_assert_msg(low >= 10500 && most <= 11700, "without node 0 %u..%u", low, most);
    while (second < END_S)
        step(c, second++);
    low = fewest(c, 0, &most);
    ck_assert_msg(low >= 9000 && most <= 10600, "with node 0 again %u..%u", low, most);
    ck_assert_msg(c->most_moves_a_second <= 100, "%u moves in a second", c->most_moves_a_second);
    /* Once while it comes back, and anew when it is up: a change of state ends a rebalancing. */
    ck_assert_msg(c->begun == 2 && !c->balance.on, "begun %u times", c->begun);
    for (int i = 0; i < CLIENTS; i++)
        often += c->moves_of[i] > 2;
    ck_assert_msg(often == 0, "%u clients moved more than twice", often);
    free(c);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("placement");
    TCase *tc = tcase_create("placement");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, choose, 0, sizeof chosen / sizeof *chosen);
    tcase_add_test(tc, none_takes_anything);
    tcase_add_loop_test(tc, spread, 0, sizeof spreads / sizeof *spreads);
    tcase_add_test(tc, begins_and_ends);
    tcase_add_loop_test(tc, who_moves, 0, sizeof moved / sizeof *moved);
    tcase_add_test(tc, node_dies_and_returns);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
