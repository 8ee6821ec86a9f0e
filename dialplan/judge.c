#include "dialplan/impl.h"

/* A message full of one header must not cost more than it is worth. */
enum { INSTANCES_MAX = 64 };

struct judging {
    struct route_ctx *ctx;
    const struct route_facts *f;
    const struct settings_route *route;
    const struct route_rules *rules;
    struct route_verdict *out;
};

static bool holds_from(const struct judging *j) {
    const struct settings_route *r = j->route;

    for (int i = 0; i < r->from_count; i++)
        if (r->from[i] == j->f->trunk)
            return true;
    return r->from_count == 0;
}

static void count_literals(const struct judging *j, int literals) {
    if (literals > j->out->literals)
        j->out->literals = literals;
}

static bool holds_called(const struct judging *j) {
    int literals = number_test_match(&j->rules->called, &j->ctx->room, j->f->called, &j->out->reach, &j->out->cut);

    count_literals(j, literals);
    return literals >= 0;
}

static bool holds_called_map(const struct judging *j) {
    struct e164_hit hit;

    if (j->rules->called_map == NULL)
        return true;
    if (!e164_map_find(j->rules->called_map, j->f->called, &hit))
        return false;
    count_literals(j, hit.literals);
    return true;
}

static bool holds_calling(const struct judging *j) {
    size_t reach;

    return number_test_match(&j->rules->calling, &j->ctx->room, j->f->calling, &reach, &j->out->cut) >= 0;
}

static bool holds_calling_map(const struct judging *j) {
    struct e164_hit hit;

    return j->rules->calling_map == NULL || e164_map_find(j->rules->calling_map, j->f->calling, &hit);
}

static bool matches(const struct judging *j, const struct rules_expr *e, struct str text) {
    struct str groups[PATTERN_GROUPS];

    if (e->text == NULL)
        return true;
    enum pattern_result found = pattern_find(&e->pattern, &j->ctx->room, text, groups);
    j->out->cut |= found == PATTERN_CUT;
    return found == PATTERN_YES;
}

static bool holds_request_uri(const struct judging *j) {
    return matches(j, &j->rules->uris[RULES_REQUEST_URI], j->f->request_uri);
}

static bool holds_to_uri(const struct judging *j) {
    return matches(j, &j->rules->uris[RULES_TO_URI], j->f->to_uri);
}

static bool holds_from_uri(const struct judging *j) {
    return matches(j, &j->rules->uris[RULES_FROM_URI], j->f->from_uri);
}

static bool holds_header(const struct judging *j) {
    struct str name = str_of(j->rules->header), value;
    const void *cursor = NULL;

    if (name.n == 0)
        return true;
    if (j->f->header == NULL)
        return false;
    for (int n = 0; n < INSTANCES_MAX && j->f->header(j->f->message, name, &cursor, &value); n++)
        if (matches(j, &j->rules->header_value, value))
            return true;
    return false;
}

/* The cheap ones stand first. */
static bool (*const conditions[ROUTE_CONDITIONS])(const struct judging *) = {
    [ROUTE_FROM] = holds_from,       [ROUTE_CALLED] = holds_called,           [ROUTE_CALLED_MAP] = holds_called_map,
    [ROUTE_CALLING] = holds_calling, [ROUTE_CALLING_MAP] = holds_calling_map, [ROUTE_REQUEST_URI] = holds_request_uri,
    [ROUTE_TO_URI] = holds_to_uri,   [ROUTE_FROM_URI] = holds_from_uri,       [ROUTE_HEADER] = holds_header,
};

static const struct route_rules none;

bool judge_route(struct route_ctx *ctx, const struct route_facts *f, const struct settings_route *r, bool all,
                 struct route_verdict *out) {
    struct judging j = {ctx, f, r, r->rules == NULL ? &none : r->rules, out};

    *out = (struct route_verdict){.route = r};
    for (int i = 0; i < ROUTE_CONDITIONS; i++) {
        if (conditions[i](&j))
            continue;
        out->failed |= 1u << i;
        if (!all)
            return false;
    }
    return out->failed == 0;
}

bool judge_before(const struct route_verdict *a, const struct route_verdict *b) {
    if (a->literals != b->literals)
        return a->literals > b->literals;
    if (a->route->priority != b->route->priority)
        return a->route->priority < b->route->priority;
    return a->route < b->route;
}

struct route_facts judge_facts(struct route_ctx *ctx, const struct settings *s, const struct route_facts *f) {
    struct route_facts seen = *f;
    struct str *const numbers[SETTINGS_NUMBERS] = {&seen.called, &seen.calling, &seen.redirecting};
    struct route_chain chain = {s, NULL, f->trunk, -1};

    for (int i = 0; i < SETTINGS_NUMBERS; i++) {
        struct sbuf b = sbuf_on(ctx->matched[i], sizeof ctx->matched[i]);
        if (numbers[i]->n > 0 && route_number(ctx, &chain, (enum settings_number)i, *numbers[i], &b))
            *numbers[i] = sbuf_str(&b);
    }
    return seen;
}

void route_judge(struct route_ctx *ctx, const struct settings *s, const struct route_facts *f,
                 const struct settings_route *r, struct route_verdict *out) {
    struct route_facts seen = judge_facts(ctx, s, f);

    judge_route(ctx, &seen, r, true, out);
}
