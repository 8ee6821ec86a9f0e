/* What was seen of a node, and what that means to its clients. */
#include "b2bua/log/log.h"
#include "b2bua/registrar/nodes_impl.h"

static void log_change(const struct member *m, enum node_state before) {
    enum node_state now = m->node.state;
    bool bad = now == NODE_DOWN || now == NODE_MAINTENANCE;
    char reason[NODES_REASON_MAX];

    nodes_reason(m, reason, sizeof reason);
    log_at(bad ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "node=%s state=%s was=%s evidence=\"%s\"", m->name,
           node_state_name(now), node_state_name(before), reason);
}

static void changed(struct nodes *n, struct member *m, enum node_state before, enum node_evidence e, uint64_t now_ms) {
    uint64_t soon_ms = now_ms + (m->node.state == NODE_SUSPECT ? 0 : node_pause_ms(&m->node, &n->policy));

    m->flips++;
    m->evidence = e;
    m->began = false;
    n->changed = true;
    if (before == NODE_DOWN)
        m->doubt_ms = 0; /* what it did not answer then says nothing about STUN */
    m->next_ms = m->next_ms < soon_ms ? m->next_ms : soon_ms;
    log_change(m, before);
}

/* A node with several addresses is not gone before each has refused. */
static enum node_evidence weaken(struct member *m, enum node_evidence e) {
    if (e != NODE_REFUSED) {
        m->refused = 0;
        return e;
    }
    return ++m->refused < m->places ? NODE_MISSED : NODE_REFUSED;
}

enum node_evidence nodes_evidence_of(const struct sip_msg *m) {
    const void *cursor = NULL;
    struct str value;

    if (m->status != 503)
        return NODE_ANSWERED;
    while (sip_header_next(m, STR("Warning"), &cursor, &value))
        if (value.n > 4 && str_eq(str_upto(str_trim(value), 4), STR("382 ")))
            return NODE_WARNED;
    return NODE_CLOSED;
}

static void heard(struct member *m, uint64_t now_ms) {
    m->heard_ms = now_ms;
    m->trouble[0] = '\0';
}

bool nodes_take(struct nodes *n, struct member *m, enum node_evidence e, uint32_t seconds, uint64_t now_ms) {
    enum node_state before = m->node.state;

    if (e == NODE_ANSWERED || e == NODE_CLOSED || e == NODE_WARNED)
        heard(m, now_ms);
    if (e == NODE_MISSED || e == NODE_REFUSED)
        m->turn++;
    e = weaken(m, e);
    if (e == NODE_REFUSED)
        m->refused_ms = now_ms;
    if (e == NODE_CLOSED && seconds == 0)
        seconds = NODES_CLOSED_S;
    if (!node_event(&m->node, &n->policy, e, seconds, now_ms))
        return false;
    changed(n, m, before, e, now_ms);
    return m->node.state == NODE_DOWN || m->node.state == NODE_MAINTENANCE;
}

void nodes_say_lost(struct nodes *n, uint32_t node, bool lost) {
    if (lost)
        n->ops.lost(n->ops.ctx, node);
}

void nodes_event(struct nodes *n, uint32_t node, enum node_evidence e, uint32_t seconds, uint64_t now_ms) {
    nodes_lock(n);
    struct member *m = nodes_find(n, node);
    bool lost = m != NULL && nodes_take(n, m, e, seconds, now_ms);
    nodes_unlock(n);
    nodes_say_lost(n, node, lost);
}

bool nodes_maintain(struct nodes *n, uint32_t node, bool on, uint64_t now_ms) {
    nodes_lock(n);
    struct member *m = nodes_find(n, node);
    bool lost = m != NULL && nodes_take(n, m, on ? NODE_ENTERED : NODE_LEFT, 0, now_ms);
    nodes_unlock(n);
    nodes_say_lost(n, node, lost);
    return m != NULL;
}

void nodes_supports(struct nodes *n, uint32_t node, bool ar_sk) {
    nodes_lock(n);
    struct member *m = nodes_find(n, node);
    if (m != NULL)
        m->ar_sk = ar_sk;
    nodes_unlock(n);
}

/* --- paths --- */

static enum nodes_path path_of(const struct nodes *n, const struct member *m, uint64_t now_ms) {
    if (m == NULL || m->node.state == NODE_DOWN)
        return NODES_PATH_DEAD;
    if (m->node.state == NODE_SUSPECT)
        return NODES_PATH_DOUBT;
    bool fresh = m->heard_ms != 0 && now_ms - m->heard_ms <= NODES_FRESH_MS;
    return fresh || n->method == NODE_PROBE_NONE ? NODES_PATH_ALIVE : NODES_PATH_STALE;
}

enum nodes_path nodes_path(struct nodes *n, uint32_t node, uint64_t now_ms) {
    nodes_lock(n);
    enum nodes_path path = path_of(n, nodes_find(n, node), now_ms);
    nodes_unlock(n);
    return path;
}

bool nodes_forgets(struct nodes *n, uint32_t node, uint64_t accepted_ms) {
    nodes_lock(n);
    const struct member *m = nodes_find(n, node);
    bool forgets = m != NULL && accepted_ms < m->refused_ms;
    nodes_unlock(n);
    return forgets;
}

static bool has_other(const struct nodes *n, const struct member *m, uint64_t now_ms) {
    for (int i = 0; i < n->count; i++)
        if (&n->members[i] != m && node_share(&n->members[i].node, &n->policy, now_ms) > 0)
            return true;
    return false;
}

bool nodes_is_leaving(struct nodes *n, uint32_t node, uint64_t client, uint64_t now_ms) {
    uint64_t mixed = client * 0x9e3779b97f4a7c15u, turn_ms = (mixed >> 32) % NODES_LEAVE_MS;

    nodes_lock(n);
    const struct member *m = nodes_find(n, node);
    bool leaving = m != NULL && m->node.state == NODE_MAINTENANCE && now_ms >= m->node.since_ms + turn_ms &&
                   has_other(n, m, now_ms);
    nodes_unlock(n);
    return leaving;
}

bool nodes_path_alive(struct nodes *n, uint32_t node) {
    enum nodes_path path = nodes_path(n, node, 0);

    return path != NODES_PATH_DOUBT && path != NODES_PATH_DEAD;
}
