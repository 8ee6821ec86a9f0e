/*
 * command: what an operator can ask of the running program. A command line goes in, one JSON document comes out, later;
 * what is wrong with it is {"error": "..."}. One table (command.c) for whoever asks.
 *
 * Order of use: commands_new, commands_run for each line, commands_free once the workers are joined. One thread, the
 * loop's.
 */
#ifndef B2BUA_COMMAND_COMMAND_H
#define B2BUA_COMMAND_COMMAND_H

#include "b2bua/keep.h"
#include "b2bua/reload.h"
#include "b2bua/worker/worker.h"

struct commands;

struct commands_config {
    uv_loop_t *loop;
    struct worker_shared *shared;                                /* borrowed */
    struct settings *settings;                                   /* borrowed */
    struct reload *reload;                                       /* borrowed; NULL: there is none */
    void (*reloaded)(void *ctx, const struct reload_outcome *o); /* an operator's reload is over: for the log */
    struct lookup *lookup;                                       /* borrowed; NULL = no names are followed */
    const struct keep *keep;                                     /* borrowed; NULL = nothing is kept */
    const char *(*state)(void *ctx);                             /* of the program, for `status` */
    bool (*stopping)(void *ctx);                                 /* it takes nothing new any more */
    bool (*has_http)(void *ctx);                                 /* admin.http is listened at */
    void *ctx;
};

struct commands *commands_new(const struct commands_config *config);

/* Another snapshot is in force; borrowed. */
void commands_set_settings(struct commands *c, struct settings *s);

/* Runs one line. `done` is called once, perhaps before this returns, with the document, which it takes (malloc). */
void commands_run(struct commands *c, struct str line, void (*done)(void *ctx, char *json, size_t n), void *ctx);

/* Answers those who still wait with an error. NULL is fine. */
void commands_free(struct commands *c);

#endif
