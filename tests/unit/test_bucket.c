/* So many a second, told by a clock that the test moves. */
#include <check.h>

#include "b2bua/core/bucket.h"
#include "tests/suite.h"

/* How many of `tries` are let through when one comes every `gap_ms`. */
static int let_through(struct bucket *b, uint32_t per_second, int tries, uint64_t gap_ms, uint64_t *now_ms) {
    int n = 0;

    for (int i = 0; i < tries; i++, *now_ms += gap_ms)
        n += bucket_take(b, per_second, *now_ms);
    return n;
}

static const struct {
    const char *name;
    uint32_t per_second;
    int tries;
    uint64_t gap_ms;
    int through;
} rows[] = {
    {"no limit", 0, 1000, 0, 1000},
    {"one second's worth at once", 10, 100, 0, 10},
    {"at the rate all pass", 10, 100, 100, 100},
    {"at twice the rate: the store, then every other one", 10, 100, 50, 59},
    {"one a second", 1, 10, 500, 5},
    {"below the rate all pass", 1, 5, 1500, 5},
    {"a large rate in steps of a millisecond", 2000, 3000, 0, 2000},
};

START_TEST(rates) {
    struct bucket b = {0};
    uint64_t now_ms = 1000000;
    int n = let_through(&b, rows[_i].per_second, rows[_i].tries, rows[_i].gap_ms, &now_ms);

    ck_assert_msg(n == rows[_i].through, "%s: %d", rows[_i].name, n);
}
END_TEST

START_TEST(one_is_back_after_its_share_of_a_second) {
    struct bucket b = {0};
    uint64_t now_ms = 5000;

    ck_assert_int_eq(let_through(&b, 3, 4, 0, &now_ms), 3);
    ck_assert(!bucket_take(&b, 3, now_ms + 333));
    ck_assert(bucket_take(&b, 3, now_ms + 334));
}
END_TEST

/* A reload lowers the limit while the bucket is empty: it must not stay shut for longer than the new rate says. */
START_TEST(lower_rate_owes_one_second_at_most) {
    struct bucket b = {0};
    uint64_t now_ms = 5000;

    ck_assert_int_eq(let_through(&b, 1000, 1000, 0, &now_ms), 1000);
    ck_assert(!bucket_take(&b, 2, now_ms));
    ck_assert(!bucket_take(&b, 2, now_ms + 499));
    ck_assert(bucket_take(&b, 2, now_ms + 500));
}
END_TEST

START_TEST(time_that_stands_gives_nothing_back) {
    struct bucket b = {0};
    uint64_t now_ms = 5000;

    ck_assert_int_eq(let_through(&b, 2, 2, 0, &now_ms), 2);
    ck_assert(!bucket_take(&b, 2, now_ms));
    ck_assert(!bucket_take(&b, 2, now_ms - 4000));
    ck_assert(!bucket_take(&b, 2, now_ms));
}
END_TEST

START_TEST(what_is_used) {
    struct bucket b = {0};

    ck_assert_uint_eq(bucket_used(&b, 10, 1000), 0);
    for (int i = 0; i < 5; i++)
        bucket_take(&b, 10, 1000);
    ck_assert_uint_eq(bucket_used(&b, 10, 1000), 5);
    ck_assert_uint_eq(bucket_used(&b, 10, 1150), 4);
    ck_assert_uint_eq(bucket_used(&b, 10, 2000), 0);
    ck_assert_uint_eq(bucket_used(&b, 2, 1000), 2);
    ck_assert_uint_eq(bucket_used(&b, 0, 1000), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bucket");
    TCase *tc = tcase_create("bucket");

    tcase_add_loop_test(tc, rates, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tc, one_is_back_after_its_share_of_a_second);
    tcase_add_test(tc, lower_rate_owes_one_second_at_most);
    tcase_add_test(tc, time_that_stands_gives_nothing_back);
    tcase_add_test(tc, what_is_used);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
