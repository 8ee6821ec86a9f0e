/* Which failures go on to the next target, and which one of several the caller hears of. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/hunt.h"
#include "tests/suite.h"

enum { FAILURES = 4 };

static const int codes[] = {408, 500, 502, 503, 504};

static const struct {
    const char *name;
    int count; /* how many of the codes are configured */
    int status;
    bool on;
} hunts[] = {
    {"RFC 3261 21.5.4: 503 is listed", 5, 503, true},
    {"the first of the list", 5, 408, true},
    {"the last of the list", 5, 504, true},
    {"beyond the list's end", 4, 504, false},
    {"an empty list: never", 0, 503, false},
    {"RFC 3261 21.4.18: busy is the user's word", 5, 486, false},
    {"RFC 3261 21.6.2: so is decline", 5, 603, false},
    {"RFC 3261 22.2: a challenge is for the caller", 5, 407, false},
    {"RFC 4028 6: 422 is between neighbours", 5, 422, false},
    {"RFC 3261 14.1: so is 491", 5, 491, false},
    {"RFC 3261 9.1: cancelled is over", 5, 487, false},
    {"RFC 3261 21.3: no redirection", 5, 302, false},
    {"an answer", 5, 200, false},
    {"none yet", 5, 0, false},
};

START_TEST(on) {
    ck_assert_msg(hunt_on(codes, hunts[_i].count, hunts[_i].status) == hunts[_i].on, "%s", hunts[_i].name);
}
END_TEST

static const struct {
    const char *name;
    int status;
    bool may;
} named[] = {
    {"the default", 503, true},
    {"the first", 400, true},
    {"the last", 699, true},
    {"a number that a carrier misses", 404, true},
    {"RFC 3261 21.4.18: the user's word", 480, false},
    {"RFC 3261 21.4.19: busy", 486, false},
    {"RFC 3261 22.2: a challenge", 401, false},
    {"RFC 3261 22.3: a challenge", 407, false},
    {"RFC 3261 21.4.13: a body that nobody understands", 415, false},
    {"RFC 3261 21.4.26: an offer that nobody takes", 488, false},
    {"RFC 4028 6", 422, false},
    {"RFC 3261 9.1: cancelled", 487, false},
    {"RFC 3261 14.1", 491, false},
    {"RFC 3261 21.3: a redirection", 302, false},
    {"an answer", 200, false},
    {"no status", 700, false},
};

START_TEST(may_name) {
    ck_assert_msg(hunt_may_name(named[_i].status) == named[_i].may, "%s", named[_i].name);
}
END_TEST

static const struct {
    const char *name;
    int failures[FAILURES]; /* as they came; 0 ends them */
    int told;
} rows[] = {
    {"none", {0}, 0},
    {"one", {486}, 486},
    {"RFC 3261 16.7 step 6: a 6xx settles it", {486, 302, 603}, 603},
    {"RFC 3261 16.7 step 6: the lowest class", {500, 486, 504}, 486},
    {"RFC 3261 16.7 step 6: 3xx before 4xx", {404, 302}, 302},
    {"RFC 3261 16.7 step 6: within a class any; the first", {486, 404, 480}, 486},
    {"RFC 3261 16.7 step 6: 401 says what to do", {404, 401}, 401},
    {"RFC 3261 16.7 step 6: 407 says what to do", {486, 407}, 407},
    {"RFC 3261 16.7 step 6: 415 says what to do", {480, 415}, 415},
    {"RFC 3261 16.7 step 6: 420 says what to do", {404, 420}, 420},
    {"RFC 3261 16.7 step 6: 484 says what to do", {404, 484}, 484},
    {"RFC 3261 16.7 step 6: but not more than a 6xx", {401, 600}, 600},
    {"RFC 3261 16.7 step 6: a 503 is the last resort", {503, 500}, 500},
    {"a time-out says less than any answer", {408, 500}, 500},
    {"a time-out before a 503", {503, 408}, 408},
    {"RFC 5626 5.3.1: one flow of several is gone", {430, 486}, 486},
    {"no flow is left, and nobody has answered", {430, 430}, 430},
    {"nothing but 503", {503, 503}, 503},
    {"four targets", {503, 408, 480, 486}, 480},
};

/* The first of equals stays; otherwise the order in which they came does not matter. */
START_TEST(better) {
    int told = 0, back = 0;

    for (int i = 0; i < FAILURES && rows[_i].failures[i] != 0; i++)
        told = hunt_better(told, rows[_i].failures[i]);
    ck_assert_msg(told == rows[_i].told, "%s: %d", rows[_i].name, told);
    for (int i = FAILURES - 1; i >= 0; i--)
        back = hunt_better(back, rows[_i].failures[i]);
    ck_assert_msg(back / 100 == told / 100, "%s: backwards: %d", rows[_i].name, back);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("hunt");
    TCase *tc = tcase_create("hunt");

    tcase_add_loop_test(tc, may_name, 0, sizeof named / sizeof *named);
    tcase_add_loop_test(tc, on, 0, sizeof hunts / sizeof *hunts);
    tcase_add_loop_test(tc, better, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
