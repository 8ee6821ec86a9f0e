/* A request from its head to the end of its answer. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/admin/http_impl.h"

enum request_state {
    REQUEST_READING,
    REQUEST_ASKED,    /* who was asked has not answered yet */
    REQUEST_WAITING,  /* and the library knows that it may take a while */
    REQUEST_ANSWERED, /* there is a response */
    REQUEST_SENT,     /* the library has it */
};

struct http_request {
    struct http *http;
    struct MHD_Connection *connection; /* NULL: gone */
    struct MHD_Response *response;
    enum request_state state;
    int users; /* the library; who owes an answer */
    unsigned status;
    struct http_ask ask;
    struct sbuf body;
};

static void release(struct http_request *r) {
    if (--r->users > 0)
        return;
    if (r->response != NULL)
        MHD_destroy_response(r->response);
    sbuf_fini(&r->body);
    free(r);
}

/* --- the answer --- */

static void add(struct MHD_Response *response, const char *name, const char *value) {
    MHD_add_response_header(response, name, value);
}

static struct MHD_Response *response_of(const struct http_reply *reply) {
    struct MHD_Response *response =
        reply->page != NULL ? MHD_create_response_from_buffer(reply->n, (void *)reply->page, MHD_RESPMEM_PERSISTENT)
                            : MHD_create_response_from_buffer(reply->n, reply->body, MHD_RESPMEM_MUST_FREE);
    char seconds[16];

    if (response == NULL)
        abort(); /* memory is out */
    add(response, "Cache-Control", "no-store");
    add(response, "Content-Security-Policy", reply->policy != NULL ? reply->policy : "default-src 'none'");
    add(response, "Referrer-Policy", "no-referrer");
    add(response, "X-Content-Type-Options", "nosniff");
    add(response, "X-Frame-Options", "DENY");
    if (reply->type != NULL)
        add(response, "Content-Type", reply->type);
    if (reply->allow != NULL && *reply->allow != '\0')
        add(response, "Allow", reply->allow);
    if (reply->status == MHD_HTTP_UNAUTHORIZED)
        add(response, "WWW-Authenticate", "Bearer realm=\"twinleg\"");
    if (reply->retry_after_s > 0) {
        snprintf(seconds, sizeof seconds, "%u", reply->retry_after_s);
        add(response, "Retry-After", seconds);
    }
    return response;
}

void http_answer(struct http_request *r, const struct http_reply *reply) {
    bool waits = r->state == REQUEST_WAITING;

    r->status = (unsigned)reply->status;
    r->response = response_of(reply);
    r->state = REQUEST_ANSWERED;
    if (waits && r->connection != NULL) {
        MHD_resume_connection(r->connection);
        http_drive(r->http);
    }
    release(r);
}

static enum MHD_Result queue(struct http_request *r) {
    r->state = REQUEST_SENT;
    http_patience(r->http, r->connection, HTTP_ANSWER_MS);
    return MHD_queue_response(r->connection, r->status, r->response);
}

/* --- the question --- */

static struct str header(struct MHD_Connection *connection, const char *name) {
    return str_of(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

const char *http_query(const struct http_request *r, const char *name) {
    const char *value = NULL;
    size_t n = 0;

    if (r->connection == NULL ||
        MHD_lookup_connection_value_n(r->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name), &value, &n) != MHD_YES)
        return NULL;
    return value == NULL ? "" : value;
}

/* The one asked has a share of the request until the answer. */
static enum MHD_Result put(struct http_request *r,
                           void (*question)(void *ctx, struct http_request *r, const struct http_ask *ask)) {
    r->state = REQUEST_ASKED;
    r->users++;
    question(r->http->ctx, r, &r->ask);
    if (r->state == REQUEST_ANSWERED)
        return queue(r);
    r->state = REQUEST_WAITING;
    http_patience(r->http, r->connection, UINT64_MAX);
    MHD_suspend_connection(r->connection);
    return MHD_YES;
}

static enum MHD_Result too_long(struct http_request *r) {
    static const char text[] = "{\"error\":\"the body is longer than 64 KiB\"}\n";

    r->status = MHD_HTTP_CONTENT_TOO_LARGE;
    r->response = response_of(&(struct http_reply){.type = "application/json", .page = text, .n = sizeof text - 1});
    return queue(r);
}

/* Returns false when there is too much of it, by what its head says. */
static bool fits(struct MHD_Connection *connection) {
    struct str length = header(connection, "Content-Length");
    uint64_t n;

    return length.n == 0 || str_number(length, HTTP_BODY_MAX, &n) == 0;
}

static struct http_request *request_new(struct http *h, struct MHD_Connection *connection, const char *url,
                                        const char *method) {
    struct http_request *r = mem_zalloc(sizeof *r);

    *r = (struct http_request){.http = h, .connection = connection, .users = 1, .body = sbuf_growing(HTTP_BODY_MAX)};
    r->ask = (struct http_ask){.method = str_of(method),
                               .path = str_of(url),
                               .host = header(connection, "Host"),
                               .origin = header(connection, "Origin"),
                               .authorization = header(connection, "Authorization")};
    addr_from_sockaddr(&r->ask.from,
                       MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
    return r;
}

static enum MHD_Result begin(struct http_request *r) {
    if (!fits(r->connection))
        return too_long(r);
    r->users++;
    r->http->ops.look(r->http->ctx, r, &r->ask);
    if (r->state == REQUEST_ANSWERED)
        return queue(r);
    r->users--;
    return MHD_YES;
}

static enum MHD_Result more(struct http_request *r, const char *data, size_t *n) {
    sbuf_put(&r->body, (struct str){data, *n});
    *n = 0;
    return r->body.full ? MHD_NO : MHD_YES; /* chunks without an end: no answer can be given before it */
}

enum MHD_Result http_on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *data, size_t *n, void **request) {
    struct http *h = ctx;
    struct http_request *r = *request;

    (void)version;
    if (r == NULL) {
        *request = r = request_new(h, connection, url, method);
        return begin(r);
    }
    switch (r->state) {
    case REQUEST_READING:
        if (*n > 0)
            return more(r, data, n);
        r->ask.body = sbuf_str(&r->body);
        return put(r, h->ops.ask);
    case REQUEST_ANSWERED:
        return queue(r);
    case REQUEST_ASKED:
    case REQUEST_WAITING:
    case REQUEST_SENT:
        break;
    }
    return MHD_NO;
}

void http_on_completed(void *ctx, struct MHD_Connection *connection, void **request,
                       enum MHD_RequestTerminationCode why) {
    struct http_request *r = *request;

    (void)why;
    http_patience(ctx, connection, HTTP_REQUEST_MS);
    *request = NULL;
    if (r == NULL)
        return;
    r->connection = NULL;
    release(r);
}
