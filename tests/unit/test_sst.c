/* What the two ends of a leg agree on: interval, refresher, and what each message says of them. Time: test_sst_clock.
 */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/sst.h"
#include "tests/suite.h"

enum { NOW_MS = 1000000, RUNGS = 4 };

static struct sst_policy policy(enum sst_wish wish, bool refresh, uint32_t session_expires_s, uint32_t min_se_s) {
    return (struct sst_policy){
        .on = SST_ON, .refresh = refresh, .session_expires_s = session_expires_s, .min_se_s = min_se_s, .wish = wish};
}

/* clang-format off */
static const struct {
    const char *name;
    bool on;
    uint32_t min_se_s;
    struct sst_said said;
    int status;
} checks[] = {
    {"RFC 4028 9: below our minimum, the peer can raise it", true, 900, {899, 0, SST_PARAM_NONE, .timer = true}, 422},
    {"RFC 4028 9: exactly our minimum", true, 900, {900, 0, SST_PARAM_NONE, .timer = true}, 0},
    {"RFC 4028 9: above it", true, 900, {3600, 0, SST_PARAM_NONE, .timer = true}, 0},
    {"RFC 4028 9: no use to refuse who cannot raise it", true, 900, {899, 0, SST_PARAM_NONE, .timer = false}, 0},
    {"RFC 4028 5: the floor", true, SST_FLOOR_S, {89, 0, SST_PARAM_NONE, .timer = true}, 422},
    {"RFC 4028 5: on the floor", true, SST_FLOOR_S, {90, 0, SST_PARAM_NONE, .timer = true}, 0},
    {"nothing asked", true, 900, {0, 0, SST_PARAM_NONE, .timer = true}, 0},
    {"a Min-SE alone asks nothing", true, 900, {0, 90, SST_PARAM_NONE, .timer = true}, 0},
    {"a larger Min-SE of the peer does not help", true, 900, {600, 1200, SST_PARAM_NONE, .timer = true}, 422},
    {"whom it names does not matter", true, 900, {600, 0, SST_PARAM_UAC, .timer = true}, 422},
    {"off: everything passes", false, 900, {90, 0, SST_PARAM_NONE, .timer = true}, 0},
};
/* clang-format on */

/* The request had said what sst_ask makes of it. */
static bool too_small_as_asked(struct sst *s, const struct sst_policy *p, const struct sst_said *said) {
    struct sst_say say;

    sst_ask(s, p, false, &say);
    return sst_too_small(s, p, said, say.session_expires_s);
}

START_TEST(check) {
    struct sst_policy p = policy(SST_WISH_AUTO, true, 1800, checks[_i].min_se_s);
    uint32_t min_se_s = 7;

    p.on = checks[_i].on ? SST_ON : SST_OFF;
    int status = sst_check(&p, &checks[_i].said, &min_se_s);
    ck_assert_msg(status == checks[_i].status, "%s: %d", checks[_i].name, status);
    ck_assert_msg(min_se_s == (status == 0 ? 7 : checks[_i].min_se_s), "%s: Min-SE %u", checks[_i].name, min_se_s);
}
END_TEST

/* --- as UAS: who refreshes */

/* clang-format off */
static const struct {
    const char *name;
    enum sst_wish wish;
    bool timer;
    enum sst_param named;
    enum sst_party before; /* who refreshes already */
    enum sst_party party;
    enum sst_why why;
} appointed[] = {
    {"table 2: N, none", SST_WISH_AUTO, false, SST_PARAM_NONE, SST_NOBODY, SST_LOCAL, SST_WHY_PEER_CANNOT},
    {"table 2: N, uac: not allowed, us", SST_WISH_AUTO, false, SST_PARAM_UAC, SST_NOBODY, SST_LOCAL, SST_WHY_PEER_CANNOT},
    {"table 2: N, uas: not allowed, us", SST_WISH_AUTO, false, SST_PARAM_UAS, SST_NOBODY, SST_LOCAL, SST_WHY_PEER_CANNOT},
    {"table 2: Y, none", SST_WISH_AUTO, true, SST_PARAM_NONE, SST_NOBODY, SST_REMOTE, SST_WHY_PEER_SUPPORTS},
    {"table 2: Y, uac", SST_WISH_AUTO, true, SST_PARAM_UAC, SST_NOBODY, SST_REMOTE, SST_WHY_NAMED_BY_PEER},
    {"table 2: Y, uas", SST_WISH_AUTO, true, SST_PARAM_UAS, SST_NOBODY, SST_LOCAL, SST_WHY_NAMED_BY_PEER},

    {"table 2: Y, none: ours to choose", SST_WISH_LOCAL, true, SST_PARAM_NONE, SST_NOBODY, SST_LOCAL, SST_WHY_TRUNK},
    {"table 2: Y, uac: not ours", SST_WISH_LOCAL, true, SST_PARAM_UAC, SST_NOBODY, SST_REMOTE, SST_WHY_NAMED_BY_PEER},
    {"table 2: Y, uas, as wished", SST_WISH_LOCAL, true, SST_PARAM_UAS, SST_NOBODY, SST_LOCAL, SST_WHY_NAMED_BY_PEER},
    {"table 2: Y, none: ours to leave", SST_WISH_REMOTE, true, SST_PARAM_NONE, SST_NOBODY, SST_REMOTE, SST_WHY_TRUNK},
    {"table 2: Y, uac, as wished", SST_WISH_REMOTE, true, SST_PARAM_UAC, SST_NOBODY, SST_REMOTE, SST_WHY_NAMED_BY_PEER},
    {"table 2: Y, uas: not ours either", SST_WISH_REMOTE, true, SST_PARAM_UAS, SST_NOBODY, SST_LOCAL, SST_WHY_NAMED_BY_PEER},
    {"table 2: N: no wish helps", SST_WISH_REMOTE, false, SST_PARAM_NONE, SST_NOBODY, SST_LOCAL, SST_WHY_PEER_CANNOT},
    {"table 2: N: nor a name", SST_WISH_REMOTE, false, SST_PARAM_UAC, SST_NOBODY, SST_LOCAL, SST_WHY_PEER_CANNOT},

    {"in force: stays ours", SST_WISH_AUTO, true, SST_PARAM_NONE, SST_LOCAL, SST_LOCAL, SST_WHY_NONE},
    {"in force: stays the peer's", SST_WISH_AUTO, true, SST_PARAM_NONE, SST_REMOTE, SST_REMOTE, SST_WHY_NONE},
    {"in force: the trunk's wish takes it", SST_WISH_LOCAL, true, SST_PARAM_NONE, SST_REMOTE, SST_LOCAL, SST_WHY_TRUNK},
    {"in force: the trunk's wish gives it", SST_WISH_REMOTE, true, SST_PARAM_NONE, SST_LOCAL, SST_REMOTE, SST_WHY_TRUNK},
    {"in force: the peer takes it", SST_WISH_AUTO, true, SST_PARAM_UAC, SST_LOCAL, SST_REMOTE, SST_WHY_NAMED_BY_PEER},
    {"in force: the peer gives it", SST_WISH_AUTO, true, SST_PARAM_UAS, SST_REMOTE, SST_LOCAL, SST_WHY_NAMED_BY_PEER},
    {"in force: the peer can no more", SST_WISH_AUTO, false, SST_PARAM_NONE, SST_REMOTE, SST_LOCAL, SST_WHY_PEER_CANNOT},
};
/* clang-format on */

/* Whether the request asks for an interval or not, the refresher is found in the same way. */
static void accept_one(const char *name, int i, uint32_t asked_s) {
    struct sst_policy p = policy(appointed[i].wish, true, 1800, 90);
    struct sst_said said = {asked_s, 0, appointed[i].named, .timer = appointed[i].timer};
    struct sst s = {.refresher = appointed[i].before, .interval_s = appointed[i].before == SST_NOBODY ? 0 : 1800};
    bool peer = appointed[i].party == SST_REMOTE;
    struct sst_say say;

    sst_accept(&s, &p, &said, NOW_MS, &say);
    ck_assert_msg(s.refresher == appointed[i].party, "%s: %s", name, sst_party_name(s.refresher));
    ck_assert_msg(s.why == appointed[i].why, "%s: %s", name, sst_why_name(s.why));
    ck_assert_msg(say.session_expires_s == 1800 && say.min_se_s == 0 && say.supported, "%s: what is said", name);
    ck_assert_msg(say.refresher == (peer ? SST_PARAM_UAC : SST_PARAM_UAS), "%s: parameter", name);
    ck_assert_msg(say.required == peer, "%s: Require exactly when the peer refreshes", name);
    ck_assert_msg((s.refresh_ms != 0) == !peer, "%s: our refreshes", name);
    ck_assert_msg(s.result == (appointed[i].before == SST_NOBODY ? SST_RESULT_NONE : SST_RESULT_OK),
                  "%s: the first is no refresh", name);
}

START_TEST(accept_refresher) {
    accept_one(appointed[_i].name, _i, 1800);
    accept_one(appointed[_i].name, _i, 0);
}
END_TEST

/* --- as UAS: the interval */

/* clang-format off */
static const struct {
    const char *name;
    uint32_t own_s, min_se_s;
    bool refresh, timer;
    uint32_t asked_s, peer_min_se_s, before_s;
    uint32_t interval_s; /* 0 = no timer, and nothing said */
} intervals[] = {
    {"RFC 4028 9: 3600 with Min-SE 900, own 1800", 1800, 90, false, true, 3600, 900, 0, 1800},
    {"RFC 4028 9: never raised to our own", 1800, 90, false, true, 600, 0, 0, 600},
    {"RFC 4028 9: not below the peer's Min-SE", 1800, 90, false, true, 7200, 3600, 0, 3600},
    {"RFC 4028 9: nor below ours", 1800, 1800, false, true, 3600, 900, 0, 1800},
    {"a peer without `timer` is raised to our minimum", 1800, 900, false, false, 300, 0, 0, 900},
    {"a peer without `timer` is raised to its own minimum", 1800, 90, false, false, 300, 600, 0, 600},
    {"the largest minimum wins", 1800, 900, false, false, 300, 1200, 0, 1200},
    {"RFC 4028 5: the floor, whatever the trunk says", 60, 60, false, false, 30, 30, 0, SST_FLOOR_S},
    {"nothing asked, no refresh: no timer", 1800, 90, false, true, 0, 0, 0, 0},
    {"nothing asked, no refresh, no `timer`: no timer", 1800, 90, false, false, 0, 0, 0, 0},
    {"a Min-SE asks nothing", 1800, 90, false, true, 0, 900, 0, 0},
    {"nothing asked, refresh: our interval", 1800, 90, true, true, 0, 0, 0, 1800},
    {"nothing asked, refresh, no `timer`: ours, too", 1800, 90, true, false, 0, 0, 0, 1800},
    {"nothing asked, refresh: not below the peer's Min-SE", 1800, 90, true, true, 0, 2400, 0, 2400},
    {"nothing asked, one runs: it goes on", 1800, 90, false, true, 0, 0, 600, 600},
    {"nothing asked, one runs, refresh: it goes on, too", 1800, 90, true, true, 0, 0, 600, 600},
    {"nothing asked, one runs: not below the peer's Min-SE", 1800, 90, false, true, 0, 900, 600, 900},
    {"one runs: what is asked now counts", 1800, 90, false, true, 1200, 0, 600, 1200},
    {"one runs, larger than ours: ours counts again", 1800, 90, false, true, 3600, 0, 3600, 1800},
    {"the largest that a trunk may have", 86400, 90, false, true, 86400, 0, 0, 86400},
    {"the largest number there is", 1800, 90, false, true, UINT32_MAX, 0, 0, 1800},
};
/* clang-format on */

START_TEST(accept_interval) {
    struct sst_policy p = policy(SST_WISH_AUTO, intervals[_i].refresh, intervals[_i].own_s, intervals[_i].min_se_s);
    struct sst_said said = {intervals[_i].asked_s, intervals[_i].peer_min_se_s, .timer = intervals[_i].timer};
    struct sst s = {.interval_s = intervals[_i].before_s};
    uint32_t interval_s = intervals[_i].interval_s;
    struct sst_say say;

    sst_accept(&s, &p, &said, NOW_MS, &say);
    ck_assert_msg(s.interval_s == interval_s, "%s: %u", intervals[_i].name, s.interval_s);
    ck_assert_msg(say.session_expires_s == interval_s, "%s: says %u", intervals[_i].name, say.session_expires_s);
    ck_assert_msg(say.supported && say.min_se_s == 0, "%s: what is said", intervals[_i].name);
    ck_assert_msg((s.refresher == SST_NOBODY) == (interval_s == 0), "%s: refresher", intervals[_i].name);
    ck_assert_msg((say.refresher == SST_PARAM_NONE) == (interval_s == 0), "%s: parameter", intervals[_i].name);
    ck_assert_msg((sst_deadline(&s) == UINT64_MAX) == (interval_s == 0), "%s: deadline", intervals[_i].name);
}
END_TEST

START_TEST(off_says_nothing) {
    struct sst_policy p = policy(SST_WISH_LOCAL, true, 1800, 90);
    struct sst_said said = {1800, 900, SST_PARAM_UAS, .timer = true};
    struct sst_say said_by_us, asked;
    struct sst s = {0}, t = {0};

    p.on = SST_OFF;
    sst_accept(&s, &p, &said, NOW_MS, &said_by_us);
    sst_ask(&t, &p, true, &asked);
    sst_granted(&t, &p, &said, 1800, NOW_MS);
    ck_assert(!said_by_us.supported && said_by_us.session_expires_s == 0 && said_by_us.refresher == SST_PARAM_NONE);
    ck_assert(!asked.supported && asked.session_expires_s == 0 && asked.min_se_s == 0 && !asked.required);
    ck_assert(!too_small_as_asked(&t, &p, &said));
    ck_assert(sst_deadline(&s) == UINT64_MAX && sst_deadline(&t) == UINT64_MAX);
}
END_TEST

/* --- as UAC */

/* clang-format off */
static const struct {
    const char *name;
    enum sst_wish wish;
    enum sst_param named; /* by the 2xx */
    enum sst_param asked; /* by our first request */
    enum sst_party party;
    enum sst_why why;
} granted[] = {
    {"auto, none named: us", SST_WISH_AUTO, SST_PARAM_NONE, SST_PARAM_NONE, SST_LOCAL, SST_WHY_UNNAMED},
    {"auto, uac", SST_WISH_AUTO, SST_PARAM_UAC, SST_PARAM_NONE, SST_LOCAL, SST_WHY_NAMED_BY_PEER},
    {"auto, uas", SST_WISH_AUTO, SST_PARAM_UAS, SST_PARAM_NONE, SST_REMOTE, SST_WHY_NAMED_BY_PEER},
    {"local, none named: us", SST_WISH_LOCAL, SST_PARAM_NONE, SST_PARAM_UAC, SST_LOCAL, SST_WHY_UNNAMED},
    {"local, uac", SST_WISH_LOCAL, SST_PARAM_UAC, SST_PARAM_UAC, SST_LOCAL, SST_WHY_NAMED_BY_PEER},
    {"local, uas: the 2xx decides", SST_WISH_LOCAL, SST_PARAM_UAS, SST_PARAM_UAC, SST_REMOTE, SST_WHY_NAMED_BY_PEER},
    {"remote, none named: us all the same", SST_WISH_REMOTE, SST_PARAM_NONE, SST_PARAM_UAS, SST_LOCAL, SST_WHY_UNNAMED},
    {"remote, uac: the 2xx decides", SST_WISH_REMOTE, SST_PARAM_UAC, SST_PARAM_UAS, SST_LOCAL, SST_WHY_NAMED_BY_PEER},
    {"remote, uas", SST_WISH_REMOTE, SST_PARAM_UAS, SST_PARAM_UAS, SST_REMOTE, SST_WHY_NAMED_BY_PEER},
};
/* clang-format on */

START_TEST(ask_and_granted) {
    struct sst_policy p = policy(granted[_i].wish, true, 1800, 900);
    struct sst_said said = {1800, 0, granted[_i].named, .timer = true};
    bool ours = granted[_i].party == SST_LOCAL;
    struct sst s = {0};
    struct sst_say say;

    sst_ask(&s, &p, false, &say);
    ck_assert_msg(say.refresher == granted[_i].asked, "%s: first request", granted[_i].name);
    ck_assert_msg(say.session_expires_s == 1800 && say.min_se_s == 900, "%s: interval", granted[_i].name);
    ck_assert_msg(say.supported && !say.required, "%s: extensions", granted[_i].name);
    sst_granted(&s, &p, &said, say.session_expires_s, NOW_MS);
    ck_assert_msg(s.refresher == granted[_i].party, "%s: %s", granted[_i].name, sst_party_name(s.refresher));
    ck_assert_msg(s.why == granted[_i].why, "%s: %s", granted[_i].name, sst_why_name(s.why));
    ck_assert_msg((s.refresh_ms != 0) == ours, "%s: our refreshes", granted[_i].name);
    sst_ask(&s, &p, false, &say);
    ck_assert_msg(say.refresher == (ours ? SST_PARAM_UAC : SST_PARAM_UAS), "%s: in the dialog", granted[_i].name);
}
END_TEST

/* clang-format off */
static const struct {
    const char *name;
    bool refresh, asked;
    uint32_t own_s, min_se_s;
    struct sst s;
    uint32_t session_expires_s, say_min_se_s;
} asks[] = {
    {"nobody wants one", false, false, 1800, 900, {0}, 0, 0},
    {"the other leg asked", false, true, 1800, 900, {0}, 1800, 900},
    {"refresh", true, false, 1800, 900, {0}, 1800, 900},
    {"RFC 4028 7.4: one runs: its interval", false, false, 1800, 90, {.interval_s = 600}, 600, 90},
    {"RFC 4028 7.4: one runs, larger than ours", false, false, 1800, 90, {.interval_s = 3600}, 3600, 90},
    {"RFC 4028 7.3: not below what a 422 said", true, false, 1800, 90, {.min_se_s = 3600}, 3600, 3600},
    {"RFC 4028 7.3: a 422 said less than our minimum", true, false, 1800, 900, {.min_se_s = 600}, 1800, 900},
    {"RFC 4028 7.4: the larger of interval and Min-SE",
     false, false, 1800, 90, {.interval_s = 600, .min_se_s = 1200}, 1200, 1200},
    {"RFC 4028 7.4: the interval is below our minimum", false, false, 1800, 900, {.interval_s = 600}, 900, 900},
};
/* clang-format on */

START_TEST(ask) {
    struct sst_policy p = policy(SST_WISH_AUTO, asks[_i].refresh, asks[_i].own_s, asks[_i].min_se_s);
    struct sst_say say;

    sst_ask(&asks[_i].s, &p, asks[_i].asked, &say);
    ck_assert_msg(say.session_expires_s == asks[_i].session_expires_s, "%s: %u", asks[_i].name, say.session_expires_s);
    ck_assert_msg(say.min_se_s == asks[_i].say_min_se_s, "%s: Min-SE %u", asks[_i].name, say.min_se_s);
    ck_assert_msg(say.supported && !say.required, "%s: extensions", asks[_i].name);
}
END_TEST

/* clang-format off */
static const struct {
    const char *name;
    bool refresh;
    uint32_t before_s, asked_s, granted_s;
    uint32_t interval_s;
    enum sst_why why;
} grants[] = {
    {"RFC 4028 7.2: larger than asked", true, 0, 1800, 3600, 3600, SST_WHY_NAMED_BY_PEER},
    {"RFC 4028 7.2: below our minimum", true, 0, 1800, 120, 120, SST_WHY_NAMED_BY_PEER},
    {"RFC 4028 7.2: although we asked for none", false, 0, 0, 1800, 1800, SST_WHY_NAMED_BY_PEER},
    {"RFC 4028 7.2: no Session-Expires: we refresh alone", true, 0, 2400, 0, 2400, SST_WHY_PEER_CANNOT},
    {"RFC 4028 7.2: no Session-Expires, nor did we ask", true, 0, 0, 0, 0, SST_WHY_NONE},
    {"no Session-Expires, no refresh: none", false, 0, 1800, 0, 0, SST_WHY_NONE},
    {"no Session-Expires, no refresh: none any more", false, 1800, 1800, 0, 0, SST_WHY_NONE},
    {"no Session-Expires at a refresh: alone from now on", true, 1800, 1800, 0, 1800, SST_WHY_PEER_CANNOT},
    {"one runs, the 2xx changes it", true, 1800, 1800, 600, 600, SST_WHY_NAMED_BY_PEER},
};
/* clang-format on */

START_TEST(grant) {
    struct sst_policy p = policy(SST_WISH_AUTO, grants[_i].refresh, 1800, 900);
    struct sst_said said = {.session_expires_s = grants[_i].granted_s, .refresher = SST_PARAM_UAC};
    struct sst s = {.interval_s = grants[_i].before_s, .refresher = SST_REMOTE};
    bool runs = grants[_i].interval_s != 0;

    sst_granted(&s, &p, &said, grants[_i].asked_s, NOW_MS);
    ck_assert_msg(s.interval_s == grants[_i].interval_s, "%s: %u", grants[_i].name, s.interval_s);
    ck_assert_msg(s.refresher == (runs ? SST_LOCAL : SST_NOBODY), "%s: refresher", grants[_i].name);
    ck_assert_msg(s.why == grants[_i].why, "%s: %s", grants[_i].name, sst_why_name(s.why));
    ck_assert_msg((sst_deadline(&s) != UINT64_MAX) == runs, "%s: deadline", grants[_i].name);
}
END_TEST

/* --- 422 */

/* clang-format off */
static const struct {
    const char *name;
    uint32_t own_s;
    int count;
    struct { uint32_t min_se_s, again_s; } rungs[RUNGS]; /* again_s = 0: not again */
} ladders[] = {
    {"RFC 4028 7.3: three times, each with more",
     900, 4, {{1800, 1800}, {3600, 3600}, {7200, 7200}, {14400, 0}}},
    {"RFC 4028 7.3: what is demanded was asked already", 1800, 1, {{1800, 0}}},
    {"RFC 4028 7.3: less than that", 1800, 1, {{900, 0}}},
    {"RFC 4028 7.3: the same demand twice", 900, 2, {{1800, 1800}, {1800, 0}}},
    {"RFC 4028 6: no Min-SE: 1800", 600, 1, {{0, 1800}}},
    {"RFC 4028 6: no Min-SE, 1800 was asked: twice that", 1800, 1, {{0, 3600}}},
    {"RFC 4028 6: never a Min-SE", 1800, 4, {{0, 3600}, {0, 7200}, {0, 14400}, {0, 0}}},
    {"RFC 4028 6: no Min-SE, and twice is more than a day", 50000, 1, {{0, 0}}},
    {"a day", 1800, 1, {{86400, 86400}}},
    {"more than a day", 1800, 1, {{86401, 0}}},
    {"the largest number there is", 1800, 1, {{UINT32_MAX, 0}}},
};
/* clang-format on */

START_TEST(too_small) {
    struct sst_policy p = policy(SST_WISH_AUTO, true, ladders[_i].own_s, 90);
    struct sst s = {0};

    for (int i = 0; i < ladders[_i].count; i++) {
        struct sst_said said = {.min_se_s = ladders[_i].rungs[i].min_se_s};
        struct sst_say say = {0};
        uint32_t again_s = ladders[_i].rungs[i].again_s;
        bool again = too_small_as_asked(&s, &p, &said);
        ck_assert_msg(again == (again_s != 0), "%s: %d", ladders[_i].name, i);
        sst_ask(&s, &p, false, &say);
        ck_assert_msg(!again || say.session_expires_s == again_s, "%s: %u", ladders[_i].name, say.session_expires_s);
        ck_assert_msg(!again || say.min_se_s == again_s, "%s: Min-SE %u", ladders[_i].name, say.min_se_s);
        ck_assert_msg(!again || s.result == SST_RESULT_TOO_SMALL, "%s: result", ladders[_i].name);
    }
}
END_TEST

/* The bound is for one request; what the peer demanded is for the dialog (RFC 4028 7.4). */
START_TEST(too_small_forgotten) {
    struct sst_policy p = policy(SST_WISH_AUTO, true, 900, 90);
    struct sst s = {0};
    struct sst_say say;

    for (uint32_t min_se_s = 1000; min_se_s <= 3000; min_se_s += 1000)
        ck_assert(too_small_as_asked(&s, &p, &(struct sst_said){.min_se_s = min_se_s}));
    sst_granted(&s, &p, &(struct sst_said){.session_expires_s = 3000, .refresher = SST_PARAM_UAC}, 3000, NOW_MS);
    sst_ask(&s, &p, false, &say);
    ck_assert_uint_eq(say.min_se_s, 3000);
    for (uint32_t min_se_s = 4000; min_se_s <= 6000; min_se_s += 1000)
        ck_assert(too_small_as_asked(&s, &p, &(struct sst_said){.min_se_s = min_se_s}));
    ck_assert(!too_small_as_asked(&s, &p, &(struct sst_said){.min_se_s = 7000}));
    ck_assert(too_small_as_asked(&s, &p, &(struct sst_said){.min_se_s = 8000})); /* another request */
}
END_TEST

/* RFC 4028 8.1: a proxy has asked for us; then we ask, too. */
START_TEST(too_small_unasked) {
    struct sst_policy p = policy(SST_WISH_AUTO, false, 1800, 90);
    struct sst s = {0};
    struct sst_say say;

    sst_ask(&s, &p, false, &say);
    ck_assert_uint_eq(say.session_expires_s, 0);
    ck_assert(sst_too_small(&s, &p, &(struct sst_said){.min_se_s = 1800}, 0));
    sst_ask(&s, &p, false, &say);
    ck_assert_uint_eq(say.session_expires_s, 1800);
}
END_TEST

/* Another failure ends the count of a request's 422s. */
START_TEST(too_small_then_failed) {
    struct sst_policy p = policy(SST_WISH_AUTO, true, 900, 90);
    struct sst s = {0};

    for (uint32_t min_se_s = 1000; min_se_s <= 3000; min_se_s += 1000)
        ck_assert(too_small_as_asked(&s, &p, &(struct sst_said){.min_se_s = min_se_s}));
    sst_failed(&s, 503, false, true, 0, 0, NOW_MS);
    ck_assert(too_small_as_asked(&s, &p, &(struct sst_said){.min_se_s = 4000}));
}
END_TEST

/* A timer that only the other leg asked for is measured by what was asked, too. */
START_TEST(too_small_asked_by_the_other_leg) {
    struct sst_policy p = policy(SST_WISH_AUTO, false, 1800, 90);
    struct sst s = {0};

    ck_assert(!sst_too_small(&s, &p, &(struct sst_said){.min_se_s = 1800}, 1800));
    ck_assert(sst_too_small(&s, &p, &(struct sst_said){.min_se_s = 1801}, 1800));
}
END_TEST

/* RFC 4028 7.4: our refresh repeats the largest Min-SE that the peer's requests in the dialog brought. */
START_TEST(min_se_of_requests) {
    struct sst_policy p = policy(SST_WISH_AUTO, true, 1800, 90);
    struct sst s = {0};
    struct sst_say say;

    sst_accept(&s, &p, &(struct sst_said){1800, 1200, SST_PARAM_UAS, .timer = true}, NOW_MS, &say);
    sst_accept(&s, &p, &(struct sst_said){1800, 600, SST_PARAM_UAS, .timer = true}, NOW_MS, &say);
    ck_assert_uint_eq(say.session_expires_s, 1800);
    sst_ask(&s, &p, false, &say);
    ck_assert_uint_eq(say.min_se_s, 1200);
    ck_assert_uint_eq(say.session_expires_s, 1800);
}
END_TEST

START_TEST(names) {
    ck_assert_str_eq(sst_party_name(SST_NOBODY), "-");
    ck_assert_str_eq(sst_party_name(SST_LOCAL), "local");
    ck_assert_str_eq(sst_party_name(SST_REMOTE), "remote");
    ck_assert_str_eq(sst_why_name(SST_WHY_NONE), "-");
    ck_assert_str_eq(sst_why_name(SST_WHY_NAMED_BY_PEER), "named by peer");
    ck_assert_str_eq(sst_why_name(SST_WHY_PEER_CANNOT), "peer cannot");
    ck_assert_str_eq(sst_why_name(SST_WHY_UNNAMED), "peer named nobody");
    ck_assert_str_eq(sst_result_name(SST_RESULT_NONE), "-");
    ck_assert_str_eq(sst_result_name(SST_RESULT_OK), "ok");
    ck_assert_str_eq(sst_result_name(SST_RESULT_METHOD), "update refused");
    ck_assert_str_eq(sst_result_name(SST_RESULT_LOST), "lost");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sst");
    TCase *tc = tcase_create("sst");

    tcase_add_loop_test(tc, check, 0, sizeof checks / sizeof *checks);
    tcase_add_loop_test(tc, accept_refresher, 0, sizeof appointed / sizeof *appointed);
    tcase_add_loop_test(tc, accept_interval, 0, sizeof intervals / sizeof *intervals);
    tcase_add_test(tc, off_says_nothing);
    tcase_add_loop_test(tc, ask_and_granted, 0, sizeof granted / sizeof *granted);
    tcase_add_loop_test(tc, ask, 0, sizeof asks / sizeof *asks);
    tcase_add_loop_test(tc, grant, 0, sizeof grants / sizeof *grants);
    tcase_add_loop_test(tc, too_small, 0, sizeof ladders / sizeof *ladders);
    tcase_add_test(tc, too_small_forgotten);
    tcase_add_test(tc, too_small_unasked);
    tcase_add_test(tc, too_small_then_failed);
    tcase_add_test(tc, too_small_asked_by_the_other_leg);
    tcase_add_test(tc, min_se_of_requests);
    tcase_add_test(tc, names);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
