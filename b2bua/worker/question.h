/*
 * question: a question that goes to all workers at once (report.h). Each answers in turns of its own and touches
 * only its own answer; the last one wakes who asked. A worker that is stopping says nothing more.
 */
#ifndef B2BUA_WORKER_QUESTION_H
#define B2BUA_WORKER_QUESTION_H

#include <stdatomic.h>
#include <uv.h>

#include "b2bua/worker/worker.h"

struct worker_answer {
    struct report report;
    struct worker_counts counts; /* of this moment */
};

struct worker_question {
    struct report_ask ask;
    uv_async_t *wake; /* of who asks; borrowed */
    atomic_uint left; /* workers that have not answered */
    unsigned count;
    struct worker_answer answers[]; /* by index of the worker */
};

/* Asks all workers; `wake` is sent when all have answered. Returns the question, the caller's to free once `left` is 0
 * or all workers are joined. */
struct worker_question *worker_question_new(struct worker_shared *shared, const struct report_ask *ask,
                                            uv_async_t *wake);
void worker_question_free(struct worker_question *q);

/* A worker's thread: its answer stands. */
void worker_question_answered(struct worker_question *q);

#endif
