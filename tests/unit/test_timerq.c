/* Timers in virtual time: a script of sets, stops and runs, and what fired in which order. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/core/timerq.h"
#include "tests/suite.h"

enum { TIMERS = 8, STEPS = 12, MANY = 1000 };

#define S  1000ull
#define H  (3600 * S)
#define D  (24 * H)
#define UP (1ull << 32) /* what the wheel reaches */

struct probe {
    struct timer timer; /* first: fire gets this */
    char name;
    uint64_t fired_ms;
};

struct world {
    struct timerq q;
    struct probe probes[TIMERS];
    char log[64];
    unsigned fired;
};

static struct world world;

static void fire(struct timer *t, uint64_t now_ms) {
    struct probe *p = (struct probe *)t;

    ck_assert(!timerq_is_set(t));
    ck_assert_uint_ge(now_ms, t->at_ms);
    p->fired_ms = now_ms;
    ck_assert_uint_lt(world.fired, sizeof world.log - 1);
    world.log[world.fired++] = p->name;
}

static void begin(uint64_t now_ms) {
    world = (struct world){0};
    timerq_init(&world.q, now_ms);
    for (int i = 0; i < TIMERS; i++)
        world.probes[i] = (struct probe){.timer.fire = fire, .name = (char)('a' + i)};
}

static struct timer *timer_of(char name) {
    return &world.probes[name - 'a'].timer;
}

/* Times count from the row's start. what: a-h sets that timer, A-H stops it, '>' runs to that time and compares. */
struct step {
    char what;
    uint64_t at_ms;
    const char *fires;
};

struct row {
    const char *name;
    uint64_t start_ms;
    struct step steps[STEPS];
};

#define SET(timer, at)                                                                                                 \
    { timer, at, "" }
#define STOP(timer)                                                                                                    \
    { timer, 0, "" }
#define RUN(until, want)                                                                                               \
    { '>', until, want }

/* clang-format off */
static const struct row rows[] = {
    {"nothing set", 0, {RUN(D, "")}},
    {"not before its time, then once", 5, {SET('a', 10), RUN(9, ""), RUN(10, "a"), RUN(11, ""), RUN(D, "")}},
    {"in order of time, not of setting", 5, {SET('c', 300), SET('b', 20), SET('a', 10), SET('d', 70000), RUN(70000, "abcd")}},
    {"equal times in order of setting", 5, {SET('b', 10), SET('a', 10), SET('c', 10), RUN(10, "bac")}},
    {"each in a run of its own", 5, {SET('b', 2), SET('a', 1), RUN(1, "a"), RUN(2, "b")}},
    {"a stopped one does not fire", 5, {SET('a', 10), SET('b', 10), STOP('A'), RUN(20, "b")}},
    {"stopping what is not set, twice", 5, {STOP('A'), SET('a', 10), STOP('A'), STOP('A'), RUN(20, "")}},
    {"set again moves it", 5, {SET('a', 10), SET('a', 500), RUN(499, ""), RUN(500, "a")}},
    {"set again, nearer", 5, {SET('a', D), SET('a', 10), RUN(10, "a"), RUN(2 * D, "")}},
    {"a time that is now fires at the next run", 5, {RUN(100, ""), SET('a', 100), RUN(100, "a")}},
    {"a time that has been fires at the next run", 5, {RUN(1000, ""), SET('a', 3), RUN(1000, "a")}},
    {"a run backwards fires nothing", 5, {SET('a', 100), RUN(50, ""), RUN(20, ""), RUN(100, "a")}},
    {"both sides of the first level's end", 0, {SET('a', 255), SET('b', 256), SET('c', 257), RUN(255, "a"), RUN(256, "b"),
     RUN(257, "c")}},
    {"both sides of the second level's end", 0, {SET('a', 65535), SET('b', 65536), SET('c', 65537), RUN(65534, ""),
     RUN(65535, "a"), RUN(65536, "b"), RUN(65537, "c")}},
    {"both sides of the third level's end", 0, {SET('a', 16777215), SET('b', 16777216), SET('c', 16777217), RUN(16777214, ""),
     RUN(16777215, "a"), RUN(16777216, "b"), RUN(16777217, "c")}},
    {"the same from a crooked start", 77777, {SET('a', 65535), SET('b', 65536), SET('c', 16777216), RUN(65535, "a"),
     RUN(65536, "b"), RUN(16777215, ""), RUN(16777216, "c")}},
    {"set while the wheel stands on a turn's start", 0, {SET('a', 256), RUN(256, "a"), SET('b', 512), RUN(511, ""),
     RUN(512, "b")}},
    {"RFC 4028: half an hour", 123456789, {SET('a', 1800 * S), SET('b', 900 * S), RUN(900 * S, "b"),
     RUN(1800 * S - 1, ""), RUN(1800 * S, "a")}},
    {"hours in one run", 99, {SET('b', 9 * H), SET('a', H), RUN(9 * H - 1, "a"), RUN(9 * H, "b")}},
    {"the low 32 bits of the time wrap", UP - 100, {SET('a', 50), SET('b', 100), SET('c', 150), SET('d', 70000), RUN(99, "a"),
     RUN(100, "b"), RUN(69999, "c"), RUN(70000, "d")}},
    {"TIMERQ_NEVER may be set and stopped", 5, {SET('a', TIMERQ_NEVER - 5), SET('b', 10), RUN(H, "b"), STOP('A'),
     RUN(2 * H, "")}},
};
/* clang-format on */

static void take(const struct row *row, const struct step *step) {
    uint64_t at_ms = row->start_ms + step->at_ms;

    if (step->what >= 'a') {
        timerq_set(&world.q, timer_of(step->what), at_ms);
        return;
    }
    if (step->what >= 'A') {
        timerq_stop(&world.q, timer_of((char)(step->what | 0x20)));
        return;
    }
    world.fired = 0;
    memset(world.log, 0, sizeof world.log);
    timerq_run(&world.q, at_ms);
    ck_assert_msg(strcmp(world.log, step->fires) == 0, "%s: at %llu: \"%s\"", row->name,
                  (unsigned long long)step->at_ms, world.log);
}

START_TEST(script) {
    const struct row *row = &rows[_i];

    begin(row->start_ms);
    for (const struct step *step = row->steps; step < row->steps + STEPS && step->what != 0; step++)
        take(row, step);
}
END_TEST

/* 49 days are not walked through: the wheel is empty until the slot that holds what lies beyond its reach. */
START_TEST(beyond_reach) {
    uint64_t at_ms = 99 + UP + 300 * S;

    begin(99);
    timerq_set(&world.q, timer_of('a'), at_ms);
    timerq_set(&world.q, timer_of('b'), 99 + UP - 1);
    world.q.now_ms = UP - 1;
    timerq_run(&world.q, 99 + UP - 2);
    ck_assert_uint_eq(world.fired, 0);
    timerq_run(&world.q, at_ms - 1);
    ck_assert_str_eq(world.log, "b");
    timerq_run(&world.q, at_ms);
    ck_assert_str_eq(world.log, "ba");
}
END_TEST

/* The loop sleeps until timerq_next: each timer must then fire in its own millisecond. */
START_TEST(next_is_never_late) {
    static const uint64_t times[TIMERS] = {1, 255, 256, 300, 65536, 70001, 1800 * S, 17000000};

    begin(12345);
    ck_assert_uint_eq(timerq_next(&world.q), TIMERQ_NEVER);
    for (int i = 0; i < TIMERS; i++)
        timerq_set(&world.q, &world.probes[i].timer, 12345 + times[i]);
    while (world.q.count > 0) {
        uint64_t next_ms = timerq_next(&world.q);
        ck_assert_uint_ge(next_ms, world.q.now_ms);
        timerq_run(&world.q, next_ms);
    }
    for (int i = 0; i < TIMERS; i++)
        ck_assert_uint_eq(world.probes[i].fired_ms, 12345 + times[i]);
    ck_assert_uint_eq(timerq_next(&world.q), TIMERQ_NEVER);
}
END_TEST

/* --- what a firing timer does to others --- */

static void fire_and_set_b(struct timer *t, uint64_t now_ms) {
    fire(t, now_ms);
    timerq_set(&world.q, timer_of('b'), t->at_ms + 5);
}

static void fire_and_stop_b(struct timer *t, uint64_t now_ms) {
    fire(t, now_ms);
    timerq_stop(&world.q, timer_of('b'));
}

static void fire_three_times(struct timer *t, uint64_t now_ms) {
    fire(t, now_ms);
    if (world.fired < 3)
        timerq_set(&world.q, t, t->at_ms + 1000);
}

static const struct {
    const char *name;
    void (*act)(struct timer *t, uint64_t now_ms);
    uint64_t b_ms;
    const char *fires;
} acts[] = {
    {"one set for a due time fires in the same run", fire_and_set_b, 0, "ab"},
    {"one of the same time is stopped", fire_and_stop_b, 10, "a"},
    {"one of a later time is stopped", fire_and_stop_b, 11, "a"},
    {"it sets itself again", fire_three_times, 0, "aaa"},
};

START_TEST(act_while_firing) {
    begin(0);
    timer_of('a')->fire = acts[_i].act;
    timerq_set(&world.q, timer_of('a'), 10);
    if (acts[_i].b_ms != 0)
        timerq_set(&world.q, timer_of('b'), acts[_i].b_ms);
    timerq_run(&world.q, 10000);
    ck_assert_msg(strcmp(world.log, acts[_i].fires) == 0, "%s: %s", acts[_i].name, world.log);
    ck_assert_uint_eq(world.q.count, 0);
}
END_TEST

/* --- many, against plain comparison --- */

static uint64_t last_at_ms;
static unsigned many_fired;

static void fire_in_order(struct timer *t, uint64_t now_ms) {
    ck_assert_uint_ge(now_ms, t->at_ms);
    ck_assert_uint_ge(t->at_ms, last_at_ms);
    last_at_ms = t->at_ms;
    many_fired++;
}

static uint64_t draw(uint64_t *state) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 33;
}

START_TEST(many_in_order) {
    struct timer *timers = calloc(MANY, sizeof *timers);
    uint64_t seed = 1 + (uint64_t)_i, stopped = 0;
    struct timerq q;

    timerq_init(&q, draw(&seed));
    for (int i = 0; i < MANY; i++) {
        timers[i].fire = fire_in_order;
        timerq_set(&q, &timers[i], q.now_ms + draw(&seed) % (1ull << (8 + i % 18)));
    }
    for (int i = 0; i < MANY; i += 7, stopped++)
        timerq_stop(&q, &timers[i]);
    ck_assert_uint_eq(q.count, MANY - stopped);
    while (q.count > 0) {
        uint64_t now_ms = q.now_ms + draw(&seed) % 100000;
        timerq_run(&q, now_ms);
        for (int i = 0; i < MANY; i++)
            ck_assert(!timerq_is_set(&timers[i]) || timers[i].at_ms > now_ms);
    }
    ck_assert_uint_eq(many_fired, MANY - stopped);
    free(timers);
}
END_TEST

int main(void) {
    Suite *s = suite_create("timerq");
    TCase *tc = tcase_create("timerq");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, script, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tc, beyond_reach);
    tcase_add_test(tc, next_is_never_late);
    tcase_add_loop_test(tc, act_while_firing, 0, sizeof acts / sizeof acts[0]);
    tcase_add_loop_test(tc, many_in_order, 0, 3);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
