#include <check.h>
#include <stdlib.h>

#include "dialplan/route.h"
#include "tests/suite.h"

/* Three trunks: 0 has one target, 1 has three (preferences 0, 1, 1), 2 has two equal ones of weights 3 and 1. */
static struct settings_target one[] = {{.weight = 1}};
static struct settings_target three[] = {{.weight = 1}, {.preference = 1, .weight = 1}, {.preference = 1, .weight = 1}};
static struct settings_target two[] = {{.weight = 3}, {.weight = 1}};
static struct settings_trunk trunks[] = {
    {.targets = one, .target_count = 1}, {.targets = three, .target_count = 3}, {.targets = two, .target_count = 2}};

static int from_0[] = {0}, from_1_2[] = {1, 2};
static struct settings_route_to to_1[] = {{.trunk = 1, .weight = 1}};
static struct settings_route_to to_0_then_1[] = {{.trunk = 1, .preference = 5, .weight = 1},
                                                 {.trunk = 0, .preference = 2, .weight = 1}};
static struct settings_route_to to_2[] = {{.trunk = 2, .weight = 1}};

static struct settings settings_of(struct settings_route *routes, int count) {
    return (struct settings){.trunks = trunks, .trunk_count = 3, .routes = routes, .route_count = count};
}

START_TEST(first_route_that_takes_the_trunk) {
    struct settings_route routes[] = {{.name = "a", .from = from_1_2, .from_count = 2, .to = to_2, .to_count = 1},
                                      {.name = "b", .from = from_0, .from_count = 1, .to = to_1, .to_count = 1},
                                      {.name = "c", .to = to_2, .to_count = 1}};
    struct settings s = settings_of(routes, 3);
    struct route_plan plan;

    ck_assert_int_eq(route_find(&s, &(struct route_facts){.trunk = 0}, 1, &plan), 0);
    ck_assert_str_eq(plan.route->name, "b");
    ck_assert_int_eq(route_find(&s, &(struct route_facts){.trunk = 2}, 1, &plan), 0);
    ck_assert_str_eq(plan.route->name, "a");
}
END_TEST

START_TEST(a_route_without_from_takes_all) {
    struct settings_route routes[] = {{.name = "any", .to = to_1, .to_count = 1}};
    struct settings s = settings_of(routes, 1);
    struct route_plan plan;

    ck_assert_int_eq(route_find(&s, &(struct route_facts){.trunk = 2}, 1, &plan), 0);
    ck_assert_str_eq(plan.route->name, "any");
}
END_TEST

START_TEST(nothing_matches_404) {
    struct settings_route routes[] = {{.name = "a", .from = from_0, .from_count = 1, .to = to_1, .to_count = 1}};
    struct settings s = settings_of(routes, 1);
    struct route_plan plan = {.count = -1};

    ck_assert_int_eq(route_find(&s, &(struct route_facts){.trunk = 1}, 1, &plan), 404);
    ck_assert_int_eq(plan.count, -1); /* written only on success */
}
END_TEST

START_TEST(preference_of_the_route_then_of_the_target) {
    struct settings_route routes[] = {{.name = "a", .to = to_0_then_1, .to_count = 2}};
    struct settings s = settings_of(routes, 1);
    struct route_plan plan;

    for (uint64_t seed = 0; seed < 64; seed++) {
        ck_assert_int_eq(route_find(&s, &(struct route_facts){0}, seed, &plan), 0);
        ck_assert_int_eq(plan.count, 4);
        ck_assert_int_eq(plan.targets[0].trunk, 0);
        ck_assert_int_eq(plan.targets[1].trunk, 1);
        ck_assert_int_eq(plan.targets[1].target, 0);
        ck_assert_int_ne(plan.targets[2].target, plan.targets[3].target);
    }
}
END_TEST

START_TEST(equal_preferences_share_by_weight) {
    struct settings_route routes[] = {{.name = "a", .to = to_2, .to_count = 1}};
    struct settings s = settings_of(routes, 1);
    struct route_plan plan;
    int first = 0;

    for (uint64_t seed = 0; seed < 4000; seed++) {
        ck_assert_int_eq(route_find(&s, &(struct route_facts){0}, seed, &plan), 0);
        first += plan.targets[0].target == 0;
    }
    /* Three of four; the seeds are fixed, so this repeats exactly. */
    ck_assert_int_gt(first, 2850);
    ck_assert_int_lt(first, 3150);
}
END_TEST

START_TEST(weight_0_comes_last) {
    struct settings_target zero[] = {{.weight = 0}, {.weight = 1}, {.weight = 0}};
    struct settings_trunk trunk = {.targets = zero, .target_count = 3};
    struct settings_route_to to = {.weight = 1};
    struct settings_route route = {.name = "a", .to = &to, .to_count = 1};
    struct settings s = {.trunks = &trunk, .trunk_count = 1, .routes = &route, .route_count = 1};
    struct route_plan plan;

    for (uint64_t seed = 0; seed < 64; seed++) {
        ck_assert_int_eq(route_find(&s, &(struct route_facts){0}, seed, &plan), 0);
        ck_assert_int_eq(plan.targets[0].target, 1);
    }
}
END_TEST

START_TEST(more_targets_than_a_plan_holds) {
    struct settings_target many[20] = {{0}};
    struct settings_trunk pair[] = {{.targets = many, .target_count = 20}, {.targets = one, .target_count = 1}};
    struct settings_route_to to[] = {
        {.trunk = 0, .preference = 1}, {.trunk = 0, .preference = 2}, {.trunk = 1, .preference = 0}};
    struct settings_route route = {.name = "a", .to = to, .to_count = 3};
    struct settings s = {.trunks = pair, .trunk_count = 2, .routes = &route, .route_count = 1};
    struct route_plan plan;

    ck_assert_int_eq(route_find(&s, &(struct route_facts){0}, 1, &plan), 0);
    ck_assert_int_eq(plan.count, ROUTE_TARGETS_MAX);
    ck_assert_int_eq(plan.targets[0].trunk, 1); /* the preferred one came last and still has its place */
}
END_TEST

int main(void) {
    Suite *s = suite_create("route");
    TCase *c = tcase_create("route");

    suite_add_tcase(s, c);
    tcase_add_test(c, first_route_that_takes_the_trunk);
    tcase_add_test(c, a_route_without_from_takes_all);
    tcase_add_test(c, nothing_matches_404);
    tcase_add_test(c, preference_of_the_route_then_of_the_target);
    tcase_add_test(c, equal_preferences_share_by_weight);
    tcase_add_test(c, weight_0_comes_last);
    tcase_add_test(c, more_targets_than_a_plan_holds);
    return suite_run(s);
}
