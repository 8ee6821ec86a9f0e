/*
 * trace: messages into a pcap file that an operator has asked for (packet.h says how they look), up to a size.
 */
#ifndef B2BUA_ADMIN_TRACE_H
#define B2BUA_ADMIN_TRACE_H

#include "b2bua/core/ladder.h"

struct trace;

/* Makes a file (0600) that is not there yet. NULL, with what is wrong in `error`, the path named. */
struct trace *trace_new(const char *path, uint64_t bytes_max, char *error, size_t size);

/* Writes what is in its buffer, closes the file. NULL is fine. */
void trace_free(struct trace *t);

/* One message, as it is to be seen. */
void trace_put(struct trace *t, const struct ladder_entry *e, struct str text);

/* What was put until now is to be read by others. Returns why the trace is over (the disk, or its size), or NULL. */
const char *trace_flush(struct trace *t);

/* The size of the file so far. */
uint64_t trace_bytes(const struct trace *t);

#endif
