/*
 * draw: an order of trying, as RFC 2782 orders SRV records: by preference, lower first; among equal preferences each
 * next one is drawn by weight. An item of weight 0 comes behind those that have one.
 */
#ifndef B2BUA_CORE_DRAW_H
#define B2BUA_CORE_DRAW_H

#include <stddef.h>
#include <stdint.h>

struct draw_item {
    int index; /* the caller's */
    int preference, weight;
};

/* Orders `items` in place; equals without weights stay as they are. The same seed gives the same order. */
void draw_order(struct draw_item *items, int count, uint64_t seed);

/* The next `n` bytes of a sequence that its first `*state`, not 0, determines: for whoever has to have randomness in a
 * world that repeats itself. Nothing secret may hang on it. */
void draw_bytes(uint64_t *state, void *bytes, size_t n);

#endif
