#include "dialplan/number.h"

#include <stdio.h>
#include <stdlib.h>

#include "dialplan/literal.h"

static int init_expr(struct number_test *t, struct str text, struct dial_problem *why) {
    struct sbuf prefix = sbuf_on(t->prefix, sizeof t->prefix);

    if (pattern_build(&t->expr, text, why->wrong, sizeof why->wrong, &why->at) < 0)
        return -1;
    t->literals = literal_count(text, &prefix);
    t->prefix_n = prefix.n;
    return 0;
}

static int init_dial(struct number_test *t, struct str text, struct dial_problem *why) {
    t->dial = dial_new(text, why);
    if (t->dial == NULL)
        return -1;
    struct str prefix = dial_prefix(t->dial);
    t->literals = dial_literals(t->dial);
    memcpy(t->prefix, prefix.p, prefix.n);
    t->prefix_n = prefix.n;
    return 0;
}

int number_test_init(struct number_test *t, struct str text, struct dial_problem *why) {
    *t = (struct number_test){0};
    if ((text.n > 0 && text.p[0] == '^' ? init_expr(t, text, why) : init_dial(t, text, why)) < 0)
        return -1;
    t->text = str_dup(text);
    return 0;
}

void number_test_fini(struct number_test *t) {
    dial_free(t->dial);
    pattern_fini(&t->expr);
    free(t->text);
    *t = (struct number_test){0};
}

int number_test_match(const struct number_test *t, const struct pattern_room *room, struct str number, size_t *reach,
                      bool *cut) {
    struct str groups[PATTERN_GROUPS];

    *reach = 0;
    if (t->dial != NULL)
        return dial_match(t->dial, number, reach);
    if (t->expr.code == NULL)
        return 0;
    enum pattern_result found = pattern_find(&t->expr, room, number, groups);
    *cut |= found == PATTERN_CUT;
    return found == PATTERN_YES ? t->literals : -1;
}
