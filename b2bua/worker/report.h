/*
 * report: what an operator's question asks of one worker, and what its engine answers.
 */
#ifndef B2BUA_WORKER_REPORT_H
#define B2BUA_WORKER_REPORT_H

#include "b2bua/call/list.h"
#include "b2bua/core/ladder_find.h"

enum { REPORT_TEXT_MAX = 64 << 20 };

enum report_kind {
    REPORT_COUNTS,
    REPORT_LIST,
    REPORT_LADDER, /* the messages of the call list.id, as far as they are kept */
    REPORT_END,    /* ends the call `call` */
    REPORT_DROP    /* ends the calls of clients that maintenance.drop_user_agents names */
};

/* Borrowed, with what it views, until the answer is there. */
struct report_ask {
    enum report_kind kind;
    struct list_ask list;
    uint64_t call;
};

/* Of one trunk. */
struct report_trunk {
    struct calls_trunk_counts counts;
    uint32_t legs; /* now */
    struct credentials_counts auth;
};

/* From a worker that is stopping: what it has said before, or nothing. */
struct report {
    struct sbuf text;            /* REPORT_LIST: values with commas between them, up to REPORT_TEXT_MAX bytes */
    struct list_walk list;       /* REPORT_LIST: as far as it is made */
    struct ladder_find ladder;   /* REPORT_LADDER: likewise */
    unsigned found;              /* calls that were listed or ended */
    struct report_trunk *trunks; /* REPORT_COUNTS: by slot of the settings' trunks; owned */
    int trunk_count;
    struct ua_profile_counts *profiles; /* REPORT_COUNTS: by slot of the settings' profiles; owned */
    int profile_count;
};

void report_fini(struct report *r);

#endif
