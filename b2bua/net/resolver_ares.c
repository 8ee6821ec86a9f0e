#include <stdio.h>
#include <stdlib.h>

#include "b2bua/net/resolver_impl.h"

enum { EDNS_BYTES = 1232, DOMAINS_MAX = 6 };

/* --- sockets: c-ares opens them and says what it waits for --- */

struct resolver_socket {
    uv_poll_t poll;
    struct resolver_socket *next;
    ares_socket_t fd;
    struct resolver *r;
};

static void on_ready(uv_poll_t *poll, int status, int events) {
    struct resolver_socket *s = poll->data;
    struct resolver *r = s->r;
    ares_socket_t fd = s->fd;
    bool in = status < 0 || (events & UV_READABLE), out = status < 0 || (events & UV_WRITABLE);

    ares_process_fd(r->channel, in ? fd : ARES_SOCKET_BAD, out ? fd : ARES_SOCKET_BAD);
    resolver_pump(r);
    resolver_channel_arm(r);
}

static void free_socket(uv_handle_t *handle) {
    free(handle->data);
}

static void forget_socket(struct resolver *r, ares_socket_t fd) {
    for (struct resolver_socket **at = &r->sockets; *at != NULL; at = &(*at)->next) {
        struct resolver_socket *s = *at;
        if (s->fd != fd)
            continue;
        *at = s->next;
        uv_close((uv_handle_t *)&s->poll, free_socket);
        return;
    }
}

static struct resolver_socket *socket_of(struct resolver *r, ares_socket_t fd) {
    struct resolver_socket *s = r->sockets;

    while (s != NULL && s->fd != fd)
        s = s->next;
    if (s != NULL)
        return s;
    s = mem_zalloc(sizeof *s);
    if (uv_poll_init_socket(r->loop, &s->poll, fd) < 0) {
        free(s);
        return NULL;
    }
    s->poll.data = s;
    s->fd = fd;
    s->r = r;
    s->next = r->sockets;
    r->sockets = s;
    return s;
}

static void on_socket(void *ctx, ares_socket_t fd, int readable, int writable) {
    struct resolver *r = ctx;

    if (!readable && !writable) {
        forget_socket(r, fd);
        return;
    }
    struct resolver_socket *s = socket_of(r, fd);
    if (s != NULL)
        uv_poll_start(&s->poll, (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0), on_ready);
}

/* --- time --- */

static void on_timer(uv_timer_t *timer) {
    struct resolver *r = timer->data;

    ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    resolver_pump(r);
    resolver_channel_arm(r);
}

void resolver_channel_arm(struct resolver *r) {
    struct timeval tv;

    if (r->closing)
        return;
    if (ares_timeout(r->channel, NULL, &tv) == NULL)
        uv_timer_stop(r->ares_timer);
    else
        uv_timer_start(r->ares_timer, on_timer, (uint64_t)tv.tv_sec * 1000 + (uint64_t)tv.tv_usec / 1000 + 1, 0);
}

/* --- configuration --- */

/* Cuts `list` at its commas. */
static int split(char *list, char **out, int max) {
    int n = 0;

    while (*list != '\0' && n < max) {
        char *comma = strchr(list, ',');
        out[n++] = list;
        if (comma == NULL)
            break;
        *comma = '\0';
        list = comma + 1;
    }
    return n;
}

int resolver_channel_new(struct resolver *r, const struct settings_dns *dns, ares_channel *out, char *error,
                         size_t size) {
    char *domains[DOMAINS_MAX], *list = str_dup(str_of(dns->search));
    struct ares_options o = {.flags = ARES_FLAG_EDNS,
                             .timeout = dns->timeout_ms,
                             .tries = dns->tries,
                             .ndots = 1,
                             .ednspsz = EDNS_BYTES,
                             .sock_state_cb = on_socket,
                             .sock_state_cb_data = r,
                             .domains = domains};
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_EDNSPSZ |
               ARES_OPT_SOCK_STATE_CB;
    ares_channel channel;

    o.ndomains = split(list, domains, DOMAINS_MAX);
    int status = ares_init_options(&channel, &o, mask | (o.ndomains > 0 ? ARES_OPT_DOMAINS : 0));
    free(list);
    if (status == ARES_SUCCESS && dns->servers[0] != '\0' &&
        (status = ares_set_servers_ports_csv(channel, dns->servers)) != ARES_SUCCESS)
        ares_destroy(channel);
    if (status != ARES_SUCCESS) {
        snprintf(error, size, "no resolver: %s", ares_strerror(status));
        return -1;
    }
    *out = channel;
    return 0;
}
