#include "b2bua/worker/question.h"

#include <stdlib.h>

struct worker_question *worker_question_new(struct worker_shared *shared, const struct report_ask *ask,
                                            uv_async_t *wake) {
    struct worker_question *q = mem_zalloc(sizeof *q + shared->count * sizeof *q->answers);

    q->ask = *ask;
    q->wake = wake;
    q->count = shared->count;
    atomic_store(&q->left, shared->count);
    for (unsigned i = 0; i < shared->count; i++)
        worker_ask(shared->workers[i], q);
    return q;
}

void worker_question_free(struct worker_question *q) {
    if (q == NULL)
        return;
    for (unsigned i = 0; i < q->count; i++)
        report_fini(&q->answers[i].report);
    free(q);
}

/* Who asked may free the question as soon as nobody is left. */
void worker_question_answered(struct worker_question *q) {
    uv_async_t *wake = q->wake;

    if (atomic_fetch_sub(&q->left, 1) == 1)
        uv_async_send(wake);
}
