/* OPTIONS that trunks are probed with: peers answer them by themselves, as they were told. */
#include <stdlib.h>

#include "b2bua/trunk/walk.h"
#include "tests/scenario/scenario.h"

/* Returns true when `m` is a probe that nobody is to hear of. */
bool probes_take(struct world *w, struct peer *p, struct message *m) {
    if (!w->probes || strncmp(m->bytes, "OPTIONS ", 8) != 0 || strcmp(p->reflex, "hear") == 0)
        return false;
    const char *id = text_header(&w->scrap, m->bytes, "Call-ID");
    if (p->probe_id != NULL && strcmp(p->probe_id, id) == 0)
        return true; /* the same again */
    p->probe_id = id;
    p->probed++;
    m->next_heard = w->reflexes;
    w->reflexes = m;
    return true;
}

static void answer(struct world *w, struct peer *p, const struct message *m) {
    const char *text =
        scrap_print(&w->scrap, "SIP/2.0 %s Told\r\n%sFrom: %s\r\nTo: %s;tag=p%u\r\nCall-ID: %s\r\nCSeq: %s\r\n%s\r\n",
                    p->reflex, text_lines(&w->scrap, m->bytes, "Via"), text_header(&w->scrap, m->bytes, "From"),
                    text_header(&w->scrap, m->bytes, "To"), ++w->serial, text_header(&w->scrap, m->bytes, "Call-ID"),
                    text_header(&w->scrap, m->bytes, "CSeq"), "Content-Length: 0\r\n");

    world_deliver(w, p, m->flow.proto, text);
}

void probes_answer(struct world *w) {
    while (w->reflexes != NULL) {
        struct message *m = w->reflexes;
        struct peer *p = &w->peers[m->peer];
        w->reflexes = m->next_heard;
        if (stun_reflex(w, p, m))
            continue;
        if (strcmp(p->reflex, "refused") == 0)
            engine_undelivered(w->engine, &m->flow, (struct str){m->bytes, m->n}, w->now_ms);
        else if (strcmp(p->reflex, "silent") != 0)
            answer(w, p, m);
    }
}

/* PROBES B=503 C=silent: from now on, for the first time: all others answer 200. */
void step_probes(struct world *w, const struct words *words) {
    for (int i = 0; i < words->count; i++) {
        struct peer *p = world_peer(w, words->at[i][0]);
        if (p == NULL || words->at[i][1] != '=')
            fail(w, "no peer: %s", words->at[i]);
        else
            p->reflex = scrap_print(&w->scrap, "%s", words->at[i] + 2);
    }
    if (!w->probes)
        engine_set_settings(w->engine, w->settings);
    w->probes = true;
}

/* PROBED B 3: so many, since it was asked last. */
void step_probed(struct world *w, const struct words *words) {
    struct peer *p = world_peer(w, words->at[0][0]);

    if (p == NULL)
        return;
    if (p->probed != (unsigned)text_number(words->at[1]))
        fail(w, "expected %s probes of %s, got %u", words->at[1], p->name, p->probed);
    p->probed = 0;
}

/* PLACE B down */
void step_place(struct world *w, const struct words *words) {
    struct peer *p = world_peer(w, words->at[0][0]);
    struct pool_place places[POOL_PLACES_MAX];
    struct addr ip;

    if (p == NULL || addr_parse(&ip, str_of(p->ip)) < 0)
        return;
    for (int i = 0; i < w->settings->trunk_count; i++) {
        int n = pool_places(w->trunks, &w->settings->trunks[i], places);
        for (int j = 0; j < n; j++) {
            const char *state = health_state_name(places[j].state);
            if (addr_same_ip(&places[j].addr, &ip) && strcmp(state, words->at[1]) != 0)
                fail(w, "expected %s to be %s, it is %s", p->name, words->at[1], state);
        }
    }
}
