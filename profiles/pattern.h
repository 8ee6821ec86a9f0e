/*
 * pattern: one regular expression of a rule: the vendor's dialect on top of PCRE2.
 *
 * What POSIX extended expressions and the vendor's have in common means the same in PCRE2 and is handed on; what only
 * Perl knows is refused, because the same text means something else, or nothing, where the rule comes from.
 */
#ifndef PROFILES_PATTERN_H
#define PROFILES_PATTERN_H

#include "b2bua/core/pattern.h"

enum { PATTERN_MAX = 2000 };

/* What is wrong with a text, where, and what would be right. */
struct problem {
    size_t at; /* offset of a byte */
    char wrong[160];
    const char *right;
};

/* Compiles `source`, the text between the quotes. Returns 0, or -1 with *why filled. */
int pattern_compile(struct pattern *p, struct str source, struct problem *why);

#endif
