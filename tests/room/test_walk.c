#include <check.h>

#include "b2bua/trunk/walk.h"
#include "tests/suite.h"

/* Trunk 0 has one target, 1 has three (preferences 0, 1, 1), 2 has 20 equal ones. */
static struct settings_target one[] = {{.weight = 1}};
static struct settings_target three[] = {{.weight = 1}, {.preference = 1, .weight = 1}, {.preference = 1, .weight = 1}};
static struct settings_target many[20];
static struct settings_trunk trunks[] = {
    {.targets = one, .target_count = 1}, {.targets = three, .target_count = 3}, {.targets = many, .target_count = 20}};
static const struct settings s = {.trunks = trunks, .trunk_count = 3};

START_TEST(trunk_by_trunk_then_by_preference) {
    struct route_plan plan = {.count = 2, .hops = {{.trunk = 1}, {.trunk = 0}}};
    static const int trunk[] = {1, 1, 1, 0};
    struct walk w;

    walk_init(&w, &s, &plan, (uint64_t)_i);
    ck_assert_int_eq(w.count, 4);
    for (int i = 0; i < 4; i++) {
        const struct walk_place *at = walk_next(&w);
        ck_assert_int_eq(at->trunk, trunk[i]);
        ck_assert_ptr_eq(walk_current(&w), at);
    }
    ck_assert_int_eq(w.places[0].target, 0);
    ck_assert_int_eq(w.places[1].target + w.places[2].target, 3);
    ck_assert_ptr_null(walk_next(&w));
}
END_TEST

START_TEST(more_than_fit) {
    struct route_plan plan = {.count = 3, .hops = {{.trunk = 2}, {.trunk = 2}, {.trunk = 0}}};
    struct walk w;

    walk_init(&w, &s, &plan, 1);
    ck_assert_int_eq(w.count, WALK_MAX);
    ck_assert_int_eq(w.places[WALK_MAX - 1].trunk, 2);
}
END_TEST

START_TEST(no_trunk) {
    struct route_plan plan = {.count = 0};
    struct walk w;

    walk_init(&w, &s, &plan, 1);
    ck_assert_ptr_null(walk_next(&w));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("walk");
    TCase *c = tcase_create("walk");

    suite_add_tcase(suite, c);
    tcase_add_loop_test(c, trunk_by_trunk_then_by_preference, 0, 32);
    tcase_add_test(c, more_than_fit);
    tcase_add_test(c, no_trunk);
    return suite_run(suite);
}
