/* The trunks: where their targets are, how well each place is, and what they carry. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/command/impl.h"
#include "b2bua/command/sum.h"
#include "b2bua/core/json.h"
#include "b2bua/lookup.h"

/* "up": every place; "degraded": some; "busy": none; "inbound": it has no targets. */
const char *trunk_state(const struct commands *c, const struct settings_trunk *t) {
    struct pool *pool = c->config.shared->pool;
    struct pool_place places[POOL_PLACES_MAX];
    int n = pool_places(pool, t, places), up = 0;
    const char *of_nodes = trunk_nodes_state(c, t);

    if (of_nodes != NULL)
        return of_nodes;
    if (t->target_count == 0)
        return "inbound";
    if (pool_busy(pool, t))
        return "busy";
    for (int i = 0; i < n; i++)
        up += places[i].state == HEALTH_UP ? 1 : 0;
    return up == n ? "up" : "degraded";
}

static void put_listeners(struct sbuf *out, const struct settings *s, const struct settings_trunk *t) {
    json_name(out, "listeners");
    sbuf_putc(out, '[');
    for (int i = 0; i < t->listen_count; i++) {
        json_item(out);
        json_text(out, str_of(s->listens[t->listens[i]].name));
    }
    sbuf_putc(out, ']');
}

static void put_null(struct sbuf *out, const char *name) {
    json_name(out, name);
    sbuf_puts(out, "null");
}

static uint64_t s_since(uint64_t then_ms, uint64_t now_ms) {
    return now_ms > then_ms ? (now_ms - then_ms) / 1000 : 0;
}

static void put_error(struct sbuf *out, const struct pool_place_look *l, uint64_t now_ms) {
    if (l->error == HEALTH_STARTED) {
        put_null(out, "last_error");
        put_null(out, "last_error_s");
        return;
    }
    json_put_text(out, "last_error", str_of(health_evidence_name(l->error)));
    json_put_number(out, "last_error_s", s_since(l->error_ms, now_ms));
}

void command_put_age(struct sbuf *out, const struct commands *c, int slot, const char *uri) {
    int64_t age_s = lookup_age_s(c->config.lookup, slot, uri);

    if (age_s >= 0)
        json_put_number(out, "looked_up_s", (uint64_t)age_s);
}

static void put_next_probe(struct sbuf *out, const struct pool_place_look *l, bool probes, uint64_t now_ms) {
    if (!probes)
        put_null(out, "next_probe_s");
    else
        json_put_number(out, "next_probe_s", l->health.under_way ? 0 : s_since(now_ms, l->health.probe_ms));
}

/* `node`: of a call manager; NULL else. */
static void put_health(struct sbuf *out, const struct pool_place_look *l, const struct nodes_look *node,
                       uint64_t now_ms) {
    const char *state = node != NULL ? node_state_name(node->state) : health_state_name(l->place.state);
    const char *evidence = node != NULL ? node->reason : health_evidence_name(l->health.evidence);

    json_put_text(out, "state", str_of(state));
    json_put_text(out, "evidence", str_of(evidence));
    json_put_number(out, "since_s", s_since(node != NULL ? node->since_ms : l->health.since_ms, now_ms));
}

static void put_place(struct sbuf *out, const struct pool_place_look *l, const struct nodes_look *node, bool probes) {
    uint64_t now_ms = net_now_ms();
    char at[ADDR_TEXT_MAX];

    json_item(out);
    sbuf_putc(out, '{');
    json_put_text(out, "address", str_of(addr_format(&l->place.addr, at)));
    json_put_text(out, "transport", str_of(flow_proto_name(l->place.proto)));
    json_put_number(out, "priority", l->place.priority);
    json_put_number(out, "weight", l->place.weight);
    put_health(out, l, node, now_ms);
    json_put_number(out, "calls", l->calls);
    json_put_number(out, "flips", l->flips);
    put_error(out, l, now_ms);
    put_next_probe(out, l, probes, now_ms);
    sbuf_putc(out, '}');
}

static void put_target(struct sbuf *out, const struct commands *c, const struct settings_trunk *t, int target) {
    struct pool *pool = c->config.shared->pool;
    struct pool_place_look looks[POOL_PLACES_MAX];
    struct nodes_look node;
    char reason[256];
    int n = pool_look_target(pool, t, target, looks, reason, sizeof reason);
    bool is_node = trunk_node(c, t, target, &node);

    json_item(out);
    sbuf_putc(out, '{');
    json_put_text(out, "uri", str_of(t->targets[target].uri));
    json_put_number(out, "preference", (uint64_t)t->targets[target].preference);
    json_put_number(out, "weight", (uint64_t)t->targets[target].weight);
    if (reason[0] != '\0')
        json_put_text(out, "reason", str_of(reason));
    command_put_age(out, c, t->slot, t->targets[target].uri);
    json_name(out, "places");
    sbuf_putc(out, '[');
    for (int i = 0; i < n; i++)
        put_place(out, &looks[i], is_node ? &node : NULL, t->keepalive.method == KEEPALIVE_OPTIONS);
    sbuf_puts(out, "]}");
}

static void put_attempts(struct sbuf *out, const struct pool_look *look) {
    json_name(out, "attempts");
    sbuf_putc(out, '{');
    for (int i = 0; i < POOL_ATTEMPTS; i++)
        json_put_number(out, pool_attempt_name(i), look->attempts[i]);
    sbuf_putc(out, '}');
}

/* How soon it is known that a target is gone, or back: a promise only where it is probed. */
static void put_times(struct sbuf *out, const struct pool_look *look) {
    if (!look->policy.probes) {
        put_null(out, "detection_s");
        put_null(out, "recovery_s");
        return;
    }
    json_put_number(out, "detection_s", (health_detection_ms(&look->policy) + 999) / 1000);
    json_put_number(out, "recovery_s", (health_recovery_ms(&look->policy) + 999) / 1000);
}

/* null: the trunk does not register. */
static void put_registration(struct sbuf *out, struct registrations *all, const struct settings_trunk *t) {
    struct registration r;
    uint64_t now_ms = net_now_ms();
    char text[REGISTRATION_ROUTE_MAX];
    struct sbuf route = sbuf_on(text, sizeof text);

    json_name(out, "registration");
    if (!registrations_get(all, t->name, &r)) {
        sbuf_puts(out, "null");
        return;
    }
    sbuf_putc(out, '{');
    json_put_text(out, "state", str_of(regclient_state_name(r.state)));
    json_put_text(out, "aor", str_of(r.aor));
    json_put_text(out, "target", str_of(r.target));
    json_put_text(out, "address", str_of(r.address));
    json_put_text(out, "reason", str_of(r.reason));
    registrations_route(all, t->name, &route);
    json_put_text(out, "route", sbuf_str(&route));
    json_put_number(out, "granted_s", r.granted_s);
    json_put_number(out, "expires_in_s", r.until_ms > now_ms ? (r.until_ms - now_ms) / 1000 : 0);
    json_put_number(out, "next_in_s", r.next_ms > now_ms && r.next_ms != UINT64_MAX ? (r.next_ms - now_ms) / 1000 : 0);
    sbuf_putc(out, '}');
}

static void put_trunk(struct sbuf *out, const struct commands *all, const struct command_trunk *c,
                      const struct worker_question *q) {
    const struct worker_shared *shared = all->config.shared;
    const struct settings_trunk *t = c->trunk;
    struct pool *pool = shared->pool;
    struct pool_look look;

    pool_look(pool, t->slot, &look);
    json_item(out);
    sbuf_putc(out, '{');
    json_put_text(out, "name", str_of(t->name));
    json_put_text(out, "state", str_of(trunk_state(all, t)));
    put_listeners(out, c->settings, t);
    json_name(out, "targets");
    sbuf_putc(out, '[');
    for (int i = 0; i < t->target_count; i++)
        put_target(out, all, t, i);
    sbuf_putc(out, ']');
    json_put_number(out, "calls", sum_trunk(q, t->slot, (struct sum_place)SUM_OF_TRUNK(legs)));
    put_registration(out, shared->registrations, t);
    put_attempts(out, &look);
    put_times(out, &look);
    command_put_course(out, t, &look, q);
    if (c->removed)
        json_put_text(out, "note", STR("removed; its calls go on"));
    sbuf_putc(out, '}');
}

static void trunks_answered(struct command_run *r, struct worker_question *q) {
    struct sbuf out = sbuf_growing(COMMAND_ANSWER_MAX);
    int count;
    struct command_trunk *all = command_all_trunks(r->commands, &count);

    sbuf_puts(&out, "{\"trunks\":[");
    for (int i = 0; i < count; i++)
        put_trunk(&out, r->commands, &all[i], q);
    sbuf_puts(&out, "]}");
    free(all);
    run_finish(r, &out);
}

void command_trunks(struct command_run *r) {
    run_ask(r, &(struct report_ask){.kind = REPORT_COUNTS}, trunks_answered);
}
