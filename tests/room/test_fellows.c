/* Fellow nodes of ours: what they ask and answer, whom they believe, what they notice, and what clients are advised. */
#include "b2bua/log/log.h"
#include "tests/room/bed_fellows.h"
#include "tests/suite.h"

static struct fellows_summary summary(int i) {
    struct fellows_look out[SETTINGS_PEERS_MAX];
    struct fellows_summary sum;

    fellows_look(nodes[i].fellows, out, &sum);
    return sum;
}

static bool due(int i, struct fellows_question *q) {
    return fellows_due(nodes[i].fellows, nodes[i].s, 0, 1, 0x1000 + now_ms, q, now_ms, wall_ms);
}

/* What node i answers to this, from the other one's address. */
static struct str heard(int i, const char *question, char *room) {
    struct sbuf b = sbuf_on(room, HEARTBEAT_TEXT_MAX);
    struct addr from = address(1 - i);

    fellows_heard(nodes[i].fellows, nodes[i].s, &from, str_of(question), &b, now_ms, wall_ms);
    return sbuf_str(&b);
}

/* Node i asks, and the other one answers. */
static void beat(int i) {
    struct fellows_question q;
    char answer[HEARTBEAT_TEXT_MAX];

    now_ms += FELLOW_EVERY_MS;
    wall_ms += FELLOW_EVERY_MS;
    tell(A);
    tell(B);
    ck_assert(due(i, &q));
    struct str said = heard(1 - i, q.value, answer);
    fellows_answered(nodes[i].fellows, q.fellow, q.number, said, now_ms + 3);
}

START_TEST(each_knows_the_other) {
    nodes[B].own = (struct heartbeat_facts){HEARTBEAT_MAINTENANCE, 7, 8, 9, true, 0, ""};
    beat(A);
    struct fellows_look seen = look(A);
    ck_assert_str_eq(seen.name, "sbc2");
    ck_assert_int_eq(seen.fellow.state, FELLOW_UP);
    ck_assert_int_eq(seen.fellow.facts.state, HEARTBEAT_MAINTENANCE);
    ck_assert_uint_eq(seen.fellow.facts.registrations, 7);
    ck_assert_uint_eq(seen.fellow.facts.calls, 8);
    ck_assert_uint_eq(seen.fellow.facts.busy_percent, 9);
    ck_assert_str_eq(seen.fellow.facts.version, "0.9");
    ck_assert_uint_eq(seen.answer_ms, 3);
    ck_assert(!seen.stun_differs && !seen.config_differs);
    ck_assert_int_eq(look(B).fellow.state, FELLOW_UNKNOWN); /* it was asked, and has not asked */
    ck_assert_uint_ne(look(B).fellow.heard_ms, 0);
    beat(B);
    ck_assert_int_eq(look(B).fellow.state, FELLOW_UP);
}
END_TEST

START_TEST(when_it_asks) {
    struct fellows *fresh = fellows_new(nodes[A].pool, "0.9");
    struct fellows_question q;

    fellows_adopt(fresh, nodes[A].s, now_ms);
    ck_assert_msg(!fellows_due(fresh, nodes[A].s, 0, 1, 1, &q, now_ms, wall_ms), "before it knows how it is itself");
    fellows_tell(fresh, &nodes[A].own, now_ms);
    ck_assert_msg(!fellows_due(fresh, nodes[A].s, 1, 2, 1, &q, now_ms, wall_ms), "another worker's");
    ck_assert(fellows_due(fresh, nodes[A].s, 0, 2, 1, &q, now_ms, wall_ms));
    ck_assert(q.has_place && q.at.addr.port == 5062 && q.at.proto == FLOW_UDP);
    now_ms += FELLOW_EVERY_MS - 1;
    ck_assert_msg(!fellows_due(fresh, nodes[A].s, 0, 1, 2, &q, now_ms, wall_ms), "too early");
    fellows_missed(fresh, q.fellow, 1, FELLOW_SILENT, now_ms);
    ck_assert(fellows_due(fresh, nodes[A].s, 0, 1, 2, &q, now_ms + 1, wall_ms));
    ck_assert_msg(fellows_due(fresh, nodes[A].s, 0, 1, 3, &q, now_ms + 1 + FELLOW_EVERY_MS, wall_ms),
                  "one that nobody has concluded does not stop it");
    fellows_free(fresh);
}
END_TEST

static void silent(int i, int times, enum fellow_event e) {
    struct fellows_question q;

    while (times-- > 0) {
        now_ms += FELLOW_EVERY_MS;
        ck_assert(due(i, &q));
        fellows_missed(nodes[i].fellows, q.fellow, q.number, e, now_ms + FELLOW_TIMEOUT_MS);
    }
}

START_TEST(goes_and_returns) {
    beat(A);
    silent(A, 1, FELLOW_SILENT);
    ck_assert_int_eq(look(A).fellow.state, FELLOW_UP);
    silent(A, 1, FELLOW_UNREACHABLE);
    ck_assert_int_eq(look(A).fellow.state, FELLOW_DOWN);
    ck_assert_str_eq(reason(A), "unreachable");
    ck_assert_uint_eq(look(A).missed, 2);
    beat(A);
    ck_assert_int_eq(look(A).fellow.state, FELLOW_UP);
}
END_TEST

/* Whoever has another secret is told so, and each of the two says so. */
START_TEST(another_secret) {
    beat(A);
    take(B, "another", "", "sbc1");
    beat(A);
    ck_assert_int_eq(look(A).fellow.state, FELLOW_DOWN);
    ck_assert_str_eq(reason(A), "wrong-secret");
    ck_assert_uint_eq(look(B).refused, 1);
    ck_assert_str_eq(look(B).refused_why, "wrong-secret");
    take(B, "secret", "", "sbc1");
    beat(A);
    ck_assert_int_eq(look(A).fellow.state, FELLOW_UP);
    ck_assert_ptr_null(look(B).refused_why);
}
END_TEST

START_TEST(another_name) {
    take(B, "secret", "", "sbc7");
    beat(A);
    ck_assert_str_eq(reason(A), "wrong-name");
}
END_TEST

START_TEST(no_header) {
    struct fellows_question q;

    ck_assert(due(A, &q));
    fellows_answered(nodes[A].fellows, q.fellow, q.number, STR_NONE, now_ms);
    ck_assert_str_eq(reason(A), "no-heartbeat");
}
END_TEST

/* What was once said cannot be said again by somebody else: neither question nor answer. */
START_TEST(replayed) {
    struct fellows_question first, second;
    char room[2][HEARTBEAT_TEXT_MAX];

    ck_assert(due(A, &first));
    struct str answer = heard(B, first.value, room[0]);
    fellows_answered(nodes[A].fellows, first.fellow, first.number, answer, now_ms);
    ck_assert_int_eq(look(A).fellow.state, FELLOW_UP);
    struct str again = heard(B, first.value, room[1]);
    ck_assert(str_eq(again, STR("1;refused=replayed")));
    now_ms += FELLOW_EVERY_MS;
    ck_assert(due(A, &second));
    fellows_answered(nodes[A].fellows, second.fellow, second.number, answer, now_ms);
    ck_assert_str_eq(reason(A), "replayed");
}
END_TEST

START_TEST(clocks_differ) {
    struct fellows_question q;
    char room[HEARTBEAT_TEXT_MAX];

    ck_assert(due(A, &q));
    wall_ms += FELLOW_CLOCK_MS + 1;
    ck_assert(str_eq(heard(B, q.value, room), STR("1;refused=clock")));
}
END_TEST

/* The answer to another question, and one that comes after the time was over, change nothing. */
START_TEST(not_awaited) {
    struct fellows_question q;
    char room[HEARTBEAT_TEXT_MAX];

    ck_assert(due(A, &q));
    struct str answer = heard(B, q.value, room);
    fellows_answered(nodes[A].fellows, q.fellow, q.number + 1, answer, now_ms);
    fellows_answered(nodes[A].fellows, q.fellow + 1, q.number, answer, now_ms);
    ck_assert_int_eq(look(A).fellow.state, FELLOW_UNKNOWN);
    fellows_missed(nodes[A].fellows, q.fellow, q.number, FELLOW_SILENT, now_ms);
    fellows_answered(nodes[A].fellows, q.fellow, q.number, answer, now_ms);
    ck_assert_int_eq(look(A).fellow.state, FELLOW_UNKNOWN);
}
END_TEST

START_TEST(alarms) {
    beat(A);
    nodes[B].own.stun = false;
    beat(A);
    ck_assert(look(A).stun_differs && look(B).stun_differs);
    ck_assert(!look(A).config_differs);
    nodes[A].own.stun = false;
    beat(A);
    ck_assert(!look(A).stun_differs);
    take(B, "secret", "max_pending = 77;", "sbc1");
    beat(A);
    ck_assert(look(A).config_differs && look(B).config_differs);
    take(A, "secret", "max_pending = 77;", "sbc2");
    beat(A);
    ck_assert(!look(A).config_differs && !look(B).config_differs);
}
END_TEST

/* A reload keeps what is known; a fellow that is not there any more is forgotten. */
START_TEST(reloaded) {
    beat(A);
    take(A, "secret", "", "sbc2");
    ck_assert_int_eq(look(A).fellow.state, FELLOW_UP);
    take(A, "secret", "", "sbc9");
    ck_assert_str_eq(look(A).name, "sbc9");
    ck_assert_int_eq(look(A).fellow.state, FELLOW_UNKNOWN);
}
END_TEST

static int advised(int i, int of) {
    char name[HEARTBEAT_NAME_SIZE];
    int n = 0;

    while (of-- > 0)
        if (fellows_advise(nodes[i].fellows, name)) {
            ck_assert_str_eq(name, name_of(1 - i));
            n++;
        }
    return n;
}

START_TEST(advises) {
    nodes[A].own.registrations = 20;
    tell(A);
    ck_assert_int_eq(advised(A, 10), 0); /* it knows of nobody */
    beat(A);
    beat(B);
    ck_assert_int_eq(advised(A, 10), 2);
    ck_assert_int_eq(advised(B, 10), 0);
    ck_assert_str_eq(summary(A).target, "sbc2");
    ck_assert_uint_eq(summary(A).advised, 2);
    nodes[B].own.state = HEARTBEAT_MAINTENANCE;
    beat(A);
    ck_assert_int_eq(advised(A, 10), 0);
    nodes[B].own.state = HEARTBEAT_ACTIVE;
    beat(A);
    ck_assert_int_eq(advised(A, 5), 1);
    silent(A, 2, FELLOW_SILENT);
    ck_assert_int_eq(advised(A, 10), 0);
    ck_assert_int_eq(fellows_advise(NULL, NULL), 0);
}
END_TEST

int main(void) {
    Suite *s = suite_create("fellows");
    TCase *t = tcase_create("fellows");

    log_level_set(LOG_LEVEL_ERROR);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, each_knows_the_other);
    tcase_add_test(t, when_it_asks);
    tcase_add_test(t, goes_and_returns);
    tcase_add_test(t, another_secret);
    tcase_add_test(t, another_name);
    tcase_add_test(t, no_header);
    tcase_add_test(t, replayed);
    tcase_add_test(t, clocks_differ);
    tcase_add_test(t, not_awaited);
    tcase_add_test(t, alarms);
    tcase_add_test(t, reloaded);
    tcase_add_test(t, advises);
    suite_add_tcase(s, t);
    return suite_run(s);
}
