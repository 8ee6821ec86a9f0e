/* What a client of each kind is told, and what is too little. */
#include <check.h>

#include "b2bua/core/expiry.h"
#include "tests/suite.h"

static const struct expiry_limits limits = {.min_s = 60, .udp_max_s = 60, .flow_max_s = 600};

/* clang-format off */
static const struct {
    const char *name;
    struct expiry_client client;
    uint32_t asked_s, granted_s, most_s;
} rows[] = {
    {"UDP without keepalive", {FLOW_UDP, false, false}, 3600, 3600, 60},
    {"UDP with outbound", {FLOW_UDP, true, false}, 3600, 3600, 600},
    {"TCP", {FLOW_TCP, false, false}, 3600, 3600, 600},
    {"TLS with keepalive", {FLOW_TLS, true, false}, 3600, 3600, 600},
    {"the registrar grants less", {FLOW_TLS, true, false}, 3600, 120, 120},
    {"the client asks for less", {FLOW_TLS, true, false}, 300, 3600, 300},
    {"UDP, less granted than its limit", {FLOW_UDP, false, false}, 3600, 45, 45},
    {"a farewell", {FLOW_TLS, false, false}, 0, 0, 0},
};
/* clang-format on */

START_TEST(told) {
    uint32_t low = UINT32_MAX, high = 0;

    for (uint32_t random = 0; random < 1000; random++) {
        uint32_t told_s = expiry_told(&limits, &rows[_i].client, rows[_i].asked_s, rows[_i].granted_s, random * 7919);
        low = told_s < low ? told_s : low;
        high = told_s > high ? told_s : high;
    }
    ck_assert_msg(high == rows[_i].most_s, "%s: %u", rows[_i].name, high);
    ck_assert_msg(low == rows[_i].most_s - rows[_i].most_s / 10, "%s: %u", rows[_i].name, low);
}
END_TEST

/* AR_SK: exactly what was granted, even if that is more than was asked or than any limit. */
START_TEST(as_granted) {
    struct expiry_client c = {FLOW_TLS, true, true};

    for (uint32_t random = 0; random < 100; random++) {
        ck_assert_uint_eq(expiry_told(&limits, &c, 120, 120, random), 120);
        ck_assert_uint_eq(expiry_told(&limits, &c, 3600, 3600, random), 3600);
        ck_assert_uint_eq(expiry_told(&limits, &c, 60, 90, random), 90);
    }
}
END_TEST

START_TEST(too_little) {
    ck_assert_int_eq(expiry_check(&limits, 59), 423);
    ck_assert_int_eq(expiry_check(&limits, 1), 423);
    ck_assert_int_eq(expiry_check(&limits, 60), 0);
    ck_assert_int_eq(expiry_check(&limits, 0), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("expiry");
    TCase *tc = tcase_create("expiry");

    tcase_add_loop_test(tc, told, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tc, as_granted);
    tcase_add_test(tc, too_little);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
