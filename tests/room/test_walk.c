/* Which places are tried, and in what order. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/trunk/walk.h"
#include "tests/suite.h"

enum { NOW = 1000000, DRAWS = 1000 };

/* --- trunks made of text --- */

static struct settings_listen listens[] = {{.proto = FLOW_UDP, .bind = {.family = 4}},
                                           {.proto = FLOW_TCP, .bind = {.family = 4}}};

static struct settings_target targets[3][3] = {
    {{.uri = "sip:a0", .weight = 1}, {.uri = "sip:a1", .weight = 1, .preference = 1}},
    {{.uri = "sip:b0", .weight = 3}, {.uri = "sip:b1", .weight = 1}},
    {{.uri = "sip:c0", .weight = 1}},
};

static struct settings_trunk trunks[] = {
    {.name = "a", .slot = 0, .targets = targets[0], .target_count = 2, .listens = {0}, .listen_count = 1},
    {.name = "b", .slot = 1, .targets = targets[1], .target_count = 2, .listens = {0, 1}, .listen_count = 2},
    {.name = "c", .slot = 2, .targets = targets[2], .target_count = 1, .listens = {0}, .listen_count = 1},
    {.name = "nobody", .slot = 3, .listens = {0}, .listen_count = 1},
};

static struct settings settings = {.listens = listens, .listen_count = 2, .trunks = trunks, .trunk_count = 4};
static struct pool *pool;

/* One place is a letter and a digit: trunk, target, then the last number of its address: "a01" is 127.0.0.1. */
static void at(struct pool_address *out, int last, enum flow_proto proto, uint32_t priority, uint32_t weight) {
    *out = (struct pool_address){.proto = proto, .priority = priority, .weight = weight};
    out->addr = (struct addr){.family = 4, .port = 5060, .ip = {127, 0, 0, (uint8_t)last}};
}

static void put(int trunk, int target, int last) {
    struct pool_address a;

    at(&a, last, FLOW_UDP, 0, 0);
    pool_publish(pool, trunks[trunk].slot, targets[trunk][target].uri, &a, 1, NULL, NOW);
}

static void setup(void) {
    pool = pool_new(7);
    for (int i = 0; i < 4; i++)
        trunks[i].keepalive = (struct settings_keepalive){KEEPALIVE_OPTIONS, 60, 30, 1, 503};
    pool_adopt(pool, &settings, NOW);
    put(0, 0, 1);
    put(0, 1, 2);
    put(1, 0, 3);
    put(1, 1, 4);
    put(2, 0, 5);
}

static void teardown(void) {
    pool_free(pool);
}

static uint32_t id_of(int trunk, int last) {
    struct pool_place places[POOL_PLACES_MAX];
    int n = pool_places(pool, &trunks[trunk], places);

    for (int i = 0; i < n; i++)
        if (places[i].addr.ip[3] == last)
            return places[i].id;
    ck_abort_msg("no place %d", last);
    return 0;
}

static void hear(int trunk, int last, enum health_evidence e) {
    pool_heard(pool, trunks[trunk].slot, id_of(trunk, last), e, NOW);
}

static void walk_hops(struct walk *w, const char *hops, uint64_t seed) {
    struct route_plan plan = {.count = 0};

    for (; *hops != '\0'; hops++)
        plan.hops[plan.count++].trunk = *hops == 'n' ? 3 : *hops - 'a';
    walk_init(w, pool, &settings, &plan, seed);
}

/* The last numbers of the addresses, in order. */
static const char *order(struct walk *w, char *buf) {
    const struct walk_place *p;
    char *to = buf;

    while ((p = walk_next(w)) != NULL) {
        ck_assert_ptr_eq(walk_current(w), p);
        *to++ = (char)('0' + p->flow.peer.ip[3]);
    }
    *to = '\0';
    return buf;
}

/* --- rows --- */

static const struct {
    const char *name, *hops;
    const char *heard; /* trunk, place, what: d down, s suspect, r recovering; a blank between */
    const char *order;
} rows[] = {
    {"by the targets' preference", "a", "", "12"},
    {"trunk by trunk", "ac", "", "125"},
    {"the plan's order", "ca", "", "512"},
    {"up before suspect, whatever the preference", "a", "a1s", "21"},
    {"up before recovering", "a", "a1r", "21"},
    {"both in doubt: by preference again", "a", "a1s a2r", "12"},
    {"what is down is left out, as first and as next choice", "a", "a1d", "2"},
    {"a trunk that is down is left out", "ac", "a1d a2d", "5"},
    {"all is down", "ac", "a1d a2d c5d", ""},
    {"a trunk without targets", "nc", "", "5"},
    {"no trunk", "", "", ""},
};

static void hear_all(const char *heard) {
    for (; *heard != '\0'; heard += heard[3] == ' ' ? 4 : 3) {
        int trunk = heard[0] - 'a', last = heard[1] - '0';
        hear(trunk, last, heard[2] == 's' ? HEALTH_CALL_503 : HEALTH_PROBE_SILENT);
        if (heard[2] != 'r')
            continue;
        trunks[trunk].keepalive.retries = 2;
        pool_adopt(pool, &settings, NOW);
        hear(trunk, last, HEALTH_PROBE_ANSWERED);
    }
}

START_TEST(ordered) {
    struct walk w;
    char buf[64];

    hear_all(rows[_i].heard);
    for (uint64_t seed = 0; seed < 20; seed++) {
        walk_hops(&w, rows[_i].hops, seed);
        ck_assert_msg(strcmp(order(&w, buf), rows[_i].order) == 0, "%s: %s", rows[_i].name, buf);
        ck_assert(!walk_has_next(&w) && walk_next(&w) == NULL);
    }
}
END_TEST

START_TEST(busy_is_said) {
    struct walk w;
    char buf[64];

    walk_hops(&w, "ca", 1);
    order(&w, buf);
    ck_assert_int_eq(w.busy, -1);
    hear_all("a1d a2d c5d");
    walk_hops(&w, "nca", 1);
    ck_assert_str_eq(order(&w, buf), "");
    ck_assert_msg(w.busy == 2, "the first that has targets, and none of them up");
    ck_assert(pool_busy(pool, &trunks[0]) && pool_busy(pool, &trunks[2]));
    ck_assert(!pool_busy(pool, &trunks[1]) && !pool_busy(pool, &trunks[3]));
}
END_TEST

START_TEST(failed_in_this_walk_comes_last) {
    struct walk w;
    char buf[64];

    put(2, 0, 1); /* trunk c is at the first place of a, too */
    struct pool_address two[2];
    at(&two[0], 1, FLOW_UDP, 0, 0);
    at(&two[1], 6, FLOW_UDP, 1, 0);
    pool_publish(pool, trunks[2].slot, "sip:c0", two, 2, NULL, NOW);
    walk_hops(&w, "ac", 1);
    ck_assert_int_eq(walk_next(&w)->flow.peer.ip[3], 1);
    walk_failed(&w);
    ck_assert_str_eq(order(&w, buf), "261");
}
END_TEST

/* What happens while the first trunk is tried counts for the second. */
START_TEST(looks_late) {
    struct walk w;
    char buf[64];

    walk_hops(&w, "ca", 1);
    ck_assert_int_eq(walk_next(&w)->flow.peer.ip[3], 5);
    hear(0, 1, HEALTH_PROBE_SILENT);
    ck_assert(walk_has_next(&w));
    ck_assert_msg(walk_current(&w)->flow.peer.ip[3] == 5, "looking ahead changes nothing");
    ck_assert_str_eq(order(&w, buf), "2");
}
END_TEST

/* RFC 2782: weights 3 and 1. */
START_TEST(weights_of_targets) {
    int first[10] = {0};

    for (uint64_t i = 0; i < DRAWS; i++) {
        struct walk w;
        walk_init_trunk(&w, pool, &settings, 1, i * 0x9e3779b97f4a7c15u);
        first[walk_next(&w)->flow.peer.ip[3]]++;
        ck_assert(walk_next(&w) != NULL && walk_next(&w) == NULL);
    }
    ck_assert_msg(first[3] > 700 && first[3] < 800, "%d", first[3]);
}
END_TEST

/* RFC 2782: priority first, then weight; the second target only after all addresses of the first. */
START_TEST(addresses_of_a_target) {
    struct pool_address list[3];
    int first[10] = {0};

    at(&list[0], 7, FLOW_UDP, 10, 1);
    at(&list[1], 8, FLOW_UDP, 0, 1);
    at(&list[2], 9, FLOW_UDP, 0, 1);
    pool_publish(pool, trunks[0].slot, "sip:a0", list, 3, NULL, NOW);
    for (uint64_t i = 0; i < DRAWS; i++) {
        struct walk w;
        char buf[64];
        walk_init_trunk(&w, pool, &settings, 0, i * 0x9e3779b97f4a7c15u);
        order(&w, buf);
        ck_assert_msg(strcmp(buf, "8972") == 0 || strcmp(buf, "9872") == 0, "%s", buf);
        first[buf[0] - '0']++;
    }
    ck_assert_msg(first[8] > 400 && first[8] < 600, "%d", first[8]);
}
END_TEST

START_TEST(only_where_a_listener_reaches) {
    struct pool_address list[2];
    struct walk w;
    char buf[64];

    at(&list[0], 7, FLOW_TCP, 0, 1);
    at(&list[1], 8, FLOW_UDP, 1, 1);
    pool_publish(pool, trunks[0].slot, "sip:a0", list, 2, NULL, NOW);
    pool_publish(pool, trunks[1].slot, "sip:b0", list, 2, NULL, NOW);
    walk_init_trunk(&w, pool, &settings, 0, 1);
    ck_assert_msg(strcmp(order(&w, buf), "82") == 0, "trunk a has no TCP: %s", buf);
    walk_init_trunk(&w, pool, &settings, 1, 1);
    ck_assert_ptr_nonnull(strchr(order(&w, buf), '7'));
}
END_TEST

/* Who knows better says which, and in which order. */
START_TEST(places_given) {
    struct walk_place places[3] = {{.trunk = 1, .target = -1}, {.trunk = 0, .target = 1}, {.trunk = 1, .target = -1}};
    struct walk w;
    char buf[64];

    for (int i = 0; i < 3; i++)
        places[i].flow.peer.ip[3] = (uint8_t)(3 - i);
    walk_init_places(&w, pool, &settings, places, 3);
    ck_assert(walk_has_next(&w));
    ck_assert_str_eq(order(&w, buf), "321");
    ck_assert_int_eq(walk_current(&w)->target, -1);
    ck_assert(!walk_has_next(&w));
}
END_TEST

START_TEST(one_place_written_twice) {
    struct walk w;
    char buf[64];

    put(0, 1, 1);
    walk_init_trunk(&w, pool, &settings, 0, 1);
    ck_assert_str_eq(order(&w, buf), "1");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("walk");
    TCase *tc = tcase_create("walk");

    log_level_set(LOG_LEVEL_ERROR);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, ordered, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tc, busy_is_said);
    tcase_add_test(tc, failed_in_this_walk_comes_last);
    tcase_add_test(tc, looks_late);
    tcase_add_test(tc, weights_of_targets);
    tcase_add_test(tc, addresses_of_a_target);
    tcase_add_test(tc, only_where_a_listener_reaches);
    tcase_add_test(tc, places_given);
    tcase_add_test(tc, one_place_written_twice);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
