#include "b2bua/core/expiry.h"

int expiry_check(const struct expiry_limits *l, uint32_t asked_s) {
    return asked_s > 0 && asked_s < l->min_s ? 423 : 0;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

uint32_t expiry_told(const struct expiry_limits *l, const struct expiry_client *c, uint32_t asked_s, uint32_t granted_s,
                     uint32_t random) {
    uint32_t limit_s = c->proto == FLOW_UDP && !c->keepalive ? l->udp_max_s : l->flow_max_s;

    if (c->ar_sk)
        return granted_s;
    uint32_t most_s = least(least(asked_s, granted_s), limit_s);
    return most_s - random % (most_s / 10 + 1);
}
