/*
 * guard: may a line become these lines? What a message cannot be routed, answered or matched without must stay
 * readable, and what names its dialog and transaction must stay the same. What was already broken may become anything.
 */
#ifndef PROFILES_GUARD_H
#define PROFILES_GUARD_H

#include "profiles/lines.h"

enum { GUARD_LINES_MAX = 32 };

/* `before` becomes `after`: lines of the head; `start` says that it is the start line. An added line has a `before` of
 * NULL. Returns NULL, or why it may not be. */
const char *guard_header(const struct line *before, bool start, const struct line *after, int count);

/* The same for lines of a description. */
const char *guard_sdp(const struct line *before, const struct line *after, int count);

#endif
