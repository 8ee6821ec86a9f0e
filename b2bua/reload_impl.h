/*
 * reload_impl: what the files of reload share: reload.c runs the steps and keeps the snapshots, reload_prepare.c does
 * what can fail.
 */
#ifndef B2BUA_RELOAD_IMPL_H
#define B2BUA_RELOAD_IMPL_H

#include "b2bua/core/heir.h"
#include "b2bua/reload.h"
#include "b2bua/worker/change.h"

enum reload_state {
    RELOAD_IDLE,
    RELOAD_LOADING,   /* in a thread of the loop's pool: names are looked up */
    RELOAD_TAKING,    /* the workers take the snapshot */
    RELOAD_LISTENING, /* they listen on what is new */
    RELOAD_REMOVING,  /* they close what nobody uses */
};

struct reload_ask {
    struct reload_ask *next;
    bool plan;
    void (*done)(void *ctx, const struct reload_outcome *o);
    void *ctx;
};

struct reload {
    struct reload_config config;
    enum reload_state state;
    struct settings *settings; /* in force */
    struct settings *older[RELOAD_OLDER_MAX];
    int older_count;
    struct facts *started;               /* what was in force at the start */
    struct heir_names names;             /* since then */
    struct net_tls *tls;                 /* in force */
    bool looked;                         /* for listeners that nobody uses, since a snapshot went last */
    bool open[SETTINGS_LISTEN_SLOTS];    /* the workers have a socket for that listener */
    struct reload_ask *asks, **asks_end; /* the first is being done, unless idle */
    struct reload_counts counts;
    bool ending;
    uv_async_t *wake; /* freed by the loop */
    uv_work_t work;
    /* of the one that is being done */
    uint64_t began_ms;
    struct config_report report;
    struct settings *next;
    struct facts_change *changes;
    int change_count, restart_count;
    char error[1024];
    struct worker_change change;
};

/* What `next` changes. */
void reload_compare(struct reload *r);

/* Makes `next` an heir of what is held, reads its certificates and opens its sockets: into r->change. Returns 0, or -1
 * with r->error. reload_discard undoes it. */
int reload_prepare(struct reload *r);
void reload_discard(struct reload *r);

#endif
