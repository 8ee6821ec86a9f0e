/*
 * http: twinlegctl over HTTP, for a daemon on another machine (through a tunnel or a proxy, say): a command line is
 * the body of a POST, its answer that of the response.
 */
#ifndef B2BUA_CTL_HTTP_H
#define B2BUA_CTL_HTTP_H

#include "b2bua/core/str.h"

/* Where the token stands: an argument would show it to everybody on this machine. */
#define CTL_HTTP_TOKEN "TWINLEG_TOKEN"

/* Is it "http://HOST[:PORT][/]", not a path? */
bool ctl_http_is_url(const char *where);

/* Asks; as ctl_socket_open and ctl_socket_ask do. */
int ctl_http_ask(const char *url, struct str line, struct sbuf *answer, char *error, size_t size);

#endif
