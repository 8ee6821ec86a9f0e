/*
 * fellow: how another node of ours is doing, from the heartbeats that are exchanged with it. Pure: what was heard in,
 * state out.
 *
 *     unknown  nothing was heard of it yet
 *     up       it answers our questions, and proves that it is one of us
 *     down     two questions in a row were not answered, or an answer proved nothing: the reason says which
 *
 * What it asks of us tells us how it is, too, but never that it can be reached.
 */
#ifndef B2BUA_CORE_FELLOW_H
#define B2BUA_CORE_FELLOW_H

#include "b2bua/core/heartbeat.h"

enum {
    FELLOW_EVERY_MS = 5000,   /* between questions */
    FELLOW_TIMEOUT_MS = 2000, /* of one */
    FELLOW_CLOCK_MS = 30000,  /* so far may a question's clock be from ours */
    FELLOW_MISSES = 2
};

enum fellow_state { FELLOW_UNKNOWN, FELLOW_UP, FELLOW_DOWN, FELLOW_STATES };

/* What came of a question of ours. */
enum fellow_event {
    FELLOW_ANSWERED,
    FELLOW_SILENT,       /* no answer in time */
    FELLOW_UNREACHABLE,  /* refused, reset, no listener of ours leads there */
    FELLOW_NO_ADDRESS,   /* its name has none now */
    FELLOW_NOT_BELIEVED, /* it answered, but the verdict is not good */
    FELLOW_EVENTS
};

struct fellow {
    enum fellow_state state;
    enum fellow_event event;        /* that it was entered by, or is seen while down */
    enum heartbeat_verdict verdict; /* of FELLOW_NOT_BELIEVED */
    int misses;                     /* in a row */
    uint64_t since_ms;              /* of the state */
    uint64_t heard_ms;              /* when `facts` were said; 0 = never */
    uint64_t asked_at_ms;           /* the time in its last question, by its clock */
    struct heartbeat_facts facts;
};

void fellow_init(struct fellow *f, uint64_t now_ms);

/* A question of ours has ended. `verdict` of FELLOW_NOT_BELIEVED. Returns true when state or reason changed. */
bool fellow_event(struct fellow *f, enum fellow_event e, enum heartbeat_verdict verdict, uint64_t now_ms);

/* It has said how it is. */
void fellow_said(struct fellow *f, const struct heartbeat_facts *facts, uint64_t now_ms);

/* May a question of it be believed that was well signed? GOOD, CLOCK or REPLAYED; a good one is noted. `wall_ms`: our
 * clock, since 1970. */
enum heartbeat_verdict fellow_question(struct fellow *f, uint64_t at_ms, uint64_t wall_ms);

const char *fellow_state_name(enum fellow_state s);

/* Why it is as it is: "started", "answered", "silent", "wrong-secret" ... */
const char *fellow_reason(const struct fellow *f);

#endif
