/*
 * options: the command line of the daemon.
 */
#ifndef B2BUA_OPTIONS_H
#define B2BUA_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *config; /* file; borrowed from argv, or the default */
    bool test;          /* -t: check the configuration only */
    bool template;      /* -T: print the template only */
    bool manual;        /* -M: print the manual page of the configuration only */
    bool version;       /* -V */
    bool help;          /* -h: printed already */
    bool debug;         /* -d: log everything */
};

/* Returns 0, or -1 after printing the usage to stderr. */
int options_parse(struct options *o, int argc, char **argv);

#endif
