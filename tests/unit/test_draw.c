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

/* Who stands first in 1,000 draws; the seeds are fixed, so this repeats exactly. */
static const struct {
    const char *rule;
    int weights[4], count, least[4], most[4];
} shares[] = {
    {"RFC 2782 equal weights: half and half", {10, 10}, 2, {450, 450}, {550, 550}},
    {"2782 four of them", {1, 1, 1, 1}, 4, {210, 210, 210, 210}, {290, 290, 290, 290}},
    {"2782 3 to 1", {3, 1}, 2, {710, 210}, {790, 290}},
    {"2782 the same, however large", {1500000000, 500000000}, 2, {710, 210}, {790, 290}},
};

START_TEST(equals_share_by_weight) {
    int first[4] = {0};

    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct draw_item items[4];
        for (int i = 0; i < shares[_i].count; i++)
            items[i] = (struct draw_item){i, 0, shares[_i].weights[i]};
        draw_order(items, shares[_i].count, seed);
        first[items[0].index]++;
    }
    for (int i = 0; i < shares[_i].count; i++)
        ck_assert_msg(first[i] >= shares[_i].least[i] && first[i] <= shares[_i].most[i], "%s: [%d] %d", shares[_i].rule,
                      i, first[i]);
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

/* The same from the same state, in pieces or at once, and each bit of a byte is set about as often as not. */
START_TEST(bytes_repeat) {
    uint8_t once[2048], pieces[2048];
    uint64_t a = 88172645463325252u, b = a;
    int ones[8] = {0};

    draw_bytes(&a, once, sizeof once);
    for (size_t i = 0; i < sizeof pieces; i += 64)
        draw_bytes(&b, pieces + i, 64);
    ck_assert_mem_eq(once, pieces, sizeof once);
    ck_assert_uint_eq(a, b);
    for (size_t i = 0; i < sizeof once; i++)
        for (int bit = 0; bit < 8; bit++)
            ones[bit] += once[i] >> bit & 1;
    for (int bit = 0; bit < 8; bit++)
        ck_assert_msg(ones[bit] > 900 && ones[bit] < 1150, "bit %d: %d of 2048", bit, ones[bit]);
}
END_TEST

int main(void) {
    Suite *s = suite_create("draw");
    TCase *c = tcase_create("draw");

    suite_add_tcase(s, c);
    tcase_add_loop_test(c, by_preference_and_stable, 0, 16);
    tcase_add_loop_test(c, equals_share_by_weight, 0, sizeof shares / sizeof *shares);
    tcase_add_loop_test(c, weight_0_comes_last, 0, 64);
    tcase_add_test(c, one_and_none);
    tcase_add_test(c, bytes_repeat);
    return suite_run(s);
}
