/*
 * api_impl: what the files api*.c share.
 */
#ifndef B2BUA_COMMAND_API_IMPL_H
#define B2BUA_COMMAND_API_IMPL_H

#include "b2bua/admin/http.h"
#include "b2bua/admin/http_tries.h"
#include "b2bua/command/api.h"
#include "b2bua/core/hash.h"

struct api {
    struct api_config config;
    struct http *http;
    struct http_tries tries;
    bool guarded;                 /* there is a token */
    uint8_t token[HASH_MAC_SIZE]; /* its digest */
};

struct api_row {
    const char *method, *path;
    const char *command; /* its beginning; NULL: the status page */
    /* Writes the rest of the command line from the request; NULL: `segment`, decoded. Returns NULL, or what is wrong.
     */
    const char *(*args)(struct sbuf *line, const struct http_request *r, const struct http_ask *ask,
                        struct str segment);
    int wrong;  /* status of an answer that says what is wrong; where nothing was found it is 404 always */
    bool plain; /* the answer is {"metrics": "text"}: the text alone goes out */
    bool open;  /* without a token */
};

/* The row for a request, and what "*" of its path is; NULL when there is none: then `allow` has the methods of that
 * path, or "" where nobody knows it. */
const struct api_row *api_row_find(const struct http_ask *ask, struct str *segment, struct sbuf *allow);

/* Writes the command line that a request stands for. Returns NULL, or what is wrong with it. */
const char *api_row_line(const struct api_row *row, struct sbuf *line, const struct http_request *r,
                         const struct http_ask *ask, struct str segment);

/* api_guard.c: may he ask? Returns 0, or the status of the refusal; *why says it in words. */
int api_guard(struct api *a, const struct http_ask *ask, bool open, uint64_t now_ms, const char **why,
              unsigned *retry_after_s);

/* api_page.c */
void api_page(struct http_request *r);

#endif
