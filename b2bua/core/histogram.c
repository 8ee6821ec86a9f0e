#include "b2bua/core/histogram.h"

#define S(seconds) ((seconds)*UINT64_C(1000))

const struct histogram_shape histogram_setup = {
    {50, 100, 250, 500, S(1), S(2), S(3), S(5), S(8), S(13), S(20), S(30), S(60), S(120), S(180)}};

const struct histogram_shape histogram_talk = {{S(1), S(5), S(30), S(60), S(180), S(300), S(600), S(885), S(930),
                                                S(1755), S(1830), S(3555), S(3630), S(7200), S(14400)}};

void histogram_add(struct histogram *h, const struct histogram_shape *shape, uint64_t ms) {
    int i = 0;

    while (i < HISTOGRAM_BUCKETS - 1 && ms > shape->le_ms[i])
        i++;
    h->buckets[i]++;
    h->sum_ms += ms;
}
