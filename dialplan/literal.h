/*
 * literal: what a regular expression says literally, without running it: so that it can be ranked beside patterns, and
 * found by the beginning of a number. `text` begins with ^ and compiles.
 */
#ifndef DIALPLAN_LITERAL_H
#define DIALPLAN_LITERAL_H

#include "dialplan/prefixes.h"

/* The literal characters that every match has, at least. What is not understood (options, look-around, quoting) counts
 * as nothing. */
int literal_count(struct str text);

/* What every match begins with: literals, optional ones, and groups of literal alternatives are followed. */
void literal_prefixes(struct str text, struct prefixes *out);

#endif
