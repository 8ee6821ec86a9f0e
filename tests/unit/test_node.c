/* A node's states: each evidence in each state, and what happens as time goes. */
#include <check.h>

#include "b2bua/core/node.h"
#include "tests/suite.h"

static const struct node_policy policy = {
    .interval_ms = 30000, .timeout_ms = 3000, .down_after = 2, .up_after = 3, .hold_down_ms = 10000, .ramp_ms = 60000};

enum { MAX = 8 };
#define A NODE_ANSWERED
#define M NODE_MISSED
#define T NODE_TIMEOUT
#define R NODE_REFUSED
#define C NODE_CLOSED
#define W NODE_WARNED
#define E NODE_ENTERED
#define L NODE_LEFT

/* Evidence comes every `gap_ms`, the first after one gap. */
/* clang-format off */
static const struct {
    const char *name;
    uint64_t gap_ms;
    int count;
    enum node_evidence evidence[MAX];
    enum node_state state;
} rows[] = {
    {"up stays up on answers", 1000, 3, {A, A, A}, NODE_UP},
    {"one miss: suspect", 1000, 1, {M}, NODE_SUSPECT},
    {"an answer clears it", 1000, 2, {M, A}, NODE_UP},
    {"two misses: down", 1000, 2, {M, M}, NODE_DOWN},
    {"misses have to follow each other", 1000, 3, {M, A, M}, NODE_SUSPECT},
    {"refused: down at once", 1000, 1, {R}, NODE_DOWN},
    {"refused while suspect", 1000, 2, {M, R}, NODE_DOWN},
    {"one request without answer says nothing", 1000, 1, {T}, NODE_UP},
    {"two within ten seconds are a miss", 5000, 2, {T, T}, NODE_SUSPECT},
    {"two far apart are not", 10001, 2, {T, T}, NODE_UP},
    {"and with a miss before: down", 1000, 3, {M, T, T}, NODE_DOWN},
    {"503 with Retry-After is not down", 1000, 3, {C, C, C}, NODE_UP},
    {"Warning 382: maintenance", 1000, 1, {W}, NODE_MAINTENANCE},
    {"two answers do not end it", 1000, 3, {W, A, A}, NODE_MAINTENANCE},
    {"three do", 1000, 4, {W, A, A, A}, NODE_RECOVERING},
    {"a warning among them: from the beginning", 1000, 6, {W, A, A, W, A, A}, NODE_MAINTENANCE},
    {"the operator's is not ended by answers", 1000, 5, {E, A, A, A, A}, NODE_MAINTENANCE},
    {"nor when the node warned first", 1000, 5, {W, E, A, A, A}, NODE_MAINTENANCE},
    {"the operator ends it", 1000, 2, {E, L}, NODE_RECOVERING},
    {"dead in maintenance", 1000, 3, {W, M, M}, NODE_DOWN},
    {"refused in maintenance", 1000, 2, {W, R}, NODE_DOWN},
    {"out of maintenance without being in it", 1000, 2, {M, L}, NODE_SUSPECT},
    {"down: three answers before the hold-down is over", 1000, 5, {M, M, A, A, A}, NODE_DOWN},
    {"down: three answers, the last after it", 4000, 5, {M, M, A, A, A}, NODE_RECOVERING},
    {"down: a miss among the answers", 4000, 6, {M, M, A, A, M, A}, NODE_DOWN},
    {"down: requests without answer change nothing", 4000, 6, {M, M, A, A, T, A}, NODE_RECOVERING},
    {"recovering: one miss is enough", 4000, 6, {M, M, A, A, A, M}, NODE_DOWN},
    {"recovering: two requests without answer, too", 4000, 7, {M, M, A, A, A, T, T}, NODE_DOWN},
    {"recovering: refused", 4000, 6, {M, M, A, A, A, R}, NODE_DOWN},
    {"recovering: maintenance", 4000, 6, {M, M, A, A, A, W}, NODE_MAINTENANCE},
};
/* clang-format on */

START_TEST(evidence) {
    struct node n;
    uint64_t now_ms = 1000;

    node_init(&n, now_ms);
    for (int i = 0; i < rows[_i].count; i++) {
        enum node_state before = n.state;
        now_ms += rows[_i].gap_ms;
        bool changed = node_event(&n, &policy, rows[_i].evidence[i], 1, now_ms);
        ck_assert_msg(changed == (n.state != before), "%s: %d", rows[_i].name, i);
    }
    ck_assert_msg(n.state == rows[_i].state, "%s: %s", rows[_i].name, node_state_name(n.state));
}
END_TEST

/* Down, then answers every second: returns how long it takes until the node recovers. */
static uint64_t out_for(struct node *n, uint64_t *now_ms) {
    uint64_t start_ms = *now_ms;

    ck_assert(node_event(n, &policy, NODE_REFUSED, 0, *now_ms));
    while (n->state == NODE_DOWN)
        node_event(n, &policy, NODE_ANSWERED, 0, *now_ms += 1000);
    return *now_ms - start_ms;
}

START_TEST(relapses_wait_longer) {
    static const uint64_t waits_ms[] = {10000, 20000, 40000, 80000, 120000, 120000};
    struct node n;
    uint64_t now_ms = 1000;

    node_init(&n, now_ms);
    for (int i = 0; i < 6; i++)
        ck_assert_uint_eq(out_for(&n, &now_ms), waits_ms[i]);
    node_tick(&n, &policy, now_ms += 60000);
    ck_assert_int_eq(n.state, NODE_UP);
    now_ms += 600000;
    ck_assert_uint_eq(out_for(&n, &now_ms), 10000);
}
END_TEST

START_TEST(share_grows) {
    struct node n;
    uint64_t now_ms = 1000;

    node_init(&n, now_ms);
    ck_assert_uint_eq(node_share(&n, &policy, now_ms), 1000);
    out_for(&n, &now_ms);
    ck_assert_uint_eq(node_share(&n, &policy, now_ms), 100);
    ck_assert_uint_eq(node_share(&n, &policy, now_ms + 30000), 550);
    ck_assert_uint_eq(node_share(&n, &policy, now_ms + 59999), 999);
    ck_assert(!node_tick(&n, &policy, now_ms + 59999));
    ck_assert(node_tick(&n, &policy, now_ms + 60000));
    ck_assert_int_eq(n.state, NODE_UP);
}
END_TEST

START_TEST(closed_for_what_it_said) {
    struct node n;

    node_init(&n, 1000);
    node_event(&n, &policy, NODE_CLOSED, 20, 1000);
    ck_assert_uint_eq(node_share(&n, &policy, 20999), 0);
    ck_assert_uint_eq(node_share(&n, &policy, 21000), 1000);
    ck_assert_int_eq(n.state, NODE_UP);
    node_event(&n, &policy, NODE_CLOSED, UINT32_MAX, 21000);
    ck_assert_uint_eq(node_share(&n, &policy, 21000 + 299999), 0);
    ck_assert_uint_eq(node_share(&n, &policy, 21000 + 300000), 1000);
}
END_TEST

START_TEST(pause_of_each_state) {
    static const struct {
        enum node_state state;
        uint32_t pause_ms;
    } of[] = {
        {NODE_UP, 30000}, {NODE_SUSPECT, 1000}, {NODE_DOWN, 1000}, {NODE_RECOVERING, 30000}, {NODE_MAINTENANCE, 30000}};

    for (int i = 0; i < NODE_STATES; i++) {
        struct node n = {.state = of[i].state};
        ck_assert_uint_eq(node_pause_ms(&n, &policy), of[i].pause_ms);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("node");
    TCase *tc = tcase_create("node");

    tcase_add_loop_test(tc, evidence, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tc, relapses_wait_longer);
    tcase_add_test(tc, share_grows);
    tcase_add_test(tc, closed_for_what_it_said);
    tcase_add_test(tc, pause_of_each_state);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
