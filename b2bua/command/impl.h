/*
 * impl: what the files command*.c share. A command is a row of the table in command.c; a run of it ends with
 * exactly one run_finish or run_error, in `start` or, after run_ask, in what was to be called with the answers.
 */
#ifndef B2BUA_COMMAND_IMPL_H
#define B2BUA_COMMAND_IMPL_H

#include "b2bua/command/command.h"
#include "b2bua/core/nearest.h"
#include "b2bua/core/words.h"
#include "b2bua/worker/question.h"

enum { COMMAND_ANSWER_MAX = 1 << 30 };

struct commands {
    struct commands_config config;
    uint64_t start_ms;
    uv_async_t *answered;     /* freed by the loop */
    struct command_run *runs; /* those that wait for the workers */
    uint64_t maintained_ms;   /* when maintenance began, and with how many */
    uint64_t maintained_calls;
    uint32_t maintained_registrations;
};

struct command_run {
    struct command_run *next;
    struct commands *commands;
    const struct command *command;
    struct words words;         /* the whole line */
    struct str args[WORDS_MAX]; /* what follows the command's name; each ends with a NUL */
    int arg_count;
    bool listed;                      /* in commands.runs */
    struct worker_question *question; /* that is asked; NULL = none now */
    void (*answered)(struct command_run *r, struct worker_question *q);
    uint64_t call;    /* `call end`: which; `reload`: how many there were */
    unsigned limit;   /* lists: rows at most */
    atomic_uint room; /* how many the workers may still write */
    bool named;       /* the list is of one call */
    uint32_t *legs;   /* `reload`: what there was on each trunk, by slot; owned */
    int slots;
    void (*done)(void *ctx, char *json, size_t n);
    void *ctx;
};

struct command {
    const char *name; /* one word or two */
    int least, most;  /* arguments */
    const char *usage, *help;
    void (*start)(struct command_run *r);
};

/* Ends the run. `json` is taken. */
void run_finish(struct command_run *r, struct sbuf *json);
void run_error(struct command_run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Asks the workers; `answered` gets their answers, borrowed, and goes on. */
void run_ask(struct command_run *r, const struct report_ask *ask,
             void (*answered)(struct command_run *r, struct worker_question *q));

/* ", the nearest is "x"", or "" where there is none; `buf` holds it. */
const char *run_nearest(const struct nearest *n, char *buf, size_t size);

/* The trunk that an argument names; -1 after run_error. */
int run_trunk(struct command_run *r, struct str name);

/* What a list is of, and how much of it. */
struct command_list {
    struct str name;  /* the argument that is no option; empty = none */
    struct str trunk; /* --trunk; empty = any */
    unsigned limit;   /* --limit, or COMMAND_LIST_MAX */
};

enum { COMMAND_LIST_MAX = 10000 };

/* list.c: takes the arguments of a list. `names`: one may be no option; `trunks`: there is --trunk. Returns 0,
 * or -1 after run_error. */
int command_take_list(struct command_run *r, bool names, bool trunks, struct command_list *out);

/* "total": of all that were asked for; "cut": are some not shown? */
void command_put_total(struct sbuf *out, uint64_t total, uint64_t shown);

/* calls.c */
void command_calls(struct command_run *r);
void command_call_show(struct command_run *r);
void command_call_ladder(struct command_run *r);
void command_call_end(struct command_run *r);
void command_timers(struct command_run *r);

/* keep.c: "store" of `status`, where there is one. */
void status_put_keep(struct sbuf *out, const struct keep *keep);

/* services.c: "services" and "last_updated" of `status`. */
void status_put_services(struct sbuf *out, const struct commands *c);

/* status.c */
void command_status(struct command_run *r);

/* A trunk, and the snapshot that knows it. */
struct command_trunk {
    const struct settings_trunk *trunk;
    const struct settings *settings;
    bool removed; /* from the configuration; calls still know it */
};

/* All trunks: of the configuration, then removed ones. Freed by the caller; what it points to stands until the loop
 * goes on. */
struct command_trunk *command_all_trunks(const struct commands *c, int *count);

/* registrations.c */
void command_registrations(struct command_run *r);

/* log.c */
void command_log_level(struct command_run *r);

/* reload.c */
void command_reload(struct command_run *r);

/* trace.c */
extern const char command_trace_usage[];
void command_trace_start(struct command_run *r);
void command_trace_stop(struct command_run *r);
void command_trace_show(struct command_run *r);

/* route.c */
void command_route_test(struct command_run *r);
/* bans.c */
void command_bans(struct command_run *r);
void command_ban_add(struct command_run *r);
void command_ban_remove(struct command_run *r);

/* trunks.c */
/* "looked_up_s" of a target that is a name: the age of its addresses. */
void command_put_age(struct sbuf *out, const struct commands *c, int slot, const char *uri);
void command_trunks(struct command_run *r);
const char *trunk_state(const struct commands *c, const struct settings_trunk *t);

/* trunk_node.c */
/* The call manager that this target of the trunk `cluster` is. Returns false for a target of another trunk. */
bool trunk_node(const struct commands *c, const struct settings_trunk *t, int target, struct nodes_look *out);
/* May it get calls? */
bool trunk_node_usable(const struct nodes_look *node);
/* "up", "degraded" or "busy"; NULL: it is another trunk. */
const char *trunk_nodes_state(const struct commands *c, const struct settings_trunk *t);

/* trunk_course.c: how calls of a trunk go. */
void command_put_course(struct sbuf *out, const struct settings_trunk *t, const struct pool_look *look,
                        const struct worker_question *q);

/* front.c */
void command_nodes(struct command_run *r);
void command_node_maintenance(struct command_run *r);
void command_stun(struct command_run *r);
void command_maintenance(struct command_run *r);

/* "maintenance": null, or how far it is. */
void command_put_maintenance(struct sbuf *out, const struct commands *c, uint64_t calls);

/* peers.c */
void command_peers(struct command_run *r);

/* metrics.c */
void command_metrics(struct command_run *r);

#endif
