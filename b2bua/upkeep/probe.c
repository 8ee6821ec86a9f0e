#include "b2bua/upkeep/probe.h"

#include <stdlib.h>

#include "b2bua/ua/options.h"
#include "b2bua/ua/query.h"

/* Places and policies may change in other threads: nobody waits longer than this to see it. */
enum { PROBE_LOOK_MS = 500 };

struct probes {
    struct probes_config config;
    struct settings *settings;
    struct timer timer;
    struct queries queries;
    unsigned downs; /* that have been told */
};

/* One that is under way. */
struct probe {
    struct query query;
    struct probes *probes;
    int slot;
    uint32_t place;
};

#define PROBE_OF(ptr, member) ((struct probe *)((char *)(ptr)-offsetof(struct probe, member)))

static void probe_free(struct probe *p) {
    query_end(&p->probes->queries, &p->query);
    free(p);
}

static void conclude(struct probe *p, enum health_evidence e, uint64_t now_ms) {
    pool_heard(p->probes->config.pool, p->slot, p->place, e, now_ms);
    probe_free(p);
}

/* --- outcomes --- */

/* RFC 3261 11: whatever it says, somebody speaks SIP there; but 503 and 505 say "not now", "not with you". */
static void response(struct ua_user *u, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    (void)tx;
    if (m->status < 200)
        return;
    conclude(PROBE_OF(u, query.user),
             m->status == 503   ? HEALTH_PROBE_503
             : m->status == 505 ? HEALTH_PROBE_505
                                : HEALTH_PROBE_ANSWERED,
             now_ms);
}

static void failed(struct ua_user *u, struct tx *tx, bool timeout, uint64_t now_ms) {
    (void)tx;
    conclude(PROBE_OF(u, query.user), timeout ? HEALTH_PROBE_SILENT : HEALTH_PROBE_UNREACHABLE, now_ms);
}

static const struct ua_user_ops user_ops = {response, failed, query_ended};

static void too_late(struct timer *t, uint64_t now_ms) {
    struct probe *p = PROBE_OF(t, query.timer);

    query_abandon(&p->probes->queries, &p->query);
    conclude(p, HEALTH_PROBE_SILENT, now_ms);
}

/* --- sending --- */

static void probe(struct probes *p, int trunk, const struct pool_place *at, uint64_t now_ms) {
    int slot = p->settings->trunks[trunk].slot;
    struct probe *new = mem_zalloc(sizeof *new);

    *new = (struct probe){.probes = p, .slot = slot, .place = at->id};
    query_begin(&p->queries, &new->query, &user_ops, too_late);
    new->query.tx =
        options_send(p->config.ua, &(struct options_to){p->settings, trunk, at->target, at->proto, at->addr, NULL},
                     &new->query.user, now_ms);
    if (new->query.tx == NULL)
        conclude(new, HEALTH_PROBE_UNREACHABLE, now_ms);
    else
        timerq_set(p->config.timers, &new->query.timer, now_ms + pool_probe_timeout_ms(p->config.pool, slot));
}

/* Returns when it wants to be looked at again. */
static uint64_t look_at(struct probes *p, int trunk, uint64_t now_ms) {
    const struct settings_trunk *t = &p->settings->trunks[trunk];
    struct pool_place due[POOL_PLACES_MAX];

    if (pool_deadline(p->config.pool, t->slot) <= now_ms) {
        int n = pool_due(p->config.pool, t, due, now_ms);
        for (int i = 0; i < n; i++)
            probe(p, trunk, &due[i], now_ms);
    }
    return pool_deadline(p->config.pool, t->slot);
}

static void tell_lost(struct probes *p, uint64_t now_ms) {
    unsigned downs = pool_downs(p->config.pool);

    if (downs == p->downs)
        return;
    p->downs = downs;
    p->config.lost(p->config.ctx, now_ms);
}

static void look(struct timer *timer, uint64_t now_ms) {
    struct probes *p = (struct probes *)((char *)timer - offsetof(struct probes, timer));
    uint64_t next_ms = now_ms + PROBE_LOOK_MS;

    for (int i = 0; i < p->settings->trunk_count; i++) {
        if ((unsigned)p->settings->trunks[i].slot % p->config.workers != p->config.worker)
            continue;
        uint64_t at_ms = look_at(p, i, now_ms);
        next_ms = at_ms < next_ms ? at_ms : next_ms;
    }
    timerq_set(p->config.timers, &p->timer, next_ms > now_ms ? next_ms : now_ms + 1);
    tell_lost(p, now_ms);
}

/* --- begin and end --- */

struct probes *probes_new(const struct probes_config *config) {
    struct probes *p = mem_zalloc(sizeof *p);

    p->config = *config;
    p->queries = (struct queries){.ua = config->ua, .timers = config->timers};
    p->timer.fire = look;
    return p;
}

void probes_set_settings(struct probes *p, struct settings *s, uint64_t now_ms) {
    settings_unref(p->settings);
    p->settings = settings_ref(s);
    timerq_set(p->config.timers, &p->timer, now_ms);
}

void probes_stop(struct probes *p) {
    timerq_stop(p->config.timers, &p->timer);
    while (p->queries.first != NULL) {
        query_abandon(&p->queries, p->queries.first);
        probe_free(PROBE_OF(p->queries.first, query));
    }
}

void probes_free(struct probes *p) {
    if (p == NULL)
        return;
    probes_stop(p);
    settings_unref(p->settings);
    free(p);
}
