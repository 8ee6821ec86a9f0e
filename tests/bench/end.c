#include "tests/bench/end.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int end_open_at(in_addr_t address, unsigned port) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {address}};
    char text[INET_ADDRSTRLEN];
    int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 8 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0) {
        fprintf(stderr, "no socket at %s:%u: %s\n", inet_ntop(AF_INET, &here.sin_addr, text, sizeof text), port,
                strerror(errno));
        exit(2);
    }
    return fd;
}

int end_open(unsigned port) {
    return end_open_at(htonl(INADDR_LOOPBACK), port);
}

void end_flush(struct end *e) {
    for (unsigned done = 0; done < e->queued;) {
        int n = sendmmsg(e->fd, e->head + done, e->queued - done, 0);
        if (n > 0)
            done += (unsigned)n;
        else
            done++; /* refused by ICMP or full: the timers bring it again */
    }
    e->queued = 0;
}

char *end_room(struct end *e) {
    if (e->queued == END_BATCH)
        end_flush(e);
    return e->text[e->queued];
}

void end_queue(struct end *e, size_t size, const struct sockaddr_in *to) {
    unsigned n = e->queued++;
    e->to[n] = *to;
    e->io[n] = (struct iovec){e->text[n], size};
    e->head[n].msg_hdr =
        (struct msghdr){.msg_name = &e->to[n], .msg_namelen = sizeof e->to[n], .msg_iov = &e->io[n], .msg_iovlen = 1};
}

void end_receive(struct end *e, void (*got)(void *ctx, const struct message *m, const struct sockaddr_in *from),
                 void *ctx) {
    static char text[END_BATCH][TEXT_MESSAGE_MAX];
    static struct sockaddr_in from[END_BATCH];
    static struct iovec io[END_BATCH];
    static struct mmsghdr head[END_BATCH];
    for (int i = 0; i < END_BATCH; i++) {
        io[i] = (struct iovec){text[i], TEXT_MESSAGE_MAX - 1};
        head[i].msg_hdr =
            (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &io[i], .msg_iovlen = 1};
    }
    int count = recvmmsg(e->fd, head, END_BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        struct message m;
        text[i][head[i].msg_len] = '\0';
        text_parse(text[i], head[i].msg_len, &m);
        if (m.start.size)
            got(ctx, &m, &from[i]);
    }
}
