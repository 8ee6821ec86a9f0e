/* mapped: what a STUN answer says of its asker, read by other code than that which wrote it. */
#ifndef TESTS_MAPPED_H
#define TESTS_MAPPED_H

#include "b2bua/core/stun.h"

static inline unsigned mapped_get16(const uint8_t *p) {
    return (unsigned)p[0] << 8 | p[1];
}

/* XOR-MAPPED-ADDRESS (RFC 8489 14.2) of the success response to the transaction `id`. Returns 0, or -1: there is none.
 */
static inline int mapped_address(struct str response, const uint8_t id[STUN_ID], struct addr *out) {
    const uint8_t *p = (const uint8_t *)response.p;

    if (stun_kind(response) != STUN_SUCCESS || memcmp(p + 8, id, STUN_ID) != 0)
        return -1;
    for (size_t i = STUN_HEADER; i + 8 <= response.n; i += 4 + ((mapped_get16(p + i + 2) + 3u) & ~3u)) {
        unsigned ip_size = p[i + 5] == 2 ? 16 : 4;
        if (mapped_get16(p + i) != 0x0020 || mapped_get16(p + i + 2) != 4 + ip_size || i + 8 + ip_size > response.n)
            continue;
        *out = (struct addr){.family = ip_size == 16 ? 6 : 4, .port = (uint16_t)(mapped_get16(p + i + 6) ^ 0x2112)};
        for (unsigned j = 0; j < ip_size; j++)
            out->ip[j] = p[i + 8 + j] ^ p[4 + j]; /* the cookie, then the transaction */
        return 0;
    }
    return -1;
}

#endif
