/* Session timers of two ends that talk to each other, in virtual time: who refreshes, and that they agree on it. */
#include <check.h>

#include "b2bua/core/sst.h"
#include "tests/suite.h"

#define START_MS UINT64_C(1000000)

enum { REFRESHES = 30 };

static const struct sst_policy trunk = {.on = SST_ON, .refresh = true, .session_expires_s = 1800, .min_se_s = 90};
static const struct sst_said ours = {1800, .refresher = SST_PARAM_UAC, .timer = true};   /* a 2xx to us: we refresh */
static const struct sst_said theirs = {1800, .refresher = SST_PARAM_UAS, .timer = true}; /* the peer does */

struct pair {
    struct sst_policy p[2];
    struct sst s[2];
    uint64_t now_ms;
};

static struct sst_said said_by(const struct sst_say *say) {
    return (struct sst_said){.session_expires_s = say->session_expires_s,
                             .min_se_s = say->min_se_s,
                             .refresher = say->refresher,
                             .timer = say->supported,
                             .has_allow = true,
                             .has_update = true};
}

/* One of them sends a request, the other answers 200: they agree. */
static void exchange(struct pair *pair, int from) {
    struct sst *uac = &pair->s[from], *uas = &pair->s[!from];
    struct sst_say request, response;

    sst_ask(uac, &pair->p[from], false, &request);
    struct sst_said in = said_by(&request);
    sst_heard(uas, &in);
    sst_accept(uas, &pair->p[!from], &in, pair->now_ms, &response);
    struct sst_said back = said_by(&response);
    sst_heard(uac, &back);
    sst_granted(uac, &pair->p[from], &back, request.session_expires_s, pair->now_ms);
    ck_assert_uint_eq(uac->interval_s, uas->interval_s);
    ck_assert((uac->refresher == SST_LOCAL && uas->refresher == SST_REMOTE) ||
              (uac->refresher == SST_REMOTE && uas->refresher == SST_LOCAL));
}

static void pair_init(struct pair *pair, enum sst_wish first, enum sst_wish second, uint32_t interval_s) {
    *pair = (struct pair){.p = {trunk, trunk}, .now_ms = START_MS};
    pair->p[0].wish = first;
    pair->p[1].wish = second;
    pair->p[0].session_expires_s = pair->p[1].session_expires_s = interval_s;
    exchange(pair, 0);
    ck_assert(pair->s[0].result == SST_RESULT_NONE && pair->s[1].result == SST_RESULT_NONE);
}

static int refresher_of(const struct pair *pair) {
    return pair->s[0].refresher == SST_LOCAL ? 0 : 1;
}

/* The next thing that the clock brings is a refresh by whom it is due, in time; it succeeds. */
static void refresh(struct pair *pair, enum sst_action expected) {
    int who = refresher_of(pair);
    uint64_t due_ms = sst_deadline(&pair->s[who]);

    ck_assert_uint_eq(due_ms, pair->now_ms + (uint64_t)pair->s[who].interval_s * 500);
    ck_assert(sst_deadline(&pair->s[!who]) > due_ms);
    ck_assert(sst_tick(&pair->s[!who], &pair->p[!who], due_ms) == SST_NOTHING);
    ck_assert(sst_tick(&pair->s[who], &pair->p[who], due_ms) == expected);
    pair->now_ms = due_ms;
    exchange(pair, who);
    ck_assert_int_eq(refresher_of(pair), who);
    ck_assert(pair->s[0].result == SST_RESULT_OK && pair->s[1].result == SST_RESULT_OK);
}

/* clang-format off */
static const struct {
    const char *name;
    enum sst_wish uac, uas;
    int refresher; /* 0: who sent the first INVITE */
} wishes[] = {
    {"auto, auto: the caller", SST_WISH_AUTO, SST_WISH_AUTO, 0},
    {"auto, local: the called", SST_WISH_AUTO, SST_WISH_LOCAL, 1},
    {"auto, remote: the caller", SST_WISH_AUTO, SST_WISH_REMOTE, 0},
    {"local, auto: the caller", SST_WISH_LOCAL, SST_WISH_AUTO, 0},
    {"local, local: the caller named itself", SST_WISH_LOCAL, SST_WISH_LOCAL, 0},
    {"local, remote: the caller", SST_WISH_LOCAL, SST_WISH_REMOTE, 0},
    {"remote, auto: the called", SST_WISH_REMOTE, SST_WISH_AUTO, 1},
    {"remote, local: the called", SST_WISH_REMOTE, SST_WISH_LOCAL, 1},
    {"remote, remote: the caller named the called", SST_WISH_REMOTE, SST_WISH_REMOTE, 1},
};
/* clang-format on */

/* RFC 4028 7.4: roles stay, whoever sends; three refreshes in a row by each method; a request of the other between. */
START_TEST(two_ends) {
    for (int update = 0; update < 2; update++) {
        struct pair pair;

        pair_init(&pair, wishes[_i].uac, wishes[_i].uas, 1800);
        ck_assert_msg(refresher_of(&pair) == wishes[_i].refresher, "%s", wishes[_i].name);
        pair.p[0].method = pair.p[1].method = update ? SST_METHOD_AUTO : SST_METHOD_INVITE;
        for (int i = 0; i < 3; i++)
            refresh(&pair, update ? SST_REFRESH_UPDATE : SST_REFRESH_INVITE);
        pair.now_ms += 60000;
        exchange(&pair, !wishes[_i].refresher);
        ck_assert_msg(refresher_of(&pair) == wishes[_i].refresher, "%s: after a request", wishes[_i].name);
        refresh(&pair, update ? SST_REFRESH_UPDATE : SST_REFRESH_INVITE);
    }
}
END_TEST

/* RFC 4028 7.4, table 2: a request may name another than before; the next says the new role from its own side. */
START_TEST(roles_flip) {
    struct sst s = {0};
    struct sst_said takes = {1800, .refresher = SST_PARAM_UAC, .timer = true};
    struct sst_said gives = {1800, .refresher = SST_PARAM_UAS, .timer = true};
    struct sst_say say;

    sst_granted(&s, &trunk, &ours, 1800, START_MS);
    sst_accept(&s, &trunk, &takes, START_MS, &say);
    ck_assert(s.refresher == SST_REMOTE && say.refresher == SST_PARAM_UAC && say.required);
    ck_assert(sst_deadline(&s) == START_MS + 1768000);
    sst_ask(&s, &trunk, false, &say);
    ck_assert(say.refresher == SST_PARAM_UAS);
    sst_accept(&s, &trunk, &gives, START_MS, &say);
    ck_assert(s.refresher == SST_LOCAL && say.refresher == SST_PARAM_UAS && !say.required);
    ck_assert(sst_deadline(&s) == START_MS + 900000);
    sst_ask(&s, &trunk, false, &say);
    ck_assert(say.refresher == SST_PARAM_UAC);
    sst_granted(&s, &trunk, &theirs, 1800, START_MS + 1000); /* the 2xx has the last word */
    ck_assert(s.refresher == SST_REMOTE && sst_deadline(&s) == START_MS + 1769000);
}
END_TEST

/* Thirty minutes of 120 s each way; afterwards silence, and both ends hang up at the same moment. */
START_TEST(thirty_minutes) {
    for (int who = 0; who < 2; who++) {
        struct pair pair;

        pair_init(&pair, who == 0 ? SST_WISH_LOCAL : SST_WISH_REMOTE, SST_WISH_AUTO, 120);
        for (int i = 0; i < REFRESHES; i++)
            refresh(&pair, SST_REFRESH_UPDATE);
        ck_assert_uint_eq(pair.now_ms, START_MS + 30 * 60 * 1000);
        ck_assert(sst_tick(&pair.s[who], &pair.p[who], pair.now_ms + 60000) == SST_REFRESH_UPDATE);
        ck_assert(sst_tick(&pair.s[who], &pair.p[who], pair.now_ms + 88000) == SST_FAILED);
        ck_assert(sst_tick(&pair.s[!who], &pair.p[!who], pair.now_ms + 88000) == SST_MISSED);
    }
}
END_TEST

/* Day after day: each deadline lies behind the last, and none runs over. */
START_TEST(deadlines_rise) {
    struct pair pair;
    uint64_t last_ms = 0;

    pair_init(&pair, SST_WISH_LOCAL, SST_WISH_AUTO, 86400);
    pair.now_ms = UINT64_MAX / 2;
    exchange(&pair, 0);
    for (int i = 0; i < REFRESHES; i++) {
        ck_assert(sst_deadline(&pair.s[0]) > last_ms && sst_deadline(&pair.s[0]) > pair.now_ms);
        ck_assert(pair.s[0].end_ms > pair.s[0].refresh_ms && pair.s[0].end_ms > pair.s[0].start_ms);
        last_ms = sst_deadline(&pair.s[0]);
        refresh(&pair, SST_REFRESH_UPDATE);
    }
    ck_assert_uint_eq(pair.now_ms, UINT64_MAX / 2 + (uint64_t)REFRESHES * 43200 * 1000);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sst_ends");
    TCase *tc = tcase_create("sst_ends");

    tcase_add_loop_test(tc, two_ends, 0, sizeof wishes / sizeof *wishes);
    tcase_add_test(tc, roles_flip);
    tcase_add_test(tc, thirty_minutes);
    tcase_add_test(tc, deadlines_rise);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
