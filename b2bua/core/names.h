/*
 * names: a number for each name, the same as long as the program runs: what is counted under it goes on over reloads.
 */
#ifndef B2BUA_CORE_NAMES_H
#define B2BUA_CORE_NAMES_H

enum { NAMES_NUMBERS_MAX = 8192 };

struct names {
    char **name;
    int count;
};

void names_fini(struct names *n);

/* The number of a name, a new one when it has none. -1: all are given away. */
int names_number(struct names *n, const char *name);

#endif
