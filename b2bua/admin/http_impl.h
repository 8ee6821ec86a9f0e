/*
 * http_impl: what http.c (the socket, the loop, the connections) and http_request.c (a request and its answer) share.
 */
#ifndef B2BUA_ADMIN_HTTP_IMPL_H
#define B2BUA_ADMIN_HTTP_IMPL_H

#include <microhttpd.h>

#include "b2bua/admin/http.h"

/* A connection. */
struct http_client {
    struct http_client *next, **at;
    struct MHD_Connection *connection;
    uint64_t deadline_ms; /* UINT64_MAX: we owe the answer */
};

struct http {
    uv_loop_t *loop;
    struct http_ops ops;
    void *ctx;
    struct MHD_Daemon *mhd;
    uv_poll_t poll;
    uv_timer_t timer;
    struct http_client *clients;
    bool running, again; /* the library has the word; something has changed meanwhile */
    int users;           /* handles */
};

/* Lets the library do what there is to do. */
void http_drive(struct http *h);

/* The connection may take that long from now. */
void http_patience(struct http *h, struct MHD_Connection *connection, uint64_t ms);

/* http_request.c: called by the library; `ctx` is struct http. */
enum MHD_Result http_on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *data, size_t *n, void **request);
void http_on_completed(void *ctx, struct MHD_Connection *connection, void **request,
                       enum MHD_RequestTerminationCode why);

#endif
