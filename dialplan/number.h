/*
 * number: what a route says of a number: the pattern of a dial peer, or a regular expression when it begins with ^.
 */
#ifndef DIALPLAN_NUMBER_H
#define DIALPLAN_NUMBER_H

#include "b2bua/core/pattern.h"
#include "dialplan/dial.h"

struct number_test {
    char *text;          /* as written; NULL: there is no condition */
    struct dial *dial;   /* or: */
    struct pattern expr; /* code NULL: none */
    int literals;        /* the most that can count */
};

/* Returns 0, or -1 with *why filled. */
int number_test_init(struct number_test *t, struct str text, struct dial_problem *why);
void number_test_fini(struct number_test *t);

/*
 * How much of the number the test gives literally, 0 without a condition; -1: no match. Of a regular expression these
 * are the literal characters that each of its matches has. *reach as in dial_match; `cut` becomes true when the
 * expression was too costly to say.
 */
int number_test_match(const struct number_test *t, const struct pattern_room *room, struct str number, size_t *reach,
                      bool *cut);

/* What a number must begin with to match; without a condition that is nothing. */
void number_test_prefixes(const struct number_test *t, struct prefixes *out);

#endif
