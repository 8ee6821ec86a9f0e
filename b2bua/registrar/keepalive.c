#include "b2bua/registrar/keepalive.h"

#include <stdlib.h>

enum { WAIT_MS = 2000, LOOK_MS = 50, WAITING_MAX = 8192 };

/* An answer that is ready, and waits. */
struct waiting {
    struct waiting *next;
    uint32_t nodes[KEEPALIVE_BINDINGS_MAX];
    int node_count;
    uint64_t until_ms;
    struct flow flow;
    size_t n;
    uint8_t answer[STUN_REPLY_MAX];
};

struct keepalives {
    struct keepalives_config config;
    struct settings *settings;
    struct timer timer;
    struct waiting *first, **last;
    bool looking; /* at those that wait: what is sent may bring news at once */
    struct keepalives_counts counts;
};

struct keepalives *keepalives_new(const struct keepalives_config *config) {
    struct keepalives *k = mem_zalloc(sizeof *k);

    k->config = *config;
    k->last = &k->first;
    return k;
}

void keepalives_free(struct keepalives *k) {
    if (k == NULL)
        return;
    timerq_stop(k->config.timers, &k->timer);
    while (k->first != NULL) {
        struct waiting *w = k->first;
        k->first = w->next;
        free(w);
    }
    settings_unref(k->settings);
    free(k);
}

void keepalives_set_settings(struct keepalives *k, struct settings *s) {
    settings_unref(k->settings);
    k->settings = settings_ref(s);
}

struct keepalives_counts keepalives_counts(const struct keepalives *k) {
    return k->counts;
}

/* --- what a path is worth --- */

/* The worst of all. What is not certain is probed. */
static enum nodes_path worst_path(struct keepalives *k, const uint32_t *nodes, int count, uint64_t now_ms) {
    enum nodes_path worst = NODES_PATH_ALIVE;

    for (int i = 0; i < count; i++) {
        enum nodes_path path = nodes_path(k->config.nodes, nodes[i], now_ms);
        if (path == NODES_PATH_STALE || path == NODES_PATH_DOUBT)
            prober_ask(k->config.prober, nodes[i], now_ms);
        worst = path > worst ? path : worst;
    }
    return worst;
}

/* --- those that wait --- */

/* Returns false when it goes on waiting. */
static bool settle(struct keepalives *k, struct waiting *w, uint64_t now_ms) {
    switch (worst_path(k, w->nodes, w->node_count, now_ms)) {
    case NODES_PATH_ALIVE:
        k->counts.late++;
        k->config.flow.send(k->config.flow.ctx, &w->flow, NULL, (const char *)w->answer, w->n);
        return true;
    case NODES_PATH_STALE:
    case NODES_PATH_DOUBT:
        if (now_ms < w->until_ms)
            return false;
        k->counts.doubted++;
        return true;
    case NODES_PATH_DEAD:
        break;
    }
    k->counts.dead++;
    return true;
}

void keepalives_news(struct keepalives *k, uint64_t now_ms) {
    struct waiting **at = &k->first;

    if (k->looking)
        return;
    k->looking = true;
    while (*at != NULL) {
        struct waiting *w = *at;
        if (!settle(k, w, now_ms)) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        k->counts.waiting--;
        free(w);
    }
    k->last = at;
    k->looking = false;
    if (k->first != NULL)
        timerq_set(k->config.timers, &k->timer, now_ms + LOOK_MS);
}

static void on_timer(struct timer *t, uint64_t now_ms) {
    keepalives_news((struct keepalives *)((char *)t - offsetof(struct keepalives, timer)), now_ms);
}

/* What cannot wait any more is silence: the client asks again. */
static void wait(struct keepalives *k, const struct flow *from, struct str request, const uint32_t *nodes, int count,
                 uint64_t now_ms) {
    struct waiting *w;

    if (k->counts.waiting == WAITING_MAX) {
        k->counts.doubted++;
        return;
    }
    w = mem_zalloc(sizeof *w);
    *w = (struct waiting){.node_count = count, .until_ms = now_ms + WAIT_MS, .flow = *from};
    memcpy(w->nodes, nodes, (size_t)count * sizeof *nodes);
    w->n = stun_answer(request, &from->peer, STUN_SOFTWARE, w->answer);
    if (w->n == 0) {
        free(w);
        return;
    }
    *k->last = w;
    k->last = &w->next;
    k->counts.waiting++;
    k->timer.fire = on_timer;
    if (!timerq_is_set(&k->timer))
        timerq_set(k->config.timers, &k->timer, now_ms + LOOK_MS);
}

/* --- requests --- */

static bool is_for_clients(const struct settings *s, const struct flow *from) {
    const struct settings_trunk *t = &s->trunks[s->registrar.trunk];

    for (int i = 0; i < t->listen_count; i++)
        if (t->listens[i] == from->listen)
            return true;
    return false;
}

/* Can it find another way, and does it lose nothing by that? */
static bool can_go(const struct keepalive_binding *b, int count) {
    bool idle = true, adaptive = false;

    for (int i = 0; i < count; i++) {
        idle = idle && !b[i].calls;
        adaptive = adaptive || b[i].adaptive;
    }
    return idle && adaptive;
}

/* In maintenance, ours or that of their node, idle clients that know how to find another one are told to, some at a
 * time. */
static bool is_told_to_go(struct keepalives *k, const struct keepalive_binding *b, int count, uint64_t now_ms) {
    if (!can_go(b, count))
        return false;
    if (switches_is_silent(k->config.switches, b[0].id, now_ms))
        return true;
    if (k->settings->registrar.stun_answers == STUN_ANSWERS_ALWAYS)
        return false;
    for (int i = 0; i < count; i++)
        if (b[i].node != NODES_NONE && nodes_is_leaving(k->config.nodes, b[i].node, b[i].id, now_ms))
            return true;
    return false;
}

static bool by_path(struct keepalives *k, const struct flow *from, struct str request,
                    const struct keepalive_binding *b, int count, uint64_t now_ms) {
    uint32_t nodes[KEEPALIVE_BINDINGS_MAX];
    int n = 0;

    for (int i = 0; i < count; i++) {
        if (b[i].node == NODES_NONE)
            continue;
        nodes[n++] = b[i].node;
        if (nodes_forgets(k->config.nodes, b[i].node, b[i].accepted_ms)) {
            k->counts.dead++;
            return false;
        }
    }
    switch (worst_path(k, nodes, n, now_ms)) {
    case NODES_PATH_ALIVE:
        return true;
    case NODES_PATH_STALE:
    case NODES_PATH_DOUBT:
        wait(k, from, request, nodes, n, now_ms);
        return false;
    case NODES_PATH_DEAD:
        break;
    }
    k->counts.dead++;
    return false;
}

bool keepalives_stun(struct keepalives *k, const struct flow *from, struct str request, uint64_t now_ms) {
    const struct settings *s = k->settings;
    struct keepalive_binding b[KEEPALIVE_BINDINGS_MAX];

    if (!s->registrar.on || !is_for_clients(s, from))
        return true;
    if (!switches_stun(k->config.switches, s)) {
        k->counts.off++;
        return false;
    }
    int count = k->config.bindings(k->config.ctx, from, b, now_ms);
    if (is_told_to_go(k, b, count, now_ms)) {
        k->counts.maintained++;
        return false;
    }
    return s->registrar.stun_answers == STUN_ANSWERS_ALWAYS || by_path(k, from, request, b, count, now_ms);
}
