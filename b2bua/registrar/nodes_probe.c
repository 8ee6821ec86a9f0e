/* Whose probe is due, what came of it, and what an operator is told. */
#include <stdio.h>

#include "b2bua/log/log.h"
#include "b2bua/registrar/nodes_impl.h"

/* In maintenance a node may answer STUN all the time: only SIP says that it is over. */
static bool probed_by_stun(const struct nodes *n, const struct member *m, uint64_t now_ms) {
    if (m->node.state == NODE_MAINTENANCE)
        return false;
    if (n->method == NODE_PROBE_AUTO)
        return m->ar_sk && now_ms >= m->doubt_ms;
    return n->method == NODE_PROBE_STUN;
}

static bool is_free(const struct nodes *n, const struct member *m, uint64_t now_ms) {
    return n->method != NODE_PROBE_NONE &&
           (!m->under_way || now_ms - m->sent_ms >= n->policy.timeout_ms + NODES_GRACE_MS);
}

static void begin(struct nodes *n, struct member *m, const uint8_t *id, struct nodes_probe *out, uint64_t now_ms) {
    m->under_way = true;
    m->by_stun = probed_by_stun(n, m, now_ms);
    m->sent_ms = now_ms;
    m->probes++;
    memcpy(m->id, id, STUN_ID);
    *out = (struct nodes_probe){.node = m->number, .stun = m->by_stun, .timeout_ms = n->policy.timeout_ms};
    memcpy(out->id, id, STUN_ID);
}

bool nodes_probe_due(struct nodes *n, unsigned worker, unsigned workers, const uint8_t *id, struct nodes_probe *out,
                     uint64_t now_ms) {
    bool found = false;

    nodes_lock(n);
    for (unsigned i = worker; i < (unsigned)n->count && !found; i += workers) {
        struct member *m = &n->members[i];
        found = now_ms >= m->next_ms && is_free(n, m, now_ms);
        if (found)
            begin(n, m, id, out, now_ms);
    }
    nodes_unlock(n);
    return found;
}

bool nodes_probe_ask(struct nodes *n, uint32_t node, const uint8_t *id, struct nodes_probe *out, uint64_t now_ms) {
    nodes_lock(n);
    struct member *m = nodes_find(n, node);
    bool is_wanted = m != NULL && is_free(n, m, now_ms);
    uint64_t at_ms = is_wanted && m->sent_ms != 0 ? m->sent_ms + NODES_GAP_MS : 0;
    bool can = is_wanted && now_ms >= at_ms;
    if (can)
        begin(n, m, id, out, now_ms);
    else if (is_wanted && at_ms < m->next_ms)
        m->next_ms = at_ms; /* soon */
    nodes_unlock(n);
    return can;
}

static struct member *awaiting(struct nodes *n, const uint8_t *id) {
    for (int i = 0; i < n->count; i++)
        if (n->members[i].under_way && memcmp(n->members[i].id, id, STUN_ID) == 0)
            return &n->members[i];
    return NULL;
}

bool nodes_probe_waits(struct nodes *n, const uint8_t id[STUN_ID]) {
    nodes_lock(n);
    bool waits = awaiting(n, id) != NULL;
    nodes_unlock(n);
    return waits;
}

static void doubt_stun(const struct nodes *n, struct member *m, uint64_t now_ms) {
    if (!m->by_stun || n->method != NODE_PROBE_AUTO)
        return;
    m->doubt_ms = now_ms + NODES_DOUBT_MS;
    log_info("node=%s probe=stun answer=none next=options", m->name);
}

/* A node that stays away is asked less often. */
static uint32_t pause_ms(const struct nodes *n, const struct member *m, uint64_t now_ms) {
    uint32_t pause = node_pause_ms(&m->node, &n->policy), most = n->policy.interval_ms;
    bool long_gone = m->node.state == NODE_DOWN && now_ms - m->node.since_ms >= NODES_AWAY_MS;

    return !long_gone ? pause : NODES_AWAY_PAUSE_MS < most ? NODES_AWAY_PAUSE_MS : most;
}

static bool conclude(struct nodes *n, struct member *m, enum node_evidence e, uint32_t seconds, uint64_t now_ms) {
    bool missed = e == NODE_MISSED || e == NODE_REFUSED;

    m->under_way = false;
    m->missed += missed ? 1 : 0;
    if (!missed)
        m->answer_ms = (uint32_t)(now_ms - m->sent_ms);
    if (e == NODE_MISSED)
        doubt_stun(n, m, now_ms);
    bool lost = nodes_take(n, m, e, seconds, now_ms);
    m->next_ms = now_ms + pause_ms(n, m, now_ms);
    return lost;
}

bool nodes_probed(struct nodes *n, const uint8_t id[STUN_ID], enum node_evidence e, uint32_t seconds, uint64_t now_ms) {
    nodes_lock(n);
    struct member *m = awaiting(n, id);
    uint32_t node = m != NULL ? m->number : NODES_NONE;
    bool lost = m != NULL && conclude(n, m, e, seconds, now_ms);
    nodes_unlock(n);
    nodes_say_lost(n, node, lost);
    return m != NULL;
}

/* --- for the operator --- */

int nodes_look(struct nodes *n, struct nodes_look *out, uint64_t now_ms) {
    struct placement_node nodes[SETTINGS_NODES_MAX];

    nodes_lock(n);
    nodes_weigh(n, nodes, now_ms);
    for (int i = 0; i < n->count; i++) {
        const struct member *m = &n->members[i];
        out[i] = (struct nodes_look){.number = m->number,
                                     .state = m->node.state,
                                     .by_operator = m->node.by_operator,
                                     .ar_sk = m->ar_sk,
                                     .stun = probed_by_stun(n, m, now_ms),
                                     .since_ms = m->node.since_ms,
                                     .heard_ms = m->heard_ms,
                                     .closed_ms = m->node.closed_ms,
                                     .capacity = m->capacity,
                                     .share = node_share(&m->node, &n->policy, now_ms),
                                     .registrations = nodes[i].registrations,
                                     .calls = nodes[i].calls,
                                     .flips = m->flips,
                                     .probes = m->probes,
                                     .missed = m->missed,
                                     .answer_ms = m->answer_ms};
        snprintf(out[i].name, sizeof out[i].name, "%s", m->name);
        nodes_reason(m, out[i].reason, sizeof out[i].reason);
    }
    int count = n->count;
    nodes_unlock(n);
    return count;
}

void nodes_look_balance(struct nodes *n, struct nodes_balance *out, uint64_t now_ms) {
    struct placement_node nodes[SETTINGS_NODES_MAX];

    nodes_lock(n);
    nodes_weigh(n, nodes, now_ms);
    *out = (struct nodes_balance){.on = n->balance.on, .moved = n->balance.moved};
    out->spread_percent = placement_spread(nodes, n->count, &out->difference);
    nodes_unlock(n);
}
