/* A number for each of many keys, for a while. */
#include <check.h>

#include "b2bua/core/memo.h"
#include "tests/suite.h"

START_TEST(kept_for_a_while) {
    struct memo *m = memo_new(64);
    uint32_t value = 0;

    memo_put(m, 7, 1, 1000);
    ck_assert(memo_get(m, 7, &value, 999) && value == 1);
    ck_assert(!memo_get(m, 7, &value, 1000));
    ck_assert(!memo_get(m, 8, &value, 0));
    memo_put(m, 7, 2, 3000);
    ck_assert(memo_get(m, 7, &value, 2000) && value == 2);
    memo_free(m);
}
END_TEST

/* Who would be forgotten first goes first. */
START_TEST(bounded) {
    struct memo *m = memo_new(4);
    uint32_t value;

    for (uint64_t key = 1; key <= 4; key++)
        memo_put(m, key, 0, 1000 - key);
    memo_put(m, 5, 0, 2000);
    ck_assert(!memo_get(m, 4, &value, 0));
    for (uint64_t key = 1; key <= 5; key++)
        ck_assert(key == 4 || memo_get(m, key, &value, 0));
    for (uint64_t key = 100; key < 10000; key++)
        memo_put(m, key, 0, key);
    ck_assert(memo_get(m, 9999, &value, 0));
    memo_free(m);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("memo");
    TCase *tc = tcase_create("memo");

    tcase_add_test(tc, kept_for_a_while);
    tcase_add_test(tc, bounded);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
