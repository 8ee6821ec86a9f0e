/* Session timers in virtual time: when a refresh is due, what its failure leads to, when the call ends. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/sst.h"
#include "tests/suite.h"

#define START_MS UINT64_C(1000000)

enum { LONG_S = 4294968 /* 704 ms when cut to 32 bits */ };

static const struct sst_policy trunk = {.on = SST_ON, .refresh = true, .session_expires_s = 1800, .min_se_s = 90};
static const struct sst_said ours = {1800, .refresher = SST_PARAM_UAC, .timer = true};   /* a 2xx to us: we refresh */
static const struct sst_said theirs = {1800, .refresher = SST_PARAM_UAS, .timer = true}; /* the peer does */

/* A timer as a 2xx to our INVITE starts it. */
static struct sst running(uint32_t interval_s, bool local, uint64_t now_ms) {
    struct sst s = {0};
    struct sst_said said = local ? ours : theirs;

    said.session_expires_s = interval_s;
    sst_granted(&s, &trunk, &said, interval_s, now_ms);
    return s;
}

/* A timer whose refresh is under way since it fell due. */
static struct sst refreshing(uint32_t interval_s, uint64_t *now_ms) {
    struct sst s = running(interval_s, true, START_MS);

    *now_ms = sst_deadline(&s);
    ck_assert(sst_tick(&s, &trunk, *now_ms) == SST_REFRESH_INVITE);
    return s;
}

/* --- when */

static const struct {
    const char *name;
    uint64_t start_ms;
    uint32_t interval_s;
    uint64_t refresh_ms, end_ms; /* after the start */
} ends[] = {
    {"RFC 4028 10: the smallest: a third before", START_MS, 90, 45000, 60000},
    {"RFC 4028 10: a third is 32 s", START_MS, 96, 48000, 64000},
    {"RFC 4028 10: a third would be 33 s", START_MS, 99, 49500, 67000},
    {"RFC 4028 10: 32 s before", START_MS, 1800, 900000, 1768000},
    {"a day", START_MS, 86400, 43200000, 86368000},
    {"a day, a clock long on", UINT64_MAX / 2, 86400, 43200000, 86368000},
    {"the largest number that a 2xx can bring", UINT64_MAX / 2, UINT32_MAX, 2147483647500, 4294967263000},
};

/* When it is ours: a refresh at half of it; without success the end. */
START_TEST(end_ours) {
    uint64_t half_ms = ends[_i].start_ms + ends[_i].refresh_ms;
    uint64_t end_ms = ends[_i].start_ms + ends[_i].end_ms;
    struct sst s = running(ends[_i].interval_s, true, ends[_i].start_ms);

    ck_assert_msg(s.start_ms == ends[_i].start_ms, "%s: start", ends[_i].name);
    ck_assert_msg(sst_deadline(&s) == half_ms, "%s: refresh", ends[_i].name);
    ck_assert_msg(sst_tick(&s, &trunk, half_ms - 1) == SST_NOTHING, "%s: just before", ends[_i].name);
    ck_assert_msg(sst_tick(&s, &trunk, half_ms) == SST_REFRESH_INVITE, "%s: half", ends[_i].name);
    ck_assert_msg(sst_tick(&s, &trunk, half_ms) == SST_NOTHING, "%s: once", ends[_i].name);
    ck_assert_msg(sst_deadline(&s) == end_ms, "%s: end", ends[_i].name);
    ck_assert_msg(sst_tick(&s, &trunk, end_ms - 1) == SST_NOTHING, "%s: just before the end", ends[_i].name);
    ck_assert_msg(sst_tick(&s, &trunk, end_ms) == SST_FAILED, "%s: the end", ends[_i].name);
    ck_assert_msg(s.result == SST_RESULT_LOST, "%s: result", ends[_i].name);
    ck_assert_msg(sst_deadline(&s) == UINT64_MAX, "%s: nothing after it", ends[_i].name);
    ck_assert_msg(sst_tick(&s, &trunk, end_ms + 1) == SST_NOTHING, "%s: ends once", ends[_i].name);
    ck_assert_msg(s.interval_s == ends[_i].interval_s && s.refresher == SST_LOCAL, "%s: for the log", ends[_i].name);
}
END_TEST

/* When it is the peer's: nothing but the end. */
START_TEST(end_theirs) {
    uint64_t end_ms = ends[_i].start_ms + ends[_i].end_ms;
    struct sst s = running(ends[_i].interval_s, false, ends[_i].start_ms);

    ck_assert_msg(sst_deadline(&s) == end_ms, "%s: deadline", ends[_i].name);
    ck_assert_msg(sst_tick(&s, &trunk, end_ms - 1) == SST_NOTHING, "%s: just before", ends[_i].name);
    ck_assert_msg(sst_tick(&s, &trunk, end_ms) == SST_MISSED, "%s: the end", ends[_i].name);
    ck_assert_msg(s.result == SST_RESULT_LOST, "%s: result", ends[_i].name);
    ck_assert_msg(sst_tick(&s, &trunk, end_ms + 1) == SST_NOTHING, "%s: ends once", ends[_i].name);
    ck_assert_msg(s.interval_s == ends[_i].interval_s && s.refresher == SST_REMOTE, "%s: for the log", ends[_i].name);
}
END_TEST

START_TEST(late_tick) {
    struct sst s = running(1800, true, START_MS);

    ck_assert(sst_tick(&s, &trunk, START_MS + 5000000) == SST_FAILED); /* the end goes before the refresh */
    ck_assert(sst_deadline(&s) == UINT64_MAX);
    ck_assert(sst_tick(&s, &trunk, START_MS + 6000000) == SST_NOTHING);
}
END_TEST

/* --- how */

static const struct {
    const char *name;
    enum sst_method method;
    bool has_allow, has_update, refused;
    enum sst_action action;
} methods[] = {
    {"auto: the peer allows UPDATE", SST_METHOD_AUTO, true, true, false, SST_REFRESH_UPDATE},
    {"auto: it does not", SST_METHOD_AUTO, true, false, false, SST_REFRESH_INVITE},
    {"auto: it did not say", SST_METHOD_AUTO, false, false, false, SST_REFRESH_INVITE},
    {"auto: it says so and refused", SST_METHOD_AUTO, true, true, true, SST_REFRESH_INVITE},
    {"update: whatever the peer says", SST_METHOD_UPDATE, true, false, false, SST_REFRESH_UPDATE},
    {"update: it did not say", SST_METHOD_UPDATE, false, false, false, SST_REFRESH_UPDATE},
    {"update: it refused", SST_METHOD_UPDATE, true, true, true, SST_REFRESH_INVITE},
    {"invite: although UPDATE is allowed", SST_METHOD_INVITE, true, true, false, SST_REFRESH_INVITE},
};

START_TEST(method) {
    struct sst s = running(1800, true, START_MS);
    struct sst_policy p = trunk;

    p.method = methods[_i].method;
    s.update_refused = methods[_i].refused;
    sst_heard(&s, &(struct sst_said){.has_allow = methods[_i].has_allow, .has_update = methods[_i].has_update});
    enum sst_action action = sst_tick(&s, &p, sst_deadline(&s));
    ck_assert_msg(action == methods[_i].action, "%s: %d", methods[_i].name, action);
}
END_TEST

START_TEST(allow_is_remembered) {
    struct sst s = {0};

    sst_heard(&s, &(struct sst_said){.has_allow = true, .has_update = true});
    sst_heard(&s, &(struct sst_said){0}); /* no Allow: no news */
    ck_assert(s.allows_update);
    sst_heard(&s, &(struct sst_said){.has_allow = true});
    ck_assert(!s.allows_update);
}
END_TEST

/* --- failures */

/* clang-format off */
static const struct {
    const char *name;
    uint32_t interval_s;
    int status;
    bool was_update;
    uint32_t retry_after_s;
    enum sst_action action;
    enum sst_result result;
    uint64_t again_ms; /* after the failure; 0 = not by itself */
} failures[] = {
    {"RFC 4028 10: 408", 1800, 408, false, 0, SST_FAILED, SST_RESULT_LOST, 0},
    {"RFC 4028 10: 481", 1800, 481, false, 0, SST_FAILED, SST_RESULT_LOST, 0},
    {"RFC 4028 10: 481 to an UPDATE", 1800, 481, true, 0, SST_FAILED, SST_RESULT_LOST, 0},
    {"RFC 4028 10: no answer", 1800, 0, false, 0, SST_FAILED, SST_RESULT_LOST, 0},
    {"RFC 4028 10: no answer to an UPDATE", 1800, 0, true, 0, SST_FAILED, SST_RESULT_LOST, 0},
    {"405 to an UPDATE", 1800, 405, true, 0, SST_REFRESH_INVITE, SST_RESULT_METHOD, 0},
    {"501 to an UPDATE", 1800, 501, true, 0, SST_REFRESH_INVITE, SST_RESULT_METHOD, 0},
    {"500 to an UPDATE", 1800, 500, true, 0, SST_REFRESH_INVITE, SST_RESULT_METHOD, 0},
    {"RFC 3311 5.2: 500 with Retry-After to an UPDATE is no refusal of the method", 1800, 500, true, 4, SST_NOTHING,
     SST_RESULT_REFUSED, 4000},
    {"500 to an INVITE: an eighteenth, at most 60 s", 1800, 500, false, 0, SST_NOTHING, SST_RESULT_REFUSED, 60000},
    {"405 to an INVITE", 1800, 405, false, 0, SST_NOTHING, SST_RESULT_REFUSED, 60000},
    {"503 to an UPDATE: another time", 1800, 503, true, 0, SST_NOTHING, SST_RESULT_REFUSED, 60000},
    {"488: an eighteenth of 900 s", 900, 488, false, 0, SST_NOTHING, SST_RESULT_REFUSED, 50000},
    {"488: an eighteenth of 1098 s", 1098, 488, false, 0, SST_NOTHING, SST_RESULT_REFUSED, 60000},
    {"488: an eighteenth of 180 s", 180, 488, false, 0, SST_NOTHING, SST_RESULT_REFUSED, 10000},
    {"488: at least 5 s", 90, 488, false, 0, SST_NOTHING, SST_RESULT_REFUSED, 5000},
    {"488: 4 s would be too soon", 72, 488, false, 0, SST_NOTHING, SST_RESULT_REFUSED, 5000},
    {"488: an eighteenth of weeks", LONG_S, 488, false, 0, SST_NOTHING, SST_RESULT_REFUSED, 60000},
    {"422 that cannot be met", 1800, 422, false, 0, SST_NOTHING, SST_RESULT_REFUSED, 60000},
    {"RFC 3261 20.33: Retry-After", 1800, 503, false, 7, SST_NOTHING, SST_RESULT_REFUSED, 7000},
    {"RFC 3261 20.33: Retry-After with a 500", 1800, 500, false, 3, SST_NOTHING, SST_RESULT_REFUSED, 3000},
    {"RFC 3261 20.33: longer than our longest", 1800, 503, false, 300, SST_NOTHING, SST_RESULT_REFUSED, 300000},
    {"RFC 3261 14.1: a 491 has its own pause", 1800, 491, false, 7, SST_NOTHING, SST_RESULT_GLARE, 2100},
    {"RFC 3261 14.1: 491 to an UPDATE", 1800, 491, true, 0, SST_NOTHING, SST_RESULT_GLARE, 2100},
};
/* clang-format on */

START_TEST(failure) {
    uint64_t now_ms;
    struct sst s = refreshing(failures[_i].interval_s, &now_ms);
    uint64_t end_ms = sst_deadline(&s), again_ms = now_ms + failures[_i].again_ms;

    enum sst_action action =
        sst_failed(&s, failures[_i].status, failures[_i].was_update, true, failures[_i].retry_after_s, 0, now_ms);
    ck_assert_msg(action == failures[_i].action, "%s: %d", failures[_i].name, action);
    ck_assert_msg(s.result == failures[_i].result, "%s: %s", failures[_i].name, sst_result_name(s.result));
    ck_assert_msg(s.update_refused == (action == SST_REFRESH_INVITE), "%s: remembered", failures[_i].name);
    ck_assert_msg(s.end_ms == end_ms, "%s: the end stays", failures[_i].name);
    if (failures[_i].again_ms == 0)
        return;
    ck_assert_msg(sst_deadline(&s) == again_ms, "%s: %llu", failures[_i].name,
                  (unsigned long long)(sst_deadline(&s) - now_ms));
    ck_assert_msg(sst_tick(&s, &trunk, again_ms - 1) == SST_NOTHING, "%s: not before", failures[_i].name);
    ck_assert_msg(sst_tick(&s, &trunk, again_ms) == SST_REFRESH_INVITE, "%s: again", failures[_i].name);
}
END_TEST

/* A Retry-After beyond the end does not move the end; in ms, this one is more than 32 bits hold. */
START_TEST(retry_after_the_end) {
    uint64_t now_ms;
    struct sst s = refreshing(1800, &now_ms);
    uint64_t end_ms = s.end_ms;

    sst_failed(&s, 503, false, true, LONG_S, 0, now_ms);
    ck_assert(sst_deadline(&s) == end_ms);
    ck_assert(sst_tick(&s, &trunk, end_ms) == SST_FAILED);
}
END_TEST

/* Refused again and again: tries go on until the end, and no longer. */
START_TEST(refused_until_the_end) {
    uint64_t now_ms;
    struct sst s = refreshing(900, &now_ms);
    int tries = 1;

    enum sst_action action = SST_REFRESH_INVITE;
    while (action == SST_REFRESH_INVITE && tries < 100) {
        ck_assert(sst_failed(&s, 500, false, true, 0, 0, now_ms) == SST_NOTHING);
        ck_assert(sst_deadline(&s) > now_ms);
        now_ms = sst_deadline(&s);
        action = sst_tick(&s, &trunk, now_ms);
        tries += action == SST_REFRESH_INVITE;
    }
    ck_assert(action == SST_FAILED);
    ck_assert_uint_eq(now_ms, START_MS + 868000);
    ck_assert_int_eq(tries, 9); /* 450, 500, ... 850 s */
}
END_TEST

/* RFC 3261 14.1: who made the Call-ID waits longer. */
START_TEST(glare) {
    for (int owns_call_id = 0; owns_call_id < 2; owns_call_id++) {
        uint64_t now_ms;
        struct sst s = refreshing(1800, &now_ms);
        sst_failed(&s, 491, false, owns_call_id, 0, 7, now_ms);
        ck_assert_uint_eq(sst_deadline(&s), now_ms + (owns_call_id ? 2170 : 70));
    }
}
END_TEST

/* What one UPDATE taught holds for the dialog, though the peer goes on to list UPDATE. */
static void update_refused(int status) {
    static const struct sst_said allow = {.has_allow = true, .has_update = true};
    struct sst s = running(1800, true, START_MS);

    sst_heard(&s, &allow);
    uint64_t now_ms = sst_deadline(&s);
    ck_assert(sst_tick(&s, &trunk, now_ms) == SST_REFRESH_UPDATE);
    ck_assert(sst_failed(&s, status, true, true, 0, 0, now_ms) == SST_REFRESH_INVITE);
    ck_assert(sst_deadline(&s) == s.end_ms); /* the re-INVITE is under way: none besides it */
    for (int i = 0; i < 3; i++) {
        sst_heard(&s, &allow);
        sst_granted(&s, &trunk, &ours, 1800, now_ms);
        now_ms = sst_deadline(&s);
        ck_assert(sst_tick(&s, &trunk, now_ms) == SST_REFRESH_INVITE);
    }
}

START_TEST(update_refused_is_remembered) {
    update_refused(405);
    update_refused(501);
    update_refused(500);
}
END_TEST

/* Our refresh crossed one of the peer's: its failure changes nothing of the interval that began meanwhile. */
START_TEST(failure_after_their_refresh) {
    uint64_t now_ms;
    struct sst s = refreshing(1800, &now_ms);
    struct sst_said said = {1800, .refresher = SST_PARAM_UAC, .timer = true};
    struct sst_say say;

    sst_accept(&s, &trunk, &said, now_ms + 100, &say);
    ck_assert(sst_failed(&s, 491, false, true, 0, 0, now_ms + 200) == SST_NOTHING);
    ck_assert(sst_deadline(&s) == now_ms + 100 + 1768000);
    ck_assert(sst_failed(&s, 500, true, true, 0, 0, now_ms + 300) == SST_NOTHING);
    ck_assert(sst_deadline(&s) == now_ms + 100 + 1768000);
}
END_TEST

START_TEST(postpone) {
    uint64_t now_ms;
    struct sst s = refreshing(1800, &now_ms);
    uint64_t end_ms = s.end_ms;

    for (int i = 0; i < 5; i++) {
        sst_postpone(&s, now_ms);
        ck_assert(sst_deadline(&s) == now_ms + 1000);
        ck_assert(sst_tick(&s, &trunk, now_ms + 999) == SST_NOTHING);
        now_ms += 1000;
        ck_assert(sst_tick(&s, &trunk, now_ms) == SST_REFRESH_INVITE);
    }
    sst_postpone(&s, end_ms - 500);
    ck_assert(sst_deadline(&s) == end_ms);
    ck_assert(sst_tick(&s, &trunk, end_ms) == SST_FAILED);
}
END_TEST

START_TEST(stop) {
    uint64_t now_ms;
    struct sst s = refreshing(1800, &now_ms);

    sst_stop(&s);
    ck_assert(sst_deadline(&s) == UINT64_MAX);
    ck_assert(sst_tick(&s, &trunk, now_ms + 10000000) == SST_NOTHING);
    ck_assert(s.refresher == SST_NOBODY && s.why == SST_WHY_NONE && !s.refreshing);
    ck_assert(sst_failed(&s, 491, false, true, 0, 0, now_ms) == SST_NOTHING);
    ck_assert(sst_deadline(&s) == UINT64_MAX);
    ck_assert(sst_tick(&(struct sst){0}, &trunk, START_MS) == SST_NOTHING);
    ck_assert(sst_deadline(&(struct sst){0}) == UINT64_MAX);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sst_clock");
    TCase *tc = tcase_create("sst_clock");

    tcase_add_loop_test(tc, end_ours, 0, sizeof ends / sizeof *ends);
    tcase_add_loop_test(tc, end_theirs, 0, sizeof ends / sizeof *ends);
    tcase_add_test(tc, late_tick);
    tcase_add_loop_test(tc, method, 0, sizeof methods / sizeof *methods);
    tcase_add_test(tc, allow_is_remembered);
    tcase_add_loop_test(tc, failure, 0, sizeof failures / sizeof *failures);
    tcase_add_test(tc, retry_after_the_end);
    tcase_add_test(tc, refused_until_the_end);
    tcase_add_test(tc, glare);
    tcase_add_test(tc, update_refused_is_remembered);
    tcase_add_test(tc, failure_after_their_refresh);
    tcase_add_test(tc, postpone);
    tcase_add_test(tc, stop);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
