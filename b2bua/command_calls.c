/* What an operator asks about calls: the workers list theirs, and the lists become one. */
#include <stdlib.h>

#include "b2bua/command_impl.h"
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

/* {"name": [...]} */
static void finish_list(struct command_run *r, const struct worker_question *q, const char *name) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    sbuf_putc(&out, '{');
    json_name(&out, name);
    sbuf_putc(&out, '[');
    put_lists(&out, q);
    sbuf_puts(&out, "]}");
    run_finish(r, &out);
}

/* False after run_error: no call or several have the id that was given. */
static bool is_one(struct command_run *r, const struct worker_question *q) {
    unsigned n = found(q);

    if (n == 0)
        run_error(r, "no call \"%s\"", r->args[0].p);
    else if (n > 1)
        run_error(r, "\"%s\" is %u calls: give more digits of one call id", r->args[0].p, n);
    return n == 1;
}

static struct report_ask about(const struct command_run *r, enum list_what what, unsigned most) {
    return (struct report_ask){.kind = REPORT_LIST,
                               .list = {.what = what, .id = r->arg_count > 0 ? r->args[0] : STR_NONE, .most = most}};
}

/* --- calls --- */

enum { LIMIT_MAX = 1 << 20 };

/* A limit is one of each worker's list. */
static void calls_answered(struct command_run *r, struct worker_question *q) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    sbuf_puts(&out, "{\"calls\":[");
    put_lists(&out, q);
    sbuf_putc(&out, ']');
    if (q->ask.list.most > 0)
        json_put_number(&out, "total", found(q));
    sbuf_putc(&out, '}');
    run_finish(r, &out);
}

/* "--trunk T" and "--limit N", in any order. Returns -1 after run_error. */
static int take_option(struct command_run *r, int i, struct list_ask *ask) {
    bool last = i + 1 == r->arg_count;
    struct str value = last ? STR_NONE : r->args[i + 1];
    uint64_t limit;

    if (str_eq(r->args[i], STR("--trunk"))) {
        if (last)
            run_error(r, "--trunk wants the name of a trunk");
        ask->trunk = value;
        return last || run_trunk(r, value) < 0 ? -1 : 0;
    }
    if (!str_eq(r->args[i], STR("--limit"))) {
        run_error(r, "no argument \"%s\"; it is \"%s %s\"", r->args[i].p, r->command->name, r->command->usage);
        return -1;
    }
    if (last || str_number(value, LIMIT_MAX, &limit) < 0 || limit == 0) {
        run_error(r, "--limit wants a number, 1..%d", LIMIT_MAX);
        return -1;
    }
    ask->most = (unsigned)limit;
    return 0;
}

void command_calls(struct command_run *r) {
    struct report_ask ask = {.kind = REPORT_LIST, .list = {.what = LIST_CALLS}};

    for (int i = 0; i < r->arg_count; i += 2)
        if (take_option(r, i, &ask.list) < 0)
            return;
    run_ask(r, &ask, calls_answered);
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
    struct report_ask ask = about(r, LIST_CALL, 1);

    run_ask(r, &ask, show_answered);
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
    struct report_ask ask = about(r, LIST_IDS, 1);

    run_ask(r, &ask, end_found);
}

/* --- timers --- */

static void timers_answered(struct command_run *r, struct worker_question *q) {
    if (r->arg_count == 0 || is_one(r, q))
        finish_list(r, q, "timers");
}

void command_timers(struct command_run *r) {
    struct report_ask ask = about(r, LIST_TIMERS, 0);

    run_ask(r, &ask, timers_answered);
}
