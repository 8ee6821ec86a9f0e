/* RFC 3398 8.2.6.1 and 7.2.4.1, RFC 3326. */
#include "b2bua/core/cause.h"
#include "tests/suite.h"

static const struct {
    int status, cause, back;
    const char *rule;
} table[] = {
    {400, 41, 503, "8.2.6.1 Bad Request"},
    {403, 21, 403, "8.2.6.1 Forbidden"},
    {404, 1, 404, "8.2.6.1 Not Found"},
    {408, 102, 504, "8.2.6.1 Request Timeout"},
    {410, 22, 410, "8.2.6.1 Gone"},
    {415, 79, 501, "8.2.6.1 Unsupported Media Type"},
    {480, 18, 408, "8.2.6.1 Temporarily Unavailable"},
    {482, 25, 483, "8.2.6.1 Loop Detected"},
    {484, 28, 484, "8.2.6.1 Address Incomplete"},
    {486, 17, 486, "8.2.6.1 Busy Here"},
    {487, 127, 487, "8.2.6.1 Request Terminated has none: stays"},
    {488, 65, 488, "8.2.6.1 Not Acceptable Here"},
    {500, 41, 503, "8.2.6.1 Server Internal Error"},
    {502, 38, 503, "8.2.6.1 Bad Gateway"},
    {503, 41, 503, "8.2.6.1 Service Unavailable"},
    {504, 102, 504, "8.2.6.1 Server Time-out"},
    {505, 127, 500, "8.2.6.1 Version Not Supported"},
    {600, 17, 486, "8.2.6.1 Busy Everywhere"},
    {603, 21, 403, "8.2.6.1 Decline"},
    {604, 1, 404, "8.2.6.1 Does Not Exist Anywhere"},
    {489, 127, 500, "a status of later: 4xx"},
    {599, 41, 503, "a status of later: 5xx"},
    {699, 21, 403, "a status of later: 6xx"},
};

START_TEST(status_through_cause) {
    ck_assert_msg(cause_of_status(table[_i].status) == table[_i].cause, "%s: %d", table[_i].rule,
                  cause_of_status(table[_i].status));
    ck_assert_msg(cause_map(table[_i].status, -1) == table[_i].back, "%s: back as %d", table[_i].rule,
                  cause_map(table[_i].status, -1));
}
END_TEST

/* What a target says itself is believed before what its status would be. */
START_TEST(cause_of_the_target_counts) {
    ck_assert_int_eq(cause_map(480, 19), 480);
    ck_assert_int_eq(cause_map(503, 17), 486);
    ck_assert_int_eq(cause_map(488, 88), 503);
    ck_assert_int_eq(cause_map(480, 99), 500);
}
END_TEST

/* Every cause that a status becomes has a text and a status that a response can have. */
START_TEST(causes_are_known) {
    for (int status = 400; status < 700; status++) {
        int cause = cause_of_status(status);
        ck_assert_str_ne(cause_text(cause), "");
        ck_assert_int_ge(cause_status(cause), 400);
        ck_assert_int_lt(cause_status(cause), 700);
    }
    ck_assert_str_eq(cause_text(9), "");
}
END_TEST

static const struct {
    const char *rule;
    struct str value;
    int cause;
} reasons[] = {
    {"RFC 3326 2", STR_INIT("Q.850;cause=17;text=\"busy\""), 17},
    {"RFC 3326 2: in any case, with blanks", STR_INIT(" q.850 ; text=\"x;cause=3\" ; Cause = 19"), 19},
    {"RFC 3326 2: the second", STR_INIT("SIP;cause=486;text=\"a, Q.850;cause=1\", Q.850;cause=21"), 21},
    {"RFC 3326 2: of SIP alone", STR_INIT("SIP;cause=200;text=\"elsewhere\""), -1},
    {"Q.850 ends at 127", STR_INIT("Q.850;cause=128"), -1},
    {"no number", STR_INIT("Q.850;cause=x"), -1},
    {"no cause", STR_INIT("Q.850;cause"), -1},
    {"the next one with a cause", STR_INIT("Q.850, Q.850;cause=1"), 1},
    {"an open quote", STR_INIT("SIP;text=\"Q.850;cause=1"), -1},
    {"nothing", STR_INIT(""), -1},
};

START_TEST(reason_is_read) {
    ck_assert_msg(cause_of_reason(reasons[_i].value) == reasons[_i].cause, "%s: %d", reasons[_i].rule,
                  cause_of_reason(reasons[_i].value));
}
END_TEST

int main(void) {
    Suite *s = suite_create("cause");
    TCase *t = tcase_create("cause");

    tcase_add_loop_test(t, status_through_cause, 0, sizeof table / sizeof *table);
    tcase_add_test(t, cause_of_the_target_counts);
    tcase_add_test(t, causes_are_known);
    tcase_add_loop_test(t, reason_is_read, 0, sizeof reasons / sizeof *reasons);
    suite_add_tcase(s, t);
    return suite_run(s);
}
