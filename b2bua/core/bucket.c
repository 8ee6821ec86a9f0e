#include "b2bua/core/bucket.h"

enum { ONE = 1000 };

/* What is still out at `now_ms`: a rate of n a second brings n thousandths back in a millisecond. */
static uint64_t used_at(const struct bucket *b, uint32_t per_second, uint64_t now_ms) {
    uint64_t passed_ms = now_ms > b->at_ms ? now_ms - b->at_ms : 0;

    /* After a second all is back: that also keeps the product small. */
    if (passed_ms >= 1000)
        return 0;
    uint64_t back = passed_ms * per_second;
    return b->used > back ? b->used - back : 0;
}

/* A rate that was lowered meanwhile must not owe more than its own second. */
static uint64_t owed(uint64_t used, uint32_t per_second) {
    uint64_t most = (uint64_t)per_second * ONE;

    return used > most ? most : used;
}

bool bucket_take(struct bucket *b, uint32_t per_second, uint64_t now_ms) {
    if (per_second == 0)
        return true;
    b->used = owed(used_at(b, per_second, now_ms), per_second);
    b->at_ms = now_ms > b->at_ms ? now_ms : b->at_ms;
    if (b->used + ONE > (uint64_t)per_second * ONE)
        return false;
    b->used += ONE;
    return true;
}

uint32_t bucket_used(const struct bucket *b, uint32_t per_second, uint64_t now_ms) {
    return (uint32_t)((owed(used_at(b, per_second, now_ms), per_second) + ONE - 1) / ONE);
}
