/* What all workers know: the table, the nodes, secrets, limits. */
#include <stdlib.h>

#include "b2bua/registrar/impl.h"

enum { NONCES_MAX = 65536 };

static void load(void *ctx, uint32_t node, uint32_t *registrations, uint32_t *calls) {
    const struct registrar_shared *s = ctx;
    struct bindings_load l = bindings_load(s->bindings, node);

    *registrations = l.registrations;
    *calls = l.calls;
}

static void lost(void *ctx, uint32_t node) {
    bindings_lost(((struct registrar_shared *)ctx)->bindings, node);
}

struct registrar_shared *registrar_shared_new(const struct registrar_shared_config *config) {
    struct registrar_shared *s = mem_zalloc(sizeof *s);

    s->nodes = config->nodes;
    s->fellows = config->fellows;
    s->switches = config->switches;
    s->boot = config->boot;
    s->own = s->key = s->before = token_key_of(config->secret);
    s->bindings = bindings_new(&s->key, 0);
    s->nonces = memo_new(NONCES_MAX);
    pthread_mutex_init(&s->lock, NULL);
    nodes_set_ops(s->nodes, &(struct nodes_ops){.load = load, .lost = lost, .ctx = s});
    return s;
}

void registrar_shared_free(struct registrar_shared *s) {
    if (s == NULL)
        return;
    bindings_free(s->bindings);
    windows_free(s->authorizations);
    memo_free(s->nonces);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* As many keys as fit into a few MiB of moments. */
static struct windows *counter(int max, int period_s) {
    uint32_t keys = FRONT_MOMENTS_MAX / (uint32_t)max;

    return windows_new(keys < FRONT_AUTHORIZED_MAX ? keys : FRONT_AUTHORIZED_MAX, (uint32_t)max,
                       (uint32_t)period_s * 1000);
}

/* What was counted under another limit says nothing. */
static void adopt_limit(struct registrar_shared *s, const struct settings_registrar *r) {
    if (r->authorizations_max == s->authorizations_max && r->authorizations_period_s == s->authorizations_period_s)
        return;
    windows_free(s->authorizations);
    s->authorizations_max = r->authorizations_max;
    s->authorizations_period_s = r->authorizations_period_s;
    s->authorizations = r->authorizations_max == 0 ? NULL : counter(r->authorizations_max, r->authorizations_period_s);
}

/* Tokens that are out there go on being good for one more snapshot. */
static void adopt_secret(struct registrar_shared *s, const char *configured) {
    struct token_key key = configured[0] != '\0' ? token_key_of(str_of(configured)) : s->own;

    if (hash_same(key.bytes, s->key.bytes, sizeof key.bytes))
        return;
    s->before = s->key;
    s->key = key;
}

void registrar_shared_adopt(struct registrar_shared *s, const struct settings *settings) {
    const struct settings_registrar *r = &settings->registrar;

    atomic_fetch_add(&s->epoch, 1);
    if (!r->on)
        return;
    bindings_set_max(s->bindings, (uint32_t)r->max_bindings);
    pthread_mutex_lock(&s->lock);
    adopt_limit(s, r);
    adopt_secret(s, r->flow_secret);
    pthread_mutex_unlock(&s->lock);
}

struct bindings *registrar_bindings(struct registrar_shared *s) {
    return s->bindings;
}

/* --- flows and tokens --- */

struct token registrar_via(const struct registrar_shared *s, const struct settings *settings, const struct flow *flow) {
    struct token t = {.listen_id = token_listen_id(settings->listens[flow->listen].name), .flow = *flow};

    if (flow_is_stream(flow->proto))
        t.boot = s->boot;
    return t;
}

struct str registrar_token(struct registrar_shared *s, const struct token *via, char *text) {
    pthread_mutex_lock(&s->lock);
    struct token_key key = s->key;
    pthread_mutex_unlock(&s->lock);
    return token_make(&key, via, text);
}

int registrar_token_read(struct registrar_shared *s, struct str text, struct token *via) {
    pthread_mutex_lock(&s->lock);
    struct token_key key = s->key, before = s->before;
    pthread_mutex_unlock(&s->lock);
    return token_read(&key, text, via) == 0 || token_read(&before, text, via) == 0 ? 0 : -1;
}

int registrar_flow(const struct registrar_shared *s, const struct settings *settings, const struct token *via,
                   struct flow *flow) {
    if (flow_is_stream(via->flow.proto) && via->boot != s->boot)
        return -1;
    for (int i = 0; i < settings->listen_count; i++) {
        const struct settings_listen *l = &settings->listens[i];
        if (l->state == LISTEN_NONE || l->proto != (int)via->flow.proto || token_listen_id(l->name) != via->listen_id)
            continue;
        *flow = via->flow;
        flow->listen = (uint16_t)i;
        flow->bound = true;
        return 0;
    }
    return -1;
}
