/* STUN that comes in: who wants to judge it does, and what is left is answered. */
#include "b2bua/core/stun.h"

#include "b2bua/net/impl.h"

enum { ERROR_LOW = 0x11 /* second byte of an error response */ };

size_t stun_reply(struct net *n, const struct flow *from, struct str message, uint8_t *reply) {
    if (n->ops.stun != NULL && !n->ops.stun(n->ctx, from, message, net_now_ms()))
        return 0;
    size_t size = stun_answer(message, &from->peer, STUN_SOFTWARE, reply);
    if (size == 0)
        n->counts.stun_dropped++;
    else if (reply[1] == ERROR_LOW)
        n->counts.stun_refused++;
    else
        n->counts.stun_answered++;
    return size;
}
