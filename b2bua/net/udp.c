/* Datagrams: many by one system call, in both directions. */
#include <errno.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <stdlib.h>

#include "b2bua/core/frame.h"
#include "b2bua/core/stun.h"
#include "b2bua/net/impl.h"
#include "b2bua/net/shared.h"

/* What some devices send to keep a NAT open is shorter than any message. */
enum { ROUNDS = 4, RETRIES = 8, KEEPALIVE_MAX = 8 };

static struct flow flow_from(const struct net_socket *s, const struct sockaddr *sa) {
    struct flow f = {.proto = FLOW_UDP, .listen = (uint16_t)s->listen, .worker = (uint16_t)s->net->worker};

    addr_from_sockaddr(&f.peer, sa);
    return f;
}

static void answer_stun(struct net_socket *s, const struct flow *from, struct str request) {
    uint8_t reply[STUN_REPLY_MAX];
    size_t n = stun_reply(s->net, from, request, reply);

    if (n > 0)
        udp_send(s->net, from, (char *)reply, n);
}

/* What stands before the message is skipped (RFC 3261 7.5). */
static void message(struct net *n, const struct flow *from, char *bytes, size_t size, uint64_t now_ms) {
    bool too_big = size > (size_t)n->settings->security.max_message_bytes;

    while (size > 0 && (*bytes == '\r' || *bytes == '\n')) {
        bytes++;
        size--;
    }
    if (too_big)
        n->counts.too_big++;
    else
        n->counts.received++;
    n->ops.message(n->ctx, from, bytes, size, too_big ? 513 : 0, now_ms);
}

static void datagram(struct net_socket *s, const struct sockaddr *sa, char *bytes, size_t size, uint64_t now_ms) {
    struct net *n = s->net;
    struct flow from = flow_from(s, sa);
    struct str raw = {bytes, size};

    if (net_shared_keeps_out(n->shared, &from.peer, &n->counts))
        return;
    switch (frame_datagram(raw)) {
    case FRAME_SIP:
        message(n, &from, bytes, size, now_ms);
        break;
    case FRAME_STUN:
        answer_stun(s, &from, raw);
        break;
    case FRAME_PING:
        n->counts.pings++;
        udp_send(n, &from, "\r\n", 2);
        break;
    case FRAME_SKIP:
        break;
    case FRAME_MORE:
    case FRAME_TOO_BIG:
    case FRAME_GARBAGE:
        n->counts.garbage++;
        if (size > KEEPALIVE_MAX)
            net_shared_garbage(n->shared, &from.peer);
        break;
    }
}

/* Returns how many were read. */
static int read_batch(struct net_socket *s) {
    struct net *n = s->net;
    struct mmsghdr msgs[NET_BATCH];
    struct iovec iov[NET_BATCH];
    struct sockaddr_storage from[NET_BATCH];
    int got;

    for (int i = 0; i < NET_BATCH; i++) {
        iov[i] = (struct iovec){n->datagrams + (size_t)i * NET_DATAGRAM, NET_DATAGRAM};
        msgs[i] = (struct mmsghdr){
            .msg_hdr = {.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &iov[i], .msg_iovlen = 1}};
    }
    got = recvmmsg(s->fd, msgs, NET_BATCH, MSG_DONTWAIT, NULL);
    if (got < 0)
        return 0;
    uint64_t now_ms = net_now_ms();
    for (int i = 0; i < got; i++)
        datagram(s, (struct sockaddr *)&from[i], iov[i].iov_base, msgs[i].msg_len, now_ms);
    return got;
}

static void on_event(uv_poll_t *poll, int status, int events) {
    struct net_socket *s = poll->data;

    (void)events;
    if (status < 0) { /* libuv takes what waits in the error queue for a broken socket, and stops watching it */
        udp_read_errors(s);
        uv_poll_start(poll, UV_READABLE, on_event);
    }
    for (int round = 0; round < ROUNDS && read_batch(s) == NET_BATCH; round++)
        ;
}

void udp_look(struct net_socket *s) {
    uint32_t facts[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof facts;

    if (getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, facts, &size) < 0 || size <= SK_MEMINFO_DROPS * sizeof *facts)
        return;
    s->net->counts.lost += facts[SK_MEMINFO_DROPS] - s->lost;
    s->lost = facts[SK_MEMINFO_DROPS];
}

int udp_watch(struct net *n, struct net_socket *s) {
    uv_poll_init(n->loop, &s->h.poll, s->fd);
    s->h.poll.data = s;
    return uv_poll_start(&s->h.poll, UV_READABLE, on_event);
}

/* --- sending --- */

/* A reply must not reach more than one place, whatever a Via says. */
static bool sendable(const struct addr *a) {
    static const uint8_t everyone[4] = {255, 255, 255, 255};

    if (a->port == 0 || a->family == 0)
        return false;
    if (a->family == 6)
        return a->ip[0] != 0xff;
    return a->ip[0] < 224 && a->ip[0] != 0 && memcmp(a->ip, everyone, 4) != 0;
}

int udp_send(struct net *n, const struct flow *flow, const char *bytes, size_t size) {
    struct net_socket *s = n->sockets[flow->listen];

    if (s == NULL || s->proto != FLOW_UDP || !sendable(&flow->peer))
        return -1;
    if (n->slot_count == NET_BATCH)
        udp_flush(n);
    struct net_slot *slot = &n->slots[n->slot_count++];
    slot->socket = s;
    slot->to_size = addr_to_sockaddr(&flow->peer, &slot->to);
    slot->n = size;
    slot->big = size > NET_SLOT ? mem_alloc(size) : NULL;
    memcpy(slot->big != NULL ? slot->big : slot->bytes, bytes, size);
    return 0;
}

/* Sends `count` slots of one socket. An error may be an older datagram's, told now: the same is tried again. */
static void send_run(struct net *n, int fd, struct mmsghdr *msgs, int count) {
    int done = 0, tries = 0;

    while (done < count) {
        int sent = sendmmsg(fd, msgs + done, (unsigned)(count - done), MSG_DONTWAIT);
        if (sent > 0) {
            done += sent;
            tries = 0;
            continue;
        }
        if (errno == EAGAIN || errno == ENOBUFS)
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, 1);
        if (++tries >= RETRIES) {
            n->counts.send_failed++;
            done++;
            tries = 0;
        }
    }
}

/* All that waits for one socket, in its order: the sides of a call take turns, so runs of one socket would be short. */
static void flush_socket(struct net *n, const struct net_socket *socket) {
    struct mmsghdr msgs[NET_BATCH];
    struct iovec iov[NET_BATCH];
    int count = 0;

    for (int i = 0; i < n->slot_count; i++) {
        struct net_slot *s = &n->slots[i];
        if (s->socket != socket)
            continue;
        iov[count] = (struct iovec){s->big != NULL ? s->big : s->bytes, s->n};
        msgs[count] = (struct mmsghdr){
            .msg_hdr = {.msg_name = &s->to, .msg_namelen = s->to_size, .msg_iov = &iov[count], .msg_iovlen = 1}};
        count++;
    }
    if (count > 0)
        send_run(n, socket->fd, msgs, count);
}

void udp_flush(struct net *n) {
    if (n->slot_count == 0)
        return;
    for (int i = 0; i < n->settings->listen_count; i++)
        if (n->sockets[i] != NULL && n->sockets[i]->proto == FLOW_UDP)
            flush_socket(n, n->sockets[i]);
    for (int i = 0; i < n->slot_count; i++)
        free(n->slots[i].big);
    n->slot_count = 0;
}
