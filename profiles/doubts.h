/*
 * doubts: rules that load and yet are probably not what was meant.
 */
#ifndef PROFILES_DOUBTS_H
#define PROFILES_DOUBTS_H

#include "profiles/set.h"

struct doubts_found {
    char wrong[160]; /* empty: no doubt */
    const char *right;
};

/* What is doubtful about `r`, which is one of `p`'s rules, next to those that run before it. */
struct doubts_found doubts_find(const struct profile *p, const struct rule *r);

#endif
