#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "b2bua/admin/http_impl.h"

enum { BACKLOG = 64 };

/* --- connections --- */

static enum MHD_Result on_accept(void *ctx, const struct sockaddr *sa, socklen_t n) {
    struct http *h = ctx;
    struct addr from;

    (void)n;
    addr_from_sockaddr(&from, sa);
    return h->ops.keeps_out(h->ctx, &from) ? MHD_NO : MHD_YES;
}

static void client_new(struct http *h, struct MHD_Connection *connection, void **context) {
    struct http_client *k = mem_zalloc(sizeof *k);

    *k = (struct http_client){h->clients, &h->clients, connection, uv_now(h->loop) + HTTP_REQUEST_MS};
    if (k->next != NULL)
        k->next->at = &k->next;
    h->clients = k;
    *context = k;
}

static void client_free(struct http_client *k) {
    *k->at = k->next;
    if (k->next != NULL)
        k->next->at = k->at;
    free(k);
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code) {
    switch (code) {
    case MHD_CONNECTION_NOTIFY_STARTED:
        client_new(ctx, connection, context);
        break;
    case MHD_CONNECTION_NOTIFY_CLOSED:
        client_free(*context);
        ((struct http *)ctx)->again = true; /* the library listens again, where it was full, but not before it runs */
        break;
    }
}

void http_patience(struct http *h, struct MHD_Connection *connection, uint64_t ms) {
    struct http_client *k = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;

    k->deadline_ms = ms == UINT64_MAX ? ms : uv_now(h->loop) + ms;
}

/* The library finds the connection at its end, and takes it away. */
void http_tick(struct http *h, uint64_t now_ms) {
    for (struct http_client *k = h->clients; k != NULL; k = k->next)
        if (now_ms >= k->deadline_ms)
            shutdown(MHD_get_connection_info(k->connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd, SHUT_RDWR);
}

/* --- the loop --- */

static void on_timer(uv_timer_t *timer) {
    http_drive(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    http_drive(poll->data);
}

void http_drive(struct http *h) {
    MHD_UNSIGNED_LONG_LONG ms;

    if (h->running) {
        h->again = true;
        return;
    }
    h->running = true;
    do {
        h->again = false;
        MHD_run(h->mhd);
    } while (h->again);
    h->running = false;
    if (MHD_get_timeout(h->mhd, &ms) == MHD_YES)
        uv_timer_start(&h->timer, on_timer, ms, 0);
    else
        uv_timer_stop(&h->timer);
}

/* --- the socket --- */

static int listen_at(const struct addr *at) {
    struct sockaddr_storage ss;
    socklen_t n = addr_to_sockaddr(at, &ss);
    int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (ss.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&ss, n) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int failed = errno;
    close(fd);
    errno = failed;
    return -1;
}

/* Escapes stay as they are: what was a slash and what was an escaped one is told apart later. */
static size_t leave_escapes(void *ctx, struct MHD_Connection *connection, char *text) {
    (void)ctx;
    (void)connection;
    return strlen(text);
}

/* Takes the descriptor, also when it fails. */
static struct MHD_Daemon *start(struct http *h, int fd, const struct addr *at) {
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (at->family == 6 ? MHD_USE_IPv6 : 0);
    struct MHD_Daemon *mhd =
        MHD_start_daemon(flags, 0, on_accept, h, http_on_request, h, MHD_OPTION_LISTEN_SOCKET, fd,
                         MHD_OPTION_CONNECTION_LIMIT, HTTP_CLIENTS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                         HTTP_CLIENTS_OF_ADDRESS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_MAX,
                         MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_NOTIFY_COMPLETED, http_on_completed,
                         h, MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, h, MHD_OPTION_END);

    if (mhd == NULL)
        close(fd);
    return mhd;
}

static void watch(struct http *h) {
    int fd = MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;

    h->users = 2;
    uv_timer_init(h->loop, &h->timer);
    uv_poll_init(h->loop, &h->poll, fd);
    h->timer.data = h->poll.data = h;
    uv_poll_start(&h->poll, UV_READABLE, on_readable);
}

struct http *http_new(uv_loop_t *loop, const struct addr *at, const struct http_ops *ops, void *ctx, char *error,
                      size_t size) {
    char text[ADDR_TEXT_MAX];
    int fd = listen_at(at);

    if (fd < 0) {
        snprintf(error, size, "admin.http %s: %s", addr_format(at, text), strerror(errno));
        return NULL;
    }
    struct http *h = mem_zalloc(sizeof *h);
    *h = (struct http){.loop = loop, .ops = *ops, .ctx = ctx};
    h->mhd = start(h, fd, at);
    if (h->mhd == NULL) {
        snprintf(error, size, "admin.http %s: no HTTP server could be made", addr_format(at, text));
        free(h);
        return NULL;
    }
    watch(h);
    return h;
}

static void on_closed(uv_handle_t *handle) {
    struct http *h = handle->data;

    if (--h->users == 0)
        free(h);
}

void http_end(struct http *h) {
    if (h == NULL)
        return;
    uv_poll_stop(&h->poll); /* before its descriptor is closed */
    MHD_stop_daemon(h->mhd);
    uv_close((uv_handle_t *)&h->timer, on_closed);
    uv_close((uv_handle_t *)&h->poll, on_closed);
}
