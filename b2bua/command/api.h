/*
 * api: what an operator's browser, scripts and Prometheus ask over HTTP. One table of methods and paths; nearly all of
 * them are commands (command.h), so that HTTP and the operator's socket give the same documents.
 *
 * Who may ask: with admin.token whoever shows it, as "Authorization: Bearer TOKEN"; the status page itself, which holds
 * nothing, aside. Without one everybody who can connect, as long as no foreign web page is behind it: Host must be an
 * address or localhost, Origin our own.
 *
 * Order of use: api_new, api_end when commands_free has answered all; then the loop frees it. One thread, the loop's.
 */
#ifndef B2BUA_COMMAND_API_H
#define B2BUA_COMMAND_API_H

#include "b2bua/command/command.h"

struct api;

/* What somebody did who should not. */
enum api_offence { API_WRONG_TOKEN, API_UNKNOWN_PATH, API_FOREIGN_PAGE };

struct api_config {
    uv_loop_t *loop;
    struct commands *commands; /* borrowed */
    bool (*keeps_out)(void *ctx, const struct addr *from);
    void (*offended)(void *ctx, enum api_offence what, const struct addr *from);
    void *ctx;
};

/* Listens at admin.http. NULL, with what is wrong in `error`, when that cannot be had. */
struct api *api_new(const struct api_config *config, const struct settings_admin *admin, char *error, size_t size);

/* Another snapshot is in force: its token is the one now. */
void api_set_token(struct api *a, const char *token);

/* Lets go of connections that have had their time: now and then. */
void api_tick(struct api *a, uint64_t now_ms);

/* NULL is fine. */
void api_end(struct api *a);

#endif
