/* What a route asks of a call, and what it and the trunks do to numbers. */
#include <stdlib.h>

#include "b2bua/config/row.h"
#include "dialplan/rules.h"

static void fault(struct config_loader *l, const struct config_value *v, const struct dial_problem *why) {
    config_fault(l, v->where, NULL, "column %zu: %s", why->at + 1, why->wrong);
}

/* --- conditions; an empty text is none --- */

static void take_number(struct config_loader *l, const struct config_value *v, struct number_test *test) {
    struct dial_problem why;

    if (v->text[0] != '\0' && number_test_init(test, str_of(v->text), &why) < 0)
        fault(l, v, &why);
}

void config_route_take_called(struct config_loader *l, const struct config_value *v, void *object) {
    take_number(l, v, &((struct settings_route *)object)->rules->called);
}

void config_route_take_calling(struct config_loader *l, const struct config_value *v, void *object) {
    take_number(l, v, &((struct settings_route *)object)->rules->calling);
}

static void take_expr(struct config_loader *l, const struct config_value *v, struct rules_expr *e) {
    struct dial_problem why;

    if (v->text[0] != '\0' && rules_expr_init(e, str_of(v->text), &why) < 0)
        fault(l, v, &why);
}

void config_route_take_request_uri(struct config_loader *l, const struct config_value *v, void *object) {
    take_expr(l, v, &((struct settings_route *)object)->rules->uris[RULES_REQUEST_URI]);
}

void config_route_take_to_uri(struct config_loader *l, const struct config_value *v, void *object) {
    take_expr(l, v, &((struct settings_route *)object)->rules->uris[RULES_TO_URI]);
}

void config_route_take_from_uri(struct config_loader *l, const struct config_value *v, void *object) {
    take_expr(l, v, &((struct settings_route *)object)->rules->uris[RULES_FROM_URI]);
}

void config_route_take_header_name(struct config_loader *l, const struct config_value *v, void *object) {
    (void)l;
    if (v->text[0] != '\0')
        ((struct settings_route *)object)->rules->header = str_dup(str_of(v->text));
}

void config_route_take_header_value(struct config_loader *l, const struct config_value *v, void *object) {
    take_expr(l, v, &((struct settings_route *)object)->rules->header_value);
}

/* --- translations --- */

static void take_rule(struct config_loader *l, const struct config_value *v, struct translate **t) {
    struct dial_problem why;

    if (v->text[0] == '\0')
        return;
    if (*t == NULL)
        *t = translate_new();
    if (translate_add(*t, str_of(v->text), &why) < 0)
        fault(l, v, &why);
}

/* A row's `take` knows its object alone: each place has its own. */
#define TAKE_RULES(name, object_type, place)                                                                           \
    void name(struct config_loader *l, const struct config_value *v, void *object) {                                   \
        take_rule(l, v, &((object_type *)object)->place);                                                              \
    }

TAKE_RULES(config_route_translate_called, struct settings_route, rules->translate[NUMBER_CALLED])
TAKE_RULES(config_route_translate_calling, struct settings_route, rules->translate[NUMBER_CALLING])
TAKE_RULES(config_route_translate_redirecting, struct settings_route, rules->translate[NUMBER_REDIRECTING])
TAKE_RULES(config_trunk_in_called, struct settings_trunk, translate_in[NUMBER_CALLED])
TAKE_RULES(config_trunk_in_calling, struct settings_trunk, translate_in[NUMBER_CALLING])
TAKE_RULES(config_trunk_in_redirecting, struct settings_trunk, translate_in[NUMBER_REDIRECTING])
TAKE_RULES(config_trunk_out_called, struct settings_trunk, translate_out[NUMBER_CALLED])
TAKE_RULES(config_trunk_out_calling, struct settings_trunk, translate_out[NUMBER_CALLING])
TAKE_RULES(config_trunk_out_redirecting, struct settings_trunk, translate_out[NUMBER_REDIRECTING])

const char *const config_translated[] = {"request-uri", "to",           "from", "p-asserted-identity",
                                         "diversion",   "history-info", NULL};

/* The names stand in the order of the bits. */
void config_route_take_translated(struct config_loader *l, const struct config_value *v, void *object) {
    (void)l;
    for (int i = 0; config_translated[i] != NULL; i++)
        if (strcmp(config_translated[i], v->text) == 0)
            ((struct settings_route *)object)->translated |= 1u << i;
}
