/* What somebody may have meant. */
#include <check.h>

#include "b2bua/core/nearest.h"
#include "tests/suite.h"

static const struct {
    const char *rule, *a, *b;
    int edits;
} pairs[] = {
    {"the same", "status", "status", 0},
    {"case does not count", "Status", "sTATUS", 0},
    {"one more", "calls", "call", 1},
    {"one other", "timers", "tamers", 1},
    {"two changed places", "statsu", "status", 2},
    {"from nothing", "", "abc", 3},
    {"nothing in common", "abc", "xyz", 3},
    {"in the middle", "kitten", "sitting", 3},
};

START_TEST(distance) {
    ck_assert_msg(nearest_edits(str_of(pairs[_i].a), str_of(pairs[_i].b)) == pairs[_i].edits, "%s", pairs[_i].rule);
    ck_assert_msg(nearest_edits(str_of(pairs[_i].b), str_of(pairs[_i].a)) == pairs[_i].edits, "%s", pairs[_i].rule);
}
END_TEST

START_TEST(only_so_many_bytes_count) {
    char a[200], b[200];

    memset(a, 'x', sizeof a);
    memset(b, 'x', sizeof b);
    b[63] = 'y';
    ck_assert_int_eq(nearest_edits((struct str){a, sizeof a}, (struct str){b, sizeof b}), 0);
    b[62] = 'y';
    ck_assert_int_eq(nearest_edits((struct str){a, sizeof a}, (struct str){b, sizeof b}), 1);
}
END_TEST

START_TEST(the_first_of_the_nearest) {
    struct nearest n = {.text = "carier"};

    ck_assert_ptr_null(n.best);
    nearest_try(&n, "callmanager");
    ck_assert_str_eq(n.best, "callmanager");
    nearest_try(&n, "carrier");
    nearest_try(&n, "caries");
    nearest_try(&n, "x");
    ck_assert_str_eq(n.best, "carrier");
    ck_assert_int_eq(n.edits, 1);
}
END_TEST

int main(void) {
    Suite *s = suite_create("nearest");
    TCase *c = tcase_create("nearest");

    suite_add_tcase(s, c);
    tcase_add_loop_test(c, distance, 0, (int)(sizeof pairs / sizeof *pairs));
    tcase_add_test(c, only_so_many_bytes_count);
    tcase_add_test(c, the_first_of_the_nearest);
    return suite_run(s);
}
