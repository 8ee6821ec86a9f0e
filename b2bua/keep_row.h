/*
 * keep_row: a registration in memory, in times of the monotonic clock, as a row of the store, in times of the wall
 * clock; and back. Pure.
 */
#ifndef B2BUA_KEEP_ROW_H
#define B2BUA_KEEP_ROW_H

#include "b2bua/registrar/bindings.h"
#include "b2bua/store/store.h"

/* The same moment on both clocks. */
struct keep_clock {
    uint64_t now_ms, wall_ms;
};

/* `row` has views into `b` and `peer`, which holds ADDR_TEXT_MAX bytes. */
void keep_row_of(struct store_row *row, const struct binding *b, const struct keep_clock *clock, char *peer);

/* The views of `b` are those of the row. No calls, no STUN, no credentials: those were of another process. A row that
 * was written in what is the future lasts no longer than it did then. Returns 0, or -1 when it is none of ours. */
int keep_row_read(const struct store_row *row, const struct keep_clock *clock, struct binding *b);

#endif
