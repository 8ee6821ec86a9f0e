/*
 * rules: what a route asks of a call, and what it does to the numbers: compiled once, shared by threads. The loader of
 * the configuration fills them; route.c reads them.
 */
#ifndef DIALPLAN_RULES_H
#define DIALPLAN_RULES_H

#include "b2bua/core/settings.h"
#include "dialplan/e164map.h"
#include "dialplan/number.h"
#include "dialplan/translate.h"

/* A regular expression that is looked for anywhere in a text. */
struct rules_expr {
    char *text; /* as written; NULL: no condition */
    struct pattern pattern;
};

enum rules_uri { RULES_REQUEST_URI, RULES_TO_URI, RULES_FROM_URI, RULES_URIS };

struct route_rules {
    struct number_test called, calling;
    const struct e164_map *called_map, *calling_map; /* of settings.maps; NULL = no condition */
    struct rules_expr uris[RULES_URIS];
    char *header; /* its name; NULL = no condition */
    struct rules_expr header_value;
    struct translate *translate[SETTINGS_NUMBERS]; /* NULL = none */
};

struct route_rules *rules_new(void);
void rules_free(struct route_rules *r); /* NULL is fine */

/* Returns 0, or -1 with *why filled. */
int rules_expr_init(struct rules_expr *e, struct str text, struct dial_problem *why);

/* What an entry of a map names: a trunk or a group as one number, and back. */
int rules_name(int index, bool is_group);
struct settings_route_to rules_named(int name);

/* The most that a call's number can count on this route; `r` may be NULL. */
int rules_literals(const struct route_rules *r);

/* Is each condition of `a`, other than those on the called number, not there or the same in `b`? Either may be NULL. */
bool rules_include(const struct route_rules *a, const struct route_rules *b);

/* Are their conditions on the called number the same? */
bool rules_same_called(const struct route_rules *a, const struct route_rules *b);

/* Frees what the dial plan has compiled in `s`: rules, maps, translations of trunks, the index. For
 * settings.dialplan_free. */
void rules_free_all(struct settings *s);

#endif
