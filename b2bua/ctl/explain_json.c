#include "b2bua/ctl/explain_json.h"

#include <stdlib.h>

#include "b2bua/call/numbers.h"
#include "b2bua/core/json.h"
#include "b2bua/core/sst.h"
#include "b2bua/ctl/explain_front.h"
#include "b2bua/route_test.h"

enum { STATUS_DIGITS = 3, STATUS_AT = 8 };

static void put_null(struct explain_view *v, const char *name) {
    json_name(v->json, name);
    sbuf_puts(v->json, "null");
}

static void begin(struct explain_view *v, const char *name) {
    json_name(v->json, name);
    sbuf_putc(v->json, '{');
}

static void end(struct explain_view *v) {
    sbuf_putc(v->json, '}');
}

static void put_flag(struct explain_view *v, const char *name, bool is) {
    json_name(v->json, name);
    sbuf_puts(v->json, is ? "true" : "false");
}

/* --- what is found out before anything is told --- */

static bool begins_call(const struct explain_view *v) {
    return v->parsed && v->fault.status == 0 && v->trunk >= 0 && v->msg.method == METHOD_INVITE && v->msg.status == 0 &&
           v->msg.to_tag.n == 0;
}

static int status_of(const struct explain_sent *answer) {
    uint64_t status = 0;

    if (answer->n >= STATUS_AT + STATUS_DIGITS)
        str_number((struct str){answer->bytes + STATUS_AT, STATUS_DIGITS}, 999, &status);
    return (int)status;
}

static void find_text(struct explain_view *v) {
    const struct explain_rules *in = &v->world->in;

    v->text = in->profile == NULL ? v->message->text : (struct str){in->text, in->text_n};
    v->parsed = sip_parse(&v->msg, v->text) == 0;
    if (!v->parsed)
        v->fault.status = sip_unparsed_status(v->text);
    else if (sip_check(&v->msg, flow_is_stream(v->from.proto), &v->fault) == 0)
        v->fault.status = 0;
}

static void find_result(struct explain_view *v) {
    v->status = status_of(&v->world->answer);
    v->result = v->ban != NULL            ? EXPLAIN_DROPPED
                : v->world->request.n > 0 ? EXPLAIN_ROUTED
                : v->status == 0          ? EXPLAIN_DROPPED
                : v->status / 100 == 2    ? EXPLAIN_ANSWERED
                                          : EXPLAIN_REFUSED;
}

static int route_status(const struct explain_view *v) {
    struct route_ctx *ctx = route_ctx_new();
    struct numbers_room room;
    struct route_facts facts;
    struct route_plan plan;

    numbers_facts(&v->msg, v->trunk, &room, &facts);
    facts.trial = true;
    route_find(ctx, v->world->settings, &facts, 0, &plan);
    route_ctx_free(ctx);
    return plan.status;
}

/* Where there is no way at all. */
static int front_status(const struct explain_view *v) {
    return v->ways != NULL && v->ways->count == 0 && v->ways->status / 100 != 5 ? v->ways->status : 0;
}

/* Was it one call too many? */
static bool is_limited(const struct explain_view *v) {
    struct pool *pool = v->world->pool;
    struct pool_look look;

    pool_look(pool, explain_trunk(v)->slot, &look);
    return explain_known_draining(v->known) || explain_known_maintained_s(v->known) > 0 ||
           pool_refused(pool, POOL_CALLS) + pool_refused(pool, POOL_RATE) > 0 ||
           look.refused[0][POOL_CALLS] + look.refused[0][POOL_RATE] > 0;
}

static enum explain_stage find_stage(const struct explain_view *v) {
    uint32_t min_se_s;
    int routed;

    if (v->ban != NULL)
        return EXPLAIN_BAN;
    if (v->result == EXPLAIN_ROUTED)
        return EXPLAIN_LEAVES;
    if (v->trunk < 0)
        return EXPLAIN_TRUNK;
    if (!begins_call(v))
        return EXPLAIN_CHECK;
    if (is_limited(v))
        return EXPLAIN_LIMITS;
    if (v->status == 422 && sst_check(&explain_trunk(v)->timer, &v->msg.timer, &min_se_s) != 0)
        return EXPLAIN_TIMER;
    routed = v->is_front ? front_status(v) : route_status(v);
    if (routed != 0 && routed == v->status)
        return EXPLAIN_ROUTE;
    return v->status / 100 == 5 ? EXPLAIN_TARGETS : EXPLAIN_REQUEST;
}

/* --- the steps --- */

void explain_put_address(struct explain_view *v, const struct addr *a, enum flow_proto proto) {
    char text[ADDR_TEXT_MAX];

    if (explain_is_known(v->known) || !explain_is_stand_in(a))
        json_put_text(v->json, "address", str_of(addr_format(a, text)));
    else
        put_null(v, "address");
    json_put_text(v->json, "transport", str_of(flow_proto_name(proto)));
}

static const char *const stages[] = {
    [EXPLAIN_BAN] = "ban",       [EXPLAIN_TRUNK] = "trunk",     [EXPLAIN_CHECK] = "check",
    [EXPLAIN_LIMITS] = "limits", [EXPLAIN_REQUEST] = "request", [EXPLAIN_TIMER] = "session_timer",
    [EXPLAIN_ROUTE] = "route",   [EXPLAIN_TARGETS] = "targets", [EXPLAIN_LEAVES] = "",
};

static void put_result(struct explain_view *v) {
    static const char *const names[] = {[EXPLAIN_ROUTED] = "routed",
                                        [EXPLAIN_ANSWERED] = "answered",
                                        [EXPLAIN_REFUSED] = "refused",
                                        [EXPLAIN_DROPPED] = "dropped"};

    json_put_text(v->json, "result", str_of(names[v->result]));
    if (v->status != 0)
        json_put_number(v->json, "status", (uint64_t)v->status);
    if (v->result == EXPLAIN_REFUSED || v->result == EXPLAIN_DROPPED)
        json_put_text(v->json, "at", str_of(stages[v->stage]));
}

static void put_ban(struct explain_view *v) {
    static const char *const words[] = {"address", "category"};

    if (v->ban == NULL)
        return;
    begin(v, "ban");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        json_put_text(v->json, words[i], str_of(json_string_value(json_object_get(v->ban, words[i]))));
    if (json_object_get(v->ban, "left_s") != NULL)
        json_put_number(v->json, "left_s", explain_known_number(v->ban, "left_s"));
    end(v);
}

static void put_notes(struct explain_view *v) {
    const char *front = explain_front_note(v);

    json_name(v->json, "notes");
    sbuf_putc(v->json, '[');
    for (int i = 0; i < v->message->note_count; i++) {
        json_item(v->json);
        json_text(v->json, str_of(v->message->notes[i]));
    }
    if (front != NULL) {
        json_item(v->json);
        json_text(v->json, str_of(front));
    }
    if (json_array_size(json_object_get(v->known->plan, "changes")) > 0) {
        json_item(v->json);
        json_text(v->json, STR("the file is not what the daemon runs with: see twinlegctl reload --plan"));
    }
    sbuf_putc(v->json, ']');
}

static void put_trunk(struct explain_view *v) {
    const struct settings_listen *l = &v->world->settings->listens[v->from.listen];
    char peer[ADDR_TEXT_MAX];

    begin(v, "trunk");
    if (v->trunk >= 0)
        json_put_text(v->json, "name", str_of(explain_trunk(v)->name));
    else
        put_null(v, "name");
    json_put_text(v->json, "listener", str_of(l->name));
    json_put_text(v->json, "transport", str_of(flow_proto_name(v->from.proto)));
    json_put_text(v->json, "source", str_of(addr_format(&v->from.peer, peer)));
    end(v);
}

static void put_rules(struct explain_view *v, const char *name, struct explain_rules *r) {
    json_name(v->json, name);
    explain_rules_put(r, v->json);
}

static void put_check(struct explain_view *v) {
    begin(v, "check");
    json_put_text(v->json, "method", v->parsed ? v->msg.method_name : STR(""));
    if (v->fault.status != 0)
        json_put_number(v->json, "status", (uint64_t)v->fault.status);
    if (v->fault.status != 0 && v->fault.phrase != NULL)
        json_put_text(v->json, "reason", str_of(v->fault.phrase));
    end(v);
}

static void put_limits(struct explain_view *v) {
    const struct settings *s = v->world->settings;
    const struct settings_trunk *t = explain_trunk(v);

    begin(v, "limits");
    put_flag(v, "known", explain_is_known(v->known));
    json_put_number(v->json, "max_calls", (uint64_t)s->security.max_calls);
    if (v->known->status != NULL) {
        put_flag(v, "draining", explain_known_draining(v->known));
        put_flag(v, "maintenance", explain_known_maintained_s(v->known) > 0);
        json_put_number(v->json, "calls", explain_known_number(v->known->status, "calls"));
    }
    json_put_number(v->json, "trunk_max_calls", (uint64_t)t->limits.calls);
    if (v->known->trunks != NULL)
        json_put_number(v->json, "trunk_calls", explain_known_number(explain_known_trunk(v->known, t->name), "calls"));
    end(v);
}

/* What a 2xx would say, if nobody changes his mind until then. */
static void put_leg_a(struct explain_view *v) {
    const struct sst_policy *p = &explain_trunk(v)->timer;
    struct sst leg = {0};
    struct sst_say say;

    sst_heard(&leg, &v->msg.timer);
    sst_accept(&leg, p, &v->msg.timer, EXPLAIN_NOW_MS, &say);
    begin(v, "leg_a");
    json_put_number(v->json, "interval_s", leg.interval_s);
    json_put_text(v->json, "refresher", str_of(sst_party_name(leg.refresher)));
    json_put_text(v->json, "why", str_of(sst_why_name(leg.why)));
    end(v);
}

static void put_leg_b(struct explain_view *v) {
    struct sip_msg m;

    if (v->world->request.n == 0 || sip_parse(&m, explain_bytes(&v->world->request)) < 0)
        return;
    begin(v, "leg_b");
    json_put_number(v->json, "session_expires_s", m.timer.session_expires_s);
    json_put_number(v->json, "min_se_s", m.timer.min_se_s);
    end(v);
    sip_fini(&m);
}

static void put_timer(struct explain_view *v) {
    const struct sst_policy *p = &explain_trunk(v)->timer;
    uint32_t min_se_s = 0;

    begin(v, "session_timer");
    put_flag(v, "on", p->on == SST_ON);
    json_put_number(v->json, "asked_s", v->msg.timer.session_expires_s);
    put_flag(v, "supported", v->msg.timer.timer);
    if (sst_check(p, &v->msg.timer, &min_se_s) != 0) {
        json_put_number(v->json, "status", 422);
        json_put_number(v->json, "min_se_s", min_se_s);
    } else {
        put_leg_a(v);
        put_leg_b(v);
    }
    end(v);
}

static void put_route(struct explain_view *v) {
    struct numbers_room room;
    struct route_facts facts;

    numbers_facts(&v->msg, v->trunk, &room, &facts);
    json_name(v->json, "route");
    route_test_facts(v->world->settings, &facts, v->json);
}

static void put_sent(struct explain_view *v) {
    const struct explain_sent *sent = &v->world->request;
    const struct settings *s = v->world->settings;

    if (sent->n == 0) {
        put_null(v, "sent");
        return;
    }
    begin(v, "sent");
    if (v->is_front && v->ways != NULL && v->ways->count > 0) {
        json_put_text(v->json, "trunk", str_of(s->trunks[v->ways->list[0].trunk].name));
        json_put_text(v->json, "target", v->ways->list[0].uri);
    } else if (v->place.trunk >= 0) {
        json_put_text(v->json, "trunk", str_of(s->trunks[v->place.trunk].name));
        json_put_text(v->json, "target", str_of(s->trunks[v->place.trunk].targets[v->place.target].uri));
    }
    json_put_text(v->json, "listener", str_of(s->listens[sent->flow.listen].name));
    explain_put_address(v, &sent->flow.peer, sent->flow.proto);
    json_put_text(v->json, "message", explain_bytes(sent));
    end(v);
}

/* What follows only where an INVITE begins a call; nothing beyond the step that ends it. */
static void put_call(struct explain_view *v) {
    if (v->stage >= EXPLAIN_LIMITS)
        put_limits(v);
    if (v->stage >= EXPLAIN_TIMER)
        put_timer(v);
    if (v->stage >= EXPLAIN_ROUTE && v->is_front)
        explain_put_front(v);
    else if (v->stage >= EXPLAIN_ROUTE)
        put_route(v);
    if (v->stage >= EXPLAIN_TARGETS && !v->is_front)
        explain_put_targets(v);
    if (v->stage < EXPLAIN_LEAVES)
        return;
    json_name(v->json, "headers");
    explain_put_headers(v);
    put_rules(v, "profile_out", &v->world->out);
}

void explain_put(struct explain_view *v, struct sbuf *json) {
    v->json = json;
    v->trunk = trunk_find(v->world->settings, &v->world->sources, &v->from);
    find_text(v);
    find_result(v);
    explain_find_place(v);
    v->is_front = begins_call(v) && explain_front_ways(v);
    v->stage = find_stage(v);
    sbuf_putc(json, '{');
    json_put_text(json, "file", str_of(v->file));
    json_put_text(json, "configuration", str_of(v->configuration));
    put_result(v);
    put_notes(v);
    put_ban(v);
    put_trunk(v);
    if (v->stage >= EXPLAIN_CHECK) {
        put_rules(v, "profile_in", &v->world->in);
        put_check(v);
    }
    put_call(v);
    put_sent(v);
    if (v->world->answer.n > 0)
        json_put_text(json, "answer", explain_bytes(&v->world->answer));
    else
        put_null(v, "answer");
    sbuf_putc(json, '}');
}

void explain_view_fini(struct explain_view *v) {
    free(v->ways);
    if (v->parsed)
        sip_fini(&v->msg);
}
