/*
 * Refreshes that need not reach the node: it has accepted this client's credentials, its registration there lasts for
 * long, and the refresh comes by the very connection of that registration, so that nobody else can have sent it. Over
 * UDP that could be anybody.
 */
#include "b2bua/log/log.h"
#include "b2bua/registrar/impl.h"

enum { LEAST_LEFT_S = 180 };

static bool is_same(const struct binding *b, const struct front_ask *a) {
    const struct token *x = &b->f.via, *y = &a->via;

    return flow_is_stream(y->flow.proto) && x->flow.proto == y->flow.proto && x->boot == y->boot &&
           x->flow.worker == y->flow.worker && x->flow.conn == y->flow.conn && str_eq(b->aor, a->aor) &&
           str_eq(b->contact, a->enrol.contacts[0].c.all) && str_eq(b->call_id, a->call_id) && a->cseq > b->f.cseq;
}

/* Without credentials it may be the first try of a client that waits for a challenge each time. */
static bool is_believed(struct registrar_shared *s, const struct binding *b, const struct front_ask *a,
                        uint64_t now_ms) {
    uint64_t mine = front_credential(s, a);

    if (b->f.credential == 0 || b->f.credential_ms <= now_ms || (uint32_t)b->f.credential != (uint32_t)mine)
        return false;
    return !a->enrol.has_credentials || b->f.credential == mine;
}

bool front_absorb(struct registrar *r, struct ua_in *in, const struct front_ask *a) {
    struct registrar_shared *s = r->config.shared;
    struct binding b;

    if (a->enrol.count != 1 || a->enrol.has_farewell || !bindings_get(s->bindings, a->ids[0], &b) || !is_same(&b, a) ||
        !is_believed(s, &b, a, in->now_ms) || b.f.caps & CONTACT_AR || b.f.pending || b.f.granted_ms <= in->now_ms)
        return false;
    uint32_t left_s = (uint32_t)((b.f.granted_ms - in->now_ms) / 1000);
    uint32_t told_s = front_told(r, a, false, b.f.stun_ms, a->enrol.contacts[0].asked_s, left_s, in->now_ms);
    if (left_s <= LEAST_LEFT_S || left_s <= told_s + told_s / 2 || !nodes_path_alive(s->nodes, b.f.node) ||
        nodes_forgets(s->nodes, b.f.node, b.f.accepted_ms))
        return false;
    b.f.cseq = a->cseq;
    b.f.told_ms = in->now_ms + (uint64_t)told_s * 1000;
    bindings_put(s->bindings, &b, in->now_ms);
    log_debug("binding=%016llx state=refreshed by=credentials told_s=%u", (unsigned long long)b.f.id, told_s);
    front_count(r, REGISTRAR_ABSORBED);
    front_list(r, in, a);
    return true;
}
