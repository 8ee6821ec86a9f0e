/*
 * record: call records, one JSON object a line, one line a leg (CONTRACT: twinleg's manual). Lines are queued by the
 * workers and written by one writer thread; a full disk never holds up a call: records wait, 4 MiB of them, until it
 * takes them again or the file is opened anew; what cannot be queued is counted.
 */
#ifndef B2BUA_ADMIN_RECORD_H
#define B2BUA_ADMIN_RECORD_H

#include "b2bua/core/str.h"

struct record {
    uint64_t call_id; /* the call's own number, shared by both legs; printed as 16 hex digits */
    char leg;         /* 'a', 'b' */
    struct str trunk, sip_call_id, from, to;
    uint64_t start_ms, ring_ms, answer_ms, end_ms; /* wall clock, ms since 1970; 0 = never */
    int status;                                    /* final status of the leg's INVITE; 0 = none */
    const char *ended_by;                          /* "a", "b", "us" */
    const char *cause; /* "bye", "cancel", "refresh-missed", "refresh-failed", "no-ack", "timeout", "rejected", "admin",
                          "drain", "limit", "transfer" */
    uint32_t refreshes_sent, refreshes_received, midcalls_consumed, midcalls_forwarded;
    struct str route, target;
    uint32_t attempts;
    uint64_t referred_by; /* the call whose transfer this one is, 0 = none */
    uint64_t waited_ms;   /* for targets that did not ring */
};

struct recorder;

/* Opens (appends to) `path` and starts the writer. NULL with errno when it cannot be opened. */
struct recorder *recorder_new(const char *path);

/* Queues one record (copied). Any thread. Returns 0, or -1 when the queue is full (counted). */
int recorder_write(struct recorder *r, const struct record *rec);

/* Opens the path again (after rotation). Any thread. */
void recorder_reopen(struct recorder *r);

/* Records that were lost: the queue was full, or the disk at the end. Those that are in the file. */
uint64_t recorder_lost(const struct recorder *r);
uint64_t recorder_written(const struct recorder *r);

/* The file takes nothing at the moment: why (errno); 0 = it does. It is tried again each second. */
int recorder_error(const struct recorder *r);

/* Writes out what is queued, stops the writer, frees. NULL is fine. */
void recorder_free(struct recorder *r);

/* The line for a record, with its newline. */
void record_print(struct sbuf *out, const struct record *rec);

#endif
