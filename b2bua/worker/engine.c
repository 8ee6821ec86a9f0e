#include "b2bua/worker/engine.h"

#include <stdlib.h>

#include "b2bua/core/refer.h"
#include "b2bua/worker/engine_impl.h"

static void node_news(void *ctx, uint64_t now_ms) {
    struct engine *e = ctx;

    keepalives_news(e->keepalives, now_ms);
}

static int bindings_on(void *ctx, const struct flow *flow, struct keepalive_binding *out, uint64_t now_ms) {
    struct engine *e = ctx;

    return registrar_keepalive(e->registrar, flow, out, now_ms);
}

static void lost(void *ctx, uint64_t now_ms) {
    struct engine *e = ctx;

    calls_places_lost(e->calls, now_ms);
}

void engine_sweep(struct engine *e) {
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

/* What we send of ourselves. */
static void make_upkeep(struct engine *e, const struct engine_config *config) {
    e->probes = probes_new(&(struct probes_config){.ua = e->ua,
                                                   .timers = config->timers,
                                                   .pool = config->pool,
                                                   .worker = config->worker,
                                                   .workers = config->workers,
                                                   .lost = lost,
                                                   .ctx = e});
    e->lines = lines_new(&(struct lines_config){e->ua, config->timers, config->pool, config->registrations,
                                                config->worker, config->workers});
}

/* The registration front: where calls find their way by it, too. */
static void make_front(struct engine *e, const struct engine_config *config) {
    struct ways_ops ways;

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
}

struct engine *engine_new(const struct engine_config *config) {
    struct engine *e = mem_zalloc(sizeof *e);

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
                                       .ops = &engine_ua_ops,
                                       .ctx = e,
                                       .watch = config->watch});
    e->calls = calls_new(e->ua, config->timers, config->pool, config->registrations, &config->calls);
    make_upkeep(e, config);
    make_front(e, config);
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
    engine_sweep(e);
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
    engine_sweep(e);
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
    engine_sweep(e);
}

void engine_run(struct engine *e, uint64_t now_ms) {
    timerq_run(e->timers, now_ms);
    engine_sweep(e);
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
    engine_sweep(e);
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
