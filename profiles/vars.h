/*
 * vars: inside of struct profile_vars, for this room.
 */
#ifndef PROFILES_VARS_H
#define PROFILES_VARS_H

#include "profiles/profile.h"

/* Most calls set one or two of the 99. */
struct vars_one {
    int var;
    char *p;
    size_t n, cap;
};

struct profile_vars {
    struct vars_one *at;
    int count;
    size_t bytes;
    struct str kept[2]; /* of each leg: a message with what profile_keep chose; owned */
};

/* Unsets all; their memory is used again. What was kept stays. */
void vars_unset(struct profile_vars *v);

#endif
