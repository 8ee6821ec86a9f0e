/* Our registration at a provider, in virtual time. */
#include <check.h>
#include <stdio.h>

#include "b2bua/core/regclient.h"
#include "b2bua/core/regclient_read.h"
#include "tests/suite.h"

enum { START_MS = 1000000 };

static const struct reg_policy one = {3600, 1, 4000}, three = {3600, 3, 4000};

struct bench {
    struct regclient r;
    const struct reg_policy *p;
    uint64_t now_ms;
};

static struct bench begun(const struct reg_policy *p) {
    struct bench b = {.p = p, .now_ms = START_MS};

    regclient_start(&b.r, p, 1234, b.now_ms);
    ck_assert_int_eq(b.r.state, REG_REGISTERING);
    return b;
}

/* Goes on to the next deadline. Returns how long that was, ms. */
static uint64_t wait_for(struct bench *b, enum reg_action wanted) {
    uint64_t was = b->now_ms;

    ck_assert_uint_ne(regclient_deadline(&b->r), UINT64_MAX);
    if (b->r.at_ms > b->now_ms)
        ck_assert_int_eq(regclient_tick(&b->r, b->p, 0, b->now_ms), REG_NOTHING);
    b->now_ms = regclient_deadline(&b->r);
    ck_assert_int_eq(regclient_tick(&b->r, b->p, 0, b->now_ms), wanted);
    return b->now_ms - was;
}

static enum reg_action answer(struct bench *b, struct reg_answer a, uint32_t draw) {
    return regclient_answer(&b->r, b->p, &a, draw, b->now_ms);
}

#define ANSWER(b, draw, ...) answer(b, (struct reg_answer){__VA_ARGS__}, draw)

static struct bench registered(const struct reg_policy *p) {
    struct bench b = begun(p);

    wait_for(&b, REG_SEND);
    ck_assert_int_eq(ANSWER(&b, 0, .status = 200, .granted_s = 3600), REG_NOTHING);
    ck_assert_int_eq(b.r.state, REG_REGISTERED);
    return b;
}

START_TEST(first_one_soon) {
    struct bench b = begun(&one);

    ck_assert_uint_lt(wait_for(&b, REG_SEND), 500);
    ck_assert_uint_eq(regclient_deadline(&b.r), UINT64_MAX); /* the transaction says when there is no answer */
}
END_TEST

static const struct {
    const char *rule;
    uint32_t granted_s, draw;
    uint64_t refresh_ms;
} grants[] = {
    {"50 % at the earliest", 3600, 0, 1800000},
    {"90 % at the latest", 3600, 400, 3240000},
    {"RFC 3261 10.2.4: what is granted counts, not what was asked", 60, 0, 30000},
    {"more than was asked", 7200, 401, 3600000},
    {"a second", 1, 0, 500},
};

START_TEST(grant) {
    struct bench b = begun(&one);

    wait_for(&b, REG_SEND);
    ck_assert_int_eq(ANSWER(&b, grants[_i].draw, .status = 200, .granted_s = grants[_i].granted_s), REG_NOTHING);
    ck_assert_msg(b.r.state == REG_REGISTERED && b.r.at_ms - b.now_ms == grants[_i].refresh_ms, "%s: %d ms",
                  grants[_i].rule, (int)(b.r.at_ms - b.now_ms));
    ck_assert_uint_eq(wait_for(&b, REG_SEND), grants[_i].refresh_ms);
}
END_TEST

static const struct {
    const char *rule;
    int status;
    bool next_target;
} failures[] = {
    {"fact 102: maintenance", 503, true},
    {"5xx", 500, true},
    {"silence", 408, true},
    {"a password that is wrong", 401, false},
    {"407", 407, false},
    {"forbidden", 403, false},
    {"no such user", 404, false},
    {"a redirect", 302, false},
    {"6xx", 603, false},
    {"too brief, without a number", 423, false},
    {"granted, but nothing", 200, false},
};

START_TEST(failure) {
    struct bench b = begun(&three);

    wait_for(&b, REG_SEND);
    enum reg_action next = ANSWER(&b, 0, .status = failures[_i].status);
    ck_assert_msg(next == (failures[_i].next_target ? REG_SEND : REG_NOTHING), "%s", failures[_i].rule);
    ck_assert_msg(b.r.target == (failures[_i].next_target ? 1 : 0), "%s", failures[_i].rule);
    ck_assert_msg(b.r.state == (failures[_i].next_target ? REG_REGISTERING : REG_FAILED), "%s", failures[_i].rule);
    ck_assert_int_eq(b.r.status, failures[_i].status);
}
END_TEST

START_TEST(all_targets_then_a_pause) {
    struct bench b = begun(&three);

    wait_for(&b, REG_SEND);
    ck_assert_int_eq(ANSWER(&b, 0, .status = 503), REG_SEND);
    ck_assert_uint_eq(wait_for(&b, REG_SEND), 4000); /* R3: the second says nothing */
    ck_assert_int_eq(b.r.target, 2);
    ck_assert_uint_eq(regclient_deadline(&b.r), UINT64_MAX); /* the last one has all the time of a transaction */
    ck_assert_int_eq(ANSWER(&b, 0, .status = 408), REG_NOTHING);
    ck_assert_int_eq(b.r.state, REG_FAILED);
    ck_assert_uint_eq(wait_for(&b, REG_SEND), 2500);
    ck_assert_int_eq(b.r.target, 0);
}
END_TEST

START_TEST(for_ever_with_longer_pauses) {
    static const uint64_t lows[] = {2500, 5000, 10000, 20000, 40000, 80000, 150000, 150000};
    struct bench b = begun(&one);

    wait_for(&b, REG_SEND);
    for (size_t i = 0; i < 100; i++) {
        uint64_t low = lows[i < 8 ? i : 7];
        ck_assert_int_eq(ANSWER(&b, i % 2 == 0 ? 0 : UINT32_MAX, .status = 503), REG_NOTHING);
        uint64_t waited = wait_for(&b, REG_SEND);
        ck_assert_msg(waited >= low && waited <= 2 * low, "round %zu: %d ms", i, (int)waited);
    }
    ck_assert_int_eq(ANSWER(&b, 0, .status = 200, .granted_s = 60), REG_NOTHING);
    ck_assert_int_eq(b.r.state, REG_REGISTERED);
    b.now_ms = b.r.at_ms;
    ck_assert_int_eq(regclient_tick(&b.r, b.p, 0, b.now_ms), REG_SEND);
    ck_assert_int_eq(ANSWER(&b, 0, .status = 503), REG_NOTHING);
    ck_assert_uint_eq(b.r.at_ms - b.now_ms, 2500); /* the first pause again */
}
END_TEST

START_TEST(refused_waits_longer) {
    struct bench b = begun(&one);

    wait_for(&b, REG_SEND);
    ANSWER(&b, 0, .status = 403);
    ck_assert_uint_eq(wait_for(&b, REG_SEND), 15000);
}
END_TEST

START_TEST(retry_after) {
    struct bench b = begun(&one);

    wait_for(&b, REG_SEND);
    ANSWER(&b, 0, .status = 503, .retry_after_s = 120);
    ck_assert_uint_eq(wait_for(&b, REG_SEND), 120000);
    ANSWER(&b, UINT32_MAX, .status = 503, .retry_after_s = 120);
    uint64_t waited = wait_for(&b, REG_SEND);
    ck_assert(waited >= 120000 && waited <= 132000);
    ANSWER(&b, 0, .status = 503, .retry_after_s = UINT32_MAX);
    ck_assert_uint_eq(wait_for(&b, REG_SEND), (uintmax_t)REG_RETRY_AFTER_MAX_S * 1000);
}
END_TEST

START_TEST(interval_too_brief) {
    struct bench b = begun(&one);

    wait_for(&b, REG_SEND);
    ck_assert_uint_eq(b.r.ask_s, 3600);
    ck_assert_int_eq(ANSWER(&b, 0, .status = 423, .min_expires_s = 7200), REG_SEND);
    ck_assert_uint_eq(b.r.ask_s, 7200);
    ck_assert_int_eq(ANSWER(&b, 0, .status = 423, .min_expires_s = 9000), REG_NOTHING); /* once is enough */
    wait_for(&b, REG_SEND);
    ck_assert_uint_eq(b.r.ask_s, 3600);
    ck_assert_int_eq(ANSWER(&b, 0, .status = 423, .min_expires_s = REG_EXPIRES_MAX_S + 1), REG_NOTHING);
}
END_TEST

START_TEST(holds_while_refreshes_fail) {
    struct bench b = registered(&one);
    uint64_t until = b.r.until_ms;

    wait_for(&b, REG_SEND);
    while (b.now_ms < until) {
        if (b.r.under_way)
            ck_assert_int_eq(ANSWER(&b, 0, .status = 503), REG_NOTHING);
        ck_assert_int_eq(b.r.state, REG_REGISTERED);
        ck_assert_int_eq(b.r.status, 503);
        b.now_ms = regclient_deadline(&b.r);
        regclient_tick(&b.r, b.p, 0, b.now_ms);
    }
    ck_assert_uint_eq(b.now_ms, until);
    ck_assert_int_eq(b.r.state, REG_FAILED);
}
END_TEST

START_TEST(next_target_keeps_it) {
    struct bench b = registered(&three);

    wait_for(&b, REG_SEND);
    ck_assert_int_eq(ANSWER(&b, 0, .status = 503), REG_SEND);
    ck_assert_int_eq(ANSWER(&b, 0, .status = 200, .granted_s = 3600), REG_NOTHING);
    ck_assert_int_eq(b.r.target, 1);
    wait_for(&b, REG_SEND);
    ck_assert_int_eq(b.r.target, 1); /* where we are registered */
}
END_TEST

START_TEST(hurried) {
    struct bench b = begun(&one);

    wait_for(&b, REG_SEND);
    regclient_hurry(&b.r, b.now_ms); /* it is under way */
    ck_assert_uint_eq(regclient_deadline(&b.r), UINT64_MAX);
    ck_assert_int_eq(ANSWER(&b, 0, .status = 503), REG_NOTHING);
    regclient_hurry(&b.r, b.now_ms);
    ck_assert_uint_eq(wait_for(&b, REG_SEND), 0);
    regclient_stop(&b.r, b.now_ms);
    ANSWER(&b, 0, .status = 200);
    regclient_hurry(&b.r, b.now_ms);
    ck_assert_uint_eq(regclient_deadline(&b.r), UINT64_MAX);
}
END_TEST

START_TEST(taken_back) {
    struct bench b = registered(&three);

    ck_assert_int_eq(regclient_stop(&b.r, b.now_ms), REG_SEND_REMOVE);
    ck_assert_int_eq(regclient_stop(&b.r, b.now_ms), REG_NOTHING);
    ck_assert_int_eq(ANSWER(&b, 0, .status = 503), REG_NOTHING);
    ck_assert_int_eq(b.r.state, REG_GONE);
    ck_assert_uint_eq(regclient_deadline(&b.r), UINT64_MAX);
}
END_TEST

START_TEST(taken_back_in_silence) {
    struct bench b = registered(&one);

    regclient_stop(&b.r, b.now_ms);
    ck_assert_uint_eq(wait_for(&b, REG_NOTHING), 4000);
    ck_assert_int_eq(b.r.state, REG_GONE);
}
END_TEST

START_TEST(nothing_to_take_back) {
    struct bench b = begun(&one);

    ck_assert_int_eq(regclient_stop(&b.r, b.now_ms), REG_NOTHING);
    ck_assert_int_eq(b.r.state, REG_GONE);
    b = begun(&one);
    wait_for(&b, REG_SEND);
    ck_assert_int_eq(regclient_stop(&b.r, b.now_ms), REG_SEND_REMOVE); /* it may be granted */
}
END_TEST

START_TEST(fact_103_connection_lost) {
    struct bench b = registered(&three);
    struct regclient before = b.r;

    b.now_ms += 60000;
    ck_assert(regclient_lost(&b.r, 199, b.now_ms));
    ck_assert_int_eq(b.r.state, REG_REGISTERED); /* what is granted holds */
    ck_assert_uint_eq(b.r.until_ms, before.until_ms);
    ck_assert_uint_eq(wait_for(&b, REG_SEND), 199);
    ck_assert(!regclient_lost(&b.r, 0, b.now_ms)); /* the REGISTER under way finds out by itself */
    ck_assert_int_eq(ANSWER(&b, 0, .status = 503), REG_SEND);
    ck_assert_int_eq(b.r.target, 1);
    ck_assert_int_eq(ANSWER(&b, 0, .status = 200, .granted_s = 3600), REG_NOTHING);
}
END_TEST

/* A provider that closes after each answer would be asked for ever. */
START_TEST(lost_again_and_again) {
    static const uint64_t pauses[] = {0, 5000, 10000, 20000, 40000, 80000, 160000, 300000, 300000};
    struct bench b = registered(&one);

    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        ck_assert(regclient_lost(&b.r, 0, b.now_ms));
        ck_assert_uint_eq(wait_for(&b, REG_SEND), pauses[i]);
        ck_assert_int_eq(ANSWER(&b, 0, .status = 200, .granted_s = 3600), REG_NOTHING);
    }
    wait_for(&b, REG_SEND); /* at its time */
    ck_assert_int_eq(ANSWER(&b, 0, .status = 200, .granted_s = 3600), REG_NOTHING);
    ck_assert(regclient_lost(&b.r, 0, b.now_ms));
    ck_assert_uint_eq(wait_for(&b, REG_SEND), 0);
}
END_TEST

START_TEST(lost_too_late) {
    struct bench b = registered(&one);
    uint64_t at_ms = b.r.at_ms;

    ck_assert(regclient_lost(&b.r, 100, at_ms - 50));
    ck_assert_uint_eq(b.r.at_ms, at_ms); /* the refresh is due sooner */
    b = begun(&one);
    ck_assert(!regclient_lost(&b.r, 0, b.now_ms));
    b = registered(&one);
    regclient_stop(&b.r, b.now_ms);
    ck_assert(!regclient_lost(&b.r, 0, b.now_ms));
}
END_TEST

/* --- what answers say --- */

#define HEAD "SIP/2.0 200 OK\r\n"
#define OURS "sip:u@192.0.2.1:5060"

static const struct {
    const char *rule, *message;
    uint32_t granted_s;
} answers[] = {
    {"RFC 3261 10.2.4: expires of our Contact", HEAD "Contact: <" OURS ">;expires=120\r\nExpires: 60\r\n\r\n", 120},
    {"ours among others", HEAD "Contact: <sip:x@y>;expires=1, \"a,b\" <" OURS ">;q=1;expires=300\r\n\r\n", 300},
    {"in a line of its own, compact", HEAD "Contact: <sip:x@y>;expires=1\r\nm: <" OURS "> ; Expires = 9\r\n\r\n", 9},
    {"without brackets", HEAD "Contact: " OURS ";expires=44\r\n\r\n", 44},
    {"no expires there: the header", HEAD "Contact: <" OURS ">\r\nExpires: 60\r\n\r\n", 60},
    {"no number there: the header", HEAD "Contact: <" OURS ">;expires=soon\r\nExpires: 60\r\n\r\n", 60},
    {"ours is not there: the header", HEAD "Contact: <sip:x@y>;expires=1\r\nExpires: 60\r\n\r\n", 60},
    {"nothing: what was asked", HEAD "Contact: <" OURS ">\r\n\r\n", 3600},
    {"taken away", HEAD "Contact: <" OURS ">;expires=0\r\n\r\n", 0},
    {"a quote without end", HEAD "Contact: \"<" OURS ">;expires=5\\\r\n\r\n", 3600},
};

START_TEST(answer_read) {
    ck_assert_msg(reg_granted_s(str_of(answers[_i].message), STR(OURS), 3600) == answers[_i].granted_s, "%s",
                  answers[_i].rule);
}
END_TEST

static const struct {
    const char *rule, *message, *text;
} warnings[] = {
    {"RFC 3261 20.43", "Warning: 382 192.0.2.1 \"System in Maintenance Mode\"\r\n", "System in Maintenance Mode"},
    {"the first", "Warning: 399 a \"one\", 399 b \"two\"\r\n", "one"},
    {"no text", "Warning: 399 a\r\n", ""},
    {"no end", "Warning: 399 a \"one\r\n", "one"},
    {"none", "", ""},
};

START_TEST(warning) {
    char message[256];

    snprintf(message, sizeof message, "SIP/2.0 503 x\r\n%s\r\n", warnings[_i].message);
    struct str text = reg_warning(str_of(message));
    ck_assert_msg(str_eq(text, str_of(warnings[_i].text)), "%s: %.*s", warnings[_i].rule, (int)text.n, text.p);
}
END_TEST

START_TEST(other_headers) {
    char text[256];
    struct sbuf b = sbuf_on(text, sizeof text - 1);

    ck_assert_uint_eq(reg_min_expires_s(STR("SIP/2.0 423 x\r\nMin-Expires: 77\r\n\r\n")), 77);
    ck_assert_uint_eq(reg_min_expires_s(STR("SIP/2.0 423 x\r\n\r\nMin-Expires: 77\r\n")), 0);
    reg_service_route(STR(HEAD "Service-Route: <sip:a;lr>, <sip:b;lr>\r\nVia: x\r\nservice-route: <sip:c;lr>\r\n\r\n"),
                      &b);
    text[b.n] = '\0';
    ck_assert_str_eq(text, "Route: <sip:a;lr>, <sip:b;lr>\r\nRoute: <sip:c;lr>\r\n");
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void) {
    Suite *s = suite_create("regclient");
    TCase *tc = tcase_create("regclient");

    tcase_add_test(tc, first_one_soon);
    tcase_add_loop_test(tc, grant, 0, ROWS(grants));
    tcase_add_loop_test(tc, failure, 0, ROWS(failures));
    tcase_add_test(tc, all_targets_then_a_pause);
    tcase_add_test(tc, for_ever_with_longer_pauses);
    tcase_add_test(tc, refused_waits_longer);
    tcase_add_test(tc, retry_after);
    tcase_add_test(tc, interval_too_brief);
    tcase_add_test(tc, holds_while_refreshes_fail);
    tcase_add_test(tc, next_target_keeps_it);
    tcase_add_test(tc, hurried);
    tcase_add_test(tc, taken_back);
    tcase_add_test(tc, taken_back_in_silence);
    tcase_add_test(tc, nothing_to_take_back);
    tcase_add_test(tc, fact_103_connection_lost);
    tcase_add_test(tc, lost_again_and_again);
    tcase_add_test(tc, lost_too_late);
    tcase_add_loop_test(tc, answer_read, 0, ROWS(answers));
    tcase_add_loop_test(tc, warning, 0, ROWS(warnings));
    tcase_add_test(tc, other_headers);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
