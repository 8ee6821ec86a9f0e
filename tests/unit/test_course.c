/* RFC 6076 4.6 and 4.7, since the start and lately. */
#include <check.h>

#include "b2bua/core/course.h"
#include "tests/suite.h"

enum { MINUTE = 60000 };

static const struct {
    const char *rule;
    int status;
    bool answered;
    uint64_t counts[COURSE_KINDS];
} rows[] = {
    {"4.6 200", 200, true, {1, 1, 1}},
    {"4.6 3xx is none", 302, false, {0, 0, 0}},
    {"401 is none: the next INVITE is", 401, false, {0, 0, 0}},
    {"407 likewise", 407, false, {0, 0, 0}},
    {"4.7 480", 480, false, {1, 0, 1}},
    {"4.7 486", 486, false, {1, 0, 1}},
    {"4.7 600", 600, false, {1, 0, 1}},
    {"4.7 603", 603, false, {1, 0, 1}},
    {"4.6 404", 404, false, {1, 0, 0}},
    {"4.6 487", 487, false, {1, 0, 0}},
    {"4.6 503", 503, false, {1, 0, 0}},
    {"no final response at all", 0, false, {1, 0, 0}},
};

START_TEST(what_counts) {
    struct course c = {.all = {0}};
    uint64_t recent[COURSE_KINDS] = {0};

    course_add(&c, rows[_i].status, rows[_i].answered, 7 * MINUTE);
    course_recent(&c, 7 * MINUTE, recent);
    for (int i = 0; i < COURSE_KINDS; i++) {
        ck_assert_msg(c.all[i] == rows[_i].counts[i], "%s: %d", rows[_i].rule, i);
        ck_assert_msg(recent[i] == rows[_i].counts[i], "%s: %d lately", rows[_i].rule, i);
    }
}
END_TEST

static uint64_t recent_at(const struct course *c, uint64_t now_ms) {
    uint64_t recent[COURSE_KINDS] = {0};

    course_recent(c, now_ms, recent);
    return recent[COURSE_CALLS];
}

START_TEST(fifteen_minutes) {
    struct course c = {.all = {0}};

    ck_assert_uint_eq(recent_at(&c, 0), 0);
    for (int i = 0; i < 40; i++)
        course_add(&c, 200, true, (uint64_t)i * MINUTE);
    ck_assert_uint_eq(recent_at(&c, 39 * MINUTE), 15);
    ck_assert_uint_eq(recent_at(&c, 40 * MINUTE - 1), 15);
    ck_assert_uint_eq(recent_at(&c, 40 * MINUTE), 14);
    ck_assert_uint_eq(recent_at(&c, 53 * MINUTE), 1);
    ck_assert_uint_eq(recent_at(&c, 54 * MINUTE), 0);
    ck_assert_uint_eq(c.all[COURSE_CALLS], 40);
    course_add(&c, 200, true, 100 * MINUTE);
    ck_assert_uint_eq(recent_at(&c, 100 * MINUTE), 1);
}
END_TEST

int main(void) {
    Suite *s = suite_create("course");
    TCase *t = tcase_create("course");

    tcase_add_loop_test(t, what_counts, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, fifteen_minutes);
    suite_add_tcase(s, t);
    return suite_run(s);
}
