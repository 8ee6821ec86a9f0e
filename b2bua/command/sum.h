/*
 * sum: numbers of all workers, by where they stand in struct worker_counts, so that a table can name them.
 */
#ifndef B2BUA_COMMAND_SUM_H
#define B2BUA_COMMAND_SUM_H

#include <stddef.h>

#include "b2bua/worker/question.h"

struct sum_place {
    size_t at, size; /* 4 or 8 bytes */
};

#define SUM_OF(field)                                                                                                  \
    { offsetof(struct worker_counts, field), sizeof(((struct worker_counts *)NULL)->field) }
#define SUM_OF_TRUNK(field)                                                                                            \
    { offsetof(struct report_trunk, field), sizeof(((struct report_trunk *)NULL)->field) }

#define SUM_OF_PROFILE(field)                                                                                          \
    { offsetof(struct ua_profile_counts, field), sizeof(((struct ua_profile_counts *)NULL)->field) }

/* The place of an element of an array of uint64_t that begins at `at`. */
struct sum_place sum_element(size_t at, size_t i);

/* One number, over all workers; of one trunk; of one profile, by slot. */
uint64_t sum_counts(const struct worker_question *q, struct sum_place place);
uint64_t sum_worker(const struct worker_question *q, unsigned worker, struct sum_place place); /* one worker's */
uint64_t sum_trunk(const struct worker_question *q, int trunk, struct sum_place place);
uint64_t sum_profile(const struct worker_question *q, int profile, struct sum_place place);

#endif
