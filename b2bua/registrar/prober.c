#include "b2bua/registrar/prober.h"

#include <stdlib.h>

#include "b2bua/trunk/trunk.h"
#include "b2bua/ua/options.h"
#include "b2bua/ua/query.h"

/* Nobody waits longer than LOOK_MS to see what other threads have changed. Datagrams get lost: RESEND_MS after the
 * first a STUN request goes out again, and after twice that once more. */
enum { LOOK_MS = 500, RESEND_MS = 500, RESENDS = 2, REQUEST_MAX = 64 };

struct prober {
    struct prober_config config;
    struct settings *settings;
    struct timer timer;
    struct queries queries;
    uint32_t asked;  /* a node that the next look is for: */
    uint32_t closed; /* the connection to it that has ended; 0 = none */
};

/* One that is under way. */
struct probe {
    struct query query; /* an OPTIONS has a transaction */
    struct prober *prober;
    uint8_t id[STUN_ID];
    uint32_t node;
    uint64_t until_ms;
    struct flow flow;
    const char *host; /* into `kept` */
    struct settings *kept;
    int resends;
    bool again; /* on a second connection */
    size_t n;
    uint8_t bytes[REQUEST_MAX];
};

#define PROBE_OF(ptr, member) ((struct probe *)((char *)(ptr)-offsetof(struct probe, member)))

static void probe_free(struct probe *p) {
    query_end(&p->prober->queries, &p->query);
    settings_unref(p->kept);
    free(p);
}

static void tell(struct prober *p, const uint8_t *id, enum node_evidence e, uint32_t seconds, uint64_t now_ms) {
    if (nodes_probed(p->config.nodes, id, e, seconds, now_ms) && p->config.news != NULL)
        p->config.news(p->config.ctx, now_ms);
}

static void conclude(struct probe *p, enum node_evidence e, uint32_t seconds, uint64_t now_ms) {
    struct prober *prober = p->prober;
    uint8_t id[STUN_ID];

    memcpy(id, p->id, sizeof id);
    probe_free(p);
    tell(prober, id, e, seconds, now_ms);
}

/* --- OPTIONS --- */

/* Whatever it says, somebody is there; a 503 says for how long not to come. */
static void response(struct ua_user *u, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    (void)tx;
    if (m->status < 200)
        return;
    conclude(PROBE_OF(u, query.user), nodes_evidence_of(m), m->retry_after_s, now_ms);
}

static void failed(struct ua_user *u, struct tx *tx, bool timeout, uint64_t now_ms) {
    (void)tx;
    conclude(PROBE_OF(u, query.user), timeout ? NODE_MISSED : NODE_REFUSED, 0, now_ms);
}

static const struct ua_user_ops user_ops = {response, failed, query_ended};

static void abandon(struct probe *p) {
    query_abandon(&p->prober->queries, &p->query);
}

/* --- sending --- */

static int send_stun(struct probe *p) {
    const struct flow_ops *ops = &p->prober->config.flow;

    return ops->send(ops->ctx, &p->flow, p->host, (const char *)p->bytes, p->n);
}

static int begin_stun(struct probe *p, const struct options_to *to) {
    if (trunk_flow(to->settings, to->trunk, to->proto, &to->addr, &p->flow) < 0)
        return -1;
    p->kept = settings_ref(to->settings);
    p->host = to->settings->trunks[to->trunk].targets[to->target].host;
    p->n = stun_request(p->bytes, p->id);
    p->resends = to->proto == FLOW_UDP ? RESENDS : 0;
    return send_stun(p);
}

static int begin_options(struct probe *p, const struct options_to *to, uint64_t now_ms) {
    p->query.tx = options_send(p->prober->config.ua, to, &p->query.user, now_ms);
    return p->query.tx != NULL ? 0 : -1;
}

static void set_timer(struct probe *p, uint64_t now_ms) {
    uint64_t next_ms = now_ms + (uint64_t)RESEND_MS * (p->resends == RESENDS ? 1 : 2);

    timerq_set(p->prober->config.timers, &p->query.timer,
               p->resends == 0 || next_ms > p->until_ms ? p->until_ms : next_ms);
}

/* An answer that another worker has heard ends it, too. */
static void on_timer(struct timer *t, uint64_t now_ms) {
    struct probe *p = PROBE_OF(t, query.timer);

    if (!nodes_probe_waits(p->prober->config.nodes, p->id)) {
        probe_free(p);
    } else if (now_ms < p->until_ms) {
        send_stun(p);
        p->resends--;
        set_timer(p, now_ms);
    } else {
        abandon(p);
        conclude(p, NODE_MISSED, 0, now_ms);
    }
}

/* No address now: nothing can be sent, and whether it is there is not known. */
static void probe(struct prober *p, const struct nodes_probe *what, uint64_t now_ms) {
    struct probe *new = mem_zalloc(sizeof *new);
    struct pool_place at;
    int sent = -1;

    *new = (struct probe){.prober = p, .node = what->node, .until_ms = now_ms + what->timeout_ms};
    memcpy(new->id, what->id, sizeof new->id);
    query_begin(&p->queries, &new->query, &user_ops, on_timer);
    if (nodes_place(p->config.nodes, p->settings, what->node, &at) == 0) {
        struct options_to to = {p->settings, p->settings->cluster.trunk, at.target, at.proto, at.addr, NULL};
        sent = what->stun ? begin_stun(new, &to) : begin_options(new, &to, now_ms);
    }
    if (sent < 0)
        conclude(new, NODE_MISSED, 0, now_ms);
    else
        set_timer(new, now_ms);
}

/* --- when --- */

static struct probe *find(struct prober *p, const uint8_t *id) {
    for (struct query *q = p->queries.first; q != NULL; q = q->next)
        if (memcmp(PROBE_OF(q, query)->id, id, STUN_ID) == 0)
            return PROBE_OF(q, query);
    return NULL;
}

static uint32_t conn_of(const struct probe *p) {
    return p->query.tx != NULL ? p->query.tx->flow.conn : p->flow.conn;
}

/* What was asked on a connection that has ended will not be answered there: it is asked on a new one, once. Who ends
 * that, too, has answered. */
static void ask_again(struct prober *p, uint64_t now_ms) {
    for (struct query *q = p->queries.first; q != NULL; q = q->next) {
        struct probe *one = PROBE_OF(q, query);
        if (conn_of(one) != p->closed)
            continue;
        if (one->again) {
            abandon(one);
            conclude(one, NODE_REFUSED, 0, now_ms);
            return;
        }
        struct nodes_probe what = {.node = one->node, .stun = one->n > 0};
        memcpy(what.id, one->id, sizeof what.id);
        what.timeout_ms = one->until_ms > now_ms ? (uint32_t)(one->until_ms - now_ms) : 0;
        abandon(one);
        probe_free(one);
        probe(p, &what, now_ms);
        if ((one = find(p, what.id)) != NULL)
            one->again = true;
        return;
    }
}

static void look_at_closed(struct prober *p, uint64_t now_ms) {
    if (p->closed == 0)
        return;
    ask_again(p, now_ms);
    if (nodes_path(p->config.nodes, p->asked, now_ms) != NODES_PATH_DEAD) /* else it is known, and probed in its time */
        prober_ask(p, p->asked, now_ms);
    p->closed = 0;
}

static void look(struct timer *timer, uint64_t now_ms) {
    struct prober *p = (struct prober *)((char *)timer - offsetof(struct prober, timer));
    struct nodes_probe what;
    uint8_t id[STUN_ID];

    if (p->config.worker == 0)
        nodes_tick(p->config.nodes, now_ms);
    for (int i = 0; i < SETTINGS_NODES_MAX; i++) {
        p->config.random(id, sizeof id);
        if (!nodes_probe_due(p->config.nodes, p->config.worker, p->config.workers, id, &what, now_ms))
            break;
        probe(p, &what, now_ms);
    }
    timerq_set(p->config.timers, &p->timer, now_ms + LOOK_MS);
    look_at_closed(p, now_ms);
}

void prober_ask(struct prober *p, uint32_t node, uint64_t now_ms) {
    struct nodes_probe what;
    uint8_t id[STUN_ID];

    if (p->settings == NULL || !timerq_is_set(&p->timer))
        return;
    p->config.random(id, sizeof id);
    if (nodes_probe_ask(p->config.nodes, node, id, &what, now_ms))
        probe(p, &what, now_ms);
}

/* --- from the wire --- */

static const uint8_t *id_of(struct str message) {
    return (const uint8_t *)message.p + STUN_HEADER - STUN_ID;
}

/* Of another worker's it is the first to hear, when that sent by UDP: the sockets share the port. */
static void heard(struct prober *p, struct str message, enum node_evidence e, uint64_t now_ms) {
    if (p->settings == NULL || !p->settings->cluster.on || message.n < STUN_HEADER)
        return;
    struct probe *one = find(p, id_of(message));
    if (one != NULL)
        conclude(one, e, 0, now_ms);
    else
        tell(p, id_of(message), e, 0, now_ms);
}

/* An error is an answer, too; it says that a STUN server is there. */
void prober_stun(struct prober *p, struct str message, uint64_t now_ms) {
    enum stun_kind kind = stun_kind(message);

    if (kind == STUN_SUCCESS || kind == STUN_ERROR)
        heard(p, message, NODE_ANSWERED, now_ms);
}

void prober_undelivered(struct prober *p, struct str message, uint64_t now_ms) {
    heard(p, message, NODE_REFUSED, now_ms);
}

static bool is_ours(const struct settings *s, const struct flow *flow) {
    const struct settings_trunk *t = &s->trunks[s->cluster.trunk];

    for (int i = 0; i < t->listen_count; i++)
        if (t->listens[i] == flow->listen)
            return true;
    return false;
}

void prober_trouble(struct prober *p, const struct flow *to, const char *why, uint64_t now_ms) {
    if (p->settings != NULL && is_ours(p->settings, to))
        nodes_trouble(p->config.nodes, nodes_at(p->config.nodes, p->settings, &to->peer), why, now_ms);
}

/* It may have ended while somebody was sending by it: the look comes in a turn of its own. */
void prober_closed(struct prober *p, const struct flow *flow, uint64_t now_ms) {
    if (!timerq_is_set(&p->timer) || !is_ours(p->settings, flow))
        return;
    uint32_t node = nodes_at(p->config.nodes, p->settings, &flow->peer);
    if (node == NODES_NONE)
        return;
    p->asked = node;
    p->closed = flow->conn;
    timerq_set(p->config.timers, &p->timer, now_ms);
}

/* --- begin and end --- */

struct prober *prober_new(const struct prober_config *config) {
    struct prober *p = mem_zalloc(sizeof *p);

    p->config = *config;
    p->queries = (struct queries){.ua = config->ua, .timers = config->timers};
    p->timer.fire = look;
    return p;
}

void prober_set_settings(struct prober *p, struct settings *s, uint64_t now_ms) {
    settings_unref(p->settings);
    p->settings = settings_ref(s);
    if (s->cluster.on)
        timerq_set(p->config.timers, &p->timer, now_ms);
    else
        timerq_stop(p->config.timers, &p->timer);
}

void prober_stop(struct prober *p) {
    timerq_stop(p->config.timers, &p->timer);
    while (p->queries.first != NULL) {
        struct probe *one = PROBE_OF(p->queries.first, query);
        abandon(one);
        probe_free(one);
    }
}

void prober_free(struct prober *p) {
    if (p == NULL)
        return;
    prober_stop(p);
    settings_unref(p->settings);
    free(p);
}
