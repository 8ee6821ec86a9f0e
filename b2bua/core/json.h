/*
 * json: writing JSON (RFC 8259), a value at a time, into a bounded place. Reading is a library's business; this exists
 * because two records a call through a tree of values cost a third of all that a call costs.
 */
#ifndef B2BUA_CORE_JSON_H
#define B2BUA_CORE_JSON_H

#include "b2bua/core/str.h"

/* A string with its quotes. Bytes that are not UTF-8 are shown as characters of Latin-1: the text is always valid. */
void json_text(struct sbuf *out, struct str text);

/* A time in UTC with milliseconds, RFC 3339, in quotes; null for 0. `ms` counts from 1970, up to the year 9999. */
void json_time(struct sbuf *out, uint64_t ms);

/* "name": with a comma before it unless it is the first of its object. Names are ours: nothing is escaped. */
void json_name(struct sbuf *out, const char *name);

#endif
