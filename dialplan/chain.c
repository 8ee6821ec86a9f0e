/* A number on its way through the rules of both trunks and the route. */
#include "dialplan/impl.h"

struct walking {
    struct route_ctx *ctx;
    struct str now;
    char text[2][ROUTE_NUMBER_MAX]; /* by turns */
    int next;
};

static void take(struct walking *w, const struct sbuf *b) {
    w->now = sbuf_str(b);
    w->next ^= 1;
}

static void run_rules(struct walking *w, const struct translate *t) {
    struct sbuf b = sbuf_on(w->text[w->next], ROUTE_NUMBER_MAX);

    if (translate_run(t, &w->ctx->room, w->now, &b) >= 0)
        take(w, &b);
}

static void run_map(struct walking *w, const struct e164_map *map) {
    struct sbuf b = sbuf_on(w->text[w->next], ROUTE_NUMBER_MAX);
    struct e164_hit hit;

    if (map == NULL || !e164_map_find(map, w->now, &hit) || hit.replace.p == NULL)
        return;
    sbuf_put(&b, hit.replace);
    sbuf_put(&b, str_from(w->now, hit.beginning));
    if (!b.full)
        take(w, &b);
}

static const struct e164_map *map_of(const struct route_rules *r, enum settings_number kind) {
    switch (kind) {
    case NUMBER_CALLED:
        return r->called_map;
    case NUMBER_CALLING:
        return r->calling_map;
    case NUMBER_REDIRECTING:
    case SETTINGS_NUMBERS:
        break;
    }
    return NULL;
}

bool route_number(struct route_ctx *ctx, const struct route_chain *c, enum settings_number kind, struct str number,
                  struct sbuf *out) {
    const struct route_rules *rules = c->route == NULL ? NULL : c->route->rules;
    struct walking w = {.ctx = ctx, .now = number};

    if (number.n > ROUTE_NUMBER_MAX)
        return false;
    if (c->from >= 0)
        run_rules(&w, c->settings->trunks[c->from].translate_in[kind]);
    if (rules != NULL) {
        run_map(&w, map_of(rules, kind));
        run_rules(&w, rules->translate[kind]);
    }
    if (c->to >= 0)
        run_rules(&w, c->settings->trunks[c->to].translate_out[kind]);
    if (str_eq(w.now, number))
        return false;
    sbuf_put(out, w.now);
    return true;
}

bool route_changes_numbers(const struct route_chain *c) {
    const struct route_rules *rules = c->route == NULL ? NULL : c->route->rules;

    for (int i = 0; i < SETTINGS_NUMBERS; i++)
        if ((c->from >= 0 && c->settings->trunks[c->from].translate_in[i] != NULL) ||
            (c->to >= 0 && c->settings->trunks[c->to].translate_out[i] != NULL) ||
            (rules != NULL && (rules->translate[i] != NULL || map_of(rules, (enum settings_number)i) != NULL)))
            return true;
    return false;
}
