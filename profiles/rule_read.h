/*
 * rule_read: a rule while it is read; inside of rule_read.c and rule_check.c.
 */
#ifndef PROFILES_RULE_READ_H
#define PROFILES_RULE_READ_H

#include "profiles/rule.h"

struct reading {
    struct rule *r;
    const struct words *w;
    int at; /* the next word */
    const struct rule_notes *notes;
};

/* Where word `i` begins, or where the rule ends. */
const char *rule_place(const struct reading *g, int i);

/* Tells that word `i` is wrong, and what would be right; -1. */
int rule_wrong(const struct reading *g, int i, const char *what, const char *right);

/* Is the rule one that may be? Word `name_at` is the name of what it is about. Returns 0, or -1 after an error was
 * told. */
int rule_check(const struct reading *g, int name_at);

#endif
