/*
 * bucket: so many a second, and no more than one second's worth at once (token bucket). Pure: the owner keeps the
 * struct and brings the time.
 */
#ifndef B2BUA_CORE_BUCKET_H
#define B2BUA_CORE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: full, whatever the rate will be. */
struct bucket {
    uint64_t used; /* thousandths of what was taken and has not flowed back */
    uint64_t at_ms;
};

/* Takes one. Returns false when there is none: then nothing changes but the time. `per_second` 0: no limit. */
bool bucket_take(struct bucket *b, uint32_t per_second, uint64_t now_ms);

/* How many were taken in the last second or so: what has not flowed back, rounded up. */
uint32_t bucket_used(const struct bucket *b, uint32_t per_second, uint64_t now_ms);

#endif
