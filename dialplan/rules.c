#include "dialplan/rules.h"

#include <stdlib.h>

#include "dialplan/index.h"

struct route_rules *rules_new(void) {
    return mem_zalloc(sizeof(struct route_rules));
}

static void expr_fini(struct rules_expr *e) {
    pattern_fini(&e->pattern);
    free(e->text);
}

void rules_free(struct route_rules *r) {
    if (r == NULL)
        return;
    number_test_fini(&r->called);
    number_test_fini(&r->calling);
    for (int i = 0; i < RULES_URIS; i++)
        expr_fini(&r->uris[i]);
    expr_fini(&r->header_value);
    free(r->header);
    for (int i = 0; i < SETTINGS_NUMBERS; i++)
        translate_free(r->translate[i]);
    free(r);
}

int rules_expr_init(struct rules_expr *e, struct str text, struct dial_problem *why) {
    if (pattern_build(&e->pattern, text, why->wrong, sizeof why->wrong, &why->at) < 0)
        return -1;
    e->text = str_dup(text);
    return 0;
}

int rules_name(int index, bool is_group) {
    return 2 * index + is_group;
}

struct settings_route_to rules_named(int name) {
    return (struct settings_route_to){.trunk = name / 2, .is_group = name % 2, .weight = 1};
}

int rules_literals(const struct route_rules *r) {
    int own = r == NULL ? 0 : r->called.literals;
    int map = r == NULL || r->called_map == NULL ? 0 : e164_map_literals(r->called_map);

    return own > map ? own : map;
}

static bool same(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool includes(const char *a, const char *b) {
    return a == NULL || same(a, b);
}

static const struct route_rules none;

bool rules_include(const struct route_rules *a, const struct route_rules *b) {
    a = a == NULL ? &none : a;
    b = b == NULL ? &none : b;
    for (int i = 0; i < RULES_URIS; i++)
        if (!includes(a->uris[i].text, b->uris[i].text))
            return false;
    return includes(a->calling.text, b->calling.text) && includes(a->header, b->header) &&
           includes(a->header_value.text, b->header_value.text) &&
           (a->calling_map == NULL || a->calling_map == b->calling_map);
}

bool rules_same_called(const struct route_rules *a, const struct route_rules *b) {
    a = a == NULL ? &none : a;
    b = b == NULL ? &none : b;
    return same(a->called.text, b->called.text) && a->called_map == b->called_map;
}

void rules_free_all(struct settings *s) {
    route_index_free(s->index);
    for (int i = 0; i < s->route_count; i++)
        rules_free(s->routes[i].rules);
    for (int i = 0; i < s->map_count; i++)
        e164_map_free(s->maps[i].map);
    for (int i = 0; i < s->trunk_count; i++)
        for (int n = 0; n < SETTINGS_NUMBERS; n++) {
            translate_free(s->trunks[i].translate_in[n]);
            translate_free(s->trunks[i].translate_out[n]);
        }
}
