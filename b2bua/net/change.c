/* Listeners come and go, and another configuration is taken, while connections go on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/log/log.h"
#include "b2bua/net/impl.h"

enum { BACKLOG = 1024 };

int net_socket(const struct settings_listen *l, char *error, size_t size) {
    bool stream = flow_is_stream((enum flow_proto)l->proto);
    int fd = socket_open(&l->bind, stream ? SOCK_STREAM : SOCK_DGRAM);
    char text[ADDR_TEXT_MAX];

    if (fd >= 0 && (!stream || listen(fd, BACKLOG) == 0))
        return fd;
    snprintf(error, size, "listen %s: cannot open %s %s: %s", l->name, flow_proto_name((enum flow_proto)l->proto),
             addr_format(&l->bind, text), strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static void on_closed(uv_handle_t *h) {
    struct net_socket *s = h->data;

    if (s->proto == FLOW_UDP)
        close(s->fd);
    s->net->handles--;
    free(s);
}

void change_close(struct net *n, int listen) {
    struct net_socket *s = n->sockets[listen];

    if (s == NULL)
        return;
    udp_flush(n); /* what waits for it */
    n->sockets[listen] = NULL;
    uv_close((uv_handle_t *)&s->h, on_closed);
}

void net_add(struct net *n, int listen, int fd) {
    const struct settings_listen *l = &n->settings->listens[listen];
    struct net_socket *s = mem_zalloc(sizeof *s);

    *s = (struct net_socket){.net = n, .listen = listen, .proto = (enum flow_proto)l->proto, .fd = fd};
    n->handles++;
    n->sockets[listen] = s;
    int failed = s->proto == FLOW_UDP ? udp_watch(n, s) : conn_watch(n, s);
    if (failed < 0)
        log_error("listen=%s error=\"%s\"", l->name, uv_strerror(failed));
}

void net_remove(struct net *n, int listen) {
    struct conn *next;

    change_close(n, listen);
    for (struct conn *c = n->conns; c != NULL; c = next) {
        next = c->next;
        if (c->listen == listen)
            conn_finish(c);
    }
}

/* TCP and TLS are one port to the kernel: who comes now comes to the one that is configured. */
static bool is_replaced(const struct settings *s, int listen) {
    const struct settings_listen *l = &s->listens[listen];

    if (l->state != LISTEN_DRAINING || !flow_is_stream((enum flow_proto)l->proto))
        return false;
    for (int i = 0; i < s->listen_count; i++)
        if (s->listens[i].state == LISTEN_OPEN && flow_is_stream((enum flow_proto)s->listens[i].proto) &&
            addr_eq(&s->listens[i].bind, &l->bind))
            return true;
    return false;
}

void net_take(struct net *n, struct settings *s, struct net_tls *tls) {
    struct settings *before = n->settings;
    struct net_tls *tls_before = n->tls;

    n->settings = settings_ref(s);
    n->tls = net_tls_ref(tls);
    settings_unref(before);
    net_tls_unref(tls_before);
    tls_sessions_forget(n);
    for (int i = 0; i < s->listen_count; i++)
        if (is_replaced(s, i))
            change_close(n, i);
}
