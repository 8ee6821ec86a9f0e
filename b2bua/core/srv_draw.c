#include "b2bua/core/srv.h"

static uint64_t next_random(uint64_t *seed) {
    uint64_t x = *seed += 0x9e3779b97f4a7c15u; /* splitmix64 */

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

int srv_draw(const uint32_t *weights, int count, uint64_t *seed) {
    uint64_t total = 0, at;
    int i;

    for (i = 0; i < count; i++)
        total += weights[i];
    if (total == 0)
        return (int)(next_random(seed) % (uint64_t)count);
    at = next_random(seed) % total;
    for (i = 0; at >= weights[i]; i++)
        at -= weights[i];
    return i;
}
