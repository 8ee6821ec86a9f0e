/* What an operator asks about calls: the workers list theirs, and the lists become one. */
#include <stdlib.h>

#include "b2bua/command/impl.h"
#include "b2bua/core/json.h"

static unsigned found(const struct worker_question *q) {
    unsigned all = 0;

    for (unsigned i = 0; i < q->count; i++)
        all += q->answers[i].report.found;
    return all;
}

static void put_lists(struct sbuf *out, const struct worker_question *q) {
    for (unsigned i = 0; i < q->count; i++) {
        const struct sbuf *text = &q->answers[i].report.text;
        if (text->n > 0)
            json_item(out);
        sbuf_put(out, sbuf_str(text));
        out->full = out->full || text->full;
    }
}

static unsigned rows(const struct worker_question *q) {
    unsigned all = 0;

    for (unsigned i = 0; i < q->count; i++)
        all += q->answers[i].report.list.rows;
    return all;
}

/* {"name": [...], "total": N, "cut": false} */
static void finish_list(struct command_run *r, const struct worker_question *q, const char *name) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);
    unsigned all = rows(q);

    sbuf_putc(&out, '{');
    json_name(&out, name);
    sbuf_putc(&out, '[');
    put_lists(&out, q);
    sbuf_putc(&out, ']');
    command_put_total(&out, all, all > r->limit ? r->limit : all);
    sbuf_putc(&out, '}');
    run_finish(r, &out);
}

/* False after run_error: no call or several have the id that was given. */
static bool is_one(struct command_run *r, const struct worker_question *q) {
    unsigned n = found(q);

    if (n == 0)
        run_error(r, "no call \"%s\" is up; of one that is over: call ladder, or the call records", r->args[0].p);
    else if (n > 1)
        run_error(r, "\"%s\" is %u calls: give more digits of one call id", r->args[0].p, n);
    return n == 1;
}

/* Asks for a list of that many rows at most. */
static void ask_for(struct command_run *r, const struct command_list *l, enum list_what what,
                    void (*answered)(struct command_run *r, struct worker_question *q)) {
    struct report_ask ask = {.kind = REPORT_LIST,
                             .list = {.what = what, .id = l->name, .trunk = l->trunk, .room = &r->room}};

    r->limit = l->limit;
    atomic_store(&r->room, l->limit);
    run_ask(r, &ask, answered);
}

/* The one call that the first argument names. */
static void ask_for_one(struct command_run *r, enum list_what what,
                        void (*answered)(struct command_run *r, struct worker_question *q)) {
    ask_for(r, &(struct command_list){.name = r->args[0], .limit = 1}, what, answered);
}

/* --- calls --- */

static void calls_answered(struct command_run *r, struct worker_question *q) {
    finish_list(r, q, "calls");
}

void command_calls(struct command_run *r) {
    struct command_list l;

    if (command_take_list(r, false, true, &l) == 0)
        ask_for(r, &l, LIST_CALLS, calls_answered);
}

/* --- call show --- */

static void show_answered(struct command_run *r, struct worker_question *q) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    if (!is_one(r, q))
        return;
    put_lists(&out, q);
    run_finish(r, &out);
}

void command_call_show(struct command_run *r) {
    ask_for_one(r, LIST_CALL, show_answered);
}

/* --- call ladder --- */

static void ladder_answered(struct command_run *r, struct worker_question *q) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    if (found(q) == 0) {
        run_error(r, "no call \"%s\" among the messages that are kept (admin.ladder_mb)", r->args[0].p);
        return;
    }
    if (!is_one(r, q))
        return;
    put_lists(&out, q);
    run_finish(r, &out);
}

void command_call_ladder(struct command_run *r) {
    struct report_ask ask = {.kind = REPORT_LADDER, .list = {.id = r->args[0]}};

    if (r->args[0].n == 0)
        run_error(r, "an empty id is every call");
    else
        run_ask(r, &ask, ladder_answered);
}

/* --- call end: first which, then that one --- */

static void ended(struct command_run *r, struct worker_question *q) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    if (found(q) == 0) {
        run_error(r, "call \"%s\" has ended by itself", r->args[0].p);
        return;
    }
    sbuf_putc(&out, '{');
    json_put_hex(&out, "ended", r->call);
    sbuf_putc(&out, '}');
    run_finish(r, &out);
}

/* The list has one call id, in quotes. */
static uint64_t listed_id(const struct worker_question *q) {
    char text[32];
    struct sbuf b = sbuf_on(text, sizeof text - 1);

    put_lists(&b, q);
    text[b.n] = '\0';
    return strtoull(text + 1, NULL, 16);
}

static void end_found(struct command_run *r, struct worker_question *q) {
    struct report_ask ask = {.kind = REPORT_END};

    if (!is_one(r, q))
        return;
    r->call = ask.call = listed_id(q);
    run_ask(r, &ask, ended);
}

void command_call_end(struct command_run *r) {
    ask_for_one(r, LIST_IDS, end_found);
}

/* --- timers --- */

/* Of one call: it may have no timers, but is there. */
static void timers_answered(struct command_run *r, struct worker_question *q) {
    if (!r->named || is_one(r, q))
        finish_list(r, q, "timers");
}

void command_timers(struct command_run *r) {
    struct command_list l;

    if (command_take_list(r, true, true, &l) < 0)
        return;
    r->named = l.name.p != NULL;
    if (r->named)
        r->args[0] = l.name;
    ask_for(r, &l, LIST_TIMERS, timers_answered);
}
