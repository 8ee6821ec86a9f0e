#include "b2bua/core/glare.h"

enum { OWNER_LEAST_MS = 2100, OWNER_MOST_MS = 4000, OTHER_MOST_MS = 2000, STEP_MS = 10 };

/* RFC 3261 14.2: a second INVITE before the first has its final response gets 500, one that crosses ours gets 491; RFC
 * 5407 3.1.4: one before the ACK of the last gets 491. */
static int check_invite(const struct glare *g) {
    if (g->invite_in || g->update_in)
        return 500;
    if (g->invite_unacked || g->invite_out || g->update_out || g->offer_out)
        return 491;
    return 0;
}

/* RFC 3311 5.2. Without an offer only a second UPDATE is in the way. */
static int check_update(const struct glare *g, bool has_offer) {
    if (g->update_in)
        return 500;
    if (!has_offer)
        return 0;
    if (g->offer_out)
        return 491;
    return g->offer_in ? 500 : 0;
}

int glare_check(const struct glare *g, enum method method, bool has_offer) {
    if (method == METHOD_INVITE)
        return check_invite(g);
    if (method == METHOD_UPDATE)
        return check_update(g, has_offer);
    return 0;
}

uint32_t glare_pause_ms(bool owns_call_id, uint32_t random) {
    uint32_t least = owns_call_id ? OWNER_LEAST_MS : 0, most = owns_call_id ? OWNER_MOST_MS : OTHER_MOST_MS;

    return least + random % ((most - least) / STEP_MS + 1) * STEP_MS;
}
