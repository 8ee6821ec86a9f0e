/* So often in so long, for many keys, in bounded memory. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/windows.h"
#include "tests/suite.h"

enum { EVENTS = 8, PERIOD_MS = 300000 };

/* Eight authorizations in five minutes; the ninth has to wait until the first is five minutes old. */
START_TEST(ninth_waits_for_the_first) {
    struct windows *w = windows_new(10, EVENTS, PERIOD_MS);

    for (uint32_t i = 0; i < EVENTS; i++) {
        ck_assert_uint_eq(windows_wait_ms(w, 7, 1000 + i * 1000), 0);
        ck_assert_uint_eq(windows_add(w, 7, 1000 + i * 1000), i + 1);
    }
    ck_assert_uint_eq(windows_wait_ms(w, 7, 9000), PERIOD_MS - 8000);
    ck_assert_uint_eq(windows_wait_ms(w, 7, 1000 + PERIOD_MS - 1), 1);
    ck_assert_uint_eq(windows_wait_ms(w, 7, 1000 + PERIOD_MS), 0);
    ck_assert_uint_eq(windows_add(w, 7, 1000 + PERIOD_MS), EVENTS);
    ck_assert_uint_eq(windows_wait_ms(w, 7, 1000 + PERIOD_MS), 1000);
    windows_free(w);
}
END_TEST

START_TEST(count_falls_as_time_goes) {
    struct windows *w = windows_new(10, EVENTS, 1000);

    ck_assert_uint_eq(windows_add(w, 1, 0), 1);
    ck_assert_uint_eq(windows_add(w, 1, 500), 2);
    ck_assert_uint_eq(windows_add(w, 1, 1000), 2);
    ck_assert_uint_eq(windows_add(w, 1, 5000), 1);
    windows_free(w);
}
END_TEST

/* More than the ring holds: the latest ones count. */
START_TEST(storm_is_counted_to_the_limit) {
    struct windows *w = windows_new(10, 3, 1000);

    for (uint32_t i = 0; i < 50; i++)
        ck_assert_uint_eq(windows_add(w, 1, i), i < 3 ? i + 1 : 3);
    ck_assert_uint_eq(windows_wait_ms(w, 1, 49), 998);
    windows_free(w);
}
END_TEST

START_TEST(keys_are_apart) {
    struct windows *w = windows_new(4, 2, 1000);

    windows_add(w, 1, 0);
    windows_add(w, 1, 0);
    ck_assert_uint_eq(windows_add(w, 2, 0), 1);
    ck_assert_uint_gt(windows_wait_ms(w, 1, 0), 0);
    ck_assert_uint_eq(windows_wait_ms(w, 2, 0), 0);
    windows_forget(w, 1);
    ck_assert_uint_eq(windows_wait_ms(w, 1, 0), 0);
    windows_forget(w, 99);
    ck_assert_uint_eq(windows_add(w, 2, 0), 2);
    windows_free(w);
}
END_TEST

/* A full table forgets who was quiet for longest. */
START_TEST(quietest_goes_first) {
    struct windows *w = windows_new(3, 2, 1000);

    for (uint64_t key = 1; key <= 3; key++)
        windows_add(w, key, key);
    windows_add(w, 1, 10);
    windows_add(w, 4, 11);
    ck_assert_uint_eq(windows_add(w, 1, 12), 2);
    ck_assert_uint_eq(windows_add(w, 3, 12), 2);
    ck_assert_uint_eq(windows_add(w, 2, 12), 1);
    windows_free(w);
}
END_TEST

/* A generator of the test's own, so that runs are the same everywhere. */
static uint64_t draw(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

/* Against a plain list of all events, with keys that come and go by chance. */
START_TEST(as_a_plain_list_says) {
    enum { STEPS = 20000, KEYS = 20, PERIOD = 50, RING = 5 };
    struct windows *w = windows_new(KEYS, RING, PERIOD);
    static struct { uint64_t key, at_ms; } all[STEPS];
    uint64_t seed = 88172645463325252u;
    int n = 0;

    for (uint64_t now_ms = 1000; n < STEPS; now_ms += draw(&seed) % 3) {
        uint64_t key = draw(&seed) % KEYS * 0x100000001;
        uint32_t want = 1;
        for (int i = n - 1; i >= 0 && all[i].at_ms + PERIOD > now_ms; i--)
            want += all[i].key == key;
        all[n].key = key;
        all[n++].at_ms = now_ms;
        ck_assert_uint_eq(windows_add(w, key, now_ms), want > RING ? RING : want);
    }
    windows_free(w);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("windows");
    TCase *tc = tcase_create("windows");

    tcase_add_test(tc, ninth_waits_for_the_first);
    tcase_add_test(tc, count_falls_as_time_goes);
    tcase_add_test(tc, storm_is_counted_to_the_limit);
    tcase_add_test(tc, keys_are_apart);
    tcase_add_test(tc, quietest_goes_first);
    tcase_add_test(tc, as_a_plain_list_says);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
