/*
 * bed: a net on loopback with its loop, and peers with sockets of their own, all in one thread. Timeouts are reached by
 * moving the timer queue ahead of the clock, never by waiting.
 */
#ifndef TESTS_ROOM_BED_H
#define TESTS_ROOM_BED_H

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/net/net.h"

enum { BED_HEARD = 256, BED_PATIENCE_MS = 10000 };

struct bed_heard {
    struct flow flow;
    struct str text;
    int broken; /* the status it deserves */
};

struct bed {
    uv_loop_t loop;
    struct timerq timers;
    uint64_t ahead_ms; /* of the clock */
    struct settings *s;
    struct net_shared *shared;
    struct net *net;
    bool keeps_stun;    /* STUN is not for the net to answer */
    int stun_count;     /* that it was asked for */
    int closed_count;   /* connections that were said to have ended */
    const char *answer; /* sent back at once to what is broken; NULL: nothing */
    struct bed_heard heard[BED_HEARD], lost[BED_HEARD], handed[BED_HEARD];
    int heard_count, lost_count, handed_count;
    char trouble[160]; /* the last one of a connection of ours */
};

static inline void bed_note(struct bed_heard *list, int *count, const struct flow *f, struct str text, int broken) {
    ck_assert_int_lt(*count, BED_HEARD);
    list[(*count)++] = (struct bed_heard){*f, {str_dup(text), text.n}, broken};
}

static inline void bed_message(void *ctx, const struct flow *from, char *bytes, size_t n, int broken, uint64_t now) {
    struct bed *b = ctx;
    struct flow back = *from;

    (void)now;
    bed_note(b->heard, &b->heard_count, from, (struct str){bytes, n}, broken);
    if (broken != 0 && b->answer != NULL)
        ck_assert_int_eq(net_send(b->net, &back, NULL, b->answer, strlen(b->answer)), 0);
}

static inline void bed_undelivered(void *ctx, const struct flow *to, struct str bytes, uint64_t now) {
    struct bed *b = ctx;

    (void)now;
    bed_note(b->lost, &b->lost_count, to, bytes, false);
}

static inline int bed_other_worker(void *ctx, const struct flow *to, struct str bytes) {
    struct bed *b = ctx;

    bed_note(b->handed, &b->handed_count, to, bytes, false);
    return 0;
}

static inline bool bed_stun(void *ctx, const struct flow *from, struct str bytes, uint64_t now) {
    struct bed *b = ctx;

    (void)from;
    (void)bytes;
    (void)now;
    b->stun_count++;
    return !b->keeps_stun;
}

static inline void bed_trouble(void *ctx, const struct flow *to, const char *why, uint64_t now) {
    struct bed *b = ctx;

    (void)now;
    ck_assert_uint_ne(to->peer.port, 0);
    snprintf(b->trouble, sizeof b->trouble, "%s", why);
}

static inline void bed_closed(void *ctx, const struct flow *flow, uint64_t now) {
    struct bed *b = ctx;

    (void)now;
    ck_assert_uint_ne(flow->conn, 0);
    b->closed_count++;
}

static inline struct addr bed_addr(const char *ip, int port) {
    struct addr a;

    ck_assert_int_eq(addr_parse(&a, str_of(ip)), 0);
    a.port = (uint16_t)port;
    return a;
}

/* A socket of a peer, bound to `ip` and a free port. */
static inline int bed_socket(const char *ip, int type, int *port) {
    struct addr a = bed_addr(ip, 0);
    struct sockaddr_storage ss;
    socklen_t size = addr_to_sockaddr(&a, &ss);
    int fd = socket(ss.ss_family, type, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, size), 0);
    getsockname(fd, (struct sockaddr *)&ss, &size);
    addr_from_sockaddr(&a, (struct sockaddr *)&ss);
    if (port != NULL)
        *port = a.port;
    return fd;
}

/* A port that nobody has. */
static inline int bed_port(const char *ip, int type) {
    int port;

    close(bed_socket(ip, type, &port));
    return port;
}

static inline struct settings *bed_settings(void) {
    struct settings *s = settings_new();

    s->security = (struct settings_security){.max_message_bytes = 65535,
                                             .max_connections = 1000,
                                             .max_connections_per_ip = 1000,
                                             .handshake_timeout_s = 5,
                                             .partial_message_timeout_s = 5,
                                             .idle_timeout_s = 3600};
    return s;
}

/* Adds a listener on a free port; `tls` is an index or -1. */
static inline struct settings_listen *bed_listen(struct settings *s, const char *ip, enum flow_proto proto, int tls) {
    s->listens = mem_realloc(s->listens, (size_t)(s->listen_count + 1) * sizeof *s->listens);
    struct settings_listen *l = &s->listens[s->listen_count++];

    *l = (struct settings_listen){.name = str_dup(STR("outside")), .proto = (int)proto, .tls = tls};
    l->port = bed_port(ip, proto == FLOW_UDP ? SOCK_DGRAM : SOCK_STREAM);
    l->bind = bed_addr(ip, l->port);
    return l;
}

/* Takes the settings. */
static inline struct bed *bed_new(struct settings *s) {
    static const struct net_ops ops = {bed_message, bed_undelivered, bed_other_worker,
                                       bed_stun,    bed_closed,      bed_trouble};
    struct bed *b = mem_zalloc(sizeof *b);
    char error[512] = "";

    b->s = s;
    uv_loop_init(&b->loop);
    timerq_init(&b->timers, net_now_ms());
    b->shared = net_shared_new(s->security.max_connections, s->security.max_connections_per_ip);
    b->net = net_new(&b->loop, &b->timers, s, b->shared, 0, &ops, b);
    ck_assert_msg(net_listen(b->net, error, sizeof error) == 0, "%s", error);
    return b;
}

/* One turn of the loop, as the worker does it. */
static inline void bed_turn(struct bed *b) {
    uv_run(&b->loop, UV_RUN_NOWAIT);
    timerq_run(&b->timers, net_now_ms() + b->ahead_ms);
    net_flush(b->net);
}

/* Turns the loop until `condition` holds; fails when that takes beyond all patience. */
#define BED_UNTIL(b, condition)                                                                                        \
    do {                                                                                                               \
        uint64_t bed_end = net_now_ms() + BED_PATIENCE_MS;                                                             \
        while (!(condition)) {                                                                                         \
            bed_turn(b);                                                                                               \
            if (!(condition))                                                                                          \
                usleep(200);                                                                                           \
            ck_assert_msg(net_now_ms() < bed_end, "never came true: %s", #condition);                                  \
        }                                                                                                              \
    } while (0)

/* What has been sent so far is read and handled after this, without a way to see it from outside. */
static inline void bed_settle(struct bed *b) {
    for (int i = 0; i < 20; i++) {
        bed_turn(b);
        usleep(500);
    }
}

static inline void bed_forget(struct bed *b) {
    struct bed_heard *const lists[] = {b->heard, b->lost, b->handed};
    int *const counts[] = {&b->heard_count, &b->lost_count, &b->handed_count};

    for (int i = 0; i < 3; i++)
        while (*counts[i] > 0)
            free((char *)lists[i][--*counts[i]].text.p);
}

static inline void bed_free(struct bed *b) {
    net_close(b->net);
    BED_UNTIL(b, net_idle(b->net));
    net_free(b->net);
    net_shared_free(b->shared);
    ck_assert_int_eq(uv_loop_close(&b->loop), 0);
    bed_forget(b);
    settings_unref(b->s);
    free(b);
}

/* A flow to a peer's port, by the listener. */
static inline struct flow bed_flow(const struct bed *b, int listen, const char *ip, int port) {
    return (struct flow){
        .proto = (enum flow_proto)b->s->listens[listen].proto, .listen = (uint16_t)listen, .peer = bed_addr(ip, port)};
}

static inline int bed_send(struct bed *b, struct flow *flow, const char *text) {
    return net_send(b->net, flow, NULL, text, strlen(text));
}

/* --- a peer's side --- */

/* A stream connected to the listener, from `ip`. */
static inline int bed_connect(const struct bed *b, int listen, const char *ip) {
    int fd = bed_socket(ip, SOCK_STREAM, NULL);
    struct sockaddr_storage ss;
    socklen_t size = addr_to_sockaddr(&b->s->listens[listen].bind, &ss);

    ck_assert_int_eq(connect(fd, (struct sockaddr *)&ss, size), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

/* Reads from a socket into a text until it has `want` bytes or ends; -1 in `*end` when the peer closed. */
struct bed_inbox {
    char text[200000];
    size_t n;
    bool ended;
};

static inline size_t bed_read(int fd, struct bed_inbox *in) {
    ssize_t got = recv(fd, in->text + in->n, sizeof in->text - 1 - in->n, MSG_DONTWAIT);

    if (got == 0 || (got < 0 && errno != EAGAIN))
        in->ended = true;
    if (got > 0)
        in->n += (size_t)got;
    in->text[in->n] = '\0';
    return in->n;
}

static inline bool bed_ended(int fd, struct bed_inbox *in) {
    bed_read(fd, in);
    return in->ended;
}

static inline void bed_write(int fd, const char *bytes, size_t n) {
    ck_assert_int_eq(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* Whether this machine has IPv6 on loopback. */
static inline bool bed_has_ipv6(void) {
    struct sockaddr_in6 sa = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&sa, sizeof sa) == 0;

    if (fd >= 0)
        close(fd);
    return has;
}

#endif
