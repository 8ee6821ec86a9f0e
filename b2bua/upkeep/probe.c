#include "b2bua/upkeep/probe.h"

#include <stdlib.h>

#include "b2bua/core/dialog.h"
#include "b2bua/log/log.h"
#include "b2bua/trunk/trunk.h"

/* Places and policies may change in other threads: nobody waits longer than this to see it. */
enum { PROBE_LOOK_MS = 500, PROBE_TEXT = 320 };

struct probes {
    struct probes_config config;
    struct settings *settings;
    struct timer timer;
    struct probe *all;
    uint32_t cseq;
    unsigned downs; /* that have been told */
};

/* One that is under way. */
struct probe {
    struct ua_user user;
    struct probes *probes;
    struct probe *next;
    int slot;
    uint32_t place;
    struct tx *tx;
    struct timer timer; /* no answer */
};

#define PROBE_OF(ptr, member) ((struct probe *)((char *)(ptr)-offsetof(struct probe, member)))

static void probe_free(struct probe *p) {
    struct probe **at = &p->probes->all;

    timerq_stop(p->probes->config.timers, &p->timer);
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    free(p);
}

static void conclude(struct probe *p, enum health_evidence e, uint64_t now_ms) {
    if (p->tx != NULL)
        p->tx->user = NULL;
    pool_heard(p->probes->config.pool, p->slot, p->place, e, now_ms);
    probe_free(p);
}

/* --- outcomes --- */

/* RFC 3261 11: whatever it says, somebody speaks SIP there; but 503 and 505 say "not now", "not with you". */
static void response(struct ua_user *u, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    (void)tx;
    if (m->status < 200)
        return;
    conclude(PROBE_OF(u, user),
             m->status == 503   ? HEALTH_PROBE_503
             : m->status == 505 ? HEALTH_PROBE_505
                                : HEALTH_PROBE_ANSWERED,
             now_ms);
}

static void failed(struct ua_user *u, struct tx *tx, bool timeout, uint64_t now_ms) {
    (void)tx;
    conclude(PROBE_OF(u, user), timeout ? HEALTH_PROBE_SILENT : HEALTH_PROBE_UNREACHABLE, now_ms);
}

static void ended(struct ua_user *u, struct tx *tx, struct tx *next) {
    (void)tx;
    PROBE_OF(u, user)->tx = next;
}

static const struct ua_user_ops user_ops = {response, failed, ended};

static void abandon(struct probe *p) {
    if (p->tx != NULL)
        ua_abandon(p->probes->config.ua, p->tx);
    p->tx = NULL;
}

static void too_late(struct timer *t, uint64_t now_ms) {
    struct probe *p = PROBE_OF(t, timer);

    abandon(p);
    conclude(p, HEALTH_PROBE_SILENT, now_ms);
}

/* --- sending --- */

/* The texts of an OPTIONS. */
struct words {
    char uri[PROBE_TEXT], to[PROBE_TEXT], from[PROBE_TEXT], contact[PROBE_TEXT];
    char call_id[UA_CALL_ID_SIZE], tag[DIALOG_TAG_SIZE];
};

static struct str join(char *buf, const char *const *parts) {
    struct sbuf b = sbuf_on(buf, PROBE_TEXT);

    for (; *parts != NULL; parts++)
        sbuf_puts(&b, *parts);
    return b.full ? STR_NONE : sbuf_str(&b);
}

#define JOIN(buf, ...) join(buf, (const char *const[]){__VA_ARGS__, NULL})

static void fill(struct probes *p, struct ua_out *o, struct words *w, const struct settings_target *t) {
    static const char *const transports[] = {
        [FLOW_UDP] = "", [FLOW_TCP] = ";transport=tcp", [FLOW_TLS] = ";transport=tls"};
    const struct settings_listen *l = &p->settings->listens[o->flow.listen];
    const char *transport = transports[o->flow.proto];
    char host[PROBE_TEXT];

    trunk_host_port(t, host, sizeof host);
    ua_call_id(p->config.ua, w->call_id);
    ua_tag(p->config.ua, w->tag);
    o->request = (struct sip_request){.method = METHOD_OPTIONS,
                                      .uri = JOIN(w->uri, "sip:", host, transport),
                                      .max_forwards = 70,
                                      .from = JOIN(w->from, "<sip:", l->host, ">;tag=", w->tag),
                                      .to = JOIN(w->to, "<sip:", host, ">"),
                                      .call_id = str_of(w->call_id),
                                      .cseq = ++p->cseq & 0x7fffffff,
                                      .contact = JOIN(w->contact, "sip:", l->sent_by, transport),
                                      .extra = "Accept: application/sdp\r\n"};
}

static struct tx *send_options(struct probes *p, int trunk, const struct pool_place *at, struct ua_user *user,
                               uint64_t now_ms) {
    const struct settings_target *t = &p->settings->trunks[trunk].targets[at->target];
    struct ua_out o = {.host = t->host, .tcp_listen = -1, .settings = p->settings, .trunk = trunk};
    struct words w;

    if (trunk_flow(p->settings, trunk, at->proto, &at->addr, &o.flow) < 0)
        return NULL;
    fill(p, &o, &w, t);
    return ua_request(p->config.ua, &o, user, now_ms);
}

static void probe(struct probes *p, int trunk, const struct pool_place *at, uint64_t now_ms) {
    int slot = p->settings->trunks[trunk].slot;
    struct probe *new = mem_zalloc(sizeof *new);

    *new = (struct probe){.user.ops = &user_ops, .probes = p, .next = p->all, .slot = slot, .place = at->id};
    new->timer.fire = too_late;
    p->all = new;
    new->tx = send_options(p, trunk, at, &new->user, now_ms);
    if (new->tx == NULL)
        conclude(new, HEALTH_PROBE_UNREACHABLE, now_ms);
    else
        timerq_set(p->config.timers, &new->timer, now_ms + pool_probe_timeout_ms(p->config.pool, slot));
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
    while (p->all != NULL) {
        abandon(p->all);
        probe_free(p->all);
    }
}

void probes_free(struct probes *p) {
    if (p == NULL)
        return;
    probes_stop(p);
    settings_unref(p->settings);
    free(p);
}
