/*
 * course: how calls have gone, since the start and lately: the ratios of RFC 6076 (4.6 SER, which telephony calls ASR;
 * 4.7 SEER). Redirections and challenges (3xx, 401, 407) are no calls of their own and are left out. Pure; times in ms
 * of the monotonic clock.
 */
#ifndef B2BUA_CORE_COURSE_H
#define B2BUA_CORE_COURSE_H

#include <stdbool.h>
#include <stdint.h>

enum { COURSE_MINUTES = 15 };

enum course_kind {
    COURSE_CALLS,
    COURSE_ANSWERED,
    COURSE_EFFECTIVE, /* answered, or the person called was busy, away, or did not want to: the network has done its
                         part */
    COURSE_KINDS
};

/* All zero: nothing yet. */
struct course {
    uint64_t all[COURSE_KINDS];
    struct course_minute {
        uint64_t minute;
        uint32_t counts[COURSE_KINDS];
    } minutes[COURSE_MINUTES];
};

/* The person called was busy, away, or did not want to (480, 486, 600, 603). */
bool course_is_person(int status);

/* A call is over; `status`: the final one of its INVITE, 0 = none. */
void course_add(struct course *c, int status, bool answered, uint64_t now_ms);

/* Adds to `sums` what there was in the last 15 minutes, this one included. */
void course_recent(const struct course *c, uint64_t now_ms, uint64_t sums[COURSE_KINDS]);

#endif
