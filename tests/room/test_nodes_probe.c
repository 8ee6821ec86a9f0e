/* When a node is asked, how, by whom, and what its answers come to. */
#include <check.h>

#include "b2bua/log/log.h"
#include "tests/room/bed_nodes.h"
#include "tests/suite.h"

static const uint8_t *fresh_id(void) {
    static uint8_t id[STUN_ID];

    id[0]++;
    return id;
}

/* Runs the clock until the probe of the node is due. */
static struct nodes_probe await_probe(int node) {
    struct nodes_probe p;

    for (uint64_t end = now_ms + 120000; now_ms < end; now_ms += 100)
        while (nodes_probe_due(nodes, 0, 1, fresh_id(), &p, now_ms)) {
            if (p.node == ids[node])
                return p;
            nodes_probed(nodes, p.id, NODE_ANSWERED, 0, now_ms);
        }
    ck_abort_msg("no probe");
    return p;
}

START_TEST(test_probe_times) {
    struct nodes_probe p = await_probe(0);
    uint64_t at_ms = now_ms;

    ck_assert_uint_le(at_ms, NOW + 30000); /* at a moment of its own within one interval */
    ck_assert(!p.stun);
    ck_assert_uint_eq(p.timeout_ms, 3000);
    ck_assert(nodes_probe_waits(nodes, p.id));
    nodes_probed(nodes, p.id, NODE_ANSWERED, 0, now_ms);
    ck_assert(!nodes_probe_waits(nodes, p.id));
    p = await_probe(0);
    ck_assert_uint_eq(now_ms - at_ms, 30000);
    nodes_probed(nodes, p.id, NODE_MISSED, 0, now_ms += 3000);
    at_ms = now_ms;
    p = await_probe(0);
    ck_assert_uint_eq(now_ms - at_ms, 1000); /* in doubt */
    nodes_probed(nodes, p.id, NODE_MISSED, 0, now_ms += 3000);
    ck_assert_str_eq(lost, "1");
    at_ms = now_ms;
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(nodes_path(nodes, ids[0], now_ms), NODES_PATH_DEAD);
        p = await_probe(0);
        nodes_probed(nodes, p.id, NODE_ANSWERED, 0, now_ms);
    }
    ck_assert_int_eq(nodes_path(nodes, ids[0], now_ms), NODES_PATH_ALIVE); /* three answers and ten seconds */
    ck_assert_uint_eq(now_ms - at_ms, 10000);
}
END_TEST

START_TEST(test_probe_is_one) {
    struct nodes_probe p, other;

    ck_assert(nodes_probe_ask(nodes, ids[1], fresh_id(), &p, now_ms));
    ck_assert(!nodes_probe_ask(nodes, ids[1], fresh_id(), &other, now_ms + 1000)); /* under way */
    nodes_probed(nodes, p.id, NODE_ANSWERED, 0, now_ms + 10);
    ck_assert(!nodes_probed(nodes, p.id, NODE_MISSED, 0, now_ms + 20));           /* is over */
    ck_assert(!nodes_probe_ask(nodes, ids[1], fresh_id(), &other, now_ms + 499)); /* too soon */
    ck_assert(!nodes_probe_due(nodes, 1, 3, fresh_id(), &other, now_ms + 499));
    ck_assert(nodes_probe_due(nodes, 1, 3, fresh_id(), &other, now_ms + 500)); /* it was asked for */
    nodes_probed(nodes, other.id, NODE_ANSWERED, 0, now_ms + 510);
    now_ms += 500;
    ck_assert(nodes_probe_ask(nodes, ids[1], fresh_id(), &other, now_ms + 500));
    ck_assert(!nodes_probe_ask(nodes, 12345, fresh_id(), &p, now_ms));
    /* whoever sent it is gone: another is sent in the end */
    ck_assert(nodes_probe_ask(nodes, ids[1], fresh_id(), &p, now_ms + 500 + 5000));
}
END_TEST

START_TEST(test_probe_of_worker) {
    bool seen[NODES] = {false};
    struct nodes_probe p;

    now_ms += 30000;
    for (unsigned worker = 0; worker < 2; worker++)
        while (nodes_probe_due(nodes, worker, 2, fresh_id(), &p, now_ms)) {
            ck_assert_uint_eq((unsigned)index_of(p.node) % 2, worker);
            seen[index_of(p.node)] = true;
        }
    ck_assert(seen[0] && seen[1] && seen[2]);
}
END_TEST

START_TEST(test_probe_by_stun) {
    struct nodes_probe p;

    nodes_supports(nodes, ids[0], true);
    ck_assert(await_probe(0).stun);
    take("1W"); /* in maintenance only SIP tells when that is over */
    now_ms += 10000;
    p = await_probe(0);
    ck_assert(!p.stun);
    nodes_probed(nodes, p.id, NODE_WARNED, 0, now_ms);
    take("1L");
    ck_assert(nodes_probe_ask(nodes, ids[0], fresh_id(), &p, now_ms += 1000));
    ck_assert(p.stun);
    nodes_probed(nodes, p.id, NODE_MISSED, 0, now_ms += 3000); /* it says so, but does not: */
    p = await_probe(0);
    ck_assert(!p.stun);
    nodes_probed(nodes, p.id, NODE_ANSWERED, 0, now_ms);
    p = await_probe(0);
    ck_assert(!p.stun);
    nodes_probed(nodes, p.id, NODE_ANSWERED, 0, now_ms += 10 * 60000);
    ck_assert(await_probe(0).stun);
    settings.cluster.probe = NODE_PROBE_STUN;
    nodes_adopt(nodes, &settings, now_ms);
    ck_assert(await_probe(1).stun); /* whatever it says */
}
END_TEST

START_TEST(test_no_probes) {
    struct nodes_probe p;

    settings.cluster.probe = NODE_PROBE_NONE;
    nodes_adopt(nodes, &settings, now_ms);
    ck_assert(!nodes_probe_due(nodes, 0, 1, fresh_id(), &p, now_ms + 60000));
    ck_assert(!nodes_probe_ask(nodes, ids[0], fresh_id(), &p, now_ms));
    ck_assert_int_eq(nodes_path(nodes, ids[0], now_ms), NODES_PATH_ALIVE); /* as far as anybody knows */
    take("1R2M");
    ck_assert_int_eq(nodes_path(nodes, ids[0], now_ms), NODES_PATH_DEAD);
    for (uint64_t end = now_ms + 20000; now_ms < end; now_ms += 500)
        nodes_tick(nodes, now_ms);
    ck_assert_int_eq(nodes_path(nodes, ids[0], now_ms), NODES_PATH_ALIVE); /* somebody has to try */
    ck_assert_int_eq(nodes_path(nodes, ids[1], now_ms), NODES_PATH_ALIVE);
}
END_TEST

int main(void) {
    Suite *s = suite_create("nodes_probe");
    TCase *t = tcase_create("probes");

    log_level_set(LOG_LEVEL_ERROR);
    tcase_add_checked_fixture(t, bed_nodes_setup, bed_nodes_teardown);
    tcase_add_test(t, test_probe_times);
    tcase_add_test(t, test_probe_is_one);
    tcase_add_test(t, test_probe_of_worker);
    tcase_add_test(t, test_probe_by_stun);
    tcase_add_test(t, test_no_probes);
    suite_add_tcase(s, t);
    return suite_run(s);
}
