/*
 * control: the operator's socket. One request a connection: a line comes in, one JSON document goes out, then the end.
 * Knows nothing of what is asked: lines go up through struct control_ops, answers come down whenever they are ready.
 *
 * What a client can hold is bounded: CONTROL_CLIENTS_MAX of them are served at a time and the others wait in the
 * kernel; a line has CONTROL_LINE_MAX bytes and CONTROL_WAIT_MS to come; an answer of which nothing was taken for that
 * long is thrown away.
 *
 * Order of use: control_new, control_tick now and then, control_end; the loop frees it. One thread, the loop's.
 */
#ifndef B2BUA_ADMIN_CONTROL_H
#define B2BUA_ADMIN_CONTROL_H

#include <uv.h>

#include "b2bua/core/str.h"

enum { CONTROL_CLIENTS_MAX = 16, CONTROL_LINE_MAX = 1024, CONTROL_WAIT_MS = 5000 };

struct control;

/* A client that waits for its answer. */
struct control_client;

struct control_ops {
    /* A line, without its end. Must be answered by control_answer once, now or later, even when the client has gone
     * away meanwhile. `line` is valid until this returns. */
    void (*ask)(void *ctx, struct control_client *client, struct str line);
};

/*
 * Listens at `path`, for the owner of the process alone (mode 0600). A socket file that nobody listens at any more is
 * replaced; one that somebody listens at, or a file that is none, is left alone. Returns NULL with what is wrong in
 * `error`, the path named.
 */
struct control *control_new(uv_loop_t *loop, const char *path, const struct control_ops *ops, void *ctx, char *error,
                            size_t size);

/* Answers with `n` bytes at `json`, which is taken (malloc). The client is not to be used after that. */
void control_answer(struct control_client *client, char *json, size_t n);

/* Sends those away who are too slow. `now_ms`: of the loop's clock (uv_now). */
void control_tick(struct control *c, uint64_t now_ms);

/* Stops listening, removes the socket file, sends all clients away. Whoever still owes an answer gives it before the
 * loop runs for the last time. NULL is fine. */
void control_end(struct control *c);

#endif
