/*
 * prefixes: what a number may begin with to match a pattern: a few beginnings, so that the pattern is looked at for no
 * other number. One of them may be empty: any number, then.
 */
#ifndef DIALPLAN_PREFIXES_H
#define DIALPLAN_PREFIXES_H

#include "b2bua/core/str.h"

enum { PREFIXES_MAX = 16, PREFIXES_LENGTH_MAX = 24 };

struct prefixes {
    int count;
    size_t n[PREFIXES_MAX];
    char text[PREFIXES_MAX][PREFIXES_LENGTH_MAX];
};

static inline struct str prefixes_at(const struct prefixes *p, int i) {
    return (struct str){p->text[i], p->n[i]};
}

#endif
