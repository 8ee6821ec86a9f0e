/*
 * literal: what a regular expression says literally, without running it: so that it can be ranked beside patterns, and
 * found by the beginning of a number.
 */
#ifndef DIALPLAN_LITERAL_H
#define DIALPLAN_LITERAL_H

#include "b2bua/core/str.h"

/*
 * The literal characters that every match of `text` has, at least. `text` begins with ^ and compiles. What is not
 * understood (options, look-around, quoting) counts as nothing. *prefix gets those that every match begins with, at
 * most prefix->cap.
 */
int literal_count(struct str text, struct sbuf *prefix);

#endif
