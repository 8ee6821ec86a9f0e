/*
 * store: registrations on disk, so that a restart does not forget them. SQLite is behind it, and nobody else sees that.
 *
 * Who has the registrations says which ones have changed (store_touch, any thread, no disk); a thread of its own asks
 * for each what it is by now (store_ops.read) and writes what gathered within some hundred ms as one transaction. So a
 * later change stands in for an earlier one that still waits, and the order in which threads tell of changes does not
 * matter. What the disk does not take waits, and is written when it does; what does not fit in the queue is counted.
 *
 * Order of use: store_open; store_load once; store_start; store_touch as things happen; store_close, which writes what
 * waits. A file that is damaged, or of another version, is set aside as NAME.damaged-DATE, and an empty one
 * takes its place: at the start as later. After kill -9 what was committed is there; after a loss of power, all but
 * the last moments (synchronous=NORMAL).
 *
 * Times are ms since 1970: in a file no other clock means anything. One process at a time has the file.
 */
#ifndef B2BUA_STORE_STORE_H
#define B2BUA_STORE_STORE_H

#include "b2bua/core/str.h"

struct store;

enum store_number {
    STORE_TOLD_MS, /* when it ends */
    STORE_GRANTED_MS,
    STORE_SINCE_MS,
    STORE_MOVED_MS, /* 0 = never */
    STORE_WRITTEN_MS,
    STORE_NODE,
    STORE_REG_ID,
    STORE_Q,
    STORE_CSEQ,
    STORE_CAPS,
    STORE_OUTBOUND,
    STORE_PROTO,
    STORE_LISTEN_ID,
    STORE_BOOT,
    STORE_WORKER,
    STORE_CONN,
    STORE_NUMBERS
};

enum store_text {
    STORE_PEER, /* "192.0.2.1:5060" */
    STORE_AOR,
    STORE_CONTACT,
    STORE_INSTANCE,
    STORE_CALL_ID,
    STORE_SERVICE_ROUTE,
    STORE_PATH,
    STORE_USER_AGENT,
    STORE_TEXTS
};

/* A registration. The views are its maker's, and good until he makes the next one. */
struct store_row {
    uint64_t id;
    uint64_t numbers[STORE_NUMBERS]; /* below 2^63 */
    struct str texts[STORE_TEXTS];
};

struct store_ops {
    /* What it is now. False: there is no such registration. Called by the writer's thread alone. */
    bool (*read)(void *ctx, uint64_t id, struct store_row *row);
    /* The file is new and empty although there may be registrations: touches them all. */
    void (*all)(void *ctx, struct store *s);
    void *ctx;
};

/* Opens or makes `path`; its folder is there. Returns NULL, with what is wrong in `error`, when it cannot be had: no
 * permission, no room, another process has it. */
struct store *store_open(const char *path, const struct store_ops *ops, char *error, size_t size);

struct store_loaded {
    uint64_t taken, refused; /* by `take` */
    uint64_t damaged;        /* not as they were written */
    uint64_t expired;
};

/* Gives all registrations that last beyond `now_ms` to `take`, which copies what it needs. What it refuses is read
 * (store_ops) and written anew, or deleted, soon. */
struct store_loaded store_load(struct store *s, bool (*take)(void *arg, const struct store_row *row), void *arg,
                               uint64_t now_ms);

/* Returns 0, or -1 with errno when there is no thread to be had. */
int store_start(struct store *s);

/* This registration is new, or has changed, or is gone. */
void store_touch(struct store *s, uint64_t id);

struct store_counts {
    bool failing; /* the disk has not taken the last batch */
    bool off;     /* nothing is written any more */
    uint32_t waiting;
    uint64_t written, deleted, batches;
    uint64_t failures; /* of batches; they are tried again */
    uint64_t lost;     /* changes that found no room */
    uint64_t aside;    /* damaged files */
};
struct store_counts store_counts(struct store *s);

/* Writes what waits, once, and frees. NULL is fine. */
void store_close(struct store *s);

#endif
