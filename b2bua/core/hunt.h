/*
 * hunt: which failures send a call to its next target, and which of several the caller is told (RFC 3261 16.7).
 */
#ifndef B2BUA_CORE_HUNT_H
#define B2BUA_CORE_HUNT_H

#include <stdbool.h>

/* May hunt_on name this status? Not what the user said (480, 486), what asks for something (3xx, 401, 407), what is a
 * matter of this request (415, 417, 420, 485, 488) or between two neighbours (422, 487, 491). */
bool hunt_may_name(int status);

/* Is `status` one of the trunk's hunt_on codes? */
bool hunt_on(const int *codes, int count, int status);

/* The better of two final failures for the caller; 0 = none yet. 6xx settles it; else the lowest class, and in 4xx
 * those that tell the caller what to do; 408 and 503 of ours or a target are the last resort. */
int hunt_better(int a, int b);

#endif
