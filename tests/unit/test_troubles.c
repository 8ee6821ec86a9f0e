/* What went wrong lately: which ends are troubles, and that the same one is a row. */
#include <check.h>

#include "b2bua/core/troubles.h"
#include "tests/suite.h"

static const struct {
    const char *rule;
    int status;
    enum ending_cause cause;
    bool answered, is;
} rows[] = {
    {"a target refuses", 503, ENDING_REJECTED, false, true},
    {"nobody of that number", 404, ENDING_REJECTED, false, true},
    {"busy is no trouble", 486, ENDING_REJECTED, false, false},
    {"nor is it to decline", 603, ENDING_REJECTED, false, false},
    {"nobody answers", 408, ENDING_TIMEOUT, false, true},
    {"the caller gives up", 487, ENDING_CANCEL, false, false},
    {"full", 503, ENDING_LIMIT, false, true},
    {"hung up", 200, ENDING_BYE, true, false},
    {"moved to another call", 200, ENDING_TRANSFER, true, false},
    {"ended by the operator", 200, ENDING_ADMIN, true, false},
    {"ended by the program", 200, ENDING_DRAIN, true, false},
    {"never acknowledged", 200, ENDING_NO_ACK, true, true},
    {"nobody refreshed", 200, ENDING_REFRESH_MISSED, true, true},
    {"the refresh failed", 200, ENDING_REFRESH_FAILED, true, true},
    {"the peer has lost it", 200, ENDING_TIMEOUT, true, true},
};

START_TEST(which_are) {
    struct trouble t = {.status = rows[_i].status, .cause = rows[_i].cause};

    ck_assert_msg(troubles_is(&t, rows[_i].answered) == rows[_i].is, "%s", rows[_i].rule);
}
END_TEST

static void add(struct troubles *all, int status, uint64_t at_ms, uint64_t call) {
    troubles_add(all, &(struct trouble){.count = 1, .status = status, .at_ms = at_ms, .call = call});
}

START_TEST(the_same_is_one_row) {
    struct troubles all = {.rows = {{0}}};

    add(&all, 503, 10, 1);
    add(&all, 404, 20, 2);
    add(&all, 503, 30, 3);
    add(&all, 503, 25, 4); /* of another worker */
    troubles_sort(&all);
    ck_assert_int_eq(all.rows[0].status, 503);
    ck_assert_uint_eq(all.rows[0].count, 3);
    ck_assert_uint_eq(all.rows[0].at_ms, 30);
    ck_assert_uint_eq(all.rows[0].call, 3);
    ck_assert_int_eq(all.rows[1].status, 404);
    ck_assert_uint_eq(all.rows[2].count, 0);
}
END_TEST

START_TEST(direction_and_cause_count) {
    struct troubles all = {.rows = {{0}}};
    struct trouble t = {.count = 1, .status = 503, .at_ms = 1};

    troubles_add(&all, &t);
    t.outgoing = true;
    troubles_add(&all, &t);
    t.cause = ENDING_LIMIT;
    troubles_add(&all, &t);
    t.by = ENDING_BY_B;
    troubles_add(&all, &t);
    troubles_sort(&all);
    ck_assert_uint_eq(all.rows[3].count, 1);
    ck_assert_uint_eq(all.rows[4].count, 0);
}
END_TEST

START_TEST(the_oldest_makes_room) {
    struct troubles all = {.rows = {{0}}};

    for (int i = 0; i < TROUBLES_MAX + 3; i++)
        add(&all, 500 + i, 100 + (uint64_t)i, 1);
    troubles_sort(&all);
    for (int i = 0; i < TROUBLES_MAX; i++)
        ck_assert_int_eq(all.rows[i].status, 500 + TROUBLES_MAX + 2 - i);
}
END_TEST

int main(void) {
    Suite *s = suite_create("troubles");
    TCase *t = tcase_create("troubles");

    tcase_add_loop_test(t, which_are, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, the_same_is_one_row);
    tcase_add_test(t, direction_and_cause_count);
    tcase_add_test(t, the_oldest_makes_room);
    suite_add_tcase(s, t);
    return suite_run(s);
}
