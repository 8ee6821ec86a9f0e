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

/* A comma, unless this is the first value of its list. */
void json_item(struct sbuf *out);

/* "name": with a comma before it unless it is the first of its object. Names are ours: nothing is escaped. */
void json_name(struct sbuf *out, const char *name);

/* A name and its value. */
void json_put_text(struct sbuf *out, const char *name, struct str text);
void json_put_number(struct sbuf *out, const char *name, uint64_t value);
void json_put_time(struct sbuf *out, const char *name, uint64_t ms);
void json_put_hex(struct sbuf *out, const char *name, uint64_t value); /* sbuf_hex, in quotes */

#endif
