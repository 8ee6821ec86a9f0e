/*
 * histogram: how many durations fell between which bounds. Counts are plain numbers, so that those of several workers
 * can be added one by one.
 */
#ifndef B2BUA_CORE_HISTOGRAM_H
#define B2BUA_CORE_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 16 };

/* All zero: empty. */
struct histogram {
    uint64_t buckets[HISTOGRAM_BUCKETS]; /* each its own, not those below it as well; the last has no upper bound */
    uint64_t sum_ms;
};

/* Upper bounds, ms, each included in its bucket; of all buckets but the last. */
struct histogram_shape {
    uint64_t le_ms[HISTOGRAM_BUCKETS - 1];
};

/* From a leg's INVITE to its answer. */
extern const struct histogram_shape histogram_setup;

/*
 * From its answer to its end. Where session timers go wrong without a word, calls end at a quarter, a half or a whole
 * hour: refreshes are due at half of Session-Expires, and RFC 4028 section 10 has the one who missed one say BYE up to
 * 32 s before the interval is over. Those moments have buckets of their own.
 */
extern const struct histogram_shape histogram_talk;

/* Counts one duration in the first bucket that it fits into. */
void histogram_add(struct histogram *h, const struct histogram_shape *shape, uint64_t ms);

#endif
