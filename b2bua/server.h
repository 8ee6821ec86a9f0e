/*
 * server: the program while it runs: workers, records, signals, drain.
 */
#ifndef B2BUA_SERVER_H
#define B2BUA_SERVER_H

#include "b2bua/core/settings.h"

struct server_config {
    const char *file;    /* the configuration, for reading it again; borrowed */
    bool keep_log_level; /* whatever the configuration says of it */
};

/*
 * Runs until it is told to stop: SIGTERM or SIGINT drains for node.drain_seconds and ends what is left, a second one
 * stops at once; SIGUSR1 logs a status line; SIGHUP opens the call records anew and reloads the configuration.
 * `settings` are taken. Returns 0 after a clean stop, 2 when a socket or file cannot be opened (named in the log).
 */
int server_run(const struct server_config *config, struct settings *settings);

#endif
