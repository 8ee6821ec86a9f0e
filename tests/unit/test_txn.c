/* The four machines in virtual time: rows of "what happens when", what is to be done, and the state afterwards. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/txn.h"
#include "tests/suite.h"

enum { STEPS = 10, RESENDS = 12, ACTIONS_TEXT = 64 };

#define NEVER UINT64_MAX
#define T1    500
#define T4    5000
#define T1X64 32000
#define START 1000000 /* times in rows count from here */

static const struct txn_times times = {T1, 4000, T4};

/* What a step does: a message or failure comes in, or, for '>', the timers run until that time. */
static const struct {
    char what;
    enum txn_event event;
} events[] = {{'q', TXN_EV_REQUEST}, {'a', TXN_EV_ACK},   {'1', TXN_EV_1XX},
              {'2', TXN_EV_2XX},     {'3', TXN_EV_FINAL}, {'x', TXN_EV_TRANSPORT}};

/* One letter an action, in the order of the bits. */
static const char letters[] = "SRAPTXE"; /* send, resend, ack, pass, timeout, transport error, end */

struct step {
    char what;
    uint32_t at_ms;
    const char *does; /* letters, one run of the timers after the other */
    enum txn_state state;
};

struct row {
    const char *name;
    enum txn_kind kind;
    bool reliable;
    struct step steps[STEPS];
};

#define UDP false
#define TCP true

/* clang-format off */
static const struct row rows[] = {
    /* INVITE client */
    {"RFC 3261 17.1.1.2 timer B, UDP: no answer", TXN_INVITE_CLIENT, UDP,
     {{'>', T1X64 - 1, "RRRRRR", TXN_CALLING}, {'>', T1X64, "TE", TXN_TERMINATED}}},
    {"RFC 3261 17.1.1.2 timer A, TCP: does not run; timer B does", TXN_INVITE_CLIENT, TCP,
     {{'>', T1X64 - 1, "", TXN_CALLING}, {'>', T1X64, "TE", TXN_TERMINATED}}},
    {"RFC 3261 17.1.1.2: a provisional stops timers A and B, UDP", TXN_INVITE_CLIENT, UDP,
     {{'>', T1, "R", TXN_CALLING}, {'1', 600, "P", TXN_PROCEEDING}, {'>', 600000, "", TXN_PROCEEDING},
      {'1', 600001, "P", TXN_PROCEEDING}}},
    {"RFC 3261 17.1.1.2: a provisional stops timer B, TCP", TXN_INVITE_CLIENT, TCP,
     {{'1', 600, "P", TXN_PROCEEDING}, {'>', 600000, "", TXN_PROCEEDING}}},
    {"RFC 3261 17.1.1.2 timer D, UDP: ACK again for each copy, 32 s", TXN_INVITE_CLIENT, UDP,
     {{'1', 10, "P", TXN_PROCEEDING}, {'3', 100, "AP", TXN_COMPLETED}, {'3', 600, "R", TXN_COMPLETED},
      {'3', 1600, "R", TXN_COMPLETED}, {'>', 32099, "", TXN_COMPLETED}, {'>', 32100, "E", TXN_TERMINATED}}},
    {"RFC 3261 17.1.1.2 timer D, TCP: zero", TXN_INVITE_CLIENT, TCP,
     {{'3', 100, "AP", TXN_COMPLETED}, {'>', 100, "E", TXN_TERMINATED}}},
    {"RFC 3261 17.1.1.2: a failure without a provisional", TXN_INVITE_CLIENT, UDP,
     {{'3', 100, "AP", TXN_COMPLETED}, {'>', 32099, "", TXN_COMPLETED}, {'>', 32100, "E", TXN_TERMINATED}}},
    {"RFC 3261 17.1.1.2: other responses in Completed mean nothing", TXN_INVITE_CLIENT, UDP,
     {{'3', 100, "AP", TXN_COMPLETED}, {'1', 101, "", TXN_COMPLETED}, {'2', 102, "", TXN_COMPLETED}}},
    {"RFC 6026 7.2 timer M, UDP: each 2xx goes up for 64*T1", TXN_INVITE_CLIENT, UDP,
     {{'2', 100, "P", TXN_ACCEPTED}, {'2', 600, "P", TXN_ACCEPTED}, {'2', 32099, "P", TXN_ACCEPTED},
      {'>', 32099, "", TXN_ACCEPTED}, {'>', 32100, "E", TXN_TERMINATED}}},
    {"RFC 6026 7.2 timer M, TCP: the same 64*T1", TXN_INVITE_CLIENT, TCP,
     {{'1', 50, "P", TXN_PROCEEDING}, {'2', 100, "P", TXN_ACCEPTED}, {'2', 200, "P", TXN_ACCEPTED},
      {'>', 32099, "", TXN_ACCEPTED}, {'>', 32100, "E", TXN_TERMINATED}}},
    {"RFC 6026 7.2: provisionals and failures after a 2xx mean nothing", TXN_INVITE_CLIENT, UDP,
     {{'2', 100, "P", TXN_ACCEPTED}, {'1', 101, "", TXN_ACCEPTED}, {'3', 102, "", TXN_ACCEPTED}}},
    {"RFC 3261 17.1.4: transport error in Calling", TXN_INVITE_CLIENT, TCP,
     {{'x', 5, "XE", TXN_TERMINATED}, {'2', 6, "", TXN_TERMINATED}}},
    {"RFC 3261 17.1.1.2: a client knows no requests", TXN_INVITE_CLIENT, UDP,
     {{'q', 1, "", TXN_CALLING}, {'a', 2, "", TXN_CALLING}}},

    /* other client */
    {"RFC 3261 17.1.2.2 timers E and F, UDP: no answer", TXN_CLIENT, UDP,
     {{'>', T1X64 - 1, "RRRRRRRRRR", TXN_TRYING}, {'>', T1X64, "TE", TXN_TERMINATED}}},
    {"RFC 3261 17.1.2.2 timer E, TCP: does not run; timer F does", TXN_CLIENT, TCP,
     {{'>', T1X64 - 1, "", TXN_TRYING}, {'>', T1X64, "TE", TXN_TERMINATED}}},
    {"RFC 3261 17.1.2.2: timer F goes on in Proceeding, UDP", TXN_CLIENT, UDP,
     {{'>', 20000, "RRRRRRR", TXN_TRYING}, {'1', 20000, "P", TXN_PROCEEDING},
      {'>', T1X64 - 1, "RRR", TXN_PROCEEDING}, {'>', T1X64, "TE", TXN_TERMINATED}}},
    {"RFC 3261 17.1.2.2: timer F goes on in Proceeding, TCP", TXN_CLIENT, TCP,
     {{'1', 100, "P", TXN_PROCEEDING}, {'>', T1X64 - 1, "", TXN_PROCEEDING}, {'>', T1X64, "TE", TXN_TERMINATED}}},
    {"RFC 3261 17.1.2.2 timer K, UDP: copies absorbed for T4", TXN_CLIENT, UDP,
     {{'2', 100, "P", TXN_COMPLETED}, {'2', 200, "", TXN_COMPLETED}, {'3', 201, "", TXN_COMPLETED},
      {'1', 202, "", TXN_COMPLETED}, {'>', 100 + T4 - 1, "", TXN_COMPLETED}, {'>', 100 + T4, "E", TXN_TERMINATED}}},
    {"RFC 3261 17.1.2.2 timer K, TCP: zero", TXN_CLIENT, TCP,
     {{'1', 50, "P", TXN_PROCEEDING}, {'3', 100, "P", TXN_COMPLETED}, {'>', 100, "E", TXN_TERMINATED}}},
    {"RFC 3261 17.1.2.2: a final response in Trying", TXN_CLIENT, UDP,
     {{'3', 100, "P", TXN_COMPLETED}, {'>', 100 + T4, "E", TXN_TERMINATED}}},
    {"RFC 3261 17.1.2.2: a 2xx in Proceeding", TXN_CLIENT, UDP,
     {{'1', 50, "P", TXN_PROCEEDING}, {'1', 60, "P", TXN_PROCEEDING}, {'2', 100, "P", TXN_COMPLETED},
      {'>', 100 + T4, "E", TXN_TERMINATED}}},
    {"RFC 3261 17.1.4: transport error in Trying", TXN_CLIENT, UDP, {{'x', 5, "XE", TXN_TERMINATED}}},
    {"RFC 3261 17.1.4: transport error in Proceeding", TXN_CLIENT, TCP,
     {{'1', 5, "P", TXN_PROCEEDING}, {'x', 6, "XE", TXN_TERMINATED}}},
    {"RFC 3261 17.1.2.2: a transport error after the answer means nothing", TXN_CLIENT, UDP,
     {{'2', 5, "P", TXN_COMPLETED}, {'x', 6, "", TXN_COMPLETED}}},

    /* INVITE server */
    {"RFC 3261 17.2.1: no timer while it rings; a copy gets the last provisional", TXN_INVITE_SERVER, UDP,
     {{'1', 10, "S", TXN_PROCEEDING}, {'q', 500, "R", TXN_PROCEEDING}, {'1', 600, "S", TXN_PROCEEDING},
      {'>', 600000, "", TXN_PROCEEDING}}},
    {"RFC 3261 17.2.1 timers G and H, UDP: no ACK", TXN_INVITE_SERVER, UDP,
     {{'3', 100, "S", TXN_COMPLETED}, {'>', 100 + T1X64 - 1, "RRRRRRRRRR", TXN_COMPLETED},
      {'>', 100 + T1X64, "TE", TXN_TERMINATED}}},
    {"RFC 3261 17.2.1 timer G, TCP: does not run; timer H does", TXN_INVITE_SERVER, TCP,
     {{'3', 100, "S", TXN_COMPLETED}, {'>', 100 + T1X64 - 1, "", TXN_COMPLETED},
      {'>', 100 + T1X64, "TE", TXN_TERMINATED}}},
    {"RFC 3261 17.2.1: a copy in Completed gets the final again", TXN_INVITE_SERVER, TCP,
     {{'3', 100, "S", TXN_COMPLETED}, {'q', 200, "R", TXN_COMPLETED}}},
    {"RFC 3261 17.2.1 timer I, UDP: ACK stops G and H, copies absorbed for T4", TXN_INVITE_SERVER, UDP,
     {{'3', 100, "S", TXN_COMPLETED}, {'>', 600, "R", TXN_COMPLETED}, {'a', 700, "", TXN_CONFIRMED},
      {'a', 800, "", TXN_CONFIRMED}, {'q', 900, "", TXN_CONFIRMED}, {'>', 700 + T4 - 1, "", TXN_CONFIRMED},
      {'>', 700 + T4, "E", TXN_TERMINATED}}},
    {"RFC 3261 17.2.1 timer I, TCP: zero", TXN_INVITE_SERVER, TCP,
     {{'3', 100, "S", TXN_COMPLETED}, {'a', 200, "", TXN_CONFIRMED}, {'>', 200, "E", TXN_TERMINATED}}},
    {"RFC 6026 7.1 timer L, UDP: copies of the INVITE are swallowed for 64*T1", TXN_INVITE_SERVER, UDP,
     {{'2', 100, "S", TXN_ACCEPTED}, {'q', 600, "", TXN_ACCEPTED}, {'2', 700, "S", TXN_ACCEPTED},
      {'a', 800, "P", TXN_ACCEPTED}, {'a', 900, "P", TXN_ACCEPTED}, {'>', 100 + T1X64 - 1, "", TXN_ACCEPTED},
      {'>', 100 + T1X64, "E", TXN_TERMINATED}}},
    {"RFC 6026 7.1 timer L, TCP: the same 64*T1", TXN_INVITE_SERVER, TCP,
     {{'1', 50, "S", TXN_PROCEEDING}, {'2', 100, "S", TXN_ACCEPTED}, {'>', 100 + T1X64 - 1, "", TXN_ACCEPTED},
      {'>', 100 + T1X64, "E", TXN_TERMINATED}}},
    {"RFC 6026 7.1: no failure after a 2xx", TXN_INVITE_SERVER, UDP,
     {{'2', 100, "S", TXN_ACCEPTED}, {'3', 200, "", TXN_ACCEPTED}, {'1', 201, "", TXN_ACCEPTED}}},
    {"RFC 3261 17.2.1: no other response after a failure", TXN_INVITE_SERVER, UDP,
     {{'3', 100, "S", TXN_COMPLETED}, {'2', 101, "", TXN_COMPLETED}, {'1', 102, "", TXN_COMPLETED},
      {'3', 103, "", TXN_COMPLETED}}},
    {"RFC 3261 17.2.1: an ACK before the final means nothing", TXN_INVITE_SERVER, UDP,
     {{'a', 100, "", TXN_PROCEEDING}}},
    {"RFC 6026 figure 7: a transport error leaves the server where it is", TXN_INVITE_SERVER, UDP,
     {{'x', 50, "", TXN_PROCEEDING}, {'3', 100, "S", TXN_COMPLETED}, {'x', 101, "", TXN_COMPLETED},
      {'>', 600, "R", TXN_COMPLETED}}},

    /* other server */
    {"RFC 3261 17.2.2: copies in Trying are dropped, its user has all the time", TXN_SERVER, UDP,
     {{'q', 100, "", TXN_TRYING}, {'>', 600000, "", TXN_TRYING}}},
    {"RFC 3261 17.2.2: a copy in Proceeding gets the last provisional", TXN_SERVER, UDP,
     {{'1', 100, "S", TXN_PROCEEDING}, {'q', 200, "R", TXN_PROCEEDING}, {'1', 300, "S", TXN_PROCEEDING},
      {'>', 600000, "", TXN_PROCEEDING}, {'3', 600001, "S", TXN_COMPLETED}}},
    {"RFC 3261 17.2.2 timer J, UDP: copies get the final for 64*T1", TXN_SERVER, UDP,
     {{'2', 100, "S", TXN_COMPLETED}, {'q', 200, "R", TXN_COMPLETED}, {'>', 100 + T1X64 - 1, "", TXN_COMPLETED},
      {'q', 100 + T1X64 - 1, "R", TXN_COMPLETED}, {'>', 100 + T1X64, "E", TXN_TERMINATED}}},
    {"RFC 3261 17.2.2 timer J, TCP: zero", TXN_SERVER, TCP,
     {{'3', 100, "S", TXN_COMPLETED}, {'>', 100, "E", TXN_TERMINATED}}},
    {"RFC 3261 17.2.2: later finals are discarded", TXN_SERVER, UDP,
     {{'1', 50, "S", TXN_PROCEEDING}, {'2', 100, "S", TXN_COMPLETED}, {'3', 101, "", TXN_COMPLETED},
      {'1', 102, "", TXN_COMPLETED}, {'2', 103, "", TXN_COMPLETED}}},
    {"RFC 3261 17: only INVITE has an ACK", TXN_SERVER, UDP,
     {{'2', 100, "S", TXN_COMPLETED}, {'a', 101, "", TXN_COMPLETED}}},
};
/* clang-format on */

static void note(char *text, unsigned actions) {
    size_t n = strlen(text);

    for (size_t bit = 0; letters[bit] != '\0'; bit++)
        if (actions & (1u << bit)) {
            ck_assert_uint_lt(n + 1, ACTIONS_TEXT);
            text[n++] = letters[bit];
        }
}

static void run_timers(struct txn *t, uint64_t until_ms, char *text) {
    for (int turns = 0; txn_deadline(t) <= until_ms; turns++) {
        ck_assert_int_lt(turns, 100);
        note(text, txn_tick(t, &times, txn_deadline(t)));
    }
}

static enum txn_event event_of(char what) {
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (events[i].what == what)
            return events[i].event;
    ck_abort_msg("no event '%c'", what);
}

START_TEST(machines) {
    static const char *const names[TXN_STATES] = {"calling",   "trying",   "proceeding", "completed",
                                                  "confirmed", "accepted", "terminated"};
    const struct row *row = &rows[_i];
    struct txn t;

    txn_init(&t, row->kind, row->reliable, &times, START);
    for (size_t i = 0; i < STEPS && row->steps[i].what != '\0'; i++) {
        const struct step *s = &row->steps[i];
        char does[ACTIONS_TEXT] = "";
        if (s->what == '>')
            run_timers(&t, START + s->at_ms, does);
        else
            note(does, txn_event(&t, event_of(s->what), &times, START + s->at_ms));
        ck_assert_msg(strcmp(does, s->does) == 0, "%s: at %u %c does \"%s\", not \"%s\"", row->name, s->at_ms, s->what,
                      does, s->does);
        ck_assert_msg(t.state == s->state, "%s: at %u %c leads to %s", row->name, s->at_ms, s->what, names[t.state]);
    }
    if (t.state == TXN_TERMINATED)
        ck_assert_msg(txn_deadline(&t) == NEVER, "%s: a timer is left", row->name);
}
END_TEST

/* When copies leave by themselves. */
struct schedule {
    const char *name;
    enum txn_kind kind;
    char first; /* 0, or what happens at first_ms */
    uint32_t first_ms;
    struct txn_times times;
    uint32_t at_ms[RESENDS]; /* of the resends; 0 ends them */
    uint32_t end_ms;
};

static const struct schedule schedules[] = {
    {"RFC 3261 17.1.1.2 timer A doubles",
     TXN_INVITE_CLIENT,
     0,
     0,
     {500, 4000, 5000},
     {500, 1500, 3500, 7500, 15500, 31500},
     32000},
    {"RFC 3261 17.1.1.2 timer A knows no T2",
     TXN_INVITE_CLIENT,
     0,
     0,
     {100, 200, 5000},
     {100, 300, 700, 1500, 3100, 6300},
     6400},
    {"RFC 3261 17.1.2.2 timer E doubles up to T2",
     TXN_CLIENT,
     0,
     0,
     {500, 4000, 5000},
     {500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500},
     32000},
    {"RFC 3261 17.1.2.2 timer E: MIN(2*T1, T2), with T2 no power of two of T1",
     TXN_CLIENT,
     0,
     0,
     {1000, 6000, 5000},
     {1000, 3000, 7000, 13000, 19000, 25000, 31000, 37000, 43000, 49000, 55000, 61000},
     64000},
    {"RFC 3261 17.1.2.2 timer E runs on through a provisional, then T2",
     TXN_CLIENT,
     '1',
     100,
     {500, 4000, 5000},
     {500, 4500, 8500, 12500, 16500, 20500, 24500, 28500},
     32000},
    {"RFC 3261 17.1.2.2 timer E: a late provisional",
     TXN_CLIENT,
     '1',
     1600,
     {500, 4000, 5000},
     {500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500},
     32000},
    {"RFC 3261 17.2.1 timer G doubles up to T2",
     TXN_INVITE_SERVER,
     '3',
     1,
     {500, 4000, 5000},
     {501, 1501, 3501, 7501, 11501, 15501, 19501, 23501, 27501, 31501},
     32001},
};

START_TEST(schedule) {
    const struct schedule *s = &schedules[_i];
    struct txn t;
    bool happened = s->first == 0;
    size_t resent = 0;

    txn_init(&t, s->kind, false, &s->times, START);
    for (;;) {
        uint64_t at = txn_deadline(&t);
        if (!happened && at > START + s->first_ms) {
            happened = true;
            txn_event(&t, event_of(s->first), &s->times, START + s->first_ms);
            continue;
        }
        ck_assert_msg(txn_tick(&t, &s->times, at - 1) == 0, "%s: early", s->name);
        unsigned actions = txn_tick(&t, &s->times, at);
        if (actions & TXN_DO_END) {
            ck_assert_msg(at == START + s->end_ms, "%s: ends at %d", s->name, (int)(at - START));
            break;
        }
        ck_assert_msg(actions == TXN_DO_RESEND, "%s: %x", s->name, actions);
        ck_assert_msg(resent < RESENDS && at == START + s->at_ms[resent], "%s: resend %zu at %d", s->name, resent,
                      (int)(at - START));
        resent++;
    }
    ck_assert_msg(resent == RESENDS || s->at_ms[resent] == 0, "%s: %zu only", s->name, resent);
}
END_TEST

/* A loop that stood still makes up for nothing: one copy, and the next a whole interval later. */
START_TEST(late_tick) {
    struct txn t;

    txn_init(&t, TXN_INVITE_CLIENT, false, &times, START);
    ck_assert_uint_eq(txn_tick(&t, &times, START + 5000), TXN_DO_RESEND);
    ck_assert_uint_eq(txn_tick(&t, &times, START + 5000), 0);
    ck_assert_uint_eq(txn_deadline(&t), START + 6000);
    ck_assert_uint_eq(txn_tick(&t, &times, START + 40000), TXN_DO_TIMEOUT | TXN_DO_END);
}
END_TEST

/* RFC 3261 9.1: 64*T1 after its CANCEL a ringing INVITE is given up; the owner sets that deadline. */
START_TEST(cancelled_invite) {
    struct txn t;

    txn_init(&t, TXN_INVITE_CLIENT, true, &times, START);
    txn_event(&t, TXN_EV_1XX, &times, START + 1);
    t.timeout_ms = START + 100;
    ck_assert_uint_eq(txn_event(&t, TXN_EV_1XX, &times, START + 50), TXN_DO_PASS);
    ck_assert_uint_eq(txn_tick(&t, &times, START + 99), 0);
    ck_assert_uint_eq(txn_tick(&t, &times, START + 100), TXN_DO_TIMEOUT | TXN_DO_END);
}
END_TEST

/* The bytes stay as long as a rule can ask for them again, and no longer. */
static const struct {
    const char *name;
    enum txn_kind kind;
    bool reliable;
    const char *path; /* events */
    bool keeps;
} kept[] = {
    {"RFC 3261 17.1.1.2: the INVITE for timer A", TXN_INVITE_CLIENT, UDP, "", true},
    {"RFC 3261 9.1, 17.1.1.3: the INVITE for CANCEL and ACK", TXN_INVITE_CLIENT, TCP, "1", true},
    {"RFC 3261 17.1.1.2: the ACK for timer D", TXN_INVITE_CLIENT, UDP, "3", true},
    {"RFC 3261 17.1.1.2: no ACK twice on a stream", TXN_INVITE_CLIENT, TCP, "3", false},
    {"RFC 6026 7.2: nothing after a 2xx", TXN_INVITE_CLIENT, UDP, "2", false},
    {"RFC 3261 17.1.2.2: the request for timer E", TXN_CLIENT, UDP, "1", true},
    {"RFC 3261 17.1.2.2: nothing after the answer", TXN_CLIENT, UDP, "2", false},
    {"RFC 3261 17.2.1: the provisional", TXN_INVITE_SERVER, UDP, "1", true},
    {"RFC 3261 17.2.1: the failure until its ACK", TXN_INVITE_SERVER, UDP, "3", true},
    {"RFC 3261 17.2.1: the failure until its ACK, on a stream", TXN_INVITE_SERVER, TCP, "3", true},
    {"RFC 3261 17.2.1: nothing after the ACK", TXN_INVITE_SERVER, UDP, "3a", false},
    {"RFC 6026 7.1: a 2xx is its user's", TXN_INVITE_SERVER, UDP, "2", false},
    {"RFC 3261 17.2.2: the provisional", TXN_SERVER, UDP, "1", true},
    {"RFC 3261 17.2.2: the final for timer J", TXN_SERVER, UDP, "2", true},
    {"RFC 3261 17.2.2: nobody asks again on a stream", TXN_SERVER, TCP, "2", false},
};

START_TEST(keeps) {
    struct txn t;

    txn_init(&t, kept[_i].kind, kept[_i].reliable, &times, START);
    for (const char *e = kept[_i].path; *e != '\0'; e++)
        txn_event(&t, event_of(*e), &times, START + 1);
    ck_assert_msg(txn_keeps_bytes(&t) == kept[_i].keeps, "%s", kept[_i].name);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("txn");
    TCase *tc = tcase_create("txn");

    tcase_add_loop_test(tc, machines, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(tc, schedule, 0, sizeof schedules / sizeof *schedules);
    tcase_add_test(tc, late_tick);
    tcase_add_test(tc, cancelled_invite);
    tcase_add_loop_test(tc, keeps, 0, sizeof kept / sizeof *kept);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
