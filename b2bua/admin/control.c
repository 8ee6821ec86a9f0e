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

static void client_release(struct control_client *client) {
    if (--client->users > 0)
        return;
    release(client->control);
    free(client->answer);
    free(client);
}

static void on_client_closed(uv_handle_t *h) {
    struct control_client *client = h->data, **at = &client->control->clients;
    struct control *c = client->control;

    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    c->count--;
    if (c->full && !c->ending) {
        c->full = false;
        accept_one(c);
    }
    client_release(client);
}

static void client_close(struct control_client *client) {
    if (client->state == CLIENT_CLOSING)
        return;
    client->state = CLIENT_CLOSING;
    uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

/* --- the question --- */

static void refuse(struct control_client *client, const char *json) {
    struct str text = str_of(json);

    client->state = CLIENT_WAITING;
    client->users++;
    control_answer(client, str_dup(text), text.n);
}

static void on_alloc(uv_handle_t *h, size_t size, uv_buf_t *buf) {
    struct control_client *client = h->data;

    (void)size;
    *buf = uv_buf_init(client->line + client->n, (unsigned)(sizeof client->line - client->n));
}

/* What follows the line interests nobody. */
static void ask(struct control_client *client, size_t line_n) {
    uv_read_stop((uv_stream_t *)&client->pipe);
    if (line_n > 0 && client->line[line_n - 1] == '\r')
        line_n--;
    client->state = CLIENT_WAITING;
    client->users++;
    client->control->ops.ask(client->control->ctx, client, (struct str){client->line, line_n});
}

static void on_read(uv_stream_t *s, ssize_t got, const uv_buf_t *buf) {
    struct control_client *client = s->data;

    (void)buf;
    if (got < 0) {
        client_close(client);
        return;
    }
    client->n += (size_t)got;
    size_t end = str_find((struct str){client->line, client->n}, '\n');
    if (end < client->n) {
        ask(client, end);
    } else if (client->n == sizeof client->line) {
        uv_read_stop(s);
        refuse(client, "{\"error\":\"the command line is longer than 1 KiB\"}\n");
    }
}

/* --- the answer --- */

static void on_written(uv_write_t *w, int status) {
    (void)status; /* who does not want the answer is gone already */
    client_close(w->data);
}

void control_answer(struct control_client *client, char *json, size_t n) {
    uv_buf_t buf = uv_buf_init(json, (unsigned)n);

    client->answer = json;
    if (client->state == CLIENT_WAITING) {
        client->state = CLIENT_ANSWERING;
        client->unsent = n;
        client->deadline_ms = uv_now(client->control->loop) + CONTROL_WAIT_MS;
        client->write.data = client;
        if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &buf, 1, on_written) < 0)
            client_close(client);
    }
    client_release(client);
}

/* --- clients come, and slow ones go --- */

static void accept_one(struct control *c) {
    struct control_client *client;

    if (c->count == CONTROL_CLIENTS_MAX) {
        c->full = true;
        return;
    }
    client = mem_zalloc(sizeof *client);
    client->control = c;
    client->users = 1;
    c->users++;
    client->deadline_ms = uv_now(c->loop) + CONTROL_WAIT_MS;
    uv_pipe_init(c->loop, &client->pipe, 0);
    client->pipe.data = client;
    client->next = c->clients;
    c->clients = client;
    c->count++;
    if (uv_accept((uv_stream_t *)&c->listener, (uv_stream_t *)&client->pipe) < 0 ||
        uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read) < 0)
        client_close(client);
}

static void on_connection(uv_stream_t *s, int status) {
    if (status == 0)
        accept_one(s->data);
}

/* An answer that goes on to be taken may take its time. */
static bool is_late(struct control_client *client, uint64_t now_ms) {
    size_t unsent = uv_stream_get_write_queue_size((uv_stream_t *)&client->pipe);

    if (client->state == CLIENT_ANSWERING && unsent < client->unsent) {
        client->unsent = unsent;
        client->deadline_ms = now_ms + CONTROL_WAIT_MS;
    }
    return (client->state == CLIENT_READING || client->state == CLIENT_ANSWERING) && now_ms >= client->deadline_ms;
}

void control_tick(struct control *c, uint64_t now_ms) {
    for (struct control_client *client = c->clients; client != NULL; client = client->next)
        if (is_late(client, now_ms))
            client_close(client);
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
    for (struct control_client *client = c->clients; client != NULL; client = client->next)
        client_close(client);
    uv_close((uv_handle_t *)&c->listener, on_listener_closed);
}
