/*
 * ask: a command line to the daemon and its answer, wherever that listens.
 */
#ifndef B2BUA_CTL_ASK_H
#define B2BUA_CTL_ASK_H

#include "b2bua/core/str.h"

/* `where`: the path of a socket, or a URL (http.h); NULL: the first of ctl_socket_places. *answer is the caller's
 * to free. Returns 0, or -1 with what is wrong. */
int ctl_ask(const char *where, struct str line, struct sbuf *answer, char *error, size_t size);

#endif
