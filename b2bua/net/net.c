#include "b2bua/net/net.h"

#include <stdlib.h>
#include <time.h>

#include "b2bua/net/impl.h"

uint64_t net_now_ms(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct net *net_new(uv_loop_t *loop, struct timerq *q, struct settings *settings, struct net_shared *shared,
                    unsigned worker, const struct net_ops *ops, void *ctx) {
    struct net *n = mem_zalloc(sizeof *n);

    n->loop = loop;
    n->timers = q;
    n->settings = settings_ref(settings);
    n->shared = shared;
    n->worker = worker;
    n->ops = *ops;
    n->ctx = ctx;
    n->next_id = 1;
    n->datagrams = mem_alloc((size_t)NET_BATCH * NET_DATAGRAM);
    return n;
}

int net_listen(struct net *n, char *error, size_t size) {
    const struct settings *s = n->settings;

    if (n->tls == NULL)
        n->tls = net_tls_new(s, n->shared, NULL, error, size);
    if (n->tls == NULL)
        return -1;
    for (int i = 0; i < s->listen_count; i++) {
        int fd = net_socket(&s->listens[i], error, size);
        if (fd < 0)
            return -1;
        net_add(n, i, fd);
    }
    return 0;
}

static struct conn *conn_for(struct net *n, const struct flow *flow, const char *host) {
    struct conn *c = flow->conn != 0 ? conn_by_id(n, flow->conn) : NULL;
    struct flow to = *flow;

    if (c != NULL || flow->bound)
        return c;
    if (to.fallback_port != 0)
        to.peer.port = to.fallback_port;
    c = conn_by_peer(n, &to, host);
    return c != NULL ? c : conn_connect(n, &to, host);
}

int net_send(struct net *n, struct flow *flow, const char *host, const char *bytes, size_t size) {
    if (n->closing || flow->listen >= n->settings->listen_count ||
        n->settings->listens[flow->listen].proto != (int)flow->proto)
        return -1;
    n->counts.sent++;
    if (flow->proto == FLOW_UDP)
        return udp_send(n, flow, bytes, size);
    if (flow->conn != 0 && flow->worker != n->worker)
        return n->ops.other_worker(n->ctx, flow, (struct str){bytes, size});
    struct conn *c = conn_for(n, flow, host);
    if (c == NULL)
        return -1;
    flow->conn = c->id;
    flow->worker = (uint16_t)n->worker;
    return out_send(c, bytes, size, true);
}

void net_flush(struct net *n) {
    if (n->slot_count > 0)
        udp_flush(n);
}

void net_look(struct net *n) {
    for (int i = 0; i < SETTINGS_LISTEN_SLOTS; i++)
        if (n->sockets[i] != NULL && n->sockets[i]->proto == FLOW_UDP)
            udp_look(n->sockets[i]);
}

void net_close(struct net *n) {
    struct conn *next;

    net_flush(n);
    n->closing = true;
    for (int i = 0; i < SETTINGS_LISTEN_SLOTS; i++)
        change_close(n, i);
    for (struct conn *c = n->conns; c != NULL; c = next) {
        next = c->next;
        conn_finish(c);
    }
}

bool net_idle(const struct net *n) {
    return n->handles == 0;
}

void net_free(struct net *n) {
    if (n == NULL)
        return;
    tls_sessions_forget(n);
    net_tls_unref(n->tls);
    settings_unref(n->settings);
    free(n->datagrams);
    free(n);
}

struct net_counts net_counts(const struct net *n) {
    return n->counts;
}
