/* From the bytes of a stream to messages, STUN and keepalives. */
#include <stdlib.h>

#include "b2bua/core/frame.h"
#include "b2bua/core/stun.h"
#include "b2bua/net/impl.h"
#include "b2bua/net/shared.h"

static void answer_stun(struct conn *c, struct str request) {
    uint8_t reply[STUN_REPLY_MAX];
    struct flow from = conn_flow(c);
    size_t n = stun_reply(c->net, &from, request, reply);

    if (n > 0)
        out_send(c, (char *)reply, n, false);
}

static void pass_up(struct conn *c, struct str bytes, int broken) {
    struct net *n = c->net;
    struct flow from = conn_flow(c);

    n->counts.received++;
    n->ops.message(n->ctx, &from, (char *)bytes.p, bytes.n, broken, net_now_ms());
}

/* Cannot go on: what can be answered is, and the connection ends. */
static void give_up(struct conn *c, struct str head, bool too_big) {
    if (too_big)
        c->net->counts.too_big++;
    else
        c->net->counts.garbage++;
    net_shared_garbage(c->net->shared, &c->peer);
    if (head.n > 0)
        pass_up(c, head, too_big ? 513 : 400);
    conn_finish(c);
}

/* Handles one frame. Returns false when there is none, or the connection is over. */
static bool take(struct conn *c, struct str *unread) {
    struct frame f = frame_next(*unread, (size_t)c->net->settings->security.max_message_bytes, &c->scanned);
    struct str bytes = {unread->p, f.n};

    switch (f.kind) {
    case FRAME_MORE:
        return false;
    case FRAME_SIP:
        pass_up(c, bytes, 0);
        break;
    case FRAME_STUN:
        answer_stun(c, bytes);
        break;
    case FRAME_PING:
        c->net->counts.pings++;
        out_send(c, "\r\n", 2, false);
        break;
    case FRAME_SKIP:
        break;
    case FRAME_TOO_BIG:
    case FRAME_GARBAGE:
        give_up(c, bytes, f.kind == FRAME_TOO_BIG);
        return false;
    }
    *unread = (struct str){unread->p + f.n, unread->n - f.n};
    c->scanned = 0;
    c->partial_ms = 0;
    return c->state == CONN_READY && unread->n > 0;
}

static void keep_partial(struct conn *c, struct str rest) {
    if (rest.n == 0 || c->state != CONN_READY) {
        free(c->partial);
        c->partial = NULL;
        c->partial_n = c->partial_cap = 0;
        c->partial_ms = 0;
        return;
    }
    if (c->partial_ms == 0 && !str_eq(rest, STR("\r\n"))) { /* a pong may stand alone */
        c->partial_ms = net_now_ms();
        conn_arm(c);
    }
    if (c->partial == NULL) {
        c->partial_cap = rest.n < 1024 ? 2048 : rest.n * 2;
        c->partial = mem_alloc(c->partial_cap);
    }
    memmove(c->partial, rest.p, rest.n);
    c->partial_n = rest.n;
}

static struct str append(struct conn *c, struct str bytes) {
    if (c->partial_n + bytes.n > c->partial_cap) {
        c->partial_cap = (c->partial_n + bytes.n) * 2;
        c->partial = mem_realloc(c->partial, c->partial_cap);
    }
    memcpy(c->partial + c->partial_n, bytes.p, bytes.n);
    c->partial_n += bytes.n;
    return (struct str){c->partial, c->partial_n};
}

void stream_bytes(struct conn *c, struct str bytes) {
    struct str unread = c->partial != NULL ? append(c, bytes) : bytes;

    while (take(c, &unread))
        ;
    keep_partial(c, unread);
}
