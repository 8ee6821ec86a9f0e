/* Calls as paths through the tables. Every row of both tables is on some path; everything else means nothing. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/core/callfsm.h"
#include "tests/suite.h"

enum { STEPS = 8 };

/* What a step does, one letter an action. */
static const char letters[LEG_ACTIONS] = {
    [LEG_DO_NOTHING] = '\0',   [LEG_DO_ROUTE] = 'R',         [LEG_DO_SEND_1XX] = '1',    [LEG_DO_SEND_2XX] = '2',
    [LEG_DO_SEND_FINAL] = 'F', [LEG_DO_SEND_487] = '7',      [LEG_DO_SEND_INVITE] = 'I', [LEG_DO_SEND_CANCEL] = 'C',
    [LEG_DO_SEND_ACK] = 'A',   [LEG_DO_SEND_BYE] = 'B',      [LEG_DO_NEXT_TARGET] = 'N', [LEG_DO_SEND_AGAIN] = 'g',
    [LEG_DO_JOIN] = 'j',       [LEG_DO_TELL_PROGRESS] = 'p', [LEG_DO_TELL_ANSWER] = 'a', [LEG_DO_TELL_ACK] = 'k',
    [LEG_DO_TELL_OVER] = 'o'};

struct step {
    enum leg_event event;
    const char *does; /* NULL: means nothing, the state stays */
    enum leg_state state;
};

struct path {
    const char *name;
    enum leg_role role;
    struct step steps[STEPS]; /* an entry without a state ends them: no step leads to idle */
};

/* clang-format off */

/* Ways to a state. */
#define A_INVITED     {LEG_EV_INVITE, "R", LEG_INVITED}
#define A_EARLY       A_INVITED, {LEG_EV_MATE_PROGRESS, "1", LEG_EARLY}
#define A_ANSWERED    A_INVITED, {LEG_EV_MATE_ANSWER, "2", LEG_ANSWERED}
#define A_UP          A_ANSWERED, {LEG_EV_ACK, "k", LEG_UP}
#define A_HANGING     A_ANSWERED, {LEG_EV_MATE_OVER, "", LEG_HANGING}
#define A_PARKED      A_INVITED, {LEG_EV_ADOPT, "", LEG_PARKED}
#define A_ENDING      A_UP, {LEG_EV_MATE_OVER, "B", LEG_ENDING}
#define B_INVITED     {LEG_EV_START, "I", LEG_INVITED}
#define B_EARLY       B_INVITED, {LEG_EV_1XX, "p", LEG_EARLY}
#define B_ANSWERED    B_INVITED, {LEG_EV_2XX_HOLD, "a", LEG_ANSWERED}
#define B_UP          B_INVITED, {LEG_EV_2XX, "Aa", LEG_UP}
#define B_CANCELLING  B_EARLY, {LEG_EV_MATE_OVER, "C", LEG_CANCELLING}
#define B_ENDING      B_UP, {LEG_EV_MATE_OVER, "B", LEG_ENDING}

static const struct path paths[] = {
    /* leg A */
    {"RFC 3261 15: ringing, answer, caller hangs up", LEG_A,
     {A_EARLY, {LEG_EV_MATE_PROGRESS, "1", LEG_EARLY}, {LEG_EV_MATE_ANSWER, "2", LEG_ANSWERED},
      {LEG_EV_ACK, "k", LEG_UP}, {LEG_EV_BYE, "o", LEG_ENDED}}},
    {"RFC 3261 15: callee hangs up, our BYE is answered", LEG_A, {A_ENDING, {LEG_EV_BYE_DONE, "", LEG_ENDED}}},
    {"RFC 3261 15: both hang up at once", LEG_A, {A_ENDING, {LEG_EV_BYE, NULL, LEG_ENDING}}},
    {"RFC 3261 16.7: B failed before ringing", LEG_A, {A_INVITED, {LEG_EV_MATE_OVER, "F", LEG_ENDED}}},
    {"RFC 3261 16.7: B failed after ringing", LEG_A, {A_EARLY, {LEG_EV_MATE_OVER, "F", LEG_ENDED}}},
    {"RFC 3261 9.2: CANCEL before ringing", LEG_A, {A_INVITED, {LEG_EV_CANCEL, "7o", LEG_ENDED}}},
    {"RFC 3261 9.2: CANCEL while ringing", LEG_A, {A_EARLY, {LEG_EV_CANCEL, "7o", LEG_ENDED}}},
    {"RFC 3261 15: a caller leaves an early dialog by BYE", LEG_A, {A_EARLY, {LEG_EV_BYE, "7o", LEG_ENDED}}},
    {"RFC 3261 15: no dialog, no BYE", LEG_A, {A_INVITED, {LEG_EV_BYE, NULL, LEG_INVITED}}},
    {"RFC 3262 3: no PRACK while ringing", LEG_A, {A_EARLY, {LEG_EV_NO_PRACK, "Fo", LEG_ENDED}}},
    {"RFC 3262 3: no PRACK, the 2xx waits for it", LEG_A, {A_ANSWERED, {LEG_EV_NO_PRACK, "Fo", LEG_ENDED}}},
    {"RFC 3262 3: CANCEL, the 2xx waits for a PRACK", LEG_A, {A_ANSWERED, {LEG_EV_CANCEL, "7o", LEG_ENDED}}},
    {"RFC 3262 3: B over, the 2xx waits for a PRACK, CANCEL", LEG_A, {A_HANGING, {LEG_EV_CANCEL, "7", LEG_ENDED}}},
    {"RFC 3262 3: B over, no PRACK", LEG_A, {A_HANGING, {LEG_EV_NO_PRACK, "F", LEG_ENDED}}},
    {"RFC 3261 12.2.1.2: 481 to a request of ours, early", LEG_A, {A_EARLY, {LEG_EV_LOST, "Fo", LEG_ENDED}}},
    {"RFC 3261 12.2.1.2: 481 before the ACK: BYE waits", LEG_A,
     {A_ANSWERED, {LEG_EV_LOST, "o", LEG_HANGING}, {LEG_EV_ACK, "B", LEG_ENDING}}},
    {"RFC 3261 12.2.1.2: 481 in the call", LEG_A, {A_UP, {LEG_EV_LOST, "Bo", LEG_ENDING}}},
    {"RFC 3261 13.3.1.4: no ACK", LEG_A,
     {A_ANSWERED, {LEG_EV_NO_ACK, "Bo", LEG_ENDING}, {LEG_EV_BYE_DONE, "", LEG_ENDED}}},
    {"RFC 3261 13.3.1.4: no ACK to a re-INVITE's 2xx", LEG_A, {A_UP, {LEG_EV_NO_ACK, "Bo", LEG_ENDING}}},
    {"RFC 3261 15: a caller's BYE may come before its ACK", LEG_A, {A_ANSWERED, {LEG_EV_BYE, "o", LEG_ENDED}}},
    {"RFC 3261 15: our BYE waits for the ACK", LEG_A, {A_HANGING, {LEG_EV_ACK, "B", LEG_ENDING}}},
    {"RFC 3261 15: or for its time-out", LEG_A, {A_HANGING, {LEG_EV_NO_ACK, "B", LEG_ENDING}}},
    {"RFC 3261 15: or the caller's BYE comes first", LEG_A, {A_HANGING, {LEG_EV_BYE, "", LEG_ENDED}}},
    {"stopped before ringing", LEG_A, {A_INVITED, {LEG_EV_STOP, "Fo", LEG_ENDED}}},
    {"stopped while ringing", LEG_A, {A_EARLY, {LEG_EV_STOP, "Fo", LEG_ENDED}}},
    {"stopped before the ACK: BYE waits", LEG_A, {A_ANSWERED, {LEG_EV_STOP, "o", LEG_HANGING}}},
    {"stopped in the call", LEG_A, {A_UP, {LEG_EV_STOP, "Bo", LEG_ENDING}}},
    {"stopping twice is stopping once", LEG_A,
     {A_UP, {LEG_EV_STOP, "Bo", LEG_ENDING}, {LEG_EV_STOP, NULL, LEG_ENDING}}},
    {"RFC 3261 13.3.1.4: another ACK", LEG_A, {A_UP, {LEG_EV_ACK, NULL, LEG_UP}}},
    {"RFC 5589 6.1: it stands in for a leg that comes when B answers", LEG_A,
     {A_EARLY, {LEG_EV_ADOPT, "", LEG_PARKED}, {LEG_EV_MATE_ANSWER, "j", LEG_UP}, {LEG_EV_BYE, "o", LEG_ENDED}}},
    {"RFC 5589 7: it stands in, and B is there already", LEG_A,
     {{LEG_EV_START, "", LEG_INVITED}, {LEG_EV_ADOPT, "", LEG_PARKED}, {LEG_EV_MATE_ANSWER, "j", LEG_UP}}},
    {"RFC 5589 6.1: B failed, the transferor has left", LEG_A, {A_PARKED, {LEG_EV_MATE_OVER, "B", LEG_ENDING}}},
    {"RFC 5589 6.1: it hangs up before B answers", LEG_A, {A_PARKED, {LEG_EV_BYE, "o", LEG_ENDED}}},
    {"RFC 3261 12.2.1.2: 481 before B answers", LEG_A, {A_PARKED, {LEG_EV_LOST, "Bo", LEG_ENDING}}},
    {"RFC 3261 13.3.1.4: no ACK before B answers", LEG_A, {A_PARKED, {LEG_EV_NO_ACK, "Bo", LEG_ENDING}}},
    {"stopped before B answers", LEG_A, {A_PARKED, {LEG_EV_STOP, "Bo", LEG_ENDING}}},
    {"RFC 5589 6.1: ringing is nothing to it", LEG_A, {A_PARKED, {LEG_EV_MATE_PROGRESS, NULL, LEG_PARKED}}},
    {"RFC 5589 6.1: it goes to another call", LEG_A, {A_UP, {LEG_EV_TAKEN, "", LEG_ENDED}}},

    /* leg B */
    {"RFC 5589 7: one that is up comes from another call", LEG_B,
     {{LEG_EV_ADOPT, "a", LEG_UP}, {LEG_EV_TAKEN, "", LEG_ENDED}}},
    {"RFC 5589 7.5: one that rings comes from another call", LEG_B,
     {{LEG_EV_ADOPT_EARLY, "", LEG_EARLY}, {LEG_EV_2XX, "Aa", LEG_UP}}},
    {"RFC 5589 7.5: one that rings goes to another call", LEG_B, {B_EARLY, {LEG_EV_TAKEN, "", LEG_ENDED}}},
    {"RFC 3261 13.2.2.4: ringing, answer, ACK at once, callee hangs up", LEG_B,
     {B_EARLY, {LEG_EV_1XX, "p", LEG_EARLY}, {LEG_EV_2XX, "Aa", LEG_UP}, {LEG_EV_BYE, "o", LEG_ENDED}}},
    {"RFC 3261 17.1.1.2: 100 is not passed on", LEG_B, {B_INVITED, {LEG_EV_TRYING, "", LEG_EARLY}}},
    {"RFC 3261 17.1.1.2: nor is a 100 that comes late", LEG_B, {B_EARLY, {LEG_EV_TRYING, NULL, LEG_EARLY}}},
    {"RFC 3261 15: caller hangs up, our BYE is answered", LEG_B, {B_ENDING, {LEG_EV_BYE_DONE, "", LEG_ENDED}}},
    {"RFC 3261 15: both hang up at once", LEG_B, {B_ENDING, {LEG_EV_BYE, NULL, LEG_ENDING}}},
    {"RFC 3261 13.2.2.4: the ACK carries A's answer", LEG_B, {B_ANSWERED, {LEG_EV_MATE_ACK, "A", LEG_UP}}},
    {"RFC 3261 13.2.2.4: the same after ringing", LEG_B, {B_EARLY, {LEG_EV_2XX_HOLD, "a", LEG_ANSWERED}}},
    {"RFC 3261 15: A over before its ACK: ACK, then BYE", LEG_B, {B_ANSWERED, {LEG_EV_MATE_OVER, "AB", LEG_ENDING}}},
    {"RFC 3261 15: callee hangs up before our ACK", LEG_B, {B_ANSWERED, {LEG_EV_BYE, "o", LEG_ENDED}}},
    {"RFC 3261 12.2.1.2: 481 before our ACK", LEG_B, {B_ANSWERED, {LEG_EV_LOST, "ABo", LEG_ENDING}}},
    {"stopped before our ACK", LEG_B, {B_ANSWERED, {LEG_EV_STOP, "ABo", LEG_ENDING}}},
    {"no target to start with", LEG_B, {{LEG_EV_FAIL, "o", LEG_ENDED}}},
    {"A over before the start", LEG_B, {{LEG_EV_MATE_OVER, "", LEG_ENDED}, {LEG_EV_START, NULL, LEG_ENDED}}},
    {"RFC 3261 16.7: the last target fails", LEG_B, {B_INVITED, {LEG_EV_FAIL, "o", LEG_ENDED}}},
    {"RFC 3261 16.7: the last target fails after ringing", LEG_B, {B_EARLY, {LEG_EV_FAIL, "o", LEG_ENDED}}},
    {"RFC 3261 16.7: the next target", LEG_B,
     {B_INVITED, {LEG_EV_FAIL_HUNT, "N", LEG_INVITED}, {LEG_EV_1XX, "p", LEG_EARLY},
      {LEG_EV_FAIL_HUNT, "N", LEG_INVITED}, {LEG_EV_2XX, "Aa", LEG_UP}}},
    {"RFC 4028 7.3: 422, the same again with more", LEG_B,
     {B_INVITED, {LEG_EV_TOO_SMALL, "g", LEG_INVITED}, {LEG_EV_1XX, "p", LEG_EARLY},
      {LEG_EV_TOO_SMALL, "g", LEG_INVITED}, {LEG_EV_2XX, "Aa", LEG_UP}}},
    {"RFC 3261 9.1: nobody answers, nothing heard", LEG_B, {B_INVITED, {LEG_EV_NO_ANSWER, "Co", LEG_CANCELLING}}},
    {"RFC 3261 9.1: rang too long", LEG_B, {B_EARLY, {LEG_EV_NO_ANSWER, "Co", LEG_CANCELLING}}},
    {"RFC 3261 9.1: A over, nothing heard", LEG_B, {B_INVITED, {LEG_EV_MATE_OVER, "C", LEG_CANCELLING}}},
    {"RFC 3261 9.1: A over while it rings; 487", LEG_B, {B_CANCELLING, {LEG_EV_FAIL, "", LEG_ENDED}}},
    {"RFC 3261 9.1: no next target after CANCEL", LEG_B, {B_CANCELLING, {LEG_EV_FAIL_HUNT, "", LEG_ENDED}}},
    {"RFC 3261 9.1: a 2xx crosses the CANCEL", LEG_B, {B_CANCELLING, {LEG_EV_2XX, "AB", LEG_ENDING}}},
    {"RFC 3261 9.1: a 2xx with an offer crosses it", LEG_B, {B_CANCELLING, {LEG_EV_2XX_HOLD, "AB", LEG_ENDING}}},
    {"RFC 3261 9.1: ringing after the CANCEL is not told", LEG_B, {B_CANCELLING, {LEG_EV_1XX, NULL, LEG_CANCELLING}}},
    {"RFC 3261 15: a callee's early BYE is giving up", LEG_B, {B_EARLY, {LEG_EV_BYE, "Co", LEG_CANCELLING}}},
    {"RFC 3261 12.2.1.2: 481 to a request of ours, early", LEG_B, {B_EARLY, {LEG_EV_LOST, "Co", LEG_CANCELLING}}},
    {"RFC 3261 12.2.1.2: 481 in the call", LEG_B, {B_UP, {LEG_EV_LOST, "Bo", LEG_ENDING}}},
    {"RFC 3261 13.3.1.4: no ACK to a re-INVITE's 2xx", LEG_B, {B_UP, {LEG_EV_NO_ACK, "Bo", LEG_ENDING}}},
    {"stopped, nothing heard", LEG_B, {B_INVITED, {LEG_EV_STOP, "Co", LEG_CANCELLING}}},
    {"stopped while it rings", LEG_B, {B_EARLY, {LEG_EV_STOP, "Co", LEG_CANCELLING}}},
    {"stopped in the call", LEG_B, {B_UP, {LEG_EV_STOP, "Bo", LEG_ENDING}}},
    {"RFC 3261 13.2.2.4: a copy of the 2xx is no event of the call", LEG_B, {B_UP, {LEG_EV_2XX, NULL, LEG_UP}}},
};
/* clang-format on */

static const char *does(const struct leg_step *step, char text[LEG_ACTIONS_MAX + 1]) {
    size_t n = 0;

    for (size_t i = 0; i < LEG_ACTIONS_MAX && step->actions[i] != LEG_DO_NOTHING; i++)
        text[n++] = letters[step->actions[i]];
    text[n] = '\0';
    return text;
}

static void check_step(const struct path *p, int i, enum leg_state from) {
    const struct step *want = &p->steps[i];
    const struct leg_step *step = callfsm_step(p->role, from, want->event);
    char text[LEG_ACTIONS_MAX + 1];

    ck_assert_msg((step == NULL) == (want->does == NULL), "%s: step %d", p->name, i);
    if (step == NULL) {
        ck_assert_int_eq(want->state, from);
        return;
    }
    ck_assert_msg(strcmp(does(step, text), want->does) == 0, "%s: step %d does \"%s\"", p->name, i, text);
    ck_assert_msg(step->next == want->state, "%s: step %d: %s", p->name, i, callfsm_state_name(step->next));
    ck_assert_msg(callfsm_allows(p->role, from, step->next), "%s: step %d", p->name, i);
}

START_TEST(path) {
    enum leg_state state = LEG_IDLE;

    for (int i = 0; i < STEPS && paths[_i].steps[i].state != LEG_IDLE; i++) {
        check_step(&paths[_i], i, state);
        state = paths[_i].steps[i].state;
    }
}
END_TEST

/* --- all of both tables --- */

static bool walked[LEG_ROLES][LEG_STATES][LEG_EVENTS];

static void walk(const struct path *p) {
    enum leg_state state = LEG_IDLE;

    for (int i = 0; i < STEPS && p->steps[i].state != LEG_IDLE; i++) {
        walked[p->role][state][p->steps[i].event] = true;
        state = p->steps[i].state;
    }
}

/* A row that no path takes is a rule that nobody can name. */
START_TEST(complete) {
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        walk(&paths[i]);
    for (int r = 0; r < LEG_ROLES; r++)
        for (int s = 0; s < LEG_STATES; s++)
            for (int e = 0; e < LEG_EVENTS; e++)
                ck_assert_msg(callfsm_step(r, s, e) == NULL || walked[r][s][e], "leg %d: %s, %s", r,
                              callfsm_state_name(s), callfsm_event_name(e));
}
END_TEST

static bool has(const struct leg_step *step, enum leg_action action) {
    for (int i = 0; i < LEG_ACTIONS_MAX; i++)
        if (step->actions[i] == action)
            return true;
    return false;
}

static bool is_over(enum leg_state s) {
    return s == LEG_HANGING || s == LEG_CANCELLING || s == LEG_ENDING || s == LEG_ENDED;
}

/* Nobody is left behind: a leg that goes over by itself tells its mate, once; one that was told does not tell back. One
 * that goes to another call is not over. */
static void check_over(const struct leg_step *step, enum leg_state from, enum leg_event event) {
    bool falls = !is_over(from) && is_over(step->next) && event != LEG_EV_MATE_OVER && event != LEG_EV_TAKEN;

    ck_assert_msg(has(step, LEG_DO_TELL_OVER) == falls, "%s, %s", callfsm_state_name(from), callfsm_event_name(event));
    ck_assert(!is_over(from) || is_over(step->next));
    ck_assert_int_eq(has(step, LEG_DO_SEND_BYE), step->next == LEG_ENDING);
    ck_assert_int_eq(has(step, LEG_DO_SEND_CANCEL), step->next == LEG_CANCELLING);
}

START_TEST(over) {
    for (int s = 0; s < LEG_STATES; s++)
        for (int e = 0; e < LEG_EVENTS; e++) {
            const struct leg_step *step = callfsm_step(_i, s, e);
            if (step != NULL)
                check_over(step, s, e);
            ck_assert(s != LEG_ENDED || step == NULL);
        }
}
END_TEST

/* A state that the operator or the mate cannot leave has to be over already, or not begun. */
START_TEST(way_out) {
    for (int s = LEG_INVITED; s < LEG_STATES; s++) {
        bool used = false;
        for (int from = 0; from < LEG_STATES; from++)
            used |= callfsm_allows(_i, from, s);
        if (!used || is_over(s))
            continue;
        const struct leg_step *stop = callfsm_step(_i, s, LEG_EV_STOP), *mate = callfsm_step(_i, s, LEG_EV_MATE_OVER);
        ck_assert_msg(stop != NULL && is_over(stop->next), "leg %d: %s", _i, callfsm_state_name(s));
        ck_assert_msg(mate != NULL && is_over(mate->next), "leg %d: %s", _i, callfsm_state_name(s));
    }
}
END_TEST

/* RFC 3261 9.1, 15: what no table may ever allow. */
static const struct {
    enum leg_role role;
    enum leg_state from, to;
} never[] = {
    {LEG_A, LEG_ANSWERED, LEG_CANCELLING}, {LEG_A, LEG_ENDED, LEG_IDLE},    {LEG_A, LEG_IDLE, LEG_UP},
    {LEG_A, LEG_HANGING, LEG_UP},          {LEG_B, LEG_ENDED, LEG_INVITED}, {LEG_B, LEG_UP, LEG_CANCELLING},
    {LEG_B, LEG_CANCELLING, LEG_UP},       {LEG_B, LEG_ENDING, LEG_UP},
};

START_TEST(forbidden) {
    ck_assert(!callfsm_allows(never[_i].role, never[_i].from, never[_i].to));
}
END_TEST

/* Names are what the log says: one each. */
START_TEST(names) {
    for (int a = 0; a < LEG_EVENTS; a++)
        for (int b = 0; b < a; b++)
            ck_assert_str_ne(callfsm_event_name(a), callfsm_event_name(b));
    for (int a = 0; a < LEG_STATES; a++)
        for (int b = 0; b < a; b++)
            ck_assert_str_ne(callfsm_state_name(a), callfsm_state_name(b));
    ck_assert_str_eq(callfsm_event_name(LEG_EV_STOP), "stop");
    ck_assert_str_eq(callfsm_event_name(LEG_EV_NO_ANSWER), "no-answer");
    ck_assert_str_eq(callfsm_state_name(LEG_ENDED), "ended");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("callfsm");
    TCase *tc = tcase_create("callfsm");

    tcase_add_loop_test(tc, path, 0, sizeof paths / sizeof *paths);
    tcase_add_test(tc, complete);
    tcase_add_loop_test(tc, over, 0, LEG_ROLES);
    tcase_add_loop_test(tc, way_out, 0, LEG_ROLES);
    tcase_add_loop_test(tc, forbidden, 0, sizeof never / sizeof *never);
    tcase_add_test(tc, names);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
