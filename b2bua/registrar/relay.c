/* One request on its way between a client and a node, and the answer back. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/registrar/relay.h"
#include "b2bua/trunk/trunk.h"

#define RELAY_OF(ptr, member) ((struct front_relay *)((char *)(ptr)-offsetof(struct front_relay, member)))

/* --- its end --- */

void front_relay_free(struct front_relay *j) {
    if (j->client != NULL)
        ua_abandon(j->r->config.ua, j->client);
    timerq_stop(j->r->config.timers, &j->timer);
    *j->at = j->next;
    if (j->next != NULL)
        j->next->at = j->at;
    j->r->counts.relaying--;
    atomic_fetch_sub(&j->r->config.shared->awaiting, j->to_client);
    settings_unref(j->settings);
    free(j->ways);
    free(j->echo);
    free(j);
}

static void count(struct registrar *r, bool to_client, enum registrar_relay result) {
    r->counts.relays[to_client][result]++;
}

/* Our own answer. */
static void refuse(struct front_relay *j, enum registrar_relay result, int status, uint64_t now_ms) {
    struct ua *ua = j->r->config.ua;
    char tag[20], extra[64] = "";
    struct sbuf b = sbuf_on(tag, sizeof tag);

    if (status == 503)
        snprintf(extra, sizeof extra, "Retry-After: %d\r\n", j->settings->cluster.retry_after_s);
    sbuf_hex(&b, ua_random(ua));
    count(j->r, j->to_client, result);
    ua_reply(ua, j->server,
             &(struct sip_response){
                 .status = status, .echo = j->echo, .to_tag = sbuf_str(&b), .extra = extra[0] == '\0' ? NULL : extra},
             NULL, now_ms);
    front_relay_free(j);
}

/* --- there --- */

static struct tx *send_on(struct front_relay *j, const struct way *way, uint64_t now_ms) {
    const struct settings *s = j->settings;
    const struct settings_target *t = way->target < 0 ? NULL : &s->trunks[way->trunk].targets[way->target];
    struct sbuf text = sbuf_on(j->r->lines, sizeof j->r->lines);
    struct forward edits = {0};
    struct ua_passed passed = {{j->raw, j->n}, &edits};
    struct ua_out out = {.request = {.method = j->method, .cseq = j->cseq},
                         .flow = way->flow,
                         .host = t == NULL ? NULL : t->host,
                         .tcp_listen = t == NULL ? -1 : trunk_tcp_listen(s, way->trunk, t, way->flow.peer.family),
                         .loop_hash = j->loop_hash,
                         .settings = j->settings,
                         .trunk = way->trunk,
                         .passed = &passed};

    relay_request_lines(j, way, &text, &edits);
    return text.full ? NULL : ua_request(j->r->config.ua, &out, &j->user, now_ms);
}

/* Takes the next way that works. The last call of whoever calls it: the relay may be gone then. */
static void go_on(struct front_relay *j, enum registrar_relay why, int status, uint64_t now_ms) {
    while (j->turn < j->ways->count) {
        const struct way *way = &j->ways->list[j->turn++];
        j->client = send_on(j, way, now_ms);
        if (j->client == NULL)
            continue;
        if (way->node != 0)
            timerq_set(j->r->config.timers, &j->timer, now_ms + (uint64_t)j->settings->cluster.try_ms);
        return;
    }
    refuse(j, why, status, now_ms);
}

/* --- what comes back --- */

static const struct way *taken(const struct front_relay *j) {
    return &j->ways->list[j->turn - 1];
}

static void detach(struct front_relay *j) {
    if (j->client != NULL)
        j->client->user = NULL;
    j->client = NULL;
    timerq_stop(j->r->config.timers, &j->timer);
}

static void hear(struct front_relay *j, const struct sip_msg *m, bool refused, uint64_t now_ms) {
    if (taken(j)->node != 0)
        front_heard_node(j->r, taken(j)->node, m, refused, now_ms);
}

static void answer(struct front_relay *j, const struct sip_msg *m, uint64_t now_ms) {
    struct sbuf text = sbuf_on(j->r->lines, sizeof j->r->lines);
    struct forward edits = {0};

    relay_response_lines(j, m->raw, &text, &edits);
    if (text.full)
        edits = (struct forward){0};
    count(j->r, j->to_client, m->status < 300 ? REGISTRAR_RELAY_ANSWERED : REGISTRAR_RELAY_REFUSED);
    ua_pass_reply(j->r->config.ua, j->server, j->echo, m->status, &(struct ua_passed){m->raw, &edits}, now_ms);
    front_relay_free(j);
}

static void response(struct ua_user *u, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    struct front_relay *j = RELAY_OF(u, user);

    (void)tx;
    if (m->status < 200)
        return;
    hear(j, m, false, now_ms);
    detach(j);
    bool elsewhere = j->to_client ? m->status == 430 : m->status == 503;
    if (elsewhere && j->turn < j->ways->count)
        go_on(j, REGISTRAR_RELAY_REFUSED, m->status, now_ms);
    else
        answer(j, m, now_ms);
}

static void failed(struct ua_user *u, struct tx *tx, bool timeout, uint64_t now_ms) {
    struct front_relay *j = RELAY_OF(u, user);

    (void)tx;
    hear(j, NULL, !timeout, now_ms);
    detach(j);
    if (timeout)
        refuse(j, REGISTRAR_RELAY_SILENT, 408, now_ms);
    else
        go_on(j, REGISTRAR_RELAY_UNREACHABLE, j->to_client ? 430 : 503, now_ms);
}

static void ended(struct ua_user *u, struct tx *tx, struct tx *next) {
    (void)tx;
    RELAY_OF(u, user)->client = next;
}

static const struct ua_user_ops user_ops = {response, failed, ended};

/* A node that is silent may be waiting for somebody else (RFC 4320): another one is asked when it is known to be gone,
 * lest a message is delivered twice. */
static void look(struct timer *t, uint64_t now_ms) {
    struct front_relay *j = RELAY_OF(t, timer);
    struct tx *client = j->client;

    if (j->turn == j->ways->count || nodes_path_alive(j->r->config.shared->nodes, taken(j)->node)) {
        timerq_set(j->r->config.timers, t, now_ms + (uint64_t)j->settings->cluster.try_ms);
        return;
    }
    detach(j);
    if (client != NULL)
        ua_abandon(j->r->config.ua, client);
    go_on(j, REGISTRAR_RELAY_SILENT, 408, now_ms);
}

bool registrar_awaits(const struct registrar *r) {
    return atomic_load(&r->config.shared->awaiting) > 0;
}

static struct front_relay *find_on(struct registrar *r, const struct flow *flow) {
    struct front_relay *j = r->relays;

    while (j != NULL && (j->client == NULL || !j->client->flow.bound || j->client->flow.proto != flow->proto ||
                         j->client->flow.worker != flow->worker || j->client->flow.conn != flow->conn))
        j = j->next;
    return j;
}

/* Others may end with each: the search begins anew. */
void registrar_gone(struct registrar *r, const struct flow *flow, uint64_t now_ms) {
    struct front_relay *j;

    while (flow_is_stream(flow->proto) && (j = find_on(r, flow)) != NULL) {
        struct tx *client = j->client;
        detach(j);
        ua_abandon(r->config.ua, client);
        go_on(j, REGISTRAR_RELAY_UNREACHABLE, 430, now_ms);
    }
}

/* --- its beginning --- */

/* What makes a dialog, or may: only there is our place in the way of later requests. */
static bool is_recorded(const struct ua_in *in) {
    enum method m = in->msg.method;

    return m != METHOD_MESSAGE && m != METHOD_PUBLISH && m != METHOD_OPTIONS;
}

static void start(struct registrar *r, struct ua_in *in, const struct relay_way *way) {
    struct front_relay *j = mem_zalloc(sizeof *j + in->msg.raw.n);

    j->n = in->msg.raw.n;
    memcpy(j->raw, in->msg.raw.p, j->n);
    j->user.ops = &user_ops;
    j->timer.fire = look;
    j->r = r;
    j->settings = settings_ref(r->settings);
    j->server = in->tx;
    j->echo = sip_echo_new(&in->msg, &in->flow);
    j->ways = way->ways;
    j->side = in->trunk;
    j->to_client = way->to_client;
    j->in_dialog = way->in_dialog;
    j->method = in->msg.method;
    j->cseq = in->msg.cseq;
    j->max_forwards = in->msg.max_forwards;
    j->loop_hash = ua_loop_hash(r->settings, in->trunk, &in->msg);
    if (is_recorded(in))
        relay_name(j, way, in->flow.listen, way->ways->list[0].flow.listen);
    j->next = r->relays;
    j->at = &r->relays;
    if (j->next != NULL)
        j->next->at = &j->next;
    r->relays = j;
    r->counts.relaying++;
    atomic_fetch_add(&r->config.shared->awaiting, j->to_client);
    go_on(j, REGISTRAR_RELAY_UNREACHABLE, j->to_client ? 430 : 503, in->now_ms);
}

/* RFC 3261 16.3. */
static int unfit(const struct registrar *r, const struct ua_in *in, char *extra, size_t size) {
    struct enrol_lines lines = {0};
    struct str tags;

    if (in->msg.max_forwards == 0)
        return 483;
    if (r->counts.relaying >= (uint32_t)r->settings->registrar.max_pending) {
        snprintf(extra, size, "Retry-After: 10\r\n");
        return 503;
    }
    if (!enrol_line_next(&lines, in->msg.raw, STR("Proxy-Require"), 0, &tags))
        return 0;
    if (tags.n < 400)
        snprintf(extra, size, "Unsupported: %.*s\r\n", (int)tags.n, tags.p);
    return 420;
}

bool registrar_relay(struct registrar *r, struct ua_in *in) {
    struct relay_way way;
    char extra[512] = "", peer[ADDR_TEXT_MAX], method[32];
    enum relay_verdict v = relay_find(r, in, &way);

    if (v == RELAY_NOT_OURS)
        return false;
    int status = v == RELAY_REFUSED ? way.status : unfit(r, in, extra, sizeof extra);
    if (v == RELAY_REFUSED && way.retry_after_s > 0)
        snprintf(extra, sizeof extra, "Retry-After: %d\r\n", way.retry_after_s);
    if (status == 0) {
        start(r, in, &way);
        return true;
    }
    free(way.ways);
    count(r, way.to_client, REGISTRAR_RELAY_REFUSED);
    log_debug("relay method=%s to=%s answer=%d peer=%s", log_safe(in->msg.method_name, method, sizeof method),
              way.to_client ? "client" : "node", status, addr_format(&in->flow.peer, peer));
    ua_refuse(r->config.ua, in, status, NULL, extra[0] == '\0' ? NULL : extra);
    return true;
}
