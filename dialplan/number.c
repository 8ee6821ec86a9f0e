#include "dialplan/number.h"

#include <stdio.h>
#include <stdlib.h>

#include "dialplan/literal.h"

static int init_expr(struct number_test *t, struct str text, struct dial_problem *why) {
    if (pattern_build(&t->expr, text, why->wrong, sizeof why->wrong, &why->at) < 0)
        return -1;
    t->literals = literal_count(text);
    return 0;
}

static int init_dial(struct number_test *t, struct str text, struct dial_problem *why) {
    t->dial = dial_new(text, why);
    if (t->dial == NULL)
        return -1;
    t->literals = dial_literals(t->dial);
    return 0;
}

int number_test_init(struct number_test *t, struct str text, struct dial_problem *why) {
    *t = (struct number_test){0};
    why->at = str_find(text, '\0');
    if (why->at < text.n) {
        snprintf(why->wrong, sizeof why->wrong, "a byte that no number has");
        return -1;
    }
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

void number_test_prefixes(const struct number_test *t, struct prefixes *out) {
    *out = (struct prefixes){.count = 1};
    if (t->dial != NULL)
        dial_prefixes(t->dial, out);
    else if (t->expr.code != NULL)
        literal_prefixes(str_of(t->text), out);
}
