/*
 * callfsm: a call as two state machines, one a leg, that tell each other what happened. Pure tables: (role, state,
 * event) gives the next state and the actions; carrying actions out is b2bua/call's.
 *
 * Leg A is the one that the call came in on (we are its UAS), leg B the one that we placed (we are its UAC). After the
 * answer both behave the same, but for who may send BYE when (RFC 3261 section 15).
 *
 * A transfer exchanges a leg (b2bua/call/refer.c): the call that it places is one of its own, whose leg A stands in for
 * the party that is to be connected. When its time has come that party's leg is taken out of the old call
 * (LEG_EV_TAKEN) and put into the new one (LEG_EV_ADOPT): the dialog goes on, its call is another.
 */
#ifndef B2BUA_CORE_CALLFSM_H
#define B2BUA_CORE_CALLFSM_H

#include <stdbool.h>

enum leg_role { LEG_A, LEG_B, LEG_ROLES };

enum leg_state {
    LEG_IDLE,
    LEG_INVITED,    /* A: INVITE received, B: sent; nothing but 100 so far (B: not even that) */
    LEG_EARLY,      /* A: 18x sent; B: any provisional received, so that a CANCEL may go */
    LEG_ANSWERED,   /* A: 2xx sent, ACK awaited; B: 2xx received, its ACK held back for the other side's answer */
    LEG_PARKED,     /* A: confirmed, but its partner in this call is still being called */
    LEG_UP,         /* confirmed */
    LEG_HANGING,    /* A: over, but BYE has to wait for the ACK (RFC 3261 section 15) */
    LEG_CANCELLING, /* B: over, the final response to a cancelled INVITE is awaited */
    LEG_ENDING,     /* BYE sent */
    LEG_ENDED,
    LEG_STATES
};

enum leg_event {
    /* from this leg's own peer */
    LEG_EV_INVITE,    /* A: a new call */
    LEG_EV_CANCEL,    /* A: CANCEL while no final response has left */
    LEG_EV_ACK,       /* A: ACK to our 2xx */
    LEG_EV_NO_ACK,    /* A: none within 64*T1 */
    LEG_EV_NO_PRACK,  /* A: a reliable provisional was not acknowledged within 64*T1 */
    LEG_EV_TRYING,    /* B: 100 */
    LEG_EV_1XX,       /* B: 101-199 */
    LEG_EV_2XX,       /* B: ACK at once */
    LEG_EV_2XX_HOLD,  /* B: its ACK has to carry the other side's answer */
    LEG_EV_FAIL,      /* B: 300-699, time-out or transport error, and no target left */
    LEG_EV_FAIL_HUNT, /* B: the same, and there is a next target */
    LEG_EV_TOO_SMALL, /* B: 422, and another try with a larger session interval (RFC 4028) */
    LEG_EV_NO_ANSWER, /* B: rang too long */
    LEG_EV_BYE,       /* either */
    LEG_EV_BYE_DONE,  /* our BYE is answered, or nobody will */
    LEG_EV_LOST,      /* a request in the dialog got 481, or a re-INVITE no answer: the peer has no such call */
    /* from the other leg */
    LEG_EV_START,         /* B: place the call; A: it is placed already */
    LEG_EV_MATE_PROGRESS, /* A: B rings */
    LEG_EV_MATE_ANSWER,   /* A: B answered */
    LEG_EV_MATE_ACK,      /* B: A's ACK has come */
    LEG_EV_MATE_OVER,     /* the other leg is over, or will be */
    /* from a transfer */
    LEG_EV_ADOPT,       /* a leg of another call that is up takes this place */
    LEG_EV_ADOPT_EARLY, /* B: one that is being called does */
    LEG_EV_TAKEN,       /* it has gone to another call; who took it sees to its mate */
    /* from the operator or the program */
    LEG_EV_STOP,
    LEG_EVENTS
};

enum leg_action {
    LEG_DO_NOTHING,
    LEG_DO_ROUTE,       /* A: choose targets and start leg B */
    LEG_DO_SEND_1XX,    /* A */
    LEG_DO_SEND_2XX,    /* A */
    LEG_DO_SEND_FINAL,  /* A: the failure that the call has come to */
    LEG_DO_SEND_487,    /* A */
    LEG_DO_SEND_INVITE, /* B */
    LEG_DO_SEND_CANCEL, /* B */
    LEG_DO_SEND_ACK,    /* B */
    LEG_DO_SEND_BYE,
    LEG_DO_NEXT_TARGET,   /* B: the old attempt is left behind */
    LEG_DO_SEND_AGAIN,    /* B: the INVITE, to the same target, in the same call */
    LEG_DO_TELL_PROGRESS, /* tell the mate: LEG_EV_MATE_PROGRESS */
    LEG_DO_TELL_ANSWER,
    LEG_DO_TELL_ACK,
    LEG_DO_TELL_OVER,
    LEG_DO_JOIN, /* A: it is told what B has answered */
    LEG_ACTIONS
};

enum { LEG_ACTIONS_MAX = 3 };

struct leg_step {
    enum leg_state next;
    enum leg_action actions[LEG_ACTIONS_MAX]; /* in order; LEG_DO_NOTHING ends them */
};

/* What follows. NULL: the event means nothing in this state (which is an answer, not an error: the table says so). */
const struct leg_step *callfsm_step(enum leg_role role, enum leg_state state, enum leg_event event);

/* Is the change from one state to the other anywhere in the role's table? */
bool callfsm_allows(enum leg_role role, enum leg_state from, enum leg_state to);

const char *callfsm_state_name(enum leg_state s);
const char *callfsm_event_name(enum leg_event e);

#endif
