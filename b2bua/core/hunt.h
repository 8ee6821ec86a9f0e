/*
 * hunt: which failures send a call to its next target, and which of several the caller is told (RFC 3261 16.7).
 */
#ifndef B2BUA_CORE_HUNT_H
#define B2BUA_CORE_HUNT_H

#include <stdbool.h>

/* Is `status` one of the trunk's hunt_on codes? Never for what the user said or what is a matter between two
 * neighbours: 2xx, 3xx, 401, 407, 422, 486, 487, 491, 6xx unless listed by name. */
bool hunt_on(const int *codes, int count, int status);

/* The better of two final failures for the caller; 0 = none yet. 6xx settles it; else the lowest class, and in 4xx
 * those that tell the caller what to do; 408 and 503 of ours or a target are the last resort. */
int hunt_better(int a, int b);

#endif
