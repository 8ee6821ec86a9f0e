/*
 * translate: rules that change a number, as sed writes them: "s/^0/+49/". Any character may part them; \1 to \9 in the
 * text are groups, & and \0 the whole match; g replaces all matches, without it the first. The expression is PCRE2;
 * \( \) make a group, too, as in `voice translation-rule`. Of several rules the first that matches works, alone.
 */
#ifndef DIALPLAN_TRANSLATE_H
#define DIALPLAN_TRANSLATE_H

#include "b2bua/core/pattern.h"
#include "dialplan/dial.h"

struct translate; /* shared by threads */

struct translate *translate_new(void);
void translate_free(struct translate *t); /* NULL is fine */

/* One rule more. Returns 0, or -1 with *why filled. */
int translate_add(struct translate *t, struct str rule, struct dial_problem *why);

/* What becomes of `number`, written to `out`. Returns the rule that matched (from 0), or -1: none did, or what it makes
 * does not fit: nothing was written. `t` may be NULL. */
int translate_run(const struct translate *t, const struct pattern_room *room, struct str number, struct sbuf *out);

#endif
