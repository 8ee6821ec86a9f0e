#include "b2bua/command/sum.h"

static uint64_t number_at(const void *object, struct sum_place place) {
    const char *at = (const char *)object + place.at;
    uint64_t wide;
    uint32_t narrow;

    if (place.size == sizeof wide) {
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
    memcpy(&narrow, at, sizeof narrow);
    return narrow;
}

struct sum_place sum_element(size_t at, size_t i) {
    return (struct sum_place){at + i * sizeof(uint64_t), sizeof(uint64_t)};
}

uint64_t sum_counts(const struct worker_question *q, struct sum_place place) {
    uint64_t all = 0;

    for (unsigned i = 0; i < q->count; i++)
        all += number_at(&q->answers[i].counts, place);
    return all;
}

uint64_t sum_worker(const struct worker_question *q, unsigned worker, struct sum_place place) {
    return number_at(&q->answers[worker].counts, place);
}

uint64_t sum_trunk(const struct worker_question *q, int trunk, struct sum_place place) {
    uint64_t all = 0;

    for (unsigned i = 0; i < q->count; i++)
        if (trunk < q->answers[i].report.trunk_count)
            all += number_at(&q->answers[i].report.trunks[trunk], place);
    return all;
}

uint64_t sum_profile(const struct worker_question *q, int profile, struct sum_place place) {
    uint64_t all = 0;

    for (unsigned i = 0; i < q->count; i++)
        if (profile < q->answers[i].report.profile_count)
            all += number_at(&q->answers[i].report.profiles[profile], place);
    return all;
}
