/*
 * server_http: the HTTP interface of the running program (api.h), and what those who should not have tried it did.
 */
#ifndef B2BUA_SERVER_HTTP_H
#define B2BUA_SERVER_HTTP_H

#include "b2bua/command/api.h"

struct server_http {
    struct api *api; /* NULL: there is none */
    struct guard *guard;
};

/* Opens it. Returns 0, or -1 with the reason in the log. An address that nobody has written, the default, may be in use
 * by another twinleg: then the program goes on without. `commands` and `guard` are borrowed. */
int server_http_open(struct server_http *h, uv_loop_t *loop, struct commands *commands, struct guard *guard,
                     const struct settings_admin *admin);

/* Another snapshot is in force. */
void server_http_set(struct server_http *h, const struct settings_admin *admin);

void server_http_tick(struct server_http *h, uint64_t now_ms);
void server_http_end(struct server_http *h);

#endif
