/* When clients are told that another node has room, which, and how often; and three nodes that level out by it. */
#include <check.h>

#include "b2bua/core/advice.h"
#include "tests/suite.h"

enum { NOW = 1000000, ROW_NODES = 4 };

/* The first node is ours. `before`: the advice that there is already. */
static const struct {
    const char *name;
    int count, before;
    struct advice_node nodes[ROW_NODES]; /* heard_ms: so long ago */
    int target;
} rows[] = {
    {"alone", 1, -1, {{true, 100, 0, 0}}, -1},
    {"0/100: the one with all of them advises", 2, -1, {{true, 100, 0, 0}, {true, 0, 0, 0}}, 1},
    {"100/0: the other one does not", 2, -1, {{true, 0, 0, 0}, {true, 100, 0, 0}}, -1},
    {"40/60: nobody does", 2, -1, {{true, 60, 0, 0}, {true, 40, 0, 0}}, -1},
    {"a fifth of the mean is enough", 2, -1, {{true, 90, 0, 0}, {true, 10, 0, 0}}, -1},
    {"less is not", 2, -1, {{true, 91, 0, 0}, {true, 9, 0, 0}}, 1},
    {"once begun it goes on", 2, 1, {{true, 81, 0, 0}, {true, 19, 0, 0}}, 1},
    {"until there are two fifths", 2, 1, {{true, 80, 0, 0}, {true, 20, 0, 0}}, -1},
    {"20/0, as in a small office", 2, -1, {{true, 20, 0, 0}, {true, 0, 0, 0}}, 1},
    {"9/0 is not worth it", 2, -1, {{true, 9, 0, 0}, {true, 0, 0, 0}}, -1},
    {"the emptiest of three", 3, -1, {{true, 100, 0, 0}, {true, 5, 0, 0}, {true, 3, 0, 0}}, 2},
    {"we have less than the mean: others advise", 3, -1, {{true, 100, 0, 0}, {true, 300, 0, 0}, {true, 0, 0, 0}}, -1},
    {"two that have much advise both", 3, -1, {{true, 200, 0, 0}, {true, 200, 0, 0}, {true, 0, 0, 0}}, 2},
    {"not to one that takes none", 3, -1, {{true, 100, 0, 0}, {false, 0, 0, 0}, {true, 90, 0, 0}}, -1},
    {"not to one that is busy", 2, -1, {{true, 100, 0, 0}, {true, 0, ADVICE_BUSY_PERCENT, 0}}, -1},
    {"but to one that is nearly", 2, -1, {{true, 100, 0, 0}, {true, 0, ADVICE_BUSY_PERCENT - 1, 0}}, 1},
    {"not by what was said long ago", 2, -1, {{true, 100, 0, 0}, {true, 0, 0, ADVICE_STALE_MS + 1}}, -1},
    {"but just in time", 2, -1, {{true, 100, 0, 0}, {true, 0, 0, ADVICE_STALE_MS}}, 1},
    {"we do not take any: 503 says more", 2, 1, {{false, 100, 0, 0}, {true, 0, 0, 0}}, -1},
    {"numbers beyond 32 bits", 2, -1, {{true, UINT32_MAX, 0, 0}, {true, UINT32_MAX / 100, 0, 0}}, 1},
};

START_TEST(judged) {
    struct advice_node nodes[ROW_NODES];
    struct advice a;

    for (int i = 0; i < rows[_i].count; i++) {
        nodes[i] = rows[_i].nodes[i];
        nodes[i].heard_ms = NOW - nodes[i].heard_ms;
    }
    advice_init(&a);
    a.target = rows[_i].before;
    ck_assert_msg(advice_judge(&a, nodes, rows[_i].count, 0, NOW) == rows[_i].target, "%s: %d", rows[_i].name,
                  a.target);
}
END_TEST

static int taken(struct advice *a, int of) {
    int n = 0;

    for (int i = 0; i < of; i++)
        n += advice_take(a);
    return n;
}

/* At no time more than one in five. */
START_TEST(share) {
    struct advice_node nodes[] = {{true, 100, 0, NOW}, {true, 0, 0, NOW}};
    struct advice a;
    int n = 0;

    advice_init(&a);
    ck_assert_int_eq(taken(&a, 100), 0);
    advice_judge(&a, nodes, 2, 0, NOW);
    for (int i = 1; i <= 1000; i++) {
        n += advice_take(&a);
        ck_assert_int_eq(n, i / 5);
    }
    ck_assert_uint_eq(a.given, 200);
}
END_TEST

/* What was saved up in one imbalance is not spent in the next. */
START_TEST(ends) {
    struct advice_node nodes[] = {{true, 100, 0, NOW}, {true, 0, 0, NOW}};
    struct advice a;

    advice_init(&a);
    advice_judge(&a, nodes, 2, 0, NOW);
    ck_assert_int_eq(taken(&a, 4), 0);
    nodes[1].registrations = 100;
    ck_assert_int_eq(advice_judge(&a, nodes, 2, 0, NOW), -1);
    ck_assert_int_eq(taken(&a, 100), 0);
    nodes[1].registrations = 0;
    advice_judge(&a, nodes, 2, 0, NOW);
    ck_assert_int_eq(taken(&a, 4), 0);
    ck_assert_int_eq(taken(&a, 1), 1);
}
END_TEST

/* Three nodes whose clients register each minute and follow all advice; heartbeats each five seconds. It ends, with no
 * node empty, and never begins again. */
START_TEST(levels_out) {
    enum { COUNT = 3, ALL = 30000, PERIOD_S = 60, BEAT_S = 5, ROUNDS = 100 };
    uint32_t now[COUNT] = {ALL, 0, 0};
    struct advice a[COUNT];
    uint64_t moved = 0, quiet = 0, after = 0;

    for (int i = 0; i < COUNT; i++)
        advice_init(&a[i]);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t now_ms = NOW + (uint64_t)round * BEAT_S * 1000, before = moved;
        struct advice_node nodes[COUNT];
        for (int i = 0; i < COUNT; i++)
            nodes[i] = (struct advice_node){true, now[i], 10, now_ms};
        for (int i = 0; i < COUNT; i++)
            advice_judge(&a[i], nodes, COUNT, i, now_ms);
        for (int i = 0; i < COUNT; i++) {
            int go = taken(&a[i], (int)nodes[i].registrations * BEAT_S / PERIOD_S);
            if (go == 0)
                continue;
            now[i] -= (uint32_t)go;
            now[a[i].target] += (uint32_t)go;
            moved += (uint64_t)go;
        }
        quiet = moved == before ? quiet + 1 : 0;
        after += quiet == 0 && round > ROUNDS / 2;
    }
    ck_assert_uint_eq(after, 0);
    ck_assert_uint_gt(moved, 0);
    for (int i = 0; i < COUNT; i++)
        ck_assert_msg(now[i] * COUNT * 100 >= ADVICE_BEGINS_PERCENT * ALL, "node %d has %u", i, now[i]);
}
END_TEST

int main(void) {
    Suite *s = suite_create("advice");
    TCase *t = tcase_create("advice");

    tcase_add_loop_test(t, judged, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, share);
    tcase_add_test(t, ends);
    tcase_add_test(t, levels_out);
    suite_add_tcase(s, t);
    return suite_run(s);
}
