/*
 * One REGISTER on its way: to the node that it belongs to, to the next when that does not answer, within one server
 * transaction; the answer back.
 */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/registrar/impl.h"
#include "b2bua/trunk/trunk.h"

#define JOB_OF(ptr, member) ((struct front_job *)((char *)(ptr)-offsetof(struct front_job, member)))

static void try_next(struct front_job *j, uint64_t now_ms);

/* --- its end --- */

void front_job_free(struct front_job *j) {
    if (j->client != NULL)
        ua_abandon(j->r->config.ua, j->client);
    timerq_stop(j->r->config.timers, &j->timer);
    *j->at = j->next;
    if (j->next != NULL)
        j->next->at = j->at;
    j->r->counts.pending--;
    atomic_fetch_sub(&j->r->config.shared->pending, 1);
    settings_unref(j->settings);
    free(j->echo);
    free((char *)j->raw.p);
    free(j);
}

/* Our own answer. */
static void refuse(struct front_job *j, enum registrar_result result, int status, const char *extra, uint64_t now_ms) {
    struct ua *ua = j->r->config.ua;
    char tag[20];
    struct sbuf b = sbuf_on(tag, sizeof tag);

    sbuf_hex(&b, ua_random(ua));
    front_count(j->r, result);
    ua_reply(ua, j->server,
             &(struct sip_response){.status = status, .echo = j->echo, .to_tag = sbuf_str(&b), .extra = extra}, NULL,
             now_ms);
    front_job_free(j);
}

static void no_node(struct front_job *j, uint64_t now_ms) {
    char extra[64], aor[128];

    log_warn("register aor=\"%s\" result=unavailable tried=%d", log_safe(j->ask.aor, aor, sizeof aor), j->tried_count);
    snprintf(extra, sizeof extra, "Retry-After: %d\r\n", j->settings->cluster.retry_after_s);
    refuse(j, REGISTRAR_UNAVAILABLE, 503, extra, now_ms);
}

/* --- what comes back --- */

static void event(struct front_job *j, enum node_evidence e, uint32_t seconds, uint64_t now_ms) {
    nodes_event(j->r->config.shared->nodes, j->node, e, seconds, now_ms);
}

/* The node has not done it: the next one. */
static void give_up(struct front_job *j, enum node_evidence e, uint32_t seconds, uint64_t now_ms) {
    event(j, e, seconds, now_ms);
    timerq_stop(j->r->config.timers, &j->timer);
    j->r->counts.failovers++;
    try_next(j, now_ms);
}

static void detach(struct front_job *j) {
    if (j->client != NULL)
        j->client->user = NULL;
    j->client = NULL;
}

static bool warns_of_maintenance(const struct sip_msg *m) {
    struct enrol_lines lines = {0};
    struct str value;

    while (enrol_line_next(&lines, m->raw, STR("Warning"), 0, &value))
        if (value.n > 3 && str_eq(str_upto(value, 3), STR("382")))
            return true;
    return false;
}

static void forget_credential(struct binding_facts *f, void *arg) {
    (void)arg;
    f->credential = 0;
}

/* What the node believes no more, we do not believe either. */
static void distrust(struct front_job *j) {
    for (int i = 0; i < j->ask.enrol.count; i++)
        bindings_change(j->r->config.shared->bindings, j->ask.ids[i], forget_credential, NULL);
}

static void pin(struct front_job *j, const struct sip_msg *m, uint64_t now_ms) {
    struct digest_asked asked;

    digest_asked_read(&asked, m->raw);
    for (int i = 0; i < asked.count; i++)
        nodes_pin(j->r->config.shared->nodes, asked.of[i].challenge.nonce, j->node, now_ms);
}

static void relay(struct front_job *j, const struct sip_msg *m, enum registrar_result result, uint64_t now_ms) {
    struct registrar *r = j->r;
    struct sbuf text = sbuf_on(r->lines, sizeof r->lines);
    struct forward edits = {0};
    struct str name = m->status == 407 ? STR("Proxy-Authenticate") : STR("WWW-Authenticate");
    struct str lines = result == REGISTRAR_CHALLENGED ? front_stale_lines(j, m, name, &text) : STR_NONE;
    char aor[128];

    if (lines.n > 0 && !text.full)
        forward_edit(&edits, name, 0, lines);
    front_count(r, result);
    log_debug("register aor=\"%s\" result=%s answer=%d", log_safe(j->ask.aor, aor, sizeof aor),
              registrar_result_name(result), m->status);
    ua_pass_reply(r->config.ua, j->server, j->echo, m->status, &(struct ua_passed){m->raw, &edits}, now_ms);
    front_job_free(j);
}

static bool is_stale(const struct sip_msg *m) {
    struct digest_asked asked;

    digest_asked_read(&asked, m->raw);
    for (int i = 0; i < asked.count; i++)
        if (asked.of[i].challenge.stale)
            return true;
    return false;
}

static void wrong(struct front_job *j, uint64_t now_ms) {
    guard_event(j->r->config.guard, BANS_SIP_AUTH, GUARD_WRONG_CREDENTIALS, &j->server->flow.peer, now_ms);
}

/* Most registrars ask again where the password is wrong. So may one that has forgotten its nonces: what counts is the
 * answer to a challenge of its own of a minute ago at most, by somebody whom it has not accepted yet. */
static void challenged(struct front_job *j, const struct sip_msg *m, uint64_t now_ms) {
    pin(j, m, now_ms);
    if (j->ask.enrol.has_credentials)
        distrust(j);
    if (j->ask.enrol.has_credentials && j->pinned == j->node && !j->had_credential && !is_stale(m))
        wrong(j, now_ms);
    relay(j, m, REGISTRAR_CHALLENGED, now_ms);
}

static void final(struct front_job *j, const struct sip_msg *m, uint64_t now_ms) {
    if (m->status == 503) {
        give_up(j, warns_of_maintenance(m) ? NODE_WARNED : NODE_CLOSED, m->retry_after_s, now_ms);
        return;
    }
    event(j, NODE_ANSWERED, 0, now_ms);
    if (m->status < 300) {
        front_count(j->r, REGISTRAR_OK);
        front_grant(j, m, now_ms);
        front_job_free(j);
    } else if (m->status == 401 || m->status == 407) {
        challenged(j, m, now_ms);
    } else {
        if (m->status == 403 || m->status == 404)
            distrust(j);
        if (m->status == 403 && j->ask.enrol.has_credentials)
            wrong(j, now_ms);
        relay(j, m, REGISTRAR_REFUSED, now_ms);
    }
}

static void response(struct ua_user *u, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    struct front_job *j = JOB_OF(u, user);

    (void)tx;
    if (m->status < 200)
        return;
    detach(j);
    final(j, m, now_ms);
}

static void failed(struct ua_user *u, struct tx *tx, bool timeout, uint64_t now_ms) {
    struct front_job *j = JOB_OF(u, user);

    (void)tx;
    detach(j);
    give_up(j, timeout ? NODE_TIMEOUT : NODE_REFUSED, 0, now_ms);
}

static void ended(struct ua_user *u, struct tx *tx, struct tx *next) {
    (void)tx;
    JOB_OF(u, user)->client = next;
}

static const struct ua_user_ops user_ops = {response, failed, ended};

static void too_late(struct timer *t, uint64_t now_ms) {
    struct front_job *j = JOB_OF(t, timer);
    struct tx *client = j->client;

    detach(j);
    if (client != NULL)
        ua_abandon(j->r->config.ua, client);
    give_up(j, NODE_TIMEOUT, 0, now_ms);
}

/* --- where it goes --- */

static struct tx *send_to(struct front_job *j, const struct pool_place *at, uint64_t now_ms) {
    const struct settings *s = j->settings;
    const struct settings_target *t = &s->trunks[s->cluster.trunk].targets[at->target];
    struct sbuf text = sbuf_on(j->r->lines, sizeof j->r->lines);
    struct forward edits = {0};
    struct ua_passed passed = {j->raw, &edits};
    struct ua_out out = {.request = {.method = METHOD_REGISTER, .cseq = j->ask.cseq},
                         .host = t->host,
                         .tcp_listen = trunk_tcp_listen(s, s->cluster.trunk, t, at->addr.family),
                         .loop_hash = j->loop_hash,
                         .settings = j->settings,
                         .trunk = s->cluster.trunk,
                         .passed = &passed};

    if (trunk_flow(s, s->cluster.trunk, at->proto, &at->addr, &out.flow) < 0)
        return NULL;
    front_lines(j, &s->listens[out.flow.listen], &text, &edits);
    return text.full ? NULL : ua_request(j->r->config.ua, &out, &j->user, now_ms);
}

static uint64_t try_ends(const struct front_job *j, uint64_t now_ms) {
    uint64_t end_ms = now_ms + (uint64_t)j->settings->cluster.try_ms;

    return end_ms < j->deadline_ms ? end_ms : j->deadline_ms;
}

static uint32_t choose(struct front_job *j, uint64_t now_ms) {
    struct nodes_client c = j->client_facts;

    c.pinned = j->pinned;
    c.tried = j->tried;
    c.tried_count = j->tried_count;
    return nodes_choose(j->r->config.shared->nodes, &c, ua_random(j->r->config.ua), now_ms);
}

/* The last call of whoever calls it: the job may be gone then. */
static void try_next(struct front_job *j, uint64_t now_ms) {
    struct pool_place at;

    while (now_ms < j->deadline_ms && j->tried_count < FRONT_TRIED_MAX) {
        uint32_t node = choose(j, now_ms);
        if (node == NODES_NONE)
            break;
        j->node = j->tried[j->tried_count++] = node;
        if (nodes_place(j->r->config.shared->nodes, j->settings, node, &at) < 0)
            continue;
        j->client = send_to(j, &at, now_ms);
        if (j->client == NULL)
            continue;
        timerq_set(j->r->config.timers, &j->timer, try_ends(j, now_ms));
        return;
    }
    no_node(j, now_ms);
}

/* --- its beginning --- */

static void recall(struct front_job *j, uint64_t now_ms) {
    struct registrar_shared *s = j->r->config.shared;
    struct binding known;

    if (j->ask.enrol.nonce.n > 0)
        j->pinned = nodes_pinned(s->nodes, j->ask.enrol.nonce, now_ms);
    if (!front_known(j->r, &j->ask, &known))
        return;
    j->client_facts = (struct nodes_client){.node = known.f.node,
                                            .adaptive = known.f.caps & CONTACT_AR,
                                            .pending = known.f.pending,
                                            .calls = known.f.calls,
                                            .moved_ms = known.f.moved_ms};
    j->had_credential = known.f.credential != 0 && known.f.credential == front_credential(s, &j->ask);
}

void front_job_start(struct registrar *r, struct ua_in *in, const struct front_ask *ask, struct str raw) {
    struct front_job *j = mem_zalloc(sizeof *j);

    j->raw = raw;
    j->ask = *ask;
    j->ask.aor.p = j->ask.aor_text;
    j->user.ops = &user_ops;
    j->timer.fire = too_late;
    j->r = r;
    j->settings = settings_ref(r->settings);
    j->server = in->tx;
    j->echo = sip_echo_new(&in->msg, &in->flow);
    j->max_forwards = in->msg.max_forwards;
    j->loop_hash = sip_loop_hash(&in->msg);
    j->deadline_ms = in->now_ms + (uint64_t)j->settings->cluster.total_ms;
    j->next = r->jobs;
    j->at = &r->jobs;
    if (j->next != NULL)
        j->next->at = &j->next;
    r->jobs = j;
    r->counts.pending++;
    atomic_fetch_add(&r->config.shared->pending, 1);
    recall(j, in->now_ms);
    try_next(j, in->now_ms);
}
