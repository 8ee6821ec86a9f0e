#include "b2bua/core/draw.h"

#include <string.h>

static uint64_t next_random(uint64_t *seed) {
    uint64_t x = *seed += 0x9e3779b97f4a7c15u; /* splitmix64 */

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Stable: equals stay as they are. */
static void sort(struct draw_item *items, int count) {
    for (int i = 1; i < count; i++) {
        struct draw_item moving = items[i];
        int j = i;
        for (; j > 0 && items[j - 1].preference > moving.preference; j--)
            items[j] = items[j - 1];
        items[j] = moving;
    }
}

/* One of items[first..end) is drawn to stand at `first`. */
static void draw(struct draw_item *items, int first, int end, uint64_t *seed) {
    uint64_t total = 0, at;
    int i;

    for (i = first; i < end; i++)
        total += (uint64_t)items[i].weight;
    if (total == 0)
        return;
    at = next_random(seed) % total;
    for (i = first; at >= (uint64_t)items[i].weight; i++)
        at -= (uint64_t)items[i].weight;
    struct draw_item chosen = items[i];
    memmove(&items[first + 1], &items[first], sizeof *items * (size_t)(i - first));
    items[first] = chosen;
}

void draw_order(struct draw_item *items, int count, uint64_t seed) {
    sort(items, count);
    for (int first = 0; first < count; first++) {
        int end = first + 1;
        while (end < count && items[end].preference == items[first].preference)
            end++;
        if (end > first + 1)
            draw(items, first, end, &seed);
    }
}

/* xorshift64* */
void draw_bytes(uint64_t *state, void *bytes, size_t n) {
    unsigned char *at = bytes;

    while (n-- > 0) {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        *at++ = (unsigned char)(*state * 2685821657736338717ull >> 56);
    }
}
