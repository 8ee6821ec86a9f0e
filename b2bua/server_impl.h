/*
 * server, inside: what its files share. server.c runs it, server_open.c opens what can fail, server_tell.c tells others
 * how this node is.
 */
#ifndef B2BUA_SERVER_IMPL_H
#define B2BUA_SERVER_IMPL_H

#include <uv.h>

#include "b2bua/admin/control.h"
#include "b2bua/command/command.h"
#include "b2bua/keep.h"
#include "b2bua/lookup.h"
#include "b2bua/notify.h"
#include "b2bua/server_drained.h"
#include "b2bua/server_http.h"
#include "b2bua/server_reload.h"
#include "b2bua/server_totals.h"
#include "b2bua/trunk/source.h"

enum server_state { SERVER_RUNNING, SERVER_DRAINING, SERVER_ENDING, SERVER_STOPPED };

struct server {
    struct reload *reload;
    struct server_hangup hangup;
    struct worker_shared shared;
    enum server_state state;
    uint64_t since_ms, deadline_ms; /* of draining or ending */
    uv_loop_t loop;
    uv_signal_t signals[4];
    uv_timer_t tick;
    struct control *control; /* NULL: no socket */
    struct server_http http;
    struct commands *commands; /* NULL: nobody can ask */
    struct lookup *lookup;
    struct source_table named; /* where targets that are names are */
    struct notify notify;
    struct server_drained drained;
    uint64_t ready_ms;
    struct keep *keep;
};

/* server.c; `ctx` is the server. */
const char *server_state_name(void *ctx);
void server_reload_over(void *ctx, const struct reload_outcome *o);

/* server_open.c: each returns 0, or -1 with the reason in the log. */
int server_open_lookup(struct server *s);
int server_open_admin(struct server *s); /* the operator's two doors */
int server_open_records(struct server *s);
int server_open_tap(struct server *s);
int server_open_workers(struct server *s); /* their sockets; they do not run yet */
int server_drop_privileges(struct server *s, const struct settings *settings);

/* server_tell.c */
void server_tell_guard(struct server *s, const struct settings *settings);
void server_tell_fellows(struct server *s, const struct server_totals *t, uint64_t now_ms);
void server_tell_manager(struct server *s, const struct server_totals *t, uint64_t now_ms);
void server_tell_drained(struct server *s, const struct server_totals *t, uint64_t now_ms);

#endif
