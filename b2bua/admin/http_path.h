/*
 * http_path: paths of requests (RFC 3986): which pattern they fit, and what escapes in them stand for.
 */
#ifndef B2BUA_ADMIN_HTTP_PATH_H
#define B2BUA_ADMIN_HTTP_PATH_H

#include "b2bua/core/str.h"

/* Writes the bytes that a text with %XX stands for. Returns 0, or -1 where an escape is broken, or one of the bytes is
 * a control character. */
int http_decode(struct str text, struct sbuf *out);

/* Does `path` fit a pattern, where a segment "*" is any that is not empty? Returns false when it does not. `segment` is
 * then the one for "*", with its escapes. */
bool http_path_fits(const char *pattern, struct str path, struct str *segment);

#endif
