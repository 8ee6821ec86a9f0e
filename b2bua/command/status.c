/* The program as a whole, and its trunks. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/command/impl.h"
#include "b2bua/command/sum.h"
#include "b2bua/config/version.h"
#include "b2bua/core/json.h"

/* `transactions` are those that still wait for something. */
static const struct {
    const char *name;
    struct sum_place place;
} sums[] = {
    {"calls", SUM_OF(engine.calls.calls)},        {"legs", SUM_OF(engine.calls.legs)},
    {"transactions", SUM_OF(engine.ua.txn.open)}, {"connections", SUM_OF(net.connections)},
    {"started", SUM_OF(engine.calls.started)},    {"answered", SUM_OF(engine.calls.answered)},
};

/* Absolute: who asks may stand elsewhere. */
static void put_file(struct sbuf *out, const struct reload *reload) {
    char path[PATH_MAX];

    if (realpath(reload_file(reload), path) != NULL)
        json_put_text(out, "configuration", str_of(path));
}

static void put_configuration(struct sbuf *out, const struct reload *reload) {
    struct reload_counts c = reload_counts(reload);

    put_file(out, reload);
    json_put_number(out, "configuration_s", (net_now_ms() - c.since_ms) / 1000);
    json_put_number(out, "reloads", c.done + c.same);
    json_put_number(out, "reloads_failed", c.failed);
    json_put_number(out, "snapshots", (uint64_t)c.snapshots);
    json_put_number(out, "listeners_draining", (uint64_t)c.draining);
}

static void put_registrations(struct sbuf *out, const struct commands *c) {
    struct bindings_counts counts = bindings_counts(registrar_bindings(c->config.shared->registrar));

    json_put_number(out, "registrations_current", counts.current);
    json_put_number(out, "registrations_peak", counts.peak);
}

static void put_trunk_names(struct sbuf *out, const struct commands *c) {
    const struct settings *s = c->config.settings;

    json_name(out, "trunks");
    sbuf_putc(out, '[');
    for (int i = 0; i < settings_call_trunks(s); i++) {
        json_item(out);
        sbuf_putc(out, '{');
        json_put_text(out, "name", str_of(s->trunks[i].name));
        json_put_text(out, "state", str_of(trunk_state(c, &s->trunks[i])));
        sbuf_putc(out, '}');
    }
    sbuf_putc(out, ']');
}

static void put_state(struct sbuf *out, const struct commands *c) {
    bool maintained = switches_maintained_ms(&c->config.shared->switches) != 0;
    char text[80];

    snprintf(text, sizeof text, "%s%s", c->config.state(c->config.ctx), maintained ? " (Maintenance mode)" : "");
    json_put_text(out, "state", str_of(text));
}

/* How the busiest worker is doing. */
static void put_load(struct sbuf *out, const struct worker_question *q) {
    struct engine_load most = {0};

    for (unsigned i = 0; i < q->count; i++) {
        const struct engine_load *l = &q->answers[i].counts.engine.load;
        if (l->shed_percent > most.shed_percent ||
            (l->shed_percent == most.shed_percent && l->busy_percent >= most.busy_percent))
            most = *l;
    }
    json_name(out, "overload");
    sbuf_putc(out, '{');
    json_put_number(out, "shed_percent", most.shed_percent);
    json_put_number(out, "busy_percent", most.busy_percent);
    json_put_number(out, "lag_ms", most.lag_ms);
    json_put_number(out, "refused", sum_counts(q, (struct sum_place)SUM_OF(engine.load.refused)));
    sbuf_putc(out, '}');
}

static void put_guard(struct sbuf *out, struct guard *g) {
    struct guard_look look;
    char at[ADDR_TEXT_MAX];
    uint64_t now_ms = net_now_ms();

    guard_look(g, &look);
    json_put_number(out, "bans", (uint64_t)look.bans);
    json_name(out, "intruders");
    sbuf_putc(out, '[');
    for (int i = 0; i < GUARD_WHATS; i++) {
        if (look.whats[i].count == 0)
            continue;
        json_item(out);
        sbuf_putc(out, '{');
        json_put_text(out, "what", str_of(guard_what_name(i)));
        json_put_number(out, "count", look.whats[i].count);
        json_put_text(out, "last", str_of(addr_format_ip(&look.whats[i].last, false, at)));
        json_put_number(out, "last_s", (now_ms - look.whats[i].last_ms) / 1000);
        sbuf_putc(out, '}');
    }
    sbuf_putc(out, ']');
}

static void status_answered(struct command_run *r, struct worker_question *q) {
    const struct commands *c = r->commands;
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    sbuf_putc(&out, '{');
    json_put_text(&out, "node", str_of(c->config.settings->node.name));
    json_put_text(&out, "version", STR(TWINLEG_VERSION));
    put_state(&out, c);
    json_put_number(&out, "uptime_s", (net_now_ms() - c->start_ms) / 1000);
    json_put_number(&out, "workers", q->count);
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        json_put_number(&out, sums[i].name, sum_counts(q, sums[i].place));
    put_registrations(&out, c);
    put_configuration(&out, c->config.reload);
    command_put_maintenance(&out, c, sum_counts(q, (struct sum_place)SUM_OF(engine.calls.calls)));
    put_load(&out, q);
    put_guard(&out, c->config.shared->guard);
    status_put_keep(&out, c->config.keep);
    put_trunk_names(&out, c);
    status_put_services(&out, c);
    sbuf_putc(&out, '}');
    run_finish(r, &out);
}

void command_status(struct command_run *r) {
    run_ask(r, &(struct report_ask){.kind = REPORT_COUNTS}, status_answered);
}
