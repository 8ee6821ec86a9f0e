/* Requests of clients: who may ask, and what becomes of a REGISTER before anybody else hears of it. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/registrar/relay.h"

const char *registrar_result_name(enum registrar_result result) {
    static const char *const names[REGISTRAR_RESULTS] = {[REGISTRAR_OK] = "ok",
                                                         [REGISTRAR_ABSORBED] = "absorbed",
                                                         [REGISTRAR_CHALLENGED] = "challenged",
                                                         [REGISTRAR_REFUSED] = "refused",
                                                         [REGISTRAR_MALFORMED] = "malformed",
                                                         [REGISTRAR_FORBIDDEN] = "forbidden",
                                                         [REGISTRAR_TOO_BRIEF] = "too-brief",
                                                         [REGISTRAR_LIMITED] = "limited",
                                                         [REGISTRAR_BUSY] = "busy",
                                                         [REGISTRAR_MAINTENANCE] = "maintenance",
                                                         [REGISTRAR_UNAVAILABLE] = "unavailable"};

    return names[result];
}

void front_count(struct registrar *r, enum registrar_result result) {
    r->counts.results[result]++;
}

struct registrar_counts registrar_counts(const struct registrar *r) {
    return r->counts;
}

void front_refuse(struct registrar *r, struct ua_in *in, enum registrar_result result, int status, const char *phrase,
                  const char *extra) {
    char peer[ADDR_TEXT_MAX];

    front_count(r, result);
    log_debug("register result=%s answer=%d peer=%s", registrar_result_name(result), status,
              addr_format(&in->flow.peer, peer));
    ua_refuse(r->config.ua, in, status, phrase, extra);
}

/* --- who may ask --- */

static bool listens_there(const struct registrar *r, const struct flow *flow) {
    const struct settings_trunk *t = &r->settings->trunks[r->settings->registrar.trunk];

    for (int i = 0; i < t->listen_count; i++)
        if (t->listens[i] == flow->listen)
            return true;
    return false;
}

bool registrar_is_client(const struct registrar *r, const struct ua_in *in) {
    if (!r->settings->registrar.on)
        return false;
    return in->trunk == r->settings->registrar.trunk ||
           (in->msg.method == METHOD_REGISTER && listens_there(r, &in->flow));
}

int registrar_admit(struct registrar *r, const struct ua_in *in) {
    struct token via = registrar_via(r->config.shared, r->settings, &in->flow);
    uint64_t id;

    if (in->msg.method == METHOD_REGISTER)
        return 0;
    if (bindings_of_flow(r->config.shared->bindings, &via, &id, 1) > 0)
        return 0;
    return in->msg.to_tag.n > 0 ? 481 : 403; /* a dialog that we do not have: he should know that it is gone */
}

/* --- the judgement: each answers and returns true when the REGISTER ends there --- */

static bool maintained(struct registrar *r, struct ua_in *in, const struct front_ask *a) {
    const struct switches *switches = r->config.shared->switches;
    const char *host = r->settings->listens[in->flow.listen].host;
    char extra[512];

    (void)a;
    if (switches_maintained_ms(switches) != 0)
        switches_maintenance_lines(switches, host, extra, sizeof extra);
    else if (r->draining)
        snprintf(extra, sizeof extra, "Retry-After: 120\r\nWarning: 382 %s \"System in Maintenance Mode\"\r\n", host);
    else
        return false;
    front_refuse(r, in, REGISTRAR_MAINTENANCE, 503, NULL, extra);
    return true;
}

static bool is_served(const struct settings *s, const struct front_ask *a) {
    struct str domain = front_domain(a->aor);

    if (a->is_local)
        return true;
    for (int i = 0; i < s->registrar.domain_count; i++)
        if (str_ieq(str_of(s->registrar.domains[i]), domain))
            return s->cluster.on;
    return s->registrar.domain_count == 0 && s->cluster.on;
}

static bool foreign(struct registrar *r, struct ua_in *in, const struct front_ask *a) {
    if (is_served(r->settings, a))
        return false;
    front_refuse(r, in, REGISTRAR_FORBIDDEN, 403, NULL, NULL);
    return true;
}

/* RFC 3261 16.3: what a proxy checks. Require is the registrar's business. */
static bool not_passable(struct registrar *r, struct ua_in *in, const struct front_ask *a) {
    struct enrol_lines lines = {0};
    struct str tags;
    char extra[512];

    (void)a;
    if (in->msg.max_forwards == 0) {
        front_refuse(r, in, REGISTRAR_REFUSED, 483, NULL, NULL);
        return true;
    }
    if (!enrol_line_next(&lines, in->msg.raw, STR("Proxy-Require"), 0, &tags))
        return false;
    snprintf(extra, sizeof extra, "Unsupported: %.*s\r\n", (int)(tags.n < 400 ? tags.n : 0), tags.p);
    front_refuse(r, in, REGISTRAR_REFUSED, 420, NULL, tags.n < 400 ? extra : NULL);
    return true;
}

/* RFC 3261 10.3 step 7. */
static bool too_brief(struct registrar *r, struct ua_in *in, const struct front_ask *a) {
    const struct expiry_limits *limits = &r->settings->registrar.expires;
    char extra[64];
    int status = expiry_check(limits, enrol_least_s(&a->enrol));

    if (status == 0)
        return false;
    snprintf(extra, sizeof extra, "Min-Expires: %u\r\n", limits->min_s);
    front_refuse(r, in, REGISTRAR_TOO_BRIEF, status, NULL, extra);
    return true;
}

/* Those who come together are sent away for different times. */
void front_send_away(struct registrar *r, struct ua_in *in) {
    char extra[64];
    unsigned s =
        FRONT_SPREAD_MIN_S + (unsigned)(ua_random(r->config.ua) % (FRONT_SPREAD_MAX_S - FRONT_SPREAD_MIN_S + 1));

    snprintf(extra, sizeof extra, "Retry-After: %u\r\n", s);
    front_refuse(r, in, REGISTRAR_BUSY, 503, NULL, extra);
}

/* A table that is full takes none that is new; what is there is refreshed and removed. */
static bool is_full(struct registrar *r, const struct front_ask *a) {
    struct bindings *b = r->config.shared->bindings;

    if (a->enrol.count == 0 || a->enrol.has_farewell ||
        bindings_counts(b).current < (uint32_t)r->settings->registrar.max_bindings)
        return false;
    return !bindings_get(b, a->ids[0], NULL);
}

static bool busy(struct registrar *r, struct ua_in *in, const struct front_ask *a) {
    if (atomic_load(&r->config.shared->pending) < (unsigned)r->settings->registrar.max_pending && !is_full(r, a))
        return false;
    front_send_away(r, in);
    return true;
}

/* 503 would send the client to the next server at once, which is not what is meant. */
static bool limited(struct registrar *r, struct ua_in *in, const struct front_ask *a) {
    uint32_t wait_s = front_limit(r->config.shared, a, in->now_ms);
    char extra[512];

    if (wait_s == 0)
        return false;
    snprintf(extra, sizeof extra, "Retry-After: %u\r\nWarning: 399 %s \"Too Many Authorizations\"\r\n", wait_s,
             r->settings->listens[in->flow.listen].host);
    front_refuse(r, in, REGISTRAR_LIMITED, 480, NULL, extra);
    return true;
}

static bool local(struct registrar *r, struct ua_in *in, const struct front_ask *a) {
    if (a->is_local)
        front_local_register(r, in, a, front_local(r->settings, front_domain(a->aor)));
    return a->is_local;
}

static bool (*const judgement[])(struct registrar *, struct ua_in *, const struct front_ask *) = {
    maintained, foreign, not_passable, too_brief, busy, limited, local, front_absorb,
};

static bool judged(struct registrar *r, struct ua_in *in, const struct front_ask *a) {
    for (size_t i = 0; i < sizeof judgement / sizeof *judgement; i++)
        if (judgement[i](r, in, a))
            return true;
    return false;
}

/* What is read are views into a copy: a job goes on with both. */
bool registrar_request(struct registrar *r, struct ua_in *in) {
    struct front_ask a;
    const char *phrase = NULL;

    if (in->msg.method != METHOD_REGISTER || !registrar_is_client(r, in))
        return false;
    struct str raw = {str_dup(in->msg.raw), in->msg.raw.n};
    int status = front_ask_read(r, &a, raw, in, &phrase);
    if (status == 0 && !judged(r, in, &a)) {
        front_job_start(r, in, &a, raw);
        return true;
    }
    if (status != 0)
        front_refuse(r, in, REGISTRAR_MALFORMED, status, phrase, NULL);
    free((char *)raw.p);
    return true;
}

bool front_known(struct registrar *r, const struct front_ask *a, struct binding *out) {
    uint64_t ids[BINDINGS_OF_AOR_MAX];

    if (a->enrol.count > 0)
        return bindings_get(r->config.shared->bindings, a->ids[0], out);
    return bindings_of_aor(r->config.shared->bindings, a->aor, ids) > 0 &&
           bindings_get(r->config.shared->bindings, ids[0], out);
}

/* --- keepalives --- */

struct heard {
    struct keepalive_binding *out;
    uint64_t now_ms;
};

static void hear(struct binding_facts *f, void *arg) {
    const struct heard *h = arg;

    f->stun_ms = h->now_ms;
    *h->out = (struct keepalive_binding){.id = f->id,
                                         .node = f->node,
                                         .accepted_ms = f->accepted_ms,
                                         .adaptive = f->caps & CONTACT_AR,
                                         .calls = f->calls > 0};
}

int registrar_keepalive(struct registrar *r, const struct flow *flow, struct keepalive_binding *out, uint64_t now_ms) {
    struct bindings *all = r->config.shared->bindings;
    struct token via = registrar_via(r->config.shared, r->settings, flow);
    uint64_t ids[KEEPALIVE_BINDINGS_MAX];
    int n = bindings_of_flow(all, &via, ids, KEEPALIVE_BINDINGS_MAX), known = 0;

    for (int i = 0; i < n; i++)
        known += bindings_change(all, ids[i], hear, &(struct heard){&out[known], now_ms});
    return known;
}

/* --- begin, time, end --- */

static void tick(struct timer *t, uint64_t now_ms) {
    struct registrar *r = (struct registrar *)((char *)t - offsetof(struct registrar, tick));
    const struct registrar_config *c = &r->config;

    if (!r->settings->registrar.on)
        return;
    timerq_set(c->timers, t, now_ms + FRONT_TICK_MS);
    bindings_tick(c->shared->bindings, c->worker, c->workers, now_ms);
    if (now_ms < r->cleanup_ms)
        return;
    r->cleanup_ms = now_ms + (uint64_t)r->settings->registrar.credentials_cleanup_min * 60000;
    bindings_cleanup(c->shared->bindings, c->worker, c->workers, now_ms);
}

struct registrar *registrar_new(const struct registrar_config *config) {
    struct registrar *r = mem_zalloc(sizeof *r);

    r->config = *config;
    r->tick.fire = tick;
    return r;
}

void registrar_set_settings(struct registrar *r, struct settings *s, uint64_t now_ms) {
    settings_unref(r->settings);
    r->settings = settings_ref(s);
    r->cleanup_ms = now_ms + (uint64_t)s->registrar.credentials_cleanup_min * 60000;
    if (s->registrar.on)
        timerq_set(r->config.timers, &r->tick, now_ms + FRONT_TICK_MS);
}

void registrar_drain(struct registrar *r) {
    r->draining = true;
}

void registrar_free(struct registrar *r) {
    if (r == NULL)
        return;
    timerq_stop(r->config.timers, &r->tick);
    while (r->jobs != NULL)
        front_job_free(r->jobs);
    while (r->relays != NULL)
        front_relay_free(r->relays);
    settings_unref(r->settings);
    free(r);
}
