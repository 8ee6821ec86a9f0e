/*
 * http: requests over HTTP/1.1 (libmicrohttpd), one thread: the loop's. Knows nothing of what is asked: a request goes
 * up through struct http_ops, its answer comes down whenever it is ready.
 *
 * What a client can hold is bounded: connections in all and of one address, bytes of a head and of a body, and time:
 * HTTP_REQUEST_MS from the last answer (or the beginning) to the end of a request, however busily it trickles, and
 * HTTP_ANSWER_MS to take the answer. No TLS: that is a proxy's business.
 *
 * Order of use: http_new, http_tick now and then, http_end when nobody owes an answer any more; the loop frees it.
 */
#ifndef B2BUA_ADMIN_HTTP_H
#define B2BUA_ADMIN_HTTP_H

#include <uv.h>

#include "b2bua/core/addr.h"

enum {
    HTTP_CLIENTS_MAX = 64,
    HTTP_CLIENTS_OF_ADDRESS_MAX = 16,
    HTTP_HEAD_MAX = 16384,
    HTTP_BODY_MAX = 65536,
    HTTP_REQUEST_MS = 10000,
    HTTP_ANSWER_MS = 60000,
};

struct http;

/* A client that waits for its answer. */
struct http_request;

/* What a client asks; borrowed, until it has its answer. What a head does not have is empty. */
struct http_ask {
    struct str method;
    struct str path; /* as it came, with its escapes, without the query */
    struct str host, origin, authorization;
    struct str body;
    struct addr from;
};

struct http_reply {
    int status;
    const char *type;       /* of the body; borrowed for good */
    char *body;             /* malloc, taken; may be NULL */
    const char *page;       /* instead of a body: borrowed for good */
    size_t n;               /* of either */
    const char *allow;      /* of a 405; "" = no such header */
    const char *policy;     /* Content-Security-Policy; NULL = nothing is allowed */
    unsigned retry_after_s; /* 0 = no such header */
};

struct http_ops {
    /* May this address not connect at all? */
    bool (*keeps_out)(void *ctx, const struct addr *from);
    /* The head is there. May answer already: then the body is not read, and `ask` does not follow. */
    void (*look)(void *ctx, struct http_request *r, const struct http_ask *ask);
    /* All is there. Must be answered by http_answer once, now or later, even when the client has gone meanwhile. */
    void (*ask)(void *ctx, struct http_request *r, const struct http_ask *ask);
};

/* Listens at `at`. NULL, with what is wrong in `error`, when that cannot be had. */
struct http *http_new(uv_loop_t *loop, const struct addr *at, const struct http_ops *ops, void *ctx, char *error,
                      size_t size);

/* The value of a name of the query, "x" of "?name=x", with its escapes; NULL = it is not there, "" = it has none. Until
 * the answer. */
const char *http_query(const struct http_request *r, const char *name);

/* Answers; takes the reply's body. */
void http_answer(struct http_request *r, const struct http_reply *reply);

/* Sends those away who are too slow. */
void http_tick(struct http *h, uint64_t now_ms);

/* Stops listening, sends all clients away. NULL is fine. */
void http_end(struct http *h);

#endif
