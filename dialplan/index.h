/*
 * index: the routes that may take a number, found by its first characters, so that a decision among ten thousand costs
 * little more than one among ten.
 */
#ifndef DIALPLAN_INDEX_H
#define DIALPLAN_INDEX_H

#include "b2bua/core/settings.h"
#include "dialplan/trie.h"

struct route_index;

/* Of the routes as they stand; they must not change any more. */
struct route_index *route_index_new(const struct settings *s);
void route_index_free(struct route_index *x); /* NULL is fine */

/* A route, and the most characters that it can match literally. */
struct route_ranked {
    int route, literals;
};

/* The candidates for a number, in spans; in each the one that can match most comes first, then priority and order. */
struct route_span {
    const int *ranks;
    int count;
};
int route_index_find(const struct route_index *x, struct str number, struct route_span spans[TRIE_KEY_MAX + 1]);

/* The route of a rank that route_index_find has given. */
struct route_ranked route_index_at(const struct route_index *x, int rank);

#endif
