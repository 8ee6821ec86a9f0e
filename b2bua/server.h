/*
 * server: the program while it runs: workers, records, signals, drain.
 */
#ifndef B2BUA_SERVER_H
#define B2BUA_SERVER_H

#include "b2bua/core/settings.h"

/*
 * Runs until it is told to stop: SIGTERM or SIGINT drains for node.drain_seconds and ends what is left, a second one
 * stops at once; SIGUSR1 logs a status line; SIGHUP opens the call records anew. Returns 0 after a clean stop, 2 when a
 * socket or file cannot be opened (named in the log).
 */
int server_run(struct settings *settings);

#endif
