/*
 * reload: the configuration while the program runs: which one is in force, and how another takes its place.
 *
 * Everything or nothing: the file is read and checked, certificates are read and new sockets opened; only when all of
 * that has worked do the workers get the new snapshot. Calls keep the one that they started with, until they end. What
 * only a restart can change (rows with FACTS_RESTART) stays as it was when the program started; that is said each time.
 * One reload at a time; those that are asked for meanwhile follow.
 *
 * Order of use: reload_new before the workers start; reload_ask, and reload_tick now and then; reload_end when the
 * workers are joined. One thread, the loop's.
 */
#ifndef B2BUA_RELOAD_H
#define B2BUA_RELOAD_H

#include "b2bua/config/config.h"
#include "b2bua/worker/worker.h"

struct reload;

struct reload_config {
    uv_loop_t *loop;
    struct worker_shared *shared; /* borrowed; its tls is that of the settings */
    const char *file;             /* borrowed */
    bool keep_log_level;          /* it was asked for on the command line */
    /* Another snapshot is in force; borrowed. */
    void (*taken)(void *ctx, struct settings *now);
    /* Why there is no reloading now; NULL = go on. */
    const char *(*forbidden)(void *ctx);
    void *ctx;
};

enum reload_result {
    RELOAD_DONE,
    RELOAD_SAME, /* nothing to change: calls and workers have heard nothing of it */
    RELOAD_PLANNED,
    RELOAD_FAILED, /* nothing was changed */
};

/* What has come of it; borrowed until `done` returns. */
struct reload_outcome {
    enum reload_result result;
    const struct config_report *report; /* of reading the files */
    const char *error;                  /* RELOAD_FAILED: what else is wrong, "" = nothing */
    const struct facts_change *changes;
    int change_count;
    const struct settings *was, *now; /* PLANNED, DONE: before and after */
    uint64_t took_ms;                 /* from the reading of the files on */
};

struct reload_counts {
    uint64_t done, same, failed;
    int snapshots;     /* held: the one in force and those that calls keep */
    int draining;      /* listeners */
    uint64_t since_ms; /* the one in force is, by the monotonic clock */
};

enum { RELOAD_OLDER_MAX = 256 };

/* `s` is taken: the one that is in force from the start. */
struct reload *reload_new(const struct reload_config *config, struct settings *s);

/* Reads the configuration anew and puts it into force; `plan`: only says what that would do. `done` is called once,
 * later. */
void reload_ask(struct reload *r, bool plan, void (*done)(void *ctx, const struct reload_outcome *o), void *ctx);

/* Lets go of what no call holds any more. */
void reload_tick(struct reload *r);

/* The one in force; those that calls still hold, by number from 0, NULL at the end. Borrowed. */
struct settings *reload_settings(const struct reload *r);
const struct settings *reload_older(const struct reload *r, int i);

/* Its certificates; borrowed. */
struct net_tls *reload_tls(const struct reload *r);

/* What it is read from. */
const char *reload_file(const struct reload *r);

struct reload_counts reload_counts(const struct reload *r);

/* Those who wait are told that nothing comes of it; the loop frees the rest. NULL is fine. */
void reload_end(struct reload *r);

#endif
