/* What is open on a leg, what comes in, and how it is answered. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/glare.h"
#include "tests/suite.h"

/* clang-format off */
static const struct {
    const char *name;
    struct glare open;
    enum method method;
    bool offer;
    int status;
} rows[] = {
    {"nothing open: re-INVITE", {0}, METHOD_INVITE, true, 0},
    {"nothing open: re-INVITE without an offer", {0}, METHOD_INVITE, false, 0},
    {"nothing open: UPDATE", {0}, METHOD_UPDATE, true, 0},

    /* INVITE */
    {"RFC 3261 14.2: before our final response to the first", {.invite_in = true}, METHOD_INVITE, true, 500},
    {"RFC 3261 14.2: the same, without an offer", {.invite_in = true}, METHOD_INVITE, false, 500},
    {"RFC 3261 14.2: it crosses ours", {.invite_out = true}, METHOD_INVITE, true, 491},
    {"RFC 3261 14.2: it crosses ours, without an offer", {.invite_out = true}, METHOD_INVITE, false, 491},
    {"RFC 3261 14.2: both rules: its own first one decides",
     {.invite_in = true, .invite_out = true}, METHOD_INVITE, true, 500},
    {"RFC 5407 3.1.4: before the ACK of the last", {.invite_unacked = true}, METHOD_INVITE, true, 491},
    {"RFC 6141 3.4: it crosses our UPDATE", {.update_out = true, .offer_out = true}, METHOD_INVITE, true, 491},
    {"RFC 6337 3.4: before our answer to its UPDATE", {.update_in = true, .offer_in = true}, METHOD_INVITE, true, 500},
    {"RFC 3264 4: our offer waits for its answer", {.offer_out = true}, METHOD_INVITE, true, 491},

    /* UPDATE */
    {"RFC 3311 5.2: before our final response to the first", {.update_in = true}, METHOD_UPDATE, true, 500},
    {"RFC 3311 5.2: the same, without offers", {.update_in = true}, METHOD_UPDATE, false, 500},
    {"RFC 3311 5.2: its INVITE's offer is unanswered", {.invite_in = true, .offer_in = true}, METHOD_UPDATE, true, 500},
    {"RFC 3311 5.2: its offer in a PRACK is unanswered", {.offer_in = true}, METHOD_UPDATE, true, 500},
    {"RFC 3311 5.2: our INVITE's offer is unanswered",
     {.invite_out = true, .offer_out = true}, METHOD_UPDATE, true, 491},
    {"RFC 3311 5.2: our offer in a 2xx waits for the ACK",
     {.invite_unacked = true, .offer_out = true}, METHOD_UPDATE, true, 491},
    {"RFC 3311 5.2: it crosses our UPDATE with an offer",
     {.update_out = true, .offer_out = true}, METHOD_UPDATE, true, 491},
    {"RFC 3311 5.2: no offer of ours, nothing crosses", {.update_out = true}, METHOD_UPDATE, true, 0},
    {"RFC 3311 5.1: without an offer while its INVITE rings", {.invite_in = true}, METHOD_UPDATE, false, 0},
    {"RFC 3311 5.2: without an offer while ours is out",
     {.invite_out = true, .offer_out = true}, METHOD_UPDATE, false, 0},
    {"RFC 4028 7.4: session timers of both sides cross", {.update_out = true}, METHOD_UPDATE, false, 0},
    {"RFC 3311 5.1: an early dialog whose offer is answered", {.invite_in = true}, METHOD_UPDATE, true, 0},
    {"RFC 6337 3.1: the answer has come in a reliable provisional", {.invite_out = true}, METHOD_UPDATE, true, 0},
    {"RFC 5407 3.1.3: a UPDATE before the ACK, offers done", {.invite_unacked = true}, METHOD_UPDATE, true, 0},

    /* others never collide */
    {"RFC 3261 15: BYE at any time",
     {.invite_in = true, .invite_out = true, .update_in = true, .offer_in = true, .offer_out = true},
     METHOD_BYE, false, 0},
    {"RFC 3262 5: a PRACK is never put off", {.invite_in = true, .offer_out = true}, METHOD_PRACK, true, 0},
    {"RFC 6086 4: INFO carries no offer", {.invite_out = true, .offer_out = true}, METHOD_INFO, false, 0},
};
/* clang-format on */

START_TEST(check) {
    int status = glare_check(&rows[_i].open, rows[_i].method, rows[_i].offer);

    ck_assert_msg(status == rows[_i].status, "%s: %d", rows[_i].name, status);
}
END_TEST

/* RFC 3261 14.1: both ends of the range are drawn, all in steps of 10 ms. */
static void pauses(bool owns_call_id, uint32_t least_ms, uint32_t most_ms) {
    uint32_t low_ms = UINT32_MAX, high_ms = 0;

    for (uint32_t random = 0; random < 500; random++) {
        uint32_t pause_ms = glare_pause_ms(owns_call_id, UINT32_MAX - random);
        ck_assert_uint_eq(pause_ms % 10, 0);
        low_ms = pause_ms < low_ms ? pause_ms : low_ms;
        high_ms = pause_ms > high_ms ? pause_ms : high_ms;
    }
    ck_assert_uint_eq(low_ms, least_ms);
    ck_assert_uint_eq(high_ms, most_ms);
}

START_TEST(pause) {
    pauses(true, 2100, 4000);
    pauses(false, 0, 2000);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("glare");
    TCase *tc = tcase_create("glare");

    tcase_add_loop_test(tc, check, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tc, pause);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
