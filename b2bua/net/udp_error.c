/* What ICMP says of datagrams that we sent: the kernel keeps each with its destination in the socket's error queue
 * (ip(7), IP_RECVERR). */
#include <errno.h>
#include <time.h>

#include <linux/errqueue.h>

#include "b2bua/net/impl.h"

static bool is_refusal(int error) {
    return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH;
}

static const struct sock_extended_err *extended(struct msghdr *msg) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
        bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
        if (v4 || v6)
            return (const struct sock_extended_err *)CMSG_DATA(c);
    }
    return NULL;
}

void udp_read_errors(struct net_socket *s) {
    struct net *n = s->net;
    char bytes[2048], control[512];
    struct sockaddr_storage to;

    for (int i = 0; i < NET_BATCH * 4; i++) {
        struct iovec iov = {bytes, sizeof bytes};
        struct msghdr msg = {.msg_name = &to,
                             .msg_namelen = sizeof to,
                             .msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
        ssize_t got = recvmsg(s->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT);
        if (got < 0)
            return;
        const struct sock_extended_err *e = extended(&msg);
        if (e == NULL || !is_refusal((int)e->ee_errno) || got < 16)
            continue;
        struct flow f = {.proto = FLOW_UDP, .listen = (uint16_t)s->listen, .worker = (uint16_t)n->worker};
        addr_from_sockaddr(&f.peer, (struct sockaddr *)&to);
        n->ops.undelivered(n->ctx, &f, (struct str){bytes, (size_t)got}, net_now_ms());
    }
}
