/* A connection from accept or connect to its end. Memory goes in the close callback, nowhere else. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/log/log.h"
#include "b2bua/net/impl.h"
#include "b2bua/net/shared.h"

enum { BACKLOG = 1024, FINISH_MS = 2000 };

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

struct flow conn_flow(const struct conn *c) {
    return (struct flow){
        .proto = c->proto, .listen = c->listen, .worker = (uint16_t)c->net->worker, .conn = c->id, .peer = c->peer};
}

/* --- end --- */

static void on_closed(uv_handle_t *h) {
    struct conn *c = h->data;

    tls_fini(c);
    free(c->partial);
    free(c->host);
    c->net->handles--;
    free(c);
}

/* From here on the connection is found no more; what waited is lost and said to be. */
static void conn_close(struct conn *c) {
    struct net *n = c->net;
    struct flow flow = conn_flow(c);

    if (c->state == CONN_CLOSED)
        return;
    c->state = CONN_CLOSED;
    timerq_stop(n->timers, &c->timer);
    conn_table_remove(c);
    if (c->counted)
        net_shared_give(n->shared, c->outgoing ? NULL : &c->peer);
    while (c->waiting != NULL) {
        struct net_out *o = c->waiting;
        c->waiting = o->next;
        out_lost(n, &flow, o);
    }
    if (n->ops.closed != NULL && !n->closing)
        n->ops.closed(n->ctx, &flow, net_now_ms());
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void tell_trouble(const struct conn *c, const char *why) {
    const struct net *n = c->net;
    struct flow flow = conn_flow(c);

    if (c->outgoing && n->ops.trouble != NULL && !n->closing)
        n->ops.trouble(n->ctx, &flow, why, net_now_ms());
}

void conn_fail(struct conn *c, const char *why) {
    char peer[ADDR_TEXT_MAX];

    if (c->state == CONN_CLOSED)
        return;
    log_info("peer=%s transport=%s connection=closed reason=\"%s\"", addr_format(&c->peer, peer),
             flow_proto_name(c->proto), why);
    tell_trouble(c, why);
    conn_close(c);
}

/* The peer has closed it in order. */
void conn_end(struct conn *c) {
    tell_trouble(c, "closed by the peer");
    conn_finish(c);
}

/* Closes when what is queued has left. */
void conn_finish(struct conn *c) {
    if (c->state >= CONN_FINISHING) {
        if (c->state == CONN_FINISHING && c->queued == 0)
            conn_close(c);
        return;
    }
    bool ready = c->state == CONN_READY;
    c->state = CONN_FINISHING;
    c->started_ms = net_now_ms();
    if (ready && c->ssl != NULL) {
        char *bytes = NULL;
        size_t n = 0;
        SSL_shutdown(c->ssl);
        tls_drain(c, &bytes, &n);
        out_raw(c, bytes, n);
        free(bytes);
    }
    uv_read_stop((uv_stream_t *)&c->tcp);
    if (c->queued == 0)
        conn_close(c);
    else
        conn_arm(c);
}

/* --- time --- */

static uint64_t deadline(const struct conn *c) {
    const struct settings_security *s = &c->net->settings->security;
    uint64_t idle = c->active_ms + (uint64_t)s->idle_timeout_s * 1000;
    uint64_t partial = c->partial_ms + (uint64_t)s->partial_message_timeout_s * 1000;

    switch (c->state) {
    case CONN_CONNECTING:
        return c->started_ms + NET_CONNECT_MS;
    case CONN_HANDSHAKE:
        return c->started_ms + (uint64_t)s->handshake_timeout_s * 1000;
    case CONN_READY:
        return c->partial_ms != 0 && partial < idle ? partial : idle;
    case CONN_FINISHING:
        return c->started_ms + FINISH_MS;
    case CONN_CLOSED:
        break;
    }
    return TIMERQ_NEVER;
}

static void on_timer(struct timer *t, uint64_t now_ms) {
    static const char *const why[] = {"connect timed out", "handshake timed out", "idle, or a message was not finished",
                                      "peer does not read", ""};
    struct conn *c = (struct conn *)((char *)t - offsetof(struct conn, timer));

    if (c->queued <= NET_QUEUE_MAX && now_ms < deadline(c)) {
        conn_arm(c);
        return;
    }
    c->net->counts.timeouts++;
    conn_fail(c, c->queued > NET_QUEUE_MAX ? "peer does not read" : why[c->state]);
}

/* The timer is set for the deadline as it is now; one that has moved on is found out when it fires. */
void conn_arm(struct conn *c) {
    timerq_set(c->net->timers, &c->timer, c->queued > NET_QUEUE_MAX ? 0 : deadline(c));
}

/* --- beginning --- */

static struct conn *conn_new(struct net *n, int listen, bool outgoing) {
    struct conn *c = mem_zalloc(sizeof *c);

    c->net = n;
    c->listen = (uint16_t)listen;
    c->proto = (enum flow_proto)n->settings->listens[listen].proto;
    c->outgoing = outgoing;
    c->waiting_last = &c->waiting;
    c->started_ms = c->active_ms = net_now_ms();
    c->timer.fire = on_timer;
    uv_tcp_init(n->loop, &c->tcp);
    c->tcp.data = c;
    n->handles++;
    return c;
}

/* A connection that never came into the table. */
static void conn_abandon(struct conn *c) {
    c->state = CONN_CLOSED;
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf) {
    struct conn *c = h->data;

    (void)suggested;
    *buf = uv_buf_init(c->net->read, sizeof c->net->read);
}

static void start_reading(struct conn *c) {
    uv_tcp_nodelay(&c->tcp, 1);
    c->state = c->proto == FLOW_TLS ? CONN_HANDSHAKE : CONN_READY;
    uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
    if (c->proto != FLOW_TLS)
        conn_ready(c);
    else if (tls_start(c) < 0)
        conn_fail(c, "cannot start TLS");
    else
        conn_arm(c);
}

void conn_ready(struct conn *c) {
    c->state = CONN_READY;
    c->active_ms = net_now_ms();
    conn_arm(c);
    out_flush_waiting(c);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    struct conn *c = stream->data;

    if (c->state >= CONN_FINISHING || n == 0)
        return;
    if (n < 0) {
        if (n == UV_EOF && c->state == CONN_READY)
            conn_end(c);
        else
            conn_fail(c, uv_strerror((int)n));
        return;
    }
    if (net_shared_keeps_out(c->net->shared, &c->peer, &c->net->counts)) {
        conn_fail(c, "banned");
        return;
    }
    c->active_ms = net_now_ms();
    if (c->ssl != NULL)
        tls_bytes(c, buf->base, (size_t)n);
    else
        stream_bytes(c, (struct str){buf->base, (size_t)n});
}

static void peer_of(const uv_tcp_t *tcp, struct addr *out) {
    struct sockaddr_storage ss;
    int size = sizeof ss;

    *out = (struct addr){0};
    if (uv_tcp_getpeername(tcp, (struct sockaddr *)&ss, &size) == 0)
        addr_from_sockaddr(out, (struct sockaddr *)&ss);
}

static void on_connection(uv_stream_t *server, int status) {
    struct net_socket *s = server->data;
    struct net *n = s->net;

    if (status < 0)
        return;
    struct conn *c = conn_new(n, s->listen, false);
    if (uv_accept(server, (uv_stream_t *)&c->tcp) < 0) {
        conn_abandon(c);
        return;
    }
    peer_of(&c->tcp, &c->peer);
    if (net_shared_keeps_out(n->shared, &c->peer, &n->counts)) {
        conn_abandon(c);
        return;
    }
    if (c->peer.family == 0 || net_shared_take(n->shared, &c->peer) < 0) {
        n->counts.conn_refused++;
        conn_abandon(c);
        return;
    }
    c->counted = true;
    conn_table_add(c);
    start_reading(c);
}

int conn_watch(struct net *n, struct net_socket *s) {
    uv_tcp_init(n->loop, &s->h.tcp);
    s->h.tcp.data = s;
    int failed = uv_tcp_open(&s->h.tcp, s->fd);
    return failed < 0 ? failed : uv_listen((uv_stream_t *)&s->h.tcp, BACKLOG, on_connection);
}

static void on_connected(uv_connect_t *req, int status) {
    struct conn *c = req->handle->data;

    if (c->state == CONN_CLOSED)
        return;
    if (status < 0)
        conn_fail(c, uv_strerror(status));
    else if (c->state == CONN_FINISHING)
        conn_fail(c, "stopping");
    else
        start_reading(c);
}

/* Opens a connection from the listener's own address, so that the peer sees the one it knows. */
struct conn *conn_connect(struct net *n, const struct flow *flow, const char *host) {
    struct addr local = n->settings->listens[flow->listen].bind;
    struct sockaddr_storage ss;
    int fd;

    if (flow->peer.family != local.family || flow->peer.port == 0 || net_shared_take(n->shared, NULL) < 0) {
        n->counts.send_failed++;
        return NULL;
    }
    local.port = 0;
    fd = socket_open(&local, SOCK_STREAM);
    if (fd < 0) {
        net_shared_give(n->shared, NULL);
        return NULL;
    }
    struct conn *c = conn_new(n, flow->listen, true);
    c->counted = true;
    c->peer = flow->peer;
    c->host = host != NULL ? str_dup(str_of(host)) : NULL;
    conn_table_add(c);
    uv_tcp_open(&c->tcp, fd);
    addr_to_sockaddr(&c->peer, &ss);
    int result = uv_tcp_connect(&c->connect, &c->tcp, (struct sockaddr *)&ss, on_connected);
    if (result == 0) {
        conn_arm(c);
        return c;
    }
    conn_close(c);
    return NULL;
}
