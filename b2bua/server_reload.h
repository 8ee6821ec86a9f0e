/*
 * server_reload: SIGHUP, and what a reload says to the log.
 */
#ifndef B2BUA_SERVER_RELOAD_H
#define B2BUA_SERVER_RELOAD_H

#include "b2bua/reload.h"

/* Problems, or each change and what came of it. */
void server_reload_log(const struct reload *r, const struct reload_outcome *o);

struct server_hangup {
    struct reload *reload; /* borrowed */
    void (*over)(void *ctx, const struct reload_outcome *o);
    void *ctx;
    bool waits; /* a reload that a SIGHUP has asked for is not over */
    bool again; /* another SIGHUP has come meanwhile */
};

/* SIGHUP: any number of them while one is at work are one more. */
void server_hang_up(struct server_hangup *h);

#endif
