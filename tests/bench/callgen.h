/*
 * callgen: the state of one run; caller and callee share the table of calls.
 */
#ifndef TESTS_BENCH_CALLGEN_H
#define TESTS_BENCH_CALLGEN_H

#include "tests/bench/end.h"

enum { CALL_T1_US = 500000, CALL_TRIES_MAX = 7 };
enum state { CALL_IDLE, CALL_INVITED, CALL_UP, CALL_ENDING, CALL_DONE, CALL_FAILED };

struct call {
    enum state state;
    unsigned tries, answer_tries;
    uint64_t due_us;        /* caller: send again, or hang up */
    uint64_t answer_due_us; /* callee: send the 200 again; 0 = acknowledged, or not asked yet */
    uint64_t sent_us, arrived_us, answered_us;
    long refresh_cseq[2]; /* of the last refresh that came to the caller, to the callee */
    struct dialog dialog;
    char *answer; /* callee's 200, until it is acknowledged */
    size_t answer_size;
    struct sockaddr_in answer_to;
};

struct gen {
    struct run run;
    struct sockaddr_in target;
    unsigned rate, calls, hold_us, stay_s;
    struct call *call;
    uint32_t *added_us;
    unsigned started, oldest, ok, failed, up;
    unsigned again_caller, again_callee, copies; /* resent by us; INVITEs and refreshes that came twice */
    unsigned refreshed, refreshed_up;            /* refreshes in all, and until all calls were up */
    struct end caller, callee;
};

/* Sends the next call's INVITE at once. */
void caller_invite_next(struct gen *g, uint64_t now_us);

/* A message to the caller, a message to the callee. */
void caller_got(struct gen *g, const struct message *m, const struct sockaddr_in *from, uint64_t now_us);
void callee_got(struct gen *g, const struct message *m, const struct sockaddr_in *from, uint64_t now_us);

/* INVITE or UPDATE of the element in between, to the caller or to the callee: it is answered and counted. */
void refresh_got(struct gen *g, int to_callee, unsigned n, const struct message *m, const struct sockaddr_in *from);

/* The time in due_us or answer_due_us has come. */
void caller_due(struct gen *g, unsigned n, uint64_t now_us);
void callee_due(struct gen *g, struct call *c, uint64_t now_us);

#endif
