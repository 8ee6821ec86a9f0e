/*
 * tap: what workers have kept (core/ladder.h) leaves the program here: into a trace file, and to a capture server by
 * HEP. A thread of its own writes and sends; workers hand it copies of what is new, once a turn, and never wait. When
 * it does not keep up (a slow disk) copies are thrown away and counted. Credentials are redacted in both.
 *
 * Order of use: tap_new; each worker asks tap_wanted in its turns and gives; tap_free when the workers are joined.
 */
#ifndef B2BUA_ADMIN_TAP_H
#define B2BUA_ADMIN_TAP_H

#include "b2bua/core/ladder.h"
#include "b2bua/core/select.h"

enum { TAP_QUEUE_MAX = 32 << 20, TAP_STOP_MS = 2000, TAP_PATH_MAX = 1024, TAP_WHY_MAX = 256 };

struct tap;

/* `hep` is "address:port" of the capture server, "" = none; `node` our name there. Both are copied. NULL with what is
 * wrong in `error`. */
struct tap *tap_new(const char *hep, const char *node, char *error, size_t size);
void tap_free(struct tap *t); /* NULL is fine */

/* --- workers --- */

/* 0: nobody wants anything. Else a number that changes when somebody new does: who sees a new one gives the names that
 * its ladder has first. Cheap. */
unsigned tap_wanted(const struct tap *t);

/* Is STUN wanted, too? Traces without a filter have it; nobody else does. Cheap. */
bool tap_wants_stun(const struct tap *t);

/* A ladder_copy, whose memory is taken. */
void tap_give(struct tap *t, struct sbuf *copy);

/* The ladder was overrun before it was copied. */
void tap_missed(struct tap *t);

/* --- the operator --- */

/* Begins a trace of what the filter wants. Returns 0, or -1 with what is wrong in `error`. */
int tap_trace_start(struct tap *t, const char *path, const struct select_filter *f, uint64_t bytes_max, char *error,
                    size_t size);

/* Ends it when all that was given is written; waits TAP_STOP_MS at most. Returns false when there was none. */
bool tap_trace_stop(struct tap *t);

struct tap_state {
    bool tracing;
    char path[TAP_PATH_MAX]; /* of the trace, or of the last one; "" = there was none */
    char why[TAP_WHY_MAX];   /* it ended by itself, "" = it did not */
    uint64_t messages, bytes;
    uint64_t dropped; /* copies, in all: a turn of a worker each */
    uint64_t hep_sent, hep_failed;
};

/* What it does now, and what it has counted since the start. Any thread. */
struct tap_state tap_state(struct tap *t);

#endif
