#include <check.h>

#include "dialplan/route.h"
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
    int failed = suite_run(s);
    route_ctx_free(ctx);
    return failed;
}
