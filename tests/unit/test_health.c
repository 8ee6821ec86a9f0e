/* Is a place up: every state by every evidence, hysteresis, and when the next probe is due. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/health.h"
#include "tests/suite.h"

enum { NOW = 1000000, RETRIES = 3 };

static const struct health_policy policy = {true, RETRIES, 60000, 30000, 10000, 4000};

/* --- state by evidence --- */

#define PROBED                                                                                                         \
    (1u << HEALTH_PROBE_503 | 1u << HEALTH_PROBE_505 | 1u << HEALTH_PROBE_SILENT | 1u << HEALTH_PROBE_UNREACHABLE)
#define CALLED (1u << HEALTH_CALL_503 | 1u << HEALTH_CALL_SILENT | 1u << HEALTH_CALL_UNREACHABLE)

/* `run` before; then what is expected. */
static const struct {
    const char *name;
    enum health_state state;
    unsigned evidences;
    int run;
    enum health_state next;
    int next_run;
} rows[] = {
    {"up: a good answer changes nothing", HEALTH_UP, 1u << HEALTH_PROBE_ANSWERED, 0, HEALTH_UP, 0},
    {"up: one bad probe must not disable", HEALTH_UP, PROBED, 0, HEALTH_SUSPECT, 1},
    {"up: a failed call is a suspicion, and no failed probe", HEALTH_UP, CALLED, 0, HEALTH_SUSPECT, 0},
    {"up: a call that gets through", HEALTH_UP, 1u << HEALTH_CALL_ANSWERED, 0, HEALTH_UP, 0},
    {"up: nothing to forgive", HEALTH_UP, 1u << HEALTH_LAPSED, 0, HEALTH_UP, 0},
    {"suspect: a good answer clears it", HEALTH_SUSPECT, 1u << HEALTH_PROBE_ANSWERED, 2, HEALTH_UP, 0},
    {"suspect: the last but one", HEALTH_SUSPECT, PROBED, RETRIES - 2, HEALTH_SUSPECT, RETRIES - 1},
    {"suspect: `retries` bad probes", HEALTH_SUSPECT, PROBED, RETRIES - 1, HEALTH_DOWN, 0},
    {"suspect: calls alone never put it down", HEALTH_SUSPECT, CALLED, RETRIES - 1, HEALTH_SUSPECT, RETRIES - 1},
    {"suspect: a call that gets through clears it", HEALTH_SUSPECT, 1u << HEALTH_CALL_ANSWERED, 2, HEALTH_UP, 0},
    {"suspect: forgiven", HEALTH_SUSPECT, 1u << HEALTH_LAPSED, 1, HEALTH_UP, 0},
    {"down: one good answer is not enough", HEALTH_DOWN, 1u << HEALTH_PROBE_ANSWERED, 0, HEALTH_RECOVERING, 1},
    {"down: stays", HEALTH_DOWN, PROBED, 0, HEALTH_DOWN, 0},
    {"down: calls that began before say nothing new", HEALTH_DOWN, CALLED, 0, HEALTH_DOWN, 0},
    {"down: a late answer to a call is no probe", HEALTH_DOWN, 1u << HEALTH_CALL_ANSWERED, 0, HEALTH_DOWN, 0},
    {"down: probes were switched off", HEALTH_DOWN, 1u << HEALTH_LAPSED, 0, HEALTH_UP, 0},
    {"recovering: the last but one", HEALTH_RECOVERING, 1u << HEALTH_PROBE_ANSWERED, RETRIES - 2, HEALTH_RECOVERING,
     RETRIES - 1},
    {"recovering: `retries` good answers", HEALTH_RECOVERING, 1u << HEALTH_PROBE_ANSWERED, RETRIES - 1, HEALTH_UP, 0},
    {"recovering: one bad probe", HEALTH_RECOVERING, PROBED, RETRIES - 1, HEALTH_DOWN, 0},
    {"recovering: a failed call: from the beginning", HEALTH_RECOVERING, CALLED, 2, HEALTH_RECOVERING, 0},
    {"recovering: only probes are counted", HEALTH_RECOVERING, 1u << HEALTH_CALL_ANSWERED, 1, HEALTH_RECOVERING, 1},
    {"recovering: probes were switched off", HEALTH_RECOVERING, 1u << HEALTH_LAPSED, 1, HEALTH_UP, 0},
};

START_TEST(step) {
    for (int e = HEALTH_STARTED + 1; e < HEALTH_EVIDENCES; e++) {
        if (!(rows[_i].evidences & 1u << e))
            continue;
        struct health h = {.state = (uint8_t)rows[_i].state, .run = (uint16_t)rows[_i].run, .since_ms = 5};
        bool changed = health_event(&h, &policy, (enum health_evidence)e, 0, NOW);
        ck_assert_msg(h.state == rows[_i].next, "%s: %s", rows[_i].name, health_state_name(h.state));
        ck_assert_msg(h.run == rows[_i].next_run, "%s: run %d", rows[_i].name, h.run);
        ck_assert_msg(changed == (rows[_i].next != rows[_i].state), "%s", rows[_i].name);
        ck_assert_msg(h.since_ms == (changed ? NOW : 5), "%s", rows[_i].name);
        ck_assert_msg(!changed || h.evidence == e, "%s", rows[_i].name);
    }
}
END_TEST

/* Each pair has exactly one row above. */
START_TEST(complete) {
    for (int s = 0; s < HEALTH_STATES; s++) {
        unsigned all = 0, once = 0;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            if ((int)rows[i].state != s)
                continue;
            once |= rows[i].evidences & ~all;
            all |= rows[i].evidences;
        }
        ck_assert_msg(all == once && all == (1u << HEALTH_EVIDENCES) - 2, "state %d", s);
    }
}
END_TEST

/* --- policies --- */

static const struct {
    const char *name;
    int up_s, down_s, retries;
    struct health_policy expect;
    uint64_t detection_ms, recovery_ms;
} policies[] = {
    {"the defaults", 60, 30, 5, {true, 5, 60000, 30000, 6000, 4000}, 60000 + 4 * 6000 + 4000, 30000 + 4 * 6000 + 4000},
    {"one miss is enough", 60, 30, 1, {true, 1, 60000, 30000, 30000, 4000}, 64000, 34000},
    {"as short as it gets", 1, 1, 5, {true, 5, 1000, 1000, 1000, 666}, 1000 + 4000 + 666, 1000 + 4000 + 666},
    {"fast is not slower than up", 2, 30, 1, {true, 1, 2000, 30000, 2000, 1332}, 3332, 31332},
};

START_TEST(derived) {
    struct health_policy p = health_policy(true, policies[_i].up_s, policies[_i].down_s, policies[_i].retries);
    const struct health_policy *e = &policies[_i].expect;

    ck_assert_msg(p.retries == e->retries && p.up_interval_ms == e->up_interval_ms, "%s", policies[_i].name);
    ck_assert_msg(p.down_interval_ms == e->down_interval_ms, "%s", policies[_i].name);
    ck_assert_msg(p.fast_interval_ms == e->fast_interval_ms, "%s: %u", policies[_i].name, p.fast_interval_ms);
    ck_assert_msg(p.timeout_ms == e->timeout_ms, "%s: %u", policies[_i].name, p.timeout_ms);
    ck_assert_msg(p.timeout_ms < p.fast_interval_ms && p.fast_interval_ms <= p.up_interval_ms, "%s", policies[_i].name);
    ck_assert_uint_eq(health_detection_ms(&p), policies[_i].detection_ms);
    ck_assert_uint_eq(health_recovery_ms(&p), policies[_i].recovery_ms);
}
END_TEST

/* --- time --- */

/* Runs a place whose probes all end in `e` after `late_ms`; returns when it is in `until`, from the first probe. */
static uint64_t time_to(struct health *h, const struct health_policy *p, enum health_evidence e, uint64_t late_ms,
                        enum health_state until, uint64_t draw) {
    uint64_t now_ms = NOW;

    for (int i = 0; i < 1000 && h->state != until; i++) {
        ck_assert(h->probe_ms != UINT64_MAX);
        now_ms = h->probe_ms > now_ms ? h->probe_ms : now_ms;
        ck_assert(health_due(h, now_ms));
        health_probed(h, now_ms);
        ck_assert(!health_due(h, now_ms + 1000000));
        now_ms += late_ms;
        health_event(h, p, e, draw * (uint64_t)(i + 1), now_ms);
    }
    return now_ms - NOW;
}

/* From the last good answer to down, and from the last bad one to up: never longer than what the operator is told. */
START_TEST(bounds) {
    struct health_policy p = health_policy(true, policies[_i].up_s, policies[_i].down_s, policies[_i].retries);

    for (uint64_t draw = 1; draw < 4000; draw += 37) {
        struct health h;
        health_init(&h, &p, draw, NOW);
        health_probed(&h, NOW);
        health_event(&h, &p, HEALTH_PROBE_ANSWERED, draw, NOW);
        uint64_t took = time_to(&h, &p, HEALTH_PROBE_SILENT, p.timeout_ms, HEALTH_DOWN, draw);
        ck_assert_msg(took <= health_detection_ms(&p), "%s: %llu", policies[_i].name, (unsigned long long)took);
        ck_assert_msg(took * 10 >= health_detection_ms(&p) * 8, "%s: %llu", policies[_i].name,
                      (unsigned long long)took);
        h.probed_ms = NOW;
        h.probe_ms = NOW + p.down_interval_ms;
        took = time_to(&h, &p, HEALTH_PROBE_ANSWERED, p.timeout_ms - 1, HEALTH_UP, draw);
        ck_assert_msg(took <= health_recovery_ms(&p), "%s: %llu", policies[_i].name, (unsigned long long)took);
    }
}
END_TEST

/* Thousands of trunks that start together do not probe together, and drift further apart. */
START_TEST(spread) {
    int buckets[10] = {0}, n = 1000;

    for (int i = 0; i < n; i++) {
        struct health h;
        health_init(&h, &policy, (uint64_t)i * 7919, NOW);
        ck_assert(h.state == HEALTH_UP && h.probe_ms >= NOW && h.probe_ms < NOW + policy.fast_interval_ms);
        buckets[(h.probe_ms - NOW) * 10 / policy.fast_interval_ms]++;
    }
    for (int i = 0; i < 10; i++)
        ck_assert_msg(buckets[i] > 50 && buckets[i] < 200, "%d: %d", i, buckets[i]);
}
END_TEST

START_TEST(asked_at_once) {
    struct health h;

    health_init(&h, &policy, 0, NOW);
    health_probed(&h, NOW);
    health_event(&h, &policy, HEALTH_CALL_SILENT, 0, NOW + 10);
    ck_assert_msg(!health_due(&h, NOW + 100000), "a probe is under way already");
    health_event(&h, &policy, HEALTH_PROBE_ANSWERED, 0, NOW + 20);
    ck_assert(h.state == HEALTH_UP && !health_due(&h, NOW + 5000));
    health_event(&h, &policy, HEALTH_CALL_SILENT, 0, NOW + 30);
    ck_assert_msg(!health_due(&h, NOW + 999) && health_due(&h, NOW + 1000), "not more than one a second");
    health_event(&h, &policy, HEALTH_CALL_503, 0, NOW + 20000);
    ck_assert_msg(health_due(&h, NOW + 20000), "the last one is long ago");
}
END_TEST

/* Without probes a failed call makes a place the last choice for a while. */
START_TEST(without_probes) {
    struct health_policy none = policy;
    struct health h;

    none.probes = false;
    health_init(&h, &none, 0, NOW);
    ck_assert(h.probe_ms == UINT64_MAX);
    health_event(&h, &none, HEALTH_CALL_UNREACHABLE, 0, NOW);
    ck_assert(h.state == HEALTH_SUSPECT && !health_due(&h, NOW + 29999) && health_due(&h, NOW + 30000));
    health_event(&h, &none, HEALTH_LAPSED, 0, NOW + 30000);
    ck_assert(h.state == HEALTH_UP && h.probe_ms == UINT64_MAX);
    health_event(&h, &none, HEALTH_CALL_503, 0, NOW);
    health_event(&h, &none, HEALTH_CALL_ANSWERED, 0, NOW + 1);
    ck_assert(h.state == HEALTH_UP && h.probe_ms == UINT64_MAX);
}
END_TEST

/* Another keepalive after a reload. */
START_TEST(changed) {
    struct health_policy slow = health_policy(true, 3600, 3600, 5), none = policy;
    struct health h;

    health_init(&h, &slow, 0, NOW);
    health_probed(&h, NOW);
    health_policy_changed(&h, &policy, 0, NOW + 10);
    ck_assert_msg(h.probe_ms == UINT64_MAX, "the one under way is waited for");
    health_event(&h, &slow, HEALTH_PROBE_ANSWERED, 0, NOW + 20);
    ck_assert(h.probe_ms == NOW + 3600000);
    health_policy_changed(&h, &policy, 0, NOW + 30);
    ck_assert(h.probe_ms == NOW + 60000);
    health_policy_changed(&h, &slow, 0, NOW + 40);
    ck_assert_msg(h.probe_ms == NOW + 60000, "never later than it was");
    h.state = HEALTH_DOWN;
    none.probes = false;
    health_policy_changed(&h, &none, 0, NOW + 50);
    ck_assert_msg(h.probe_ms <= NOW + 60000, "down for ever without probes");
    health_event(&h, &none, HEALTH_LAPSED, 0, NOW + 60000);
    ck_assert(h.state == HEALTH_UP && h.probe_ms == UINT64_MAX);
    health_policy_changed(&h, &policy, 0, NOW + 70000);
    ck_assert_msg(h.probe_ms <= NOW + 70000 + 60000, "probes were switched on");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("health");
    TCase *tc = tcase_create("health");

    tcase_add_loop_test(tc, step, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(tc, derived, 0, sizeof policies / sizeof *policies);
    tcase_add_loop_test(tc, bounds, 0, sizeof policies / sizeof *policies);
    tcase_add_test(tc, complete);
    tcase_add_test(tc, spread);
    tcase_add_test(tc, asked_at_once);
    tcase_add_test(tc, without_probes);
    tcase_add_test(tc, changed);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
