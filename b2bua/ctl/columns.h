/*
 * columns: JSON as a table, whose columns are named by rows that say which member of an object is shown, and how.
 */
#ifndef B2BUA_CTL_COLUMNS_H
#define B2BUA_CTL_COLUMNS_H

#include <jansson.h>
#include <stdio.h>

#include "b2bua/ctl/value.h"

/* The last has no title. */
struct ctl_column {
    const char *title;
    const char *key; /* "timer.interval_s": inside another object */
    enum ctl_kind kind;
};

/* Things of a list, a line each. */
void ctl_columns_list(const json_t *list, const struct ctl_column *columns, FILE *out);

/* The list that is `name` in the answer, and how much more there is where the answer was cut. */
void ctl_columns_some(const json_t *answer, const char *name, const struct ctl_column *columns, FILE *out);

/* One thing, a line for each value. `many`: each of a list, beside each other. */
void ctl_columns_values(const json_t *things, bool many, const struct ctl_column *rows, FILE *out);

/* How old the addresses are of what has a `uri` and `looked_up_s`, where it has. */
void ctl_columns_age(const json_t *named, FILE *out);

#endif
