#include "b2bua/worker/engine.h"

#include "b2bua/core/refer.h"

#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/registrar/heart.h"
#include "b2bua/upkeep/probe.h"
#include "b2bua/worker/shed.h"

struct engine {
    struct timerq *timers;
    struct ua *ua;
    struct calls *calls;
    struct probes *probes;
    struct prober *prober;
    struct heart *heart;
    struct keepalives *keepalives;
    struct registrar *registrar;
    struct lines *lines;
    struct settings *settings;
    const struct switches *switches; /* borrowed; NULL = there are none */
    struct pool *pool;
    struct guard *guard;
    struct shed shed;
    unsigned worker;
    bool draining;
};

#define ENGINE_ALLOW_OUTSIDE "INVITE, ACK, CANCEL, BYE, OPTIONS" /* without a dialog */
#define ENGINE_ALLOW         "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, MESSAGE, NOTIFY"

/* Only requests outside dialogs are judged by their source: a dialog proves itself by its tags. */
static int admit(void *ctx, const struct ua_in *in, struct sip_fault *fault) {
    struct engine *e = ctx;

    if (calls_known(e->calls, &in->msg))
        return 0;
    bool is_client = registrar_is_client(e->registrar, in);
    if (is_client || in->trunk >= 0) {
        int status = is_client ? registrar_admit(e->registrar, in) : heart_admit(e->heart, in);
        return status != 0 ? status : shed_request(&e->shed, e->ua, e->settings, in, fault);
    }
    guard_event(e->guard, BANS_SIP_INTRUSION, GUARD_UNKNOWN_SOURCE, &in->flow.peer, in->now_ms);
    return e->settings->security.unknown_source == UNKNOWN_REJECT ? 403 : -1;
}

static void suspect(void *ctx, const struct flow *from, uint64_t now_ms) {
    struct engine *e = ctx;

    guard_event(e->guard, BANS_SIP_INTRUSION, GUARD_MALFORMED, &from->peer, now_ms);
}

/* A transfer is a new call, too. */
static bool no_more_calls(struct engine *e, struct ua_in *in) {
    const struct settings_security *s = &e->settings->security;
    int limit = POOL_ADMITTED;

    if (e->draining)
        ua_refuse(e->ua, in, 503, NULL, "Retry-After: 120\r\n");
    else if ((limit = pool_admit(e->pool, (uint32_t)s->max_calls, (uint32_t)s->calls_per_second, in->now_ms)) !=
             POOL_ADMITTED)
        ua_refuse(e->ua, in, 503, NULL, limit == POOL_CALLS ? "Retry-After: 10\r\n" : "Retry-After: 1\r\n");
    return e->draining || limit != POOL_ADMITTED;
}

static void invite(struct engine *e, struct ua_in *in) {
    if (!no_more_calls(e, in))
        calls_invite(e->calls, in);
}

/* RFC 3261 11.2: answered as an INVITE would be. */
static void options(struct engine *e, struct ua_in *in) {
    struct sip_fault fault = {0};

    if (in->msg.max_forwards == 0)
        ua_refuse(e->ua, in, 483, NULL, NULL);
    else if (sip_check_require(&in->msg, SIP_OPTION_100REL, &fault) < 0)
        ua_refuse(e->ua, in, fault.status, fault.phrase, fault.extra);
    else
        ua_refuse(e->ua, in, e->draining ? 503 : 200, NULL,
                  "Allow: " ENGINE_ALLOW "\r\nAccept: application/sdp\r\nSupported: 100rel, replaces\r\n");
}

static void forbidden(struct engine *e, struct ua_in *in) {
    ua_refuse(e->ua, in, 403, NULL, NULL);
}

static void no_dialog(struct engine *e, struct ua_in *in) {
    ua_refuse(e->ua, in, 481, NULL, NULL);
}

/* Who serves a request outside any dialog. A method without a row that belongs into dialogs gets 481, a known one 405,
 * another 501. */
static void (*const outside[METHODS])(struct engine *, struct ua_in *) = {
    [METHOD_INVITE] = invite,    [METHOD_OPTIONS] = options, [METHOD_REGISTER] = forbidden, [METHOD_BYE] = no_dialog,
    [METHOD_UPDATE] = no_dialog, [METHOD_PRACK] = no_dialog, [METHOD_INFO] = no_dialog,     [METHOD_NOTIFY] = no_dialog,
};

/* Maintenance: nothing new; and what belongs into a dialog is told that there is none. */
static bool maintained(struct engine *e, struct ua_in *in) {
    char lines[512];

    if (e->switches == NULL || switches_maintained_ms(e->switches) == 0 || in->msg.to_tag.n > 0 ||
        outside[in->msg.method] == no_dialog)
        return false;
    switches_maintenance_lines(e->switches, e->settings->listens[in->flow.listen].host, lines, sizeof lines);
    ua_refuse(e->ua, in, 503, NULL, lines);
    return true;
}

static void request(void *ctx, struct ua_in *in) {
    struct engine *e = ctx;

    if (heart_request(e->heart, in) || registrar_request(e->registrar, in) || maintained(e, in))
        return;
    if (in->msg.to_tag.n > 0) {
        if (in->msg.method == METHOD_REFER && calls_known(e->calls, &in->msg) && no_more_calls(e, in))
            return;
        if (!calls_request(e->calls, in) && !registrar_relay(e->registrar, in))
            no_dialog(e, in);
        return;
    }
    if (registrar_relay(e->registrar, in))
        return;
    if (outside[in->msg.method] != NULL)
        outside[in->msg.method](e, in);
    else
        ua_refuse(e->ua, in, in->msg.method == METHOD_UNKNOWN ? 501 : 405, NULL, "Allow: " ENGINE_ALLOW_OUTSIDE "\r\n");
}

static void ack(void *ctx, struct ua_in *in) {
    struct engine *e = ctx;

    calls_ack(e->calls, in);
}

static void cancel(void *ctx, struct tx *invite_tx, struct ua_in *in) {
    struct engine *e = ctx;

    calls_cancel(e->calls, invite_tx, in);
}

static struct ua_rules *rules(void *ctx, struct str call_id, uint8_t *leg) {
    struct engine *e = ctx;

    return calls_rules(e->calls, call_id, leg);
}

static struct settings *kept(void *ctx, struct str call_id) {
    struct engine *e = ctx;

    return calls_kept(e->calls, call_id);
}

static uint32_t again(void *ctx, const struct tx *tx, const struct sip_msg *m) {
    struct engine *e = ctx;

    return calls_again(e->calls, tx, m);
}

static void node_news(void *ctx, uint64_t now_ms) {
    struct engine *e = ctx;

    keepalives_news(e->keepalives, now_ms);
}

static int bindings_on(void *ctx, const struct flow *flow, struct keepalive_binding *out, uint64_t now_ms) {
    struct engine *e = ctx;

    return registrar_keepalive(e->registrar, flow, out, now_ms);
}

static const struct ua_ops ops = {admit, suspect, request, ack, rules, kept, again, cancel};

static void lost(void *ctx, uint64_t now_ms) {
    struct engine *e = ctx;

    calls_places_lost(e->calls, now_ms);
}

static void sweep(struct engine *e) {
    calls_sweep(e->calls);
    lines_sweep(e->lines);
}

static void make_keepalives(struct engine *e, const struct engine_config *config) {
    e->prober = prober_new(&(struct prober_config){.ua = e->ua,
                                                   .flow = config->flow,
                                                   .timers = config->timers,
                                                   .nodes = config->nodes,
                                                   .random = config->random,
                                                   .worker = config->worker,
                                                   .workers = config->workers,
                                                   .news = node_news,
                                                   .ctx = e});
    e->keepalives = keepalives_new(&(struct keepalives_config){.flow = config->flow,
                                                               .timers = config->timers,
                                                               .nodes = config->nodes,
                                                               .prober = e->prober,
                                                               .switches = config->switches,
                                                               .bindings = bindings_on,
                                                               .ctx = e});
}

struct engine *engine_new(const struct engine_config *config) {
    struct engine *e = mem_zalloc(sizeof *e);
    struct ways_ops ways;

    e->timers = config->timers;
    e->switches = config->switches;
    e->pool = config->pool;
    e->guard = config->guard;
    e->worker = config->worker;
    e->ua = ua_new(&(struct ua_config){.timers = config->timers,
                                       .pool = config->pool,
                                       .flow = config->flow,
                                       .ladder = config->ladder,
                                       .node = config->node,
                                       .random = config->random,
                                       .worker = config->worker,
                                       .workers = config->workers,
                                       .ops = &ops,
                                       .ctx = e,
                                       .watch = config->watch});
    e->calls = calls_new(e->ua, config->timers, config->pool, config->registrations, &config->calls);
    e->probes = probes_new(&(struct probes_config){.ua = e->ua,
                                                   .timers = config->timers,
                                                   .pool = config->pool,
                                                   .worker = config->worker,
                                                   .workers = config->workers,
                                                   .lost = lost,
                                                   .ctx = e});
    e->lines = lines_new(&(struct lines_config){e->ua, config->timers, config->pool, config->registrations,
                                                config->worker, config->workers});
    e->registrar = registrar_new(&(struct registrar_config){.ua = e->ua,
                                                            .timers = config->timers,
                                                            .shared = config->registrar,
                                                            .guard = config->guard,
                                                            .worker = config->worker,
                                                            .workers = config->workers});
    make_keepalives(e, config);
    e->heart = heart_new(&(struct heart_config){.ua = e->ua,
                                                .timers = config->timers,
                                                .fellows = config->fellows,
                                                .worker = config->worker,
                                                .workers = config->workers,
                                                .wall_ms = config->calls.wall_ms,
                                                .ctx = config->calls.ctx});
    registrar_ways(e->registrar, &ways);
    calls_set_front(e->calls, &ways);
    return e;
}

bool engine_ways(struct engine *e, const struct ways_ask *ask, struct ways **out, uint64_t now_ms) {
    struct ways_ops ways;

    registrar_ways(e->registrar, &ways);
    return ways.find(ways.ctx, ask, out, now_ms);
}

void engine_free(struct engine *e) {
    if (e == NULL)
        return;
    calls_free(e->calls);
    probes_free(e->probes);
    keepalives_free(e->keepalives);
    prober_free(e->prober);
    heart_free(e->heart);
    registrar_free(e->registrar);
    lines_free(e->lines);
    ua_free(e->ua);
    overload_fini(&e->shed.overload);
    settings_unref(e->settings);
    free(e);
}

void engine_set_settings(struct engine *e, struct settings *s) {
    settings_unref(e->settings);
    e->settings = settings_ref(s);
    ua_set_settings(e->ua, s);
    calls_set_settings(e->calls, s);
    probes_set_settings(e->probes, s, e->timers->now_ms);
    lines_set_settings(e->lines, s);
    prober_set_settings(e->prober, s, e->timers->now_ms);
    keepalives_set_settings(e->keepalives, s);
    heart_set_settings(e->heart, s, e->timers->now_ms);
    registrar_set_settings(e->registrar, s, e->timers->now_ms);
}

void engine_message(struct engine *e, const struct flow *from, char *bytes, size_t n, int broken, uint64_t now_ms) {
    if (broken == 0 && shed_message(&e->shed, e->ua, e->settings, from, (struct str){bytes, n}))
        return;
    ua_message(e->ua, from, bytes, n, broken, now_ms);
    sweep(e);
}

void engine_message_mapped(struct engine *e, const struct flow *from, char *bytes, size_t n, struct str mapped,
                           uint64_t now_ms) {
    calls_mapped(e->calls, mapped);
    engine_message(e, from, bytes, n, 0, now_ms);
    calls_mapped(e->calls, STR_NONE);
}

bool engine_map(const struct engine *e, struct str message, struct sbuf *out) {
    char text[REFER_VALUE_MAX];
    struct sbuf room = sbuf_on(text, sizeof text);

    return calls_map_replaces(e->calls, refer_replaces(message, &room), out);
}

void engine_undelivered(struct engine *e, const struct flow *to, struct str bytes, uint64_t now_ms) {
    if (stun_kind(bytes) != STUN_NOT)
        prober_undelivered(e->prober, bytes, now_ms);
    else
        ua_undelivered(e->ua, to, bytes, now_ms);
    sweep(e);
}

bool engine_stun(struct engine *e, const struct flow *from, struct str bytes, uint64_t now_ms) {
    bool request = stun_kind(bytes) == STUN_REQUEST;

    if (!request)
        prober_stun(e->prober, bytes, now_ms);
    return request && keepalives_stun(e->keepalives, from, bytes, now_ms);
}

void engine_trouble(struct engine *e, const struct flow *to, const char *why, uint64_t now_ms) {
    prober_trouble(e->prober, to, why, now_ms);
}

void engine_closed(struct engine *e, const struct flow *flow, uint64_t now_ms) {
    prober_closed(e->prober, flow, now_ms);
    lines_closed(e->lines, flow, now_ms);
}

bool engine_awaits(const struct engine *e) {
    return registrar_awaits(e->registrar);
}

void engine_gone(struct engine *e, const struct flow *flow, uint64_t now_ms) {
    registrar_gone(e->registrar, flow, now_ms);
    sweep(e);
}

void engine_run(struct engine *e, uint64_t now_ms) {
    timerq_run(e->timers, now_ms);
    sweep(e);
}

void engine_stop_probes(struct engine *e) {
    probes_stop(e->probes);
    prober_stop(e->prober);
    heart_stop(e->heart);
}

void engine_load(struct engine *e, const struct overload_load *load) {
    shed_tick(&e->shed, &e->settings->security, load, e->worker);
}

void engine_drain(struct engine *e, uint64_t now_ms) {
    if (!e->draining)
        lines_stop(e->lines, now_ms);
    registrar_drain(e->registrar);
    e->draining = true;
}

void engine_stop(struct engine *e, enum calls_stop why, uint64_t now_ms) {
    calls_stop(e->calls, why, now_ms);
    sweep(e);
}

void engine_close(struct engine *e, uint64_t now_ms) {
    engine_stop(e, CALLS_STOP_DRAIN, now_ms);
    calls_close(e->calls, now_ms);
}

struct engine_counts engine_counts(const struct engine *e) {
    const struct overload *o = &e->shed.overload;

    return (struct engine_counts){.load = {o->shed_percent, o->lag_ms, o->busy_percent, o->begun, e->shed.refused},
                                  .ua = ua_counts(e->ua),
                                  .calls = calls_counts(e->calls),
                                  .keepalives = keepalives_counts(e->keepalives),
                                  .registrar = registrar_counts(e->registrar)};
}

static void report_trunks(struct engine *e, struct report *r) {
    const struct calls_trunk_counts *counts = calls_trunks(e->calls, &r->trunk_count);
    size_t n = (size_t)r->trunk_count;
    uint32_t *legs = mem_zalloc(n * sizeof *legs);

    calls_count_legs(e->calls, legs, r->trunk_count);
    r->trunks = mem_zalloc(n * sizeof *r->trunks);
    for (size_t i = 0; i < n; i++)
        r->trunks[i] = (struct report_trunk){.counts = counts[i], .legs = legs[i]};
    for (int i = 0; i < e->settings->trunk_count; i++)
        r->trunks[e->settings->trunks[i].slot].auth = ua_credentials(e->ua, i);
    free(legs);
}

static void report_profiles(struct engine *e, struct report *r) {
    const struct ua_profile_counts *counts = ua_profiles(e->ua, &r->profile_count);

    r->profiles = mem_zalloc(((size_t)r->profile_count + 1) * sizeof *r->profiles);
    if (r->profile_count > 0)
        memcpy(r->profiles, counts, (size_t)r->profile_count * sizeof *r->profiles);
}

static bool report_list(struct engine *e, const struct list_ask *ask, struct report *r, uint64_t now_ms) {
    if (!r->list.begun)
        r->text = sbuf_growing(REPORT_TEXT_MAX);
    bool done = calls_list(e->calls, ask, &r->list, &r->text, now_ms);
    r->found = r->list.found;
    return done;
}

static bool is_to_go(void *ctx, const struct flow *flow) {
    struct engine *e = ctx;

    return registrar_is_agent(e->registrar, flow, e->settings->maintenance.drop);
}

static void drop(struct engine *e, struct report *r, uint64_t now_ms) {
    r->found = e->settings->maintenance.drop == NULL ? 0 : calls_drop(e->calls, is_to_go, e, now_ms);
    sweep(e);
}

static bool report_ladder(struct engine *e, const struct list_ask *ask, struct report *r) {
    const struct ladder *l = ua_ladder(e->ua);

    if (l == NULL)
        return true;
    if (!r->ladder.begun) {
        r->text = sbuf_growing(REPORT_TEXT_MAX);
        calls_remind(e->calls, ask->id);
    }
    bool done = ladder_find(l, &r->ladder, ask->id, &r->text);
    r->found = r->ladder.found;
    return done;
}

bool engine_report(struct engine *e, const struct report_ask *ask, struct report *r, uint64_t now_ms) {
    switch (ask->kind) {
    case REPORT_COUNTS:
        report_trunks(e, r);
        report_profiles(e, r);
        break;
    case REPORT_LIST:
        return report_list(e, &ask->list, r, now_ms);
    case REPORT_LADDER:
        return report_ladder(e, &ask->list, r);
    case REPORT_END:
        r->found = calls_end(e->calls, ask->call, CALLS_STOP_ADMIN, now_ms);
        sweep(e);
        break;
    case REPORT_DROP:
        drop(e, r, now_ms);
        break;
    }
    return true;
}

void engine_report_drop(struct engine *e, struct report *r) {
    calls_list_drop(e->calls, &r->list);
}
