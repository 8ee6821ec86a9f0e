/* STUN: keepalives of clients, and what nodes say to those of ours; nodes as the operator sees them, and what he
 * switches. */
#include "b2bua/core/stun.h"

#include <stdlib.h>

#include "tests/scenario/scenario.h"

/* --- what leaves --- */

/* Returns true when `m` is STUN: an answer to a client is counted, a request to a node is a probe. */
bool stun_take(struct world *w, struct peer *p, struct message *m) {
    struct str bytes = {m->bytes, m->n};
    enum stun_kind kind = stun_kind(bytes);

    if (kind == STUN_NOT)
        return false;
    if (kind != STUN_REQUEST) {
        p->stun_answers++;
        return true;
    }
    const char *id = scrap_copy(&w->scrap, m->bytes + STUN_HEADER - STUN_ID, STUN_ID);
    p->probed += p->probe_id == NULL || memcmp(p->probe_id, id, STUN_ID) != 0;
    p->stun_probes++;
    p->probe_id = id;
    m->next_heard = w->reflexes;
    w->reflexes = m;
    return true;
}

/* A node that answers SIP answers STUN, whatever it says. Returns false when `m` is no STUN. */
bool stun_reflex(struct world *w, const struct peer *p, const struct message *m) {
    struct str bytes = {m->bytes, m->n};
    uint8_t reply[STUN_REPLY_MAX];

    if (stun_kind(bytes) != STUN_REQUEST)
        return false;
    if (strcmp(p->reflex, "silent") == 0)
        return true;
    if (strcmp(p->reflex, "refused") == 0) {
        engine_undelivered(w->engine, &m->flow, bytes, w->now_ms);
        return true;
    }
    size_t n = stun_answer(bytes, &m->flow.peer, "told", reply);
    engine_stun(w->engine, &m->flow, (struct str){(char *)reply, n}, w->now_ms);
    return true;
}

/* --- steps --- */

/* STUN A [tcp]: a keepalive of a client. */
void step_stun(struct world *w, const struct words *words) {
    struct peer *p = world_peer(w, words->at[0][0]);
    enum flow_proto proto = words->count > 1 && strcmp(words->at[1], "tcp") == 0 ? FLOW_TCP : FLOW_UDP;
    uint8_t request[64], id[STUN_ID] = {0};
    struct flow flow;

    if (p == NULL || world_flow(w, p, proto, &flow) < 0)
        return;
    id[0] = (uint8_t)++w->serial;
    size_t n = stun_request(request, id);
    if (engine_stun(w->engine, &flow, (struct str){(char *)request, n}, w->now_ms))
        p->stun_answers++;
    probes_answer(w);
}

/* STUNNED A 1: so many answers, since it was asked last. */
void step_stunned(struct world *w, const struct words *words) {
    struct peer *p = world_peer(w, words->at[0][0]);

    if (p == NULL)
        return;
    if (p->stun_answers != (unsigned)text_number(words->at[1]))
        fail(w, "expected %s STUN answers to %s, got %u", words->at[1], p->name, p->stun_answers);
    p->stun_answers = 0;
}

/* NODE cm1 down registrations=2: as the operator sees it. */
void step_node(struct world *w, const struct words *words) {
    struct nodes_look look[SETTINGS_NODES_MAX];
    int n = nodes_look(w->nodes, look, w->now_ms);

    for (int i = 0; i < n; i++) {
        const char *count = words_get(words, "registrations"), *state = node_state_name(look[i].state);
        if (strcmp(look[i].name, words->at[0]) != 0)
            continue;
        if (strcmp(state, words->at[1]) != 0)
            fail(w, "expected %s to be %s, it is %s", look[i].name, words->at[1], state);
        if (count != NULL && (unsigned)text_number(count) != look[i].registrations)
            fail(w, "expected %s registrations at %s, there are %u", count, look[i].name, look[i].registrations);
        return;
    }
    fail(w, "no node %s", words->at[0]);
}

static void maintain(struct world *w, bool on) {
    struct report r = {0};

    switches_maintain(&w->switches, on, 120, w->now_ms);
    if (on)
        engine_report(w->engine, &(struct report_ask){.kind = REPORT_DROP}, &r, w->now_ms);
    report_fini(&r);
}

/* OPERATOR maintenance on | maintenance off | stun off | node cm1 on | moved 3 */
void step_operator(struct world *w, const struct words *words) {
    const char *what = words->at[0];
    bool on = strcmp(words->at[words->count - 1], "on") == 0;
    struct nodes_balance b;

    nodes_look_balance(w->nodes, &b, w->now_ms);
    if (strcmp(what, "maintenance") == 0)
        maintain(w, on);
    else if (strcmp(what, "stun") == 0)
        switches_set_stun(&w->switches, on);
    else if (strcmp(what, "node") == 0)
        nodes_maintain(w->nodes, nodes_number(words->at[1]), on, w->now_ms);
    else if (strcmp(what, "moved") == 0 && b.moved != (unsigned)text_number(words->at[1]))
        fail(w, "expected %s registrations moved, there were %llu", words->at[1], (unsigned long long)b.moved);
}
