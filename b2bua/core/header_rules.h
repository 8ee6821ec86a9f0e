/*
 * header_rules: which header names may cross, by regular expressions (PCRE2) of a trunk. A name passes when an
 * expression of `pass` matches the whole of it, in any case, and none of `strip` does. Compiled once; shared by
 * threads. What was asked before is remembered, so that a call costs a look-up a header.
 */
#ifndef B2BUA_CORE_HEADER_RULES_H
#define B2BUA_CORE_HEADER_RULES_H

#include "b2bua/core/str.h"

enum header_rules_list { HEADER_RULES_PASS, HEADER_RULES_STRIP };

struct header_rules;

/* Nothing passes until expressions are added. */
struct header_rules *header_rules_new(void);
void header_rules_free(struct header_rules *r); /* NULL is fine */

/* Returns 0, or -1 with *offset and `why` (of `size` bytes) filled when `pattern` is no expression. */
int header_rules_add(struct header_rules *r, enum header_rules_list list, const char *pattern, size_t *offset,
                     char *why, size_t size);

/* NULL: everything passes. */
bool header_rules_pass(const struct header_rules *r, struct str name);

#endif
