/* What an operator switches while the program runs. */
#include <check.h>

#include "b2bua/registrar/switches.h"
#include "tests/suite.h"

enum { NOW = 5000, CLIENTS = 10000 };

START_TEST(stun) {
    struct settings on = {.registrar = {.stun = true}}, off = {.registrar = {.stun = false}};
    struct switches s = {0};

    ck_assert(switches_stun(&s, &on));
    ck_assert(!switches_stun(&s, &off));
    switches_set_stun(&s, false);
    ck_assert(!switches_stun(&s, &on));
    switches_set_stun(&s, true);
    ck_assert(switches_stun(&s, &off));
}
END_TEST

START_TEST(maintenance) {
    struct switches s = {0};
    char text[200];

    ck_assert_uint_eq(switches_maintained_ms(&s), 0);
    ck_assert_str_eq(switches_maintenance_lines(&s, "192.0.2.1", text, sizeof text),
                     "Retry-After: 120\r\nWarning: 382 192.0.2.1 \"System in Maintenance Mode\"\r\n");
    switches_maintain(&s, true, 30, NOW);
    switches_maintain(&s, true, 60, NOW + 1000); /* the later Retry-After; the same maintenance */
    ck_assert_uint_eq(switches_maintained_ms(&s), NOW);
    ck_assert_str_eq(switches_maintenance_lines(&s, "sbc.example", text, sizeof text),
                     "Retry-After: 60\r\nWarning: 382 sbc.example \"System in Maintenance Mode\"\r\n");
    switches_maintain(&s, false, 0, NOW + 2000);
    ck_assert_uint_eq(switches_maintained_ms(&s), 0);
}
END_TEST

static int silent(const struct switches *s, uint64_t now_ms) {
    int n = 0;

    for (uint64_t client = 1; client <= CLIENTS; client++)
        n += switches_is_silent(s, client, now_ms);
    return n;
}

/* 2 % of the clients each second, with the tolerance of a draw. */
START_TEST(pace) {
    struct switches s = {0};
    int before = 0;

    ck_assert_int_eq(silent(&s, NOW), 0);
    switches_maintain(&s, true, 120, NOW);
    for (uint64_t second = 1; second <= 50; second++) {
        int now = silent(&s, NOW + second * 1000);
        ck_assert_int_ge(now, before); /* who is told stays told */
        ck_assert_int_le(now - before, CLIENTS * 3 / 100);
        before = now;
    }
    ck_assert_int_eq(before, CLIENTS);
    ck_assert_int_lt(silent(&s, NOW + 1000), CLIENTS * 3 / 100);
    switches_maintain(&s, false, 120, NOW);
    ck_assert_int_eq(silent(&s, NOW + 60000), 0);
}
END_TEST

int main(void) {
    Suite *s = suite_create("switches");
    TCase *t = tcase_create("switches");

    tcase_add_test(t, stun);
    tcase_add_test(t, maintenance);
    tcase_add_test(t, pace);
    suite_add_tcase(s, t);
    return suite_run(s);
}
