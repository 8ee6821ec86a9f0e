/* When a worker has too much to do, and what it does about it. */
#include <check.h>

#include "b2bua/core/overload.h"
#include "tests/suite.h"

static const struct overload_policy policy = {.lag_high_ms = 200, .lag_low_ms = 50, .busy_percent = 95};
static const struct overload_load calm = {.lag_ms = 5, .busy_percent = 10}, late = {.lag_ms = 201, .busy_percent = 10},
                                  busy = {.lag_ms = 5, .busy_percent = 100}, lossy = {.lost = 1, .busy_percent = 10},
                                  between = {.lag_ms = 100, .busy_percent = 10};

static int ticks(struct overload *o, const struct overload_load *load, int count) {
    int turns = 0;

    for (int i = 0; i < count; i++)
        turns += overload_tick(o, &policy, load);
    return turns;
}

/* A share of new work is shed after so many ticks, none one tick before. */
static const struct {
    const char *name;
    const struct overload_load *load;
    int ticks;
} begins[] = {
    {"lag above the mark: three ticks", &late, 3},
    {"datagrams lost: three ticks", &lossy, 3},
};

START_TEST(begin) {
    struct overload o = {0};

    ck_assert_int_eq(ticks(&o, begins[_i].load, begins[_i].ticks - 1), 0);
    ck_assert_uint_eq(o.shed_percent, 0);
    ck_assert_int_eq(ticks(&o, begins[_i].load, 1), 1);
    ck_assert_uint_eq(o.shed_percent, OVERLOAD_RISE_PERCENT);
    ck_assert_uint_eq(o.begun, 1);
}
END_TEST

/* The average has to reach the mark first; then it is 3 s. */
START_TEST(busy_for_three_seconds) {
    struct overload o = {0};
    int n = 0;

    while (o.busy_percent < 95 && n++ < 100)
        ck_assert_int_eq(ticks(&o, &busy, 1), 0);
    ck_assert_int_eq(ticks(&o, &busy, OVERLOAD_BUSY_TICKS - 2), 0);
    ck_assert_int_eq(ticks(&o, &busy, 1), 1);
}
END_TEST

/* One hiccup of the machine is no overload, nor are many with pauses. */
START_TEST(hiccups) {
    struct overload o = {0};

    for (int i = 0; i < 50; i++) {
        ticks(&o, &late, 2);
        ticks(&o, &calm, 1);
    }
    ck_assert_uint_eq(o.shed_percent, 0);
}
END_TEST

/* More with every tick of trouble, up to all; the same between the marks; less when it is calm, until it is over. */
START_TEST(rise_hold_and_fall) {
    struct overload o = {0};

    ticks(&o, &late, 3);
    ticks(&o, &late, 1);
    ck_assert_uint_eq(o.shed_percent, 20);
    ck_assert_int_eq(ticks(&o, &between, 100), 0);
    ck_assert_uint_eq(o.shed_percent, 20);
    ticks(&o, &late, 20);
    ck_assert_uint_eq(o.shed_percent, 100);
    ck_assert_int_eq(ticks(&o, &calm, 49), 0);
    ck_assert_uint_eq(o.shed_percent, 2);
    ck_assert_int_eq(ticks(&o, &calm, 1), -1);
    ck_assert_int_eq(ticks(&o, &calm, 10), 0);
    ck_assert_uint_eq(o.begun, 1);
}
END_TEST

/* Marks of 0 do not matter; datagrams that are lost always do. */
START_TEST(marks_of_zero) {
    static const struct overload_policy none = {0};
    const struct overload_load bad = {.lag_ms = 10000, .busy_percent = 100}, lost = {.lost = 3};
    struct overload o = {0};

    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(overload_tick(&o, &none, &bad), 0);
    for (int i = 0; i < 3; i++)
        overload_tick(&o, &none, &lost);
    ck_assert_uint_eq(o.shed_percent, OVERLOAD_RISE_PERCENT);
    for (int i = 0; i < 5; i++)
        overload_tick(&o, &none, &bad);
    ck_assert_uint_eq(o.shed_percent, 0);
}
END_TEST

START_TEST(share_is_shed) {
    struct overload o = {.shed_percent = 30};
    int shed = 0;

    for (uint64_t key = 1; key <= 1000; key++)
        shed += overload_sheds(&o, key * 0x9e3779b97f4a7c15u, key * 7919);
    ck_assert_int_eq(shed, 300);
    overload_fini(&o);
}
END_TEST

/* A copy of what was turned away is turned away, even when nothing else is any more. */
START_TEST(copies_share_their_fate) {
    struct overload o = {.shed_percent = 50};

    ck_assert(overload_sheds(&o, 0xabcdef0123456789u, 49));
    ck_assert(!overload_sheds(&o, 0x123456789abcdef0u, 50));
    o.shed_percent = 0;
    ck_assert(overload_sheds(&o, 0xabcdef0123456789u, 99));
    ck_assert(!overload_sheds(&o, 0x123456789abcdef0u, 0));
    overload_fini(&o);
}
END_TEST

START_TEST(nothing_is_shed_without_overload) {
    struct overload o = {0};

    for (uint64_t key = 0; key < 200; key++)
        ck_assert(!overload_sheds(&o, key, key));
    ck_assert_ptr_null(o.turned_away);
}
END_TEST

START_TEST(retry_after_is_spread) {
    uint32_t least = 1000, most = 0;

    for (uint64_t i = 0; i < 1000; i++) {
        uint32_t s = overload_retry_s(i * 31);
        least = s < least ? s : least;
        most = s > most ? s : most;
    }
    ck_assert_uint_eq(least, 5);
    ck_assert_uint_eq(most, 30);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("overload");
    TCase *tc = tcase_create("overload");

    tcase_add_loop_test(tc, begin, 0, sizeof begins / sizeof *begins);
    tcase_add_test(tc, busy_for_three_seconds);
    tcase_add_test(tc, hiccups);
    tcase_add_test(tc, rise_hold_and_fall);
    tcase_add_test(tc, marks_of_zero);
    tcase_add_test(tc, share_is_shed);
    tcase_add_test(tc, copies_share_their_fate);
    tcase_add_test(tc, nothing_is_shed_without_overload);
    tcase_add_test(tc, retry_after_is_spread);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
