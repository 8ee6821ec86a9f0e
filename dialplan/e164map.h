/*
 * e164map: a file of numbers, found by what a number begins with. One entry a line:
 *
 *   +49301234           all that begins with it
 *   +4930....$          a pattern, as dialplan/dial.h has it
 *   030123 +4930123     the literal beginning of the entry is replaced
 *   030123 @berlin      the call goes to this trunk or group, whatever the route says
 *   # a comment; also behind an entry and a blank. A number that begins with # is written \#
 *
 * The entry that says most of a number literally is taken, of equals the first.
 */
#ifndef DIALPLAN_E164MAP_H
#define DIALPLAN_E164MAP_H

#include "dialplan/dial.h"

enum { E164_ENTRIES_MAX = 2000000 };

struct e164_hit {
    int literals;
    size_t beginning;   /* of the number: so much of it is replaced */
    struct str replace; /* p NULL: nothing is */
    int to;             /* what `target` gave; -1 = none */
    int line;
};

/* What reading needs of others. */
struct e164_reader {
    /* The number of a trunk or group by its name, or -1. */
    int (*target)(void *arg, struct str name);
    /* What is wrong with a line; `error` false: it works, but not as it looks. */
    void (*note)(void *arg, int line, int column, bool error, const char *what);
    void *arg;
};

struct e164_map; /* shared by threads */

/* Reads a whole file. Lines with errors are left out after a note. */
struct e164_map *e164_map_new(struct str text, const struct e164_reader *reader);
void e164_map_free(struct e164_map *m); /* NULL is fine */

/* Returns whether there is an entry for the number; fills *hit then. */
bool e164_map_find(const struct e164_map *m, struct str number, struct e164_hit *hit);

/* The most literal characters that an entry has. */
int e164_map_literals(const struct e164_map *m);

#endif
