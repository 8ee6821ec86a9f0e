/* Which bucket a duration falls into. */
#include <check.h>

#include "b2bua/core/histogram.h"
#include "tests/suite.h"

static const struct {
    const char *name;
    const struct histogram_shape *shape;
    uint64_t ms;
    int bucket;
} rows[] = {
    {"nothing at all", &histogram_setup, 0, 0},
    {"a bound belongs to its bucket", &histogram_setup, 50, 0},
    {"one above it to the next", &histogram_setup, 51, 1},
    {"the last bound", &histogram_setup, 180000, 14},
    {"above all bounds", &histogram_setup, 180001, 15},
    {"no longer than a number goes", &histogram_setup, UINT64_MAX / 2, 15},
    {"refresh at half of 1,800 s refused", &histogram_talk, 900000, 8},
    {"a minute before is none of it", &histogram_talk, 840000, 7},
    {"RFC 4028 10: 32 s before 1,800 s", &histogram_talk, 1768000, 10},
    {"1,800 s itself", &histogram_talk, 1800000, 10},
    {"RFC 4028 10: 32 s before 3,600 s", &histogram_talk, 3568000, 12},
    {"3,600 s itself", &histogram_talk, 3600000, 12},
    {"a day", &histogram_talk, 86400000, 15},
};

START_TEST(one_falls_into_one_bucket) {
    struct histogram h = {0};

    histogram_add(&h, rows[_i].shape, rows[_i].ms);
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
        ck_assert_msg(h.buckets[i] == (i == rows[_i].bucket), "%s: bucket %d", rows[_i].name, i);
    ck_assert_uint_eq(h.sum_ms, rows[_i].ms);
}
END_TEST

START_TEST(bounds_rise) {
    const struct histogram_shape *const shapes[] = {&histogram_setup, &histogram_talk};

    for (int i = 1; i < HISTOGRAM_BUCKETS - 1; i++)
        ck_assert_uint_lt(shapes[_i]->le_ms[i - 1], shapes[_i]->le_ms[i]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("histogram");
    TCase *tc = tcase_create("histogram");

    tcase_add_loop_test(tc, one_falls_into_one_bucket, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(tc, bounds_rise, 0, 2);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
