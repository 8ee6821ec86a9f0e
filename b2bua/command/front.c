/* The registration front: its nodes, STUN towards clients, maintenance. */
#include <stdio.h>

#include "b2bua/command/impl.h"
#include "b2bua/command/sum.h"
#include "b2bua/core/json.h"
#include "b2bua/log/log.h"

enum { RETRY_AFTER_S = 120 };

static struct worker_shared *shared(const struct command_run *r) {
    return r->commands->config.shared;
}

static void put_bool(struct sbuf *out, const char *name, bool value) {
    json_name(out, name);
    sbuf_puts(out, value ? "true" : "false");
}

/* --- nodes --- */

static void put_ago(struct sbuf *out, const char *name, uint64_t at_ms, uint64_t now_ms) {
    if (at_ms != 0) {
        json_put_number(out, name, now_ms > at_ms ? (now_ms - at_ms) / 1000 : 0);
        return;
    }
    json_name(out, name);
    sbuf_puts(out, "null");
}

static const char *probe_name(const struct settings *s, const struct nodes_look *look) {
    return s->cluster.probe == NODE_PROBE_NONE ? "none" : look->stun ? "stun" : "options";
}

static void put_address(struct sbuf *out, const struct commands *c, uint32_t node) {
    const struct settings *s = c->config.settings;
    struct nodes *nodes = c->config.shared->nodes;
    int index = nodes_index(s, node);
    char text[ADDR_TEXT_MAX] = "";
    struct pool_place at;

    if (nodes_place(nodes, s, node, &at) == 0)
        addr_format(&at.addr, text);
    json_put_text(out, "uri", index < 0 ? STR_NONE : str_of(s->cluster.nodes[index].uri));
    json_put_text(out, "address", str_of(text));
    if (index >= 0)
        command_put_age(out, c, s->trunks[s->cluster.trunk].slot, s->cluster.nodes[index].uri);
}

static void put_node(struct sbuf *out, const struct commands *c, const struct nodes_look *look, uint64_t now_ms) {
    json_item(out);
    sbuf_putc(out, '{');
    json_put_text(out, "name", str_of(look->name));
    json_put_text(out, "state", str_of(node_state_name(look->state)));
    json_put_text(out, "reason", str_of(look->reason));
    json_put_number(out, "since_s", (now_ms - look->since_ms) / 1000);
    put_ago(out, "heard_s", look->heard_ms, now_ms);
    json_put_number(out, "closed_s", look->closed_ms > now_ms ? (look->closed_ms - now_ms) / 1000 : 0);
    json_put_text(out, "probe", str_of(probe_name(c->config.settings, look)));
    put_bool(out, "ar_sk", look->ar_sk);
    json_put_number(out, "capacity", look->capacity);
    json_put_number(out, "share_percent", look->share / 10);
    json_put_number(out, "registrations", look->registrations);
    json_put_number(out, "calls", look->calls);
    json_put_number(out, "flips", look->flips);
    json_put_number(out, "probes", look->probes);
    json_put_number(out, "missed", look->missed);
    json_put_number(out, "answer_ms", look->answer_ms);
    put_address(out, c, look->number);
    sbuf_putc(out, '}');
}

static void put_nodes(struct sbuf *out, const struct commands *c) {
    struct nodes *nodes = c->config.shared->nodes;
    struct nodes_look look[SETTINGS_NODES_MAX];
    struct nodes_balance balance;
    uint64_t now_ms = net_now_ms();
    int count = nodes_look(nodes, look, now_ms);

    nodes_look_balance(nodes, &balance, now_ms);
    sbuf_puts(out, "{\"nodes\":[");
    for (int i = 0; i < count; i++)
        put_node(out, c, &look[i], now_ms);
    sbuf_putc(out, ']');
    put_bool(out, "rebalancing", balance.on);
    json_put_number(out, "moved", balance.moved);
    json_put_number(out, "spread_percent", balance.spread_percent);
    sbuf_putc(out, '}');
}

void command_nodes(struct command_run *r) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);

    put_nodes(&out, r->commands);
    run_finish(r, &out);
}

/* 1 on, 0 off, -1 after run_error. */
static int on_or_off(struct command_run *r, struct str word) {
    if (str_eq(word, STR("on")) || str_eq(word, STR("off")))
        return word.n == 2;
    run_error(r, "\"%s\" is neither \"on\" nor \"off\"", word.p);
    return -1;
}

void command_node_maintenance(struct command_run *r) {
    const struct settings *s = r->commands->config.settings;
    struct nearest nearest = {.text = r->args[0].p};
    char hint[128];
    int on = on_or_off(r, r->args[1]);

    if (on < 0)
        return;
    if (nodes_maintain(shared(r)->nodes, nodes_number(r->args[0].p), on, net_now_ms())) {
        command_nodes(r);
        return;
    }
    for (int i = 0; s->cluster.on && i < s->cluster.node_count; i++)
        nearest_try(&nearest, s->cluster.nodes[i].name);
    run_error(r, "no node \"%s\"%s", r->args[0].p, run_nearest(&nearest, hint, sizeof hint));
}

/* --- STUN --- */

void command_stun(struct command_run *r) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);
    struct switches *switches = &shared(r)->switches;
    int on = r->arg_count == 0 ? -1 : on_or_off(r, r->args[0]);

    if (r->arg_count > 0 && on < 0) {
        sbuf_fini(&out);
        return;
    }
    if (on >= 0) {
        switches_set_stun(switches, on);
        log_info("registrar stun=%s", on ? "on" : "off");
    }
    sbuf_putc(&out, '{');
    json_put_text(&out, "stun", switches_stun(switches, r->commands->config.settings) ? STR("on") : STR("off"));
    sbuf_putc(&out, '}');
    run_finish(r, &out);
}

/* --- maintenance --- */

/* Clients leave as they come back, AR ones sooner: what has gone so far tells when the rest will have, and nobody stays
 * longer than his registration. */
static uint64_t empty_in_s(const struct settings *s, uint32_t began, uint32_t now, uint64_t passed_s) {
    uint64_t most = s->registrar.expires.flow_max_s, rest = most > passed_s ? most - passed_s : 0;
    uint64_t gone = began > now ? began - now : 0;

    if (now == 0)
        return 0;
    return gone == 0 || now * passed_s / gone > rest ? rest : now * passed_s / gone;
}

/* Nothing is known before the first of them has ended. */
static void put_calls_gone(struct sbuf *out, const struct commands *c, uint64_t calls, uint64_t passed_s) {
    uint64_t gone = c->maintained_calls > calls ? c->maintained_calls - calls : 0;

    if (calls == 0 || gone > 0) {
        json_put_number(out, "calls_gone_in_s", calls == 0 ? 0 : calls * passed_s / gone);
        return;
    }
    json_name(out, "calls_gone_in_s");
    sbuf_puts(out, "null");
}

void command_put_maintenance(struct sbuf *out, const struct commands *c, uint64_t calls) {
    const struct switches *switches = &c->config.shared->switches;
    uint32_t current = bindings_counts(registrar_bindings(c->config.shared->registrar)).current;
    uint64_t since_ms = switches_maintained_ms(switches), passed_s = (net_now_ms() - since_ms) / 1000;

    json_name(out, "maintenance");
    if (since_ms == 0) {
        sbuf_puts(out, "null");
        return;
    }
    sbuf_putc(out, '{');
    json_put_text(out, "state", current == 0 && calls == 0 ? STR("drained") : STR("draining"));
    json_put_number(out, "since_s", passed_s);
    json_put_number(out, "retry_after_s", switches->retry_after_s);
    json_put_number(out, "registrations", current);
    json_put_number(out, "calls", calls);
    put_calls_gone(out, c, calls, passed_s);
    json_put_number(out, "registrations_gone_in_s",
                    empty_in_s(c->config.settings, c->maintained_registrations, current, passed_s));
    sbuf_putc(out, '}');
}

/* Of calls that were ended at once: `registrar` clients whose User-Agent the configuration names. */
static void maintained(struct command_run *r, struct worker_question *q) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);
    struct commands *c = r->commands;
    uint64_t calls = sum_counts(q, (struct sum_place)SUM_OF(engine.calls.calls));
    unsigned dropped = 0;

    if (c->maintained_ms != switches_maintained_ms(&shared(r)->switches)) {
        c->maintained_ms = switches_maintained_ms(&shared(r)->switches);
        c->maintained_calls = calls;
    }
    for (unsigned i = 0; i < q->count; i++)
        dropped += q->answers[i].report.found;
    if (dropped > 0)
        log_info("twinleg maintenance=on calls_ended=%u", dropped);
    sbuf_putc(&out, '{');
    command_put_maintenance(&out, c, calls);
    json_put_number(&out, "calls_ended", dropped);
    sbuf_putc(&out, '}');
    run_finish(r, &out);
}

/* "--retry-after S" behind "on". Returns the seconds, or 0 after run_error. */
static uint32_t retry_after(struct command_run *r) {
    const struct settings_cluster *c = &r->commands->config.settings->cluster;
    uint64_t seconds;

    if (r->arg_count == 1)
        return c->on ? (uint32_t)c->retry_after_s : RETRY_AFTER_S;
    if (r->arg_count == 3 && str_eq(r->args[1], STR("--retry-after")) &&
        str_number(r->args[2], SWITCHES_MAINTENANCE_MAX_S, &seconds) == 0 && seconds > 0)
        return (uint32_t)seconds;
    run_error(r, "after \"on\" there may be \"--retry-after SECONDS\", 1..%d", SWITCHES_MAINTENANCE_MAX_S);
    return 0;
}

void command_maintenance(struct command_run *r) {
    struct commands *c = r->commands;
    struct switches *switches = &shared(r)->switches;
    int on = on_or_off(r, r->args[0]);
    uint32_t seconds = on < 0 ? 0 : retry_after(r);

    if (seconds == 0)
        return;
    if (on && switches_maintained_ms(switches) == 0)
        c->maintained_registrations = bindings_counts(registrar_bindings(shared(r)->registrar)).current;
    switches_maintain(switches, on, seconds, net_now_ms());
    log_warn("twinleg maintenance=%s retry_after=%u", on ? "on" : "off", seconds);
    run_ask(r, &(struct report_ask){.kind = on ? REPORT_DROP : REPORT_COUNTS}, maintained);
}
