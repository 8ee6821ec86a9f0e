/* Fellow nodes: what heartbeats come to, and which questions are believed. */
#include <check.h>

#include "b2bua/core/fellow.h"
#include "tests/suite.h"

enum { NOW = 1000000 };

/* Events by letter, a second apart: Answered, Silent, Unreachable, No address, wrong seCret, cLock. '!' behind one:
 * it is told that something has changed. */
static const struct {
    const char *name, *events;
    enum fellow_state state;
    const char *reason;
    uint32_t since_s; /* of the state, after the start */
} rows[] = {
    {"nothing was heard yet", "", FELLOW_UNKNOWN, "started", 0},
    {"the first answer", "A!", FELLOW_UP, "answered", 1},
    {"further answers change nothing", "A!AA", FELLOW_UP, "answered", 1},
    {"one that is lost is an accident", "A!S", FELLOW_UP, "answered", 1},
    {"two are not", "A!SS!", FELLOW_DOWN, "silent", 3},
    {"only in a row", "A!SASAU", FELLOW_UP, "answered", 1},
    {"silent and refused count together", "A!SU!", FELLOW_DOWN, "unreachable", 3},
    {"never heard", "SS!", FELLOW_DOWN, "silent", 2},
    {"what proves nothing is no accident", "A!C!", FELLOW_DOWN, "wrong-secret", 2},
    {"a name without an address neither", "A!N!", FELLOW_DOWN, "no-address", 2},
    {"another reason is news, the same one is not", "C!CL!L", FELLOW_DOWN, "clock", 1},
    {"the process is gone after its proof failed", "C!U!U", FELLOW_DOWN, "unreachable", 1},
    {"back at once", "SS!SA!", FELLOW_UP, "answered", 4},
    {"misses from before do not count", "SS!A!S", FELLOW_UP, "answered", 3},
};

static bool play(struct fellow *f, char letter, uint64_t now_ms) {
    switch (letter) {
    case 'A':
        return fellow_event(f, FELLOW_ANSWERED, HEARTBEAT_GOOD, now_ms);
    case 'S':
        return fellow_event(f, FELLOW_SILENT, HEARTBEAT_GOOD, now_ms);
    case 'U':
        return fellow_event(f, FELLOW_UNREACHABLE, HEARTBEAT_GOOD, now_ms);
    case 'N':
        return fellow_event(f, FELLOW_NO_ADDRESS, HEARTBEAT_GOOD, now_ms);
    case 'C':
        return fellow_event(f, FELLOW_NOT_BELIEVED, HEARTBEAT_WRONG_SECRET, now_ms);
    case 'L':
        return fellow_event(f, FELLOW_NOT_BELIEVED, HEARTBEAT_CLOCK, now_ms);
    }
    ck_abort_msg("no event %c", letter);
}

START_TEST(states) {
    uint64_t now_ms = NOW;
    struct fellow f;

    fellow_init(&f, now_ms);
    for (const char *e = rows[_i].events; *e != '\0'; e++) {
        bool told = play(&f, *e, now_ms += 1000);
        ck_assert_msg(told == (e[1] == '!'), "%s: event %zu", rows[_i].name, (size_t)(e - rows[_i].events));
        e += told;
    }
    ck_assert_msg(f.state == rows[_i].state, "%s: %s", rows[_i].name, fellow_state_name(f.state));
    ck_assert_str_eq(fellow_reason(&f), rows[_i].reason);
    ck_assert_uint_eq(f.since_ms, NOW + rows[_i].since_s * 1000);
}
END_TEST

enum { WALL = 50000000 };

/* Questions one after the other: what each says its time is, and ours. */
static const struct {
    const char *name;
    struct {
        int64_t at_ms, wall_ms; /* from WALL */
        enum heartbeat_verdict verdict;
    } asks[3];
    int count;
} questions[] = {
    {"as it should be", {{0, 2, HEARTBEAT_GOOD}, {5000, 5002, HEARTBEAT_GOOD}}, 2},
    {"the same one again", {{0, 2, HEARTBEAT_GOOD}, {0, 3, HEARTBEAT_REPLAYED}, {1, 4, HEARTBEAT_GOOD}}, 3},
    {"an older one", {{5000, 5000, HEARTBEAT_GOOD}, {4999, 5001, HEARTBEAT_REPLAYED}}, 2},
    {"as late as may be", {{0, FELLOW_CLOCK_MS, HEARTBEAT_GOOD}}, 1},
    {"later", {{0, FELLOW_CLOCK_MS + 1, HEARTBEAT_CLOCK}}, 1},
    {"from the future, a little", {{FELLOW_CLOCK_MS, 0, HEARTBEAT_GOOD}}, 1},
    {"from the future", {{FELLOW_CLOCK_MS + 1, 0, HEARTBEAT_CLOCK}}, 1},
    {"what was refused leaves no trace",
     {{FELLOW_CLOCK_MS + 1, 0, HEARTBEAT_CLOCK}, {0, 1, HEARTBEAT_GOOD}, {1, 2, HEARTBEAT_GOOD}},
     3},
};

START_TEST(believed) {
    struct fellow f;

    fellow_init(&f, NOW);
    for (int i = 0; i < questions[_i].count; i++) {
        enum heartbeat_verdict v = fellow_question(&f, (uint64_t)(WALL + questions[_i].asks[i].at_ms),
                                                   (uint64_t)(WALL + questions[_i].asks[i].wall_ms));
        ck_assert_msg(v == questions[_i].asks[i].verdict, "%s: question %d: %s", questions[_i].name, i,
                      heartbeat_verdict_name(v));
    }
    ck_assert_int_eq(f.state, FELLOW_UNKNOWN); /* that it asks does not mean that it can be reached */
}
END_TEST

START_TEST(said) {
    struct heartbeat_facts facts = {HEARTBEAT_MAINTENANCE, 7, 8, 9, true, 10, "1.2"};
    struct fellow f;

    fellow_init(&f, NOW);
    ck_assert_uint_eq(f.heard_ms, 0);
    fellow_said(&f, &facts, NOW + 5);
    ck_assert_uint_eq(f.heard_ms, NOW + 5);
    ck_assert_uint_eq(f.facts.registrations, 7);
    ck_assert_str_eq(f.facts.version, "1.2");
}
END_TEST

int main(void) {
    Suite *s = suite_create("fellow");
    TCase *t = tcase_create("fellow");

    tcase_add_loop_test(t, states, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(t, believed, 0, sizeof questions / sizeof *questions);
    tcase_add_test(t, said);
    suite_add_tcase(s, t);
    return suite_run(s);
}
