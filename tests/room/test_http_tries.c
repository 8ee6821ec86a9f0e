/* Who has shown too many wrong tokens, told by a clock that the test moves. */
#include <check.h>
#include <stdio.h>

#include "b2bua/admin/http_tries.h"
#include "tests/suite.h"

static struct http_tries tries;

static struct addr from(const char *text) {
    struct addr a;

    ck_assert_int_eq(addr_parse(&a, str_of(text)), 0);
    return a;
}

static unsigned wait_s(const char *who, uint64_t now_ms) {
    struct addr a = from(who);

    return http_tries_wait_s(&tries, &a, now_ms);
}

static void wrong(const char *who, int times, uint64_t now_ms) {
    struct addr a = from(who);

    for (int i = 0; i < times; i++)
        http_tries_failed(&tries, &a, now_ms);
}

static void set_up(void) {
    tries = (struct http_tries){0};
}

START_TEST(the_fourth_is_one_too_many) {
    wrong("192.0.2.1:1000", HTTP_TRIES_MAX - 1, 1000);
    ck_assert_uint_eq(wait_s("192.0.2.1:1001", 1000), 0);
    wrong("192.0.2.1:1002", 1, 2000);
    ck_assert_uint_eq(wait_s("192.0.2.1:1003", 2000), 59);
    ck_assert_uint_eq(wait_s("192.0.2.1", 60999), 1);
    ck_assert_uint_eq(wait_s("192.0.2.1", 61000), 0);
    ck_assert_uint_eq(wait_s("192.0.2.2", 2000), 0);
}
END_TEST

START_TEST(a_minute_later_it_counts_anew) {
    wrong("192.0.2.1", HTTP_TRIES_MAX - 1, 1000);
    wrong("192.0.2.1", HTTP_TRIES_MAX - 1, 61000);
    ck_assert_uint_eq(wait_s("192.0.2.1", 61000), 0);
}
END_TEST

START_TEST(one_network_of_ipv6_is_one) {
    wrong("2001:db8::1", 2, 0);
    wrong("2001:db8::ffff:2", 2, 0);
    ck_assert_uint_eq(wait_s("2001:db8::3", 0), 60);
    ck_assert_uint_eq(wait_s("2001:db8:0:1::3", 0), 0);
}
END_TEST

/* More than there is room for: the latest are known, and nothing is written beyond the table. */
START_TEST(the_oldest_gives_way) {
    char who[32];

    for (unsigned i = 0; i < 4 * HTTP_TRIES_ADDRESSES; i++) {
        snprintf(who, sizeof who, "198.51.%u.%u", i / 250, i % 250);
        wrong(who, HTTP_TRIES_MAX, 1 + i);
    }
    ck_assert_uint_eq(wait_s(who, 1000), 60);
    ck_assert_uint_eq(wait_s("198.51.0.0", 1000), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("http_tries");
    TCase *tc = tcase_create("http_tries");

    tcase_add_checked_fixture(tc, set_up, NULL);
    tcase_add_test(tc, the_fourth_is_one_too_many);
    tcase_add_test(tc, a_minute_later_it_counts_anew);
    tcase_add_test(tc, one_network_of_ipv6_is_one);
    tcase_add_test(tc, the_oldest_gives_way);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
