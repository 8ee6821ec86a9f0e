#include "b2bua/admin/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/admin/control_path.h"

enum client_state {
    CLIENT_READING,
    CLIENT_WAITING,   /* for its answer */
    CLIENT_ANSWERING, /* the answer is on its way */
    CLIENT_CLOSING,
};

struct control_client {
    struct control *control;
    struct control_client *next;
    enum client_state state;
    int users; /* the loop, until the handle is closed; whoever owes an answer */
    uv_pipe_t pipe;
    uv_write_t write;
    char *answer;
    size_t unsent; /* bytes of it, when last looked at */
    uint64_t deadline_ms;
    size_t n;
    char line[CONTROL_LINE_MAX];
};

struct control {
    uv_loop_t *loop;
    struct control_ops ops;
    void *ctx;
    char *path;
    struct control_path file;
    uv_pipe_t listener;
    struct control_client *clients; /* whose handles are not closed yet */
    int count;
    int users; /* the listener's handle and the clients */
    bool full; /* somebody waits to be accepted */
    bool ending;
};

static void accept_one(struct control *c);

static void release(struct control *c) {
    if (--c->users > 0)
        return;
    free(c->path);
    free(c);
}

static void client_release(struct control_client *k) {
    if (--k->users > 0)
        return;
    release(k->control);
    free(k->answer);
    free(k);
}

static void on_client_closed(uv_handle_t *h) {
    struct control_client *k = h->data, **at = &k->control->clients;
    struct control *c = k->control;

    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    c->count--;
    if (c->full && !c->ending) {
        c->full = false;
        accept_one(c);
    }
    client_release(k);
}

static void client_close(struct control_client *k) {
    if (k->state == CLIENT_CLOSING)
        return;
    k->state = CLIENT_CLOSING;
    uv_close((uv_handle_t *)&k->pipe, on_client_closed);
}

/* --- the question --- */

static void refuse(struct control_client *k, const char *json) {
    struct str text = str_of(json);

    k->state = CLIENT_WAITING;
    k->users++;
    control_answer(k, str_dup(text), text.n);
}

static void on_alloc(uv_handle_t *h, size_t size, uv_buf_t *buf) {
    struct control_client *k = h->data;

    (void)size;
    *buf = uv_buf_init(k->line + k->n, (unsigned)(sizeof k->line - k->n));
}

/* What follows the line interests nobody. */
static void ask(struct control_client *k, size_t line_n) {
    uv_read_stop((uv_stream_t *)&k->pipe);
    if (line_n > 0 && k->line[line_n - 1] == '\r')
        line_n--;
    k->state = CLIENT_WAITING;
    k->users++;
    k->control->ops.ask(k->control->ctx, k, (struct str){k->line, line_n});
}

static void on_read(uv_stream_t *s, ssize_t got, const uv_buf_t *buf) {
    struct control_client *k = s->data;

    (void)buf;
    if (got < 0) {
        client_close(k);
        return;
    }
    k->n += (size_t)got;
    size_t end = str_find((struct str){k->line, k->n}, '\n');
    if (end < k->n) {
        ask(k, end);
    } else if (k->n == sizeof k->line) {
        uv_read_stop(s);
        refuse(k, "{\"error\":\"the command line is longer than 1 KiB\"}\n");
    }
}

/* --- the answer --- */

static void on_written(uv_write_t *w, int status) {
    (void)status; /* who does not want the answer is gone already */
    client_close(w->data);
}

void control_answer(struct control_client *k, char *json, size_t n) {
    uv_buf_t buf = uv_buf_init(json, (unsigned)n);

    k->answer = json;
    if (k->state == CLIENT_WAITING) {
        k->state = CLIENT_ANSWERING;
        k->unsent = n;
        k->deadline_ms = uv_now(k->control->loop) + CONTROL_WAIT_MS;
        k->write.data = k;
        if (uv_write(&k->write, (uv_stream_t *)&k->pipe, &buf, 1, on_written) < 0)
            client_close(k);
    }
    client_release(k);
}

/* --- clients come, and slow ones go --- */

static void accept_one(struct control *c) {
    struct control_client *k;

    if (c->count == CONTROL_CLIENTS_MAX) {
        c->full = true;
        return;
    }
    k = mem_zalloc(sizeof *k);
    k->control = c;
    k->users = 1;
    c->users++;
    k->deadline_ms = uv_now(c->loop) + CONTROL_WAIT_MS;
    uv_pipe_init(c->loop, &k->pipe, 0);
    k->pipe.data = k;
    k->next = c->clients;
    c->clients = k;
    c->count++;
    if (uv_accept((uv_stream_t *)&c->listener, (uv_stream_t *)&k->pipe) < 0 ||
        uv_read_start((uv_stream_t *)&k->pipe, on_alloc, on_read) < 0)
        client_close(k);
}

static void on_connection(uv_stream_t *s, int status) {
    if (status == 0)
        accept_one(s->data);
}

/* An answer that goes on to be taken may take its time. */
static bool is_late(struct control_client *k, uint64_t now_ms) {
    size_t unsent = uv_stream_get_write_queue_size((uv_stream_t *)&k->pipe);

    if (k->state == CLIENT_ANSWERING && unsent < k->unsent) {
        k->unsent = unsent;
        k->deadline_ms = now_ms + CONTROL_WAIT_MS;
    }
    return (k->state == CLIENT_READING || k->state == CLIENT_ANSWERING) && now_ms >= k->deadline_ms;
}

void control_tick(struct control *c, uint64_t now_ms) {
    for (struct control_client *k = c->clients; k != NULL; k = k->next)
        if (is_late(k, now_ms))
            client_close(k);
}

/* --- the socket --- */

static void on_listener_closed(uv_handle_t *h) {
    release(h->data);
}

struct control *control_new(uv_loop_t *loop, const char *path, const struct control_ops *ops, void *ctx, char *error,
                            size_t size) {
    struct control_path file;
    int fd = control_path_open(&file, path, error, size);

    if (fd < 0)
        return NULL;
    struct control *c = mem_zalloc(sizeof *c);
    *c = (struct control){.loop = loop, .ops = *ops, .ctx = ctx, .path = str_dup(str_of(path)), .file = file};
    c->users = 1;
    uv_pipe_init(loop, &c->listener, 0);
    c->listener.data = c;
    int failed = uv_pipe_open(&c->listener, fd);
    if (failed < 0)
        close(fd);
    else
        failed = uv_listen((uv_stream_t *)&c->listener, CONTROL_CLIENTS_MAX, on_connection);
    if (failed == 0)
        return c;
    snprintf(error, size, "admin.socket %s: %s", path, uv_strerror(failed));
    control_end(c);
    return NULL;
}

void control_end(struct control *c) {
    if (c == NULL)
        return;
    c->ending = true;
    control_path_remove(&c->file, c->path);
    for (struct control_client *k = c->clients; k != NULL; k = k->next)
        client_close(k);
    uv_close((uv_handle_t *)&c->listener, on_listener_closed);
}
