/*
 * socket: how twinlegctl finds the daemon and asks it.
 */
#ifndef B2BUA_CTL_SOCKET_H
#define B2BUA_CTL_SOCKET_H

#include "b2bua/core/str.h"

/* Where a daemon's admin.socket is looked for when none is named, in this order; NULL ends the list. */
extern const char *const ctl_socket_places[];

/* Connects to `path`, or, when it is NULL, to the first of the places where somebody listens. Returns a descriptor, or
 * -1 with what is wrong in `error`. */
int ctl_socket_open(const char *path, char *error, size_t size);

/* Sends a command line, its end included, and reads the answer up to its end. *answer is the caller's to free. Returns
 * 0, or -1 with what is wrong. */
int ctl_socket_ask(int fd, struct str line, struct sbuf *answer, char *error, size_t size);

#endif
