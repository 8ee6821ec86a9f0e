/* Which node takes a REGISTER, what requests tell of nodes, and what their clients may be told. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/log/log.h"
#include "tests/room/bed_nodes.h"
#include "tests/suite.h"

enum { DRAWS = 200 };

/* --- the choice --- */

/* Every node that is chosen in many draws, as digits; "-": none. */
static const char *chosen(const struct nodes_client *c) {
    static char text[8];
    bool seen[NODES + 1] = {false};
    size_t n = 0;

    for (uint64_t i = 0; i < DRAWS; i++) {
        uint32_t node = nodes_choose(nodes, c, (i + 1) * 0x9e3779b97f4a7c15u, now_ms);
        seen[node == NODES_NONE ? NODES : index_of(node)] = true;
    }
    for (int i = 0; i < NODES; i++)
        if (seen[i])
            text[n++] = (char)('1' + i);
    if (seen[NODES])
        text[n++] = '-';
    text[n] = '\0';
    return text;
}

static const struct {
    const char *name, *evidence;
    int own, pinned; /* 1..3; 0 = none */
    uint32_t calls;
    bool pending;
    const char *tried, *chosen;
} choices[] = {
    {"a new client: any that is up", "", 0, 0, 0, false, "", "123"},
    {"but not one in doubt", "1M", 0, 0, 0, false, "", "23"},
    {"nor one that is down", "1MM", 0, 0, 0, false, "", "23"},
    {"nor one that said 503", "1C", 0, 0, 0, false, "", "23"},
    {"nor one in maintenance", "1W", 0, 0, 0, false, "", "23"},
    {"nor one that was tried", "", 0, 0, 0, false, "1", "23"},
    {"a client stays where it is", "", 2, 0, 0, false, "", "2"},
    {"until that is in doubt", "2M", 2, 0, 0, false, "", "13"},
    {"or was tried", "", 2, 0, 0, false, "2", "13"},
    {"with a call it stays through doubt", "2M", 2, 0, 1, false, "", "2"},
    {"and a 503", "2C", 2, 0, 1, false, "", "2"},
    {"but not at a node that is down", "2MM", 2, 0, 1, false, "", "13"},
    {"or in maintenance", "2E", 2, 0, 1, false, "", "13"},
    {"pending while the call lasts: it stays", "", 2, 0, 1, true, "", "2"},
    {"pending, the call is over: it goes, though its node is back", "", 2, 0, 0, true, "", "13"},
    {"pending, and there is no other: it stays", "1R3R", 2, 0, 0, true, "", "2"},
    {"a nonce goes where it came from", "", 2, 3, 0, false, "", "3"},
    {"with a call, too", "", 2, 3, 1, false, "", "3"},
    {"through doubt", "3M", 2, 3, 0, false, "", "3"},
    {"not when that is down", "3R", 2, 3, 0, false, "", "2"},
    {"nor twice", "", 2, 3, 0, false, "3", "2"},
    {"one in doubt is better than none", "1M2R3R", 0, 0, 0, false, "", "1"},
    {"one that said 503 is not", "1C2R3R", 0, 0, 0, false, "", "-"},
    {"all are down", "1R2R3R", 1, 0, 0, false, "", "-"},
    {"all were tried", "", 1, 0, 0, false, "123", "-"},
    {"out of maintenance by three answers", "1W1AAA2R3R", 0, 0, 0, false, "", "1"},
};

START_TEST(test_choice) {
    uint32_t tried[NODES];
    int count = 0;

    for (const char *t = choices[_i].tried; *t != '\0'; t++)
        tried[count++] = ids[*t - '1'];
    struct nodes_client c = {.node = choices[_i].own == 0 ? NODES_NONE : ids[choices[_i].own - 1],
                             .pinned = choices[_i].pinned == 0 ? NODES_NONE : ids[choices[_i].pinned - 1],
                             .adaptive = true,
                             .pending = choices[_i].pending,
                             .calls = choices[_i].calls,
                             .tried = tried,
                             .tried_count = count};
    take(choices[_i].evidence);
    ck_assert_msg(strcmp(chosen(&c), choices[_i].chosen) == 0, "%s: chosen %s", choices[_i].name, chosen(&c));
}
END_TEST

START_TEST(test_less_loaded_of_two) {
    struct nodes_client c = {0};

    memcpy(registrations, (uint32_t[]){1000, 10, 1000}, sizeof registrations);
    int hits = 0;
    for (uint64_t i = 0; i < DRAWS; i++)
        hits += index_of(nodes_choose(nodes, &c, (i + 1) * 0x9e3779b97f4a7c15u, now_ms)) == 1;
    ck_assert_int_gt(hits, DRAWS / 2); /* in two of three draws it is one of the two */
    ck_assert_int_lt(hits, DRAWS);
}
END_TEST

START_TEST(test_rebalancing) {
    struct nodes_client c = {.node = ids[0], .adaptive = true}, plain = {.node = ids[0]},
                        busy = {.node = ids[0], .adaptive = true, .calls = 1};
    struct nodes_balance b;

    memcpy(registrations, (uint32_t[]){500, 100, 100}, sizeof registrations);
    for (uint64_t end = now_ms + 30000; now_ms < end; now_ms += 500)
        nodes_tick(nodes, now_ms);
    nodes_look_balance(nodes, &b, now_ms);
    ck_assert(b.on);
    const char *to = chosen(&c);
    ck_assert_msg(strchr(to, '1') != NULL && strlen(to) > 1, "some stay, some go: %s", to);
    nodes_look_balance(nodes, &b, now_ms);
    ck_assert_uint_gt(b.moved, 0);
    ck_assert_uint_le(b.moved, 50); /* of one second */
    now_ms += 60000;
    ck_assert_str_eq(chosen(&plain), "1");
    ck_assert_str_eq(chosen(&busy), "1");
    memcpy(registrations, (uint32_t[]){235, 232, 233}, sizeof registrations);
    nodes_tick(nodes, now_ms += 5000);
    nodes_look_balance(nodes, &b, now_ms);
    ck_assert(!b.on);
}
END_TEST

/* --- nonces --- */

START_TEST(test_pins) {
    char nonce[32];

    nodes_pin(nodes, STR("abc"), ids[1], now_ms);
    ck_assert_uint_eq(nodes_pinned(nodes, STR("abc"), now_ms + 59999), ids[1]);
    ck_assert_uint_eq(nodes_pinned(nodes, STR("abc"), now_ms + 60000), NODES_NONE);
    ck_assert_uint_eq(nodes_pinned(nodes, STR("abd"), now_ms), NODES_NONE);
    nodes_pin(nodes, STR("abc"), ids[2], now_ms); /* issued anew */
    ck_assert_uint_eq(nodes_pinned(nodes, STR("abc"), now_ms), ids[2]);
    for (int i = 0; i < 1000000; i++) { /* more than there is room for */
        snprintf(nonce, sizeof nonce, "n%d", i);
        nodes_pin(nodes, str_of(nonce), ids[i % NODES], now_ms + 1 + (uint64_t)i / 1000);
    }
    ck_assert_uint_eq(nodes_pinned(nodes, str_of(nonce), now_ms), ids[999999 % NODES]);
    ck_assert_uint_eq(nodes_pinned(nodes, STR("n0"), now_ms), NODES_NONE);
}
END_TEST

/* --- paths --- */

static const struct {
    const char *name, *evidence;
    uint64_t later_ms;
    enum nodes_path path;
} paths[] = {
    {"nothing was heard yet", "", 0, NODES_PATH_STALE},
    {"heard of", "1A", 6000, NODES_PATH_ALIVE},
    {"heard of some time ago", "1A", 6001, NODES_PATH_STALE},
    {"one miss", "1AM", 0, NODES_PATH_DOUBT},
    {"two", "1AMM", 0, NODES_PATH_DEAD},
    {"refused", "1AR", 0, NODES_PATH_DEAD},
    {"a 503 is an answer", "1C", 0, NODES_PATH_ALIVE},
    {"so is one in maintenance: calls go on", "1W", 0, NODES_PATH_ALIVE},
    {"a request without answer says little", "1AT", 0, NODES_PATH_ALIVE},
    {"a second one soon after is a miss", "1ATT", 0, NODES_PATH_DOUBT},
};

START_TEST(test_path) {
    take(paths[_i].evidence);
    ck_assert_msg(nodes_path(nodes, ids[0], now_ms + paths[_i].later_ms) == paths[_i].path, "%s", paths[_i].name);
    ck_assert(nodes_path_alive(nodes, ids[0]) ==
              (paths[_i].path == NODES_PATH_ALIVE || paths[_i].path == NODES_PATH_STALE));
    ck_assert_int_eq(nodes_path(nodes, 12345, now_ms), NODES_PATH_DEAD);
}
END_TEST

/* --- what it may have forgotten --- */

static const struct {
    const char *name, *evidence;
    bool forgets;
} memories[] = {
    {"it has been there all the time", "1AAA", false},
    {"it has refused: its process may be another one", "1R", true},
    {"it is back", "1RAAAAAAAAAAAAAA", true},
    {"silence may have been on the way", "1MMM", false},
    {"a time without answers, and then a refusal", "1MMMR", true},
    {"a 503 has come from somebody who knows", "1CW", false},
};

START_TEST(test_memory) {
    uint64_t before_ms = now_ms;

    take(memories[_i].evidence);
    ck_assert_msg(nodes_forgets(nodes, ids[0], before_ms) == memories[_i].forgets, "%s", memories[_i].name);
    ck_assert(!nodes_forgets(nodes, ids[0], now_ms));
    ck_assert(!nodes_forgets(nodes, ids[1], 0));
    ck_assert(!nodes_forgets(nodes, 12345, 0));
}
END_TEST

/* --- who is told to go --- */

static const struct {
    const char *name, *evidence;
    uint64_t later_ms;
    int least, most; /* of 1,000 clients of the first node */
} leavings[] = {
    {"its turn comes to each within 25 s", "1W", 25000, 1000, 1000},
    {"not to all together", "1W", 1000, 20, 60},
    {"half after half the time", "1W", 12500, 450, 550},
    {"the operator has said so", "1E", 25000, 1000, 1000},
    {"one other takes registrations", "2R 1W", 25000, 1000, 1000},
    {"no other takes any", "2R 3R 1W", 25000, 0, 0},
    {"the others are in doubt, or closed", "2M 3C 1W", 25000, 0, 0},
    {"it is not in maintenance", "1A", 25000, 0, 0},
    {"a 503 for some time is none", "1C", 25000, 0, 0},
};

START_TEST(test_leaving) {
    int leaving = 0;

    take(leavings[_i].evidence);
    for (uint64_t client = 1; client <= 1000; client++)
        leaving += nodes_is_leaving(nodes, ids[0], client * 7919, now_ms + leavings[_i].later_ms);
    ck_assert_msg(leaving >= leavings[_i].least && leaving <= leavings[_i].most, "%s: %d", leavings[_i].name, leaving);
    ck_assert(!nodes_is_leaving(nodes, 12345, 1, now_ms));
}
END_TEST

/* --- why --- */

static const struct {
    const char *name, *evidence, *trouble, *later, *reason;
} reasons[] = {
    {"nothing was seen", "", NULL, "", "started"},
    {"refused", "", "TLS: no", "1R", "TLS: no"},
    {"nobody knows why it was refused, as by UDP", "", NULL, "1R", "connection refused"},
    {"a miss may have had a reason", "", "closed", "1M", "no answer to a probe (closed)"},
    {"what was before it answered does not count", "", "TLS: no", "1AMM", "no answer to a probe"},
    {"it is down for another reason than before", "1R", "TLS: no", "", "TLS: no"},
    {"a 503 has nothing to do with it", "", "TLS: no", "1W", "503 in maintenance"},
};

START_TEST(test_reason) {
    struct nodes_look look[SETTINGS_NODES_MAX];

    take(reasons[_i].evidence);
    if (reasons[_i].trouble != NULL)
        nodes_trouble(nodes, ids[0], reasons[_i].trouble, now_ms);
    take(reasons[_i].later);
    nodes_look(nodes, look, now_ms);
    ck_assert_msg(strcmp(look[0].reason, reasons[_i].reason) == 0, "%s: %s", reasons[_i].name, look[0].reason);
    nodes_trouble(nodes, 12345, "nobody", now_ms);
}
END_TEST

/* --- addresses, snapshots --- */

START_TEST(test_addresses) {
    struct pool_place at;

    publish(0, 2);
    ck_assert_int_eq(nodes_place(nodes, &settings, ids[0], &at), 0);
    ck_assert_int_eq(at.addr.ip[3], 1);
    take("1R"); /* one of two has refused: the next one, and the node is only in doubt */
    ck_assert_int_eq(nodes_path(nodes, ids[0], now_ms), NODES_PATH_DOUBT);
    ck_assert_int_eq(nodes_place(nodes, &settings, ids[0], &at), 0);
    ck_assert_int_eq(at.addr.ip[3], 2);
    take("1AR");
    ck_assert_int_eq(nodes_path(nodes, ids[0], now_ms), NODES_PATH_DOUBT);
    take("1R");
    ck_assert_int_eq(nodes_path(nodes, ids[0], now_ms), NODES_PATH_DEAD);
    publish(0, 0);
    ck_assert_int_eq(nodes_place(nodes, &settings, ids[0], &at), -1);
    ck_assert_uint_eq(nodes_at(nodes, &settings, &(struct addr){.family = 4, .ip = {127, 0, 3, 1}}), ids[2]);
    ck_assert_uint_eq(nodes_at(nodes, &settings, &(struct addr){.family = 4, .ip = {127, 0, 9, 1}}), NODES_NONE);
}
END_TEST

START_TEST(test_snapshots) {
    struct nodes_look look[SETTINGS_NODES_MAX];
    struct settings_cluster_node fewer[] = {{"cm3", "sip:n3", 5, 2}, {"cm4", "sip:n1", 1, 0}};

    take("1MM3W");
    ck_assert_str_eq(lost, "13");
    settings.cluster.nodes = fewer;
    settings.cluster.node_count = 2;
    nodes_adopt(nodes, &settings, now_ms);
    ck_assert_int_eq(nodes_look(nodes, look, now_ms), 2);
    ck_assert_str_eq(look[0].name, "cm3");
    ck_assert_int_eq(look[0].state, NODE_MAINTENANCE);
    ck_assert_uint_eq(look[0].capacity, 5);
    ck_assert_int_eq(look[1].state, NODE_UP);
    ck_assert_str_eq(look[1].reason, "started");
    ck_assert_int_eq(nodes_path(nodes, ids[0], now_ms), NODES_PATH_DEAD); /* it is no node any more */
    ck_assert(!nodes_maintain(nodes, ids[0], true, now_ms));
    settings.cluster = (struct settings_cluster){0};
    nodes_adopt(nodes, &settings, now_ms);
    ck_assert_int_eq(nodes_look(nodes, look, now_ms), 0);
    ck_assert_uint_eq(nodes_choose(nodes, &(struct nodes_client){0}, 1, now_ms), NODES_NONE);
}
END_TEST

START_TEST(test_operator) {
    struct nodes_look look[SETTINGS_NODES_MAX];

    ck_assert(nodes_maintain(nodes, ids[0], true, now_ms));
    ck_assert_str_eq(lost, "1");
    take("1AAAAAA");
    nodes_look(nodes, look, now_ms);
    ck_assert_int_eq(look[0].state, NODE_MAINTENANCE);
    ck_assert(look[0].by_operator);
    ck_assert(nodes_maintain(nodes, ids[0], false, now_ms));
    nodes_look(nodes, look, now_ms);
    ck_assert_int_eq(look[0].state, NODE_RECOVERING);
    ck_assert_uint_eq(look[0].share, 100); /* slow start */
    nodes_tick(nodes, now_ms + 60000);
    nodes_look(nodes, look, now_ms + 60000);
    ck_assert_int_eq(look[0].state, NODE_UP);
    ck_assert_uint_eq(look[0].flips, 3);
}
END_TEST

int main(void) {
    Suite *s = suite_create("nodes");
    TCase *t = tcase_create("nodes");

    log_level_set(LOG_LEVEL_ERROR);
    tcase_add_checked_fixture(t, bed_nodes_setup, bed_nodes_teardown);
    tcase_add_loop_test(t, test_choice, 0, sizeof choices / sizeof *choices);
    tcase_add_loop_test(t, test_path, 0, sizeof paths / sizeof *paths);
    tcase_add_loop_test(t, test_memory, 0, sizeof memories / sizeof *memories);
    tcase_add_loop_test(t, test_leaving, 0, sizeof leavings / sizeof *leavings);
    tcase_add_loop_test(t, test_reason, 0, sizeof reasons / sizeof *reasons);
    tcase_add_test(t, test_less_loaded_of_two);
    tcase_add_test(t, test_rebalancing);
    tcase_add_test(t, test_pins);
    tcase_add_test(t, test_addresses);
    tcase_add_test(t, test_snapshots);
    tcase_add_test(t, test_operator);
    suite_add_tcase(s, t);
    return suite_run(s);
}
