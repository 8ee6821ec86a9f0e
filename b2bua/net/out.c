/* What leaves by a connection. A message stays in memory until the kernel has it, so that it can be reported when it is
 * lost. */
#include <stdlib.h>

#include "b2bua/net/impl.h"

static struct net_out *out_new(const char *bytes, size_t n, bool sip) {
    struct net_out *o = mem_zalloc(sizeof *o + n);

    o->n = n;
    o->sip = sip;
    memcpy(o->bytes, bytes, n);
    return o;
}

static void out_free(struct net_out *o) {
    free(o->cipher);
    free(o);
}

void out_lost(struct net *n, const struct flow *flow, struct net_out *o) {
    n->counts.send_failed++;
    if (o->sip && !n->closing)
        n->ops.undelivered(n->ctx, flow, (struct str){o->bytes, o->n}, net_now_ms());
    out_free(o);
}

static void on_written(uv_write_t *w, int status) {
    struct net_out *o = w->data;
    struct conn *c = o->conn;
    struct flow flow = conn_flow(c);

    c->queued -= o->cipher != NULL ? o->cipher_n : o->n;
    if (status < 0) {
        if (c->ssl != NULL)
            tls_last_words(c);
        out_lost(c->net, &flow, o);
        conn_fail(c, uv_strerror(status));
        return;
    }
    out_free(o);
    if (c->state == CONN_FINISHING && c->queued == 0)
        conn_finish(c);
}

/* Writes `bytes`, all or the rest of what stands for `o`; takes `o`. */
static void put_bytes(struct conn *c, struct net_out *o, const char *bytes, size_t n) {
    uv_buf_t buf = uv_buf_init((char *)bytes, (unsigned)n);

    o->conn = c;
    o->write.data = o;
    c->queued += o->cipher != NULL ? o->cipher_n : o->n;
    if (uv_write(&o->write, (uv_stream_t *)&c->tcp, &buf, 1, on_written) < 0) {
        c->queued -= o->cipher != NULL ? o->cipher_n : o->n;
        out_free(o);
        return;
    }
    if (c->queued > NET_QUEUE_MAX)
        conn_arm(c); /* fails it from the timer: never from inside a send */
}

static size_t try_write(struct conn *c, const char *bytes, size_t n) {
    uv_buf_t buf = uv_buf_init((char *)bytes, (unsigned)n);
    int done = c->queued > 0 ? 0 : uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);

    return done > 0 ? (size_t)done : 0;
}

/* Bytes that are no message: handshakes, close_notify. */
void out_raw(struct conn *c, const char *bytes, size_t n) {
    size_t done = n == 0 ? 0 : try_write(c, bytes, n);

    if (done == n)
        return;
    struct net_out *o = out_new(bytes + done, n - done, false);
    put_bytes(c, o, o->bytes, o->n);
}

static int write_plain(struct conn *c, const char *bytes, size_t n, bool sip) {
    size_t done = try_write(c, bytes, n);

    if (done == n)
        return 0;
    struct net_out *o = out_new(bytes, n, sip);
    put_bytes(c, o, o->bytes + done, n - done);
    return 0;
}

static int write_tls(struct conn *c, const char *bytes, size_t n, bool sip) {
    char *cipher = NULL;
    size_t cipher_n = 0;

    if (tls_encrypt(c, bytes, n) < 0)
        return -1;
    tls_drain(c, &cipher, &cipher_n);
    size_t done = try_write(c, cipher, cipher_n);
    if (done == cipher_n) {
        free(cipher);
        return 0;
    }
    struct net_out *o = out_new(bytes, n, sip);
    o->cipher = cipher;
    o->cipher_n = cipher_n;
    put_bytes(c, o, cipher + done, cipher_n - done);
    return 0;
}

int out_send(struct conn *c, const char *bytes, size_t n, bool sip) {
    if (c->state >= CONN_FINISHING || c->queued > NET_QUEUE_MAX)
        return -1;
    if (c->state == CONN_READY) /* the one that goes beyond the limit is what ends the connection */
        return c->ssl != NULL ? write_tls(c, bytes, n, sip) : write_plain(c, bytes, n, sip);
    if (c->queued + n > NET_QUEUE_MAX)
        return -1;
    struct net_out *o = out_new(bytes, n, sip);
    *c->waiting_last = o;
    c->waiting_last = &o->next;
    c->queued += n;
    return 0;
}

void out_flush_waiting(struct conn *c) {
    struct net_out *o = c->waiting;

    c->waiting = NULL;
    c->waiting_last = &c->waiting;
    for (struct net_out *next; o != NULL; o = next) {
        struct flow flow = conn_flow(c);
        next = o->next;
        c->queued -= o->n;
        if (out_send(c, o->bytes, o->n, o->sip) < 0)
            out_lost(c->net, &flow, o);
        else
            out_free(o);
    }
}
