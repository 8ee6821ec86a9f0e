#include <check.h>

#include "b2bua/core/draw.h"
#include "tests/suite.h"

START_TEST(by_preference_and_stable) {
    struct draw_item items[] = {{0, 5, 0}, {1, 2, 0}, {2, 2, 0}, {3, 0, 0}, {4, 5, 0}};
    static const int want[] = {3, 1, 2, 0, 4};

    draw_order(items, 5, _i);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(items[i].index, want[i]);
}
END_TEST

START_TEST(equals_share_by_weight) {
    int first = 0;

    for (uint64_t seed = 0; seed < 4000; seed++) {
        struct draw_item items[] = {{0, 0, 3}, {1, 0, 1}};
        draw_order(items, 2, seed);
        first += items[0].index == 0;
    }
    /* Three of four; the seeds are fixed, so this repeats exactly. */
    ck_assert_int_gt(first, 2850);
    ck_assert_int_lt(first, 3150);
}
END_TEST

/* RFC 2782: a weight of 0 has a very small chance beside others; here none. */
START_TEST(weight_0_comes_last) {
    struct draw_item items[] = {{0, 0, 0}, {1, 0, 1}, {2, 0, 0}};

    draw_order(items, 3, (uint64_t)_i);
    ck_assert_int_eq(items[0].index, 1);
}
END_TEST

START_TEST(one_and_none) {
    struct draw_item item = {7, 3, 9};

    draw_order(&item, 1, 1);
    ck_assert_int_eq(item.index, 7);
    draw_order(&item, 0, 1);
    ck_assert_int_eq(item.index, 7);
}
END_TEST

int main(void) {
    Suite *s = suite_create("draw");
    TCase *c = tcase_create("draw");

    suite_add_tcase(s, c);
    tcase_add_loop_test(c, by_preference_and_stable, 0, 16);
    tcase_add_test(c, equals_share_by_weight);
    tcase_add_loop_test(c, weight_0_comes_last, 0, 64);
    tcase_add_test(c, one_and_none);
    return suite_run(s);
}
