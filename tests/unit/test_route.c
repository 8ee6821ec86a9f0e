#include <check.h>

#include <stdlib.h>

#include "dialplan/index.h"
#include "dialplan/route.h"
#include "dialplan/rules.h"
#include "tests/suite.h"

static struct settings_trunk trunks[3];
static int from_0[] = {0}, from_1_2[] = {1, 2};
static struct settings_route_to to_1[] = {{.trunk = 1, .weight = 1}};
static struct settings_route_to to_2[] = {{.trunk = 2, .weight = 1}};
static struct settings_route_to to_0_then_1[] = {{.trunk = 1, .preference = 5, .weight = 1},
                                                 {.trunk = 0, .preference = 2, .weight = 1}};
static struct route_ctx *ctx;

static struct route_plan plan_of(struct settings_route *routes, int count, int trunk, uint64_t seed) {
    struct settings s = {.trunks = trunks, .trunk_count = 3, .routes = routes, .route_count = count};
    struct route_facts f = {.trunk = trunk, .called = STR("100")};
    struct route_plan plan;

    route_find(ctx, &s, &f, seed, &plan);
    return plan;
}

START_TEST(first_route_that_takes_the_trunk) {
    struct settings_route routes[] = {{.name = "a", .from = from_1_2, .from_count = 2, .to = {to_2, 1}},
                                      {.name = "b", .from = from_0, .from_count = 1, .to = {to_1, 1}},
                                      {.name = "c", .to = {to_2, 1}}};

    ck_assert_str_eq(plan_of(routes, 3, 0, 1).route->name, "b");
    ck_assert_str_eq(plan_of(routes, 3, 2, 1).route->name, "a");
}
END_TEST

START_TEST(a_route_without_from_takes_all) {
    struct settings_route routes[] = {{.name = "any", .to = {to_1, 1}}};
    struct route_plan plan = plan_of(routes, 1, 2, 1);

    ck_assert_str_eq(plan.route->name, "any");
    ck_assert_int_eq(plan.status, 0);
    ck_assert(str_eq(plan.called, STR("100")));
}
END_TEST

START_TEST(nothing_matches_404) {
    struct settings_route routes[] = {{.name = "a", .from = from_0, .from_count = 1, .to = {to_1, 1}}};
    struct route_plan plan = plan_of(routes, 1, 1, 1);

    ck_assert_int_eq(plan.status, 404);
    ck_assert_ptr_null(plan.route);
    ck_assert_int_eq(plan.count, 0);
}
END_TEST

START_TEST(trunks_by_preference) {
    struct settings_route routes[] = {{.name = "a", .to = {to_0_then_1, 2}}};
    struct route_plan plan = plan_of(routes, 1, 0, (uint64_t)_i);

    ck_assert_int_eq(plan.count, 2);
    ck_assert_int_eq(plan.hops[0].trunk, 0);
    ck_assert_int_eq(plan.hops[0].preference, 2);
    ck_assert_int_eq(plan.hops[1].trunk, 1);
}
END_TEST

START_TEST(no_trunk_twice) {
    struct settings_route_to to[] = {{.trunk = 2, .preference = 7}, {.trunk = 1, .preference = 3}, {.trunk = 2}};
    struct settings_route routes[] = {{.name = "a", .to = {to, 3}}};
    struct route_plan plan = plan_of(routes, 1, 0, 1);

    ck_assert_int_eq(plan.count, 2);
    ck_assert_int_eq(plan.hops[0].trunk, 2); /* where it is preferred */
    ck_assert_int_eq(plan.hops[0].preference, 0);
    ck_assert_int_eq(plan.hops[1].trunk, 1);
}
END_TEST

/* --- groups and turns --- */

static struct route_plan plan_with(const struct settings *s, uint64_t seed, bool trial) {
    struct route_facts f = {.trunk = 0, .called = STR("100"), .trial = trial};
    struct route_plan plan;

    route_find(ctx, s, &f, seed, &plan);
    return plan;
}

START_TEST(round_robin) {
    struct settings_route_to to[] = {{.trunk = 0}, {.trunk = 1, .weight = 9}, {.trunk = 2, .preference = 1}};
    atomic_uint turn = 0;
    struct settings_route routes[] = {{.name = "a", .to = {to, 3, SPREAD_ROUND_ROBIN, &turn}}};
    struct settings s = {.trunks = trunks, .trunk_count = 3, .routes = routes, .route_count = 1};

    for (int i = 0; i < 6; i++) {
        struct route_plan asked = plan_with(&s, (uint64_t)i, true), plan = plan_with(&s, (uint64_t)i, false);
        ck_assert_int_eq(asked.hops[0].trunk, i % 2); /* asking changes nothing */
        ck_assert_int_eq(plan.hops[0].trunk, i % 2);  /* the weight neither */
        ck_assert_int_eq(plan.hops[1].trunk, 1 - i % 2);
        ck_assert_int_eq(plan.hops[2].trunk, 2);
    }
}
END_TEST

START_TEST(group_in_its_place) {
    struct settings_route_to in_group[] = {{.trunk = 0, .preference = 9}, {.trunk = 1, .preference = 8}};
    struct settings_group groups[] = {{.name = "g", .to = {in_group, 2}}};
    struct settings_route_to to[] = {
        {.trunk = 2, .preference = 2}, {.is_group = true, .preference = 1}, {.trunk = 1, .preference = 3}};
    struct settings_route routes[] = {{.name = "a", .to = {to, 3}}};
    struct settings s = {
        .trunks = trunks, .trunk_count = 3, .routes = routes, .route_count = 1, .groups = groups, .group_count = 1};
    struct route_plan plan = plan_with(&s, 1, false);

    ck_assert_int_eq(plan.count, 3);
    ck_assert_int_eq(plan.hops[0].trunk, 1);
    ck_assert_ptr_eq(plan.hops[0].group, groups);
    ck_assert_int_eq(plan.hops[1].trunk, 0);
    ck_assert_int_eq(plan.hops[2].trunk, 2);
    ck_assert_ptr_null(plan.hops[2].group);
}
END_TEST

/* --- the index leads where trying all would --- */

static uint32_t drawn(uint32_t *x, uint32_t n) {
    *x = *x * 1664525 + 1013904223;
    return (*x >> 16) % n;
}

/* A pattern of a few characters; now and then a regular expression. */
static struct str random_pattern(uint32_t *x, char *buf, size_t size) {
    static const char *const pieces[] = {"0", "1", "2", "12", "01", ".", "[1-2]", "(01)", "(1)?", "2%", "0+"};
    static const char *const expressions[] = {"0", "1", "2", "12", "01", ".", "[12]", "(01|2)", "1?", "2*", "\\d"};
    struct sbuf b = sbuf_on(buf, size);
    bool expression = drawn(x, 4) == 0;

    sbuf_puts(&b, expression ? "^" : "");
    for (uint32_t i = 0, n = 1 + drawn(x, 5); i < n; i++)
        sbuf_puts(&b, (expression ? expressions : pieces)[drawn(x, 11)]);
    sbuf_puts(&b, drawn(x, 3) == 0 ? "$" : "");
    return sbuf_str(&b);
}

enum { RANDOM_ROUTES = 400, RANDOM_CALLS = 2000 };

static void random_routes(struct settings_route *routes, uint32_t *x) {
    for (int i = 0; i < RANDOM_ROUTES; i++) {
        struct dial_problem why;
        char text[64];
        routes[i] = (struct settings_route){.name = "r", .priority = (int)drawn(x, 3), .rules = rules_new()};
        if (drawn(x, 4) == 0) {
            routes[i].from = from_0;
            routes[i].from_count = 1;
        }
        if (drawn(x, 50) == 0)
            continue; /* no condition on the number */
        int result = number_test_init(&routes[i].rules->called, random_pattern(x, text, sizeof text), &why);
        ck_assert_msg(result == 0, "%s", why.wrong);
    }
}

START_TEST(index_leads_where_trying_all_would) {
    struct settings_route *routes = mem_zalloc(sizeof *routes * RANDOM_ROUTES);
    struct settings s = {.trunks = trunks, .trunk_count = 3, .routes = routes, .route_count = RANDOM_ROUTES};
    uint32_t x = (uint32_t)_i + 1;
    struct route_plan fast, slow;

    random_routes(routes, &x);
    for (int i = 0; i < RANDOM_CALLS; i++) {
        char number[9];
        size_t n = drawn(&x, sizeof number);
        for (size_t j = 0; j < n; j++)
            number[j] = "0120120123x"[drawn(&x, 11)];
        struct route_facts f = {.trunk = (int)drawn(&x, 2), .called = {number, n}};
        s.index = i == 0 ? route_index_new(&s) : s.index;
        route_find(ctx, &s, &f, 1, &fast);
        struct route_index *index = s.index;
        s.index = NULL;
        route_find(ctx, &s, &f, 1, &slow);
        s.index = index;
        ck_assert_msg(fast.route == slow.route && fast.literals == slow.literals, "seed %d: %.*s from %d", _i, (int)n,
                      number, f.trunk);
    }
    route_index_free(s.index);
    for (int i = 0; i < RANDOM_ROUTES; i++)
        rules_free(routes[i].rules);
    free(routes);
}
END_TEST

/* --- bounds --- */

static int asked;

static bool endless(const void *message, struct str name, const void **cursor, struct str *value) {
    (void)message, (void)name;
    *cursor = value;
    *value = STR("red");
    asked++;
    return true;
}

START_TEST(a_message_full_of_one_header) {
    struct route_rules *rules = rules_new();
    struct settings_route routes[] = {{.name = "a", .rules = rules, .to = {to_1, 1}}};
    struct settings s = {.trunks = trunks, .trunk_count = 3, .routes = routes, .route_count = 1};
    struct route_facts f = {.header = endless};
    struct dial_problem why;
    struct route_plan plan;

    rules->header = str_dup(STR("X-Colour"));
    ck_assert_int_eq(rules_expr_init(&rules->header_value, STR("^blue$"), &why), 0);
    route_find(ctx, &s, &f, 1, &plan);
    ck_assert_int_eq(plan.status, 404);
    ck_assert_int_eq(asked, 64);
    f.header = NULL;
    route_find(ctx, &s, &f, 1, &plan);
    ck_assert_int_eq(plan.status, 404);
    rules_free(rules);
}
END_TEST

START_TEST(an_expression_that_runs_away) {
    struct route_rules *rules = rules_new();
    struct settings_route routes[] = {{.name = "a", .rules = rules, .to = {to_1, 1}}};
    struct settings s = {.trunks = trunks, .trunk_count = 3, .routes = routes, .route_count = 1};
    struct route_facts f = {.called = STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")};
    struct dial_problem why;
    struct route_plan plan;

    ck_assert_int_eq(number_test_init(&rules->called, STR("^(a|aa)+$"), &why), 0);
    route_find(ctx, &s, &f, 1, &plan);
    ck_assert_int_eq(plan.status, 404);
    ck_assert(plan.cut);
    rules_free(rules);
}
END_TEST

/* A user that is too long to be a number is matched, and never translated. */
START_TEST(a_long_user) {
    struct route_rules *rules = rules_new();
    struct settings_route routes[] = {{.name = "a", .rules = rules, .to = {to_1, 1}}};
    struct settings s = {.trunks = trunks, .trunk_count = 3, .routes = routes, .route_count = 1};
    char user[ROUTE_NUMBER_MAX + 1];
    struct dial_problem why;
    struct route_plan plan;

    memset(user, '1', sizeof user);
    ck_assert_int_eq(number_test_init(&rules->called, STR("1"), &why), 0);
    rules->translate[NUMBER_CALLED] = translate_new();
    ck_assert_int_eq(translate_add(rules->translate[NUMBER_CALLED], STR("s/^1/2/"), &why), 0);
    for (size_t n = sizeof user - 1; n <= sizeof user; n++) {
        struct route_facts f = {.called = {user, n}};
        route_find(ctx, &s, &f, 1, &plan);
        ck_assert_int_eq(plan.status, 0);
        ck_assert_uint_eq(plan.called.n, n);
        ck_assert_int_eq(plan.called.p[0], n == ROUTE_NUMBER_MAX ? '2' : '1');
    }
    rules_free(rules);
}
END_TEST

int main(void) {
    Suite *s = suite_create("route");
    TCase *c = tcase_create("route");

    ctx = route_ctx_new();
    suite_add_tcase(s, c);
    tcase_add_test(c, first_route_that_takes_the_trunk);
    tcase_add_test(c, a_route_without_from_takes_all);
    tcase_add_test(c, nothing_matches_404);
    tcase_add_loop_test(c, trunks_by_preference, 0, 16);
    tcase_add_test(c, no_trunk_twice);
    tcase_add_test(c, round_robin);
    tcase_add_test(c, group_in_its_place);
    tcase_add_loop_test(c, index_leads_where_trying_all_would, 0, 8);
    tcase_add_test(c, a_message_full_of_one_header);
    tcase_add_test(c, an_expression_that_runs_away);
    tcase_add_test(c, a_long_user);
    int failed = suite_run(s);
    route_ctx_free(ctx);
    return failed;
}
