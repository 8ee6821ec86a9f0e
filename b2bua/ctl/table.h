/*
 * table: text in columns: numbers to the right, words to the left. What a terminal would take for a command of its
 * own is shown as "?".
 */
#ifndef B2BUA_CTL_TABLE_H
#define B2BUA_CTL_TABLE_H

#include <stdio.h>

#include "b2bua/core/str.h"

enum { CTL_COLUMNS_MAX = 16, CTL_CELL_MAX = 512 };

struct ctl_table {
    int columns;
    bool right[CTL_COLUMNS_MAX];
    char **cells; /* row by row; owned */
    size_t count, room;
};

/* `columns` at most CTL_COLUMNS_MAX; right[i]: column i holds numbers. */
void ctl_table_init(struct ctl_table *t, int columns, const bool *right);
void ctl_table_fini(struct ctl_table *t);

/* The next cell; copied, cut at CTL_CELL_MAX bytes. */
void ctl_table_cell(struct ctl_table *t, const char *text);

/* All cells so far, a line for each row, columns as wide as their widest cell. */
void ctl_table_print(const struct ctl_table *t, FILE *out);

/* A text of a peer as one line that a terminal can take. `buf` holds at least 2 bytes. Returns `buf`. */
const char *ctl_safe(const char *text, char *buf, size_t size);

/* "twinlegctl: what", one line, whatever is in it. Returns 1, the exit status. */
int ctl_wrong(FILE *err, const char *what);

#endif
