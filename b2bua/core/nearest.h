/*
 * nearest: which of the words that are known somebody may have meant.
 */
#ifndef B2BUA_CORE_NEAREST_H
#define B2BUA_CORE_NEAREST_H

#include "b2bua/core/str.h"

/* Levenshtein's distance, without regard to case; only the first 63 bytes count. */
int nearest_edits(struct str a, struct str b);

/* The candidate with the fewest edits to `text`, the first of several; `best` is NULL before any was tried. */
struct nearest {
    const char *text, *best;
    int edits;
};
void nearest_try(struct nearest *n, const char *candidate);

#endif
