/*
 * users: who may register at us, from a file as htdigest(1) writes it: `user:realm:HA1` a line, HA1 being the MD5 of
 * `user:realm:password` (32 hex digits) or its SHA-256 (64). Blank lines and those that begin with "#" are skipped.
 * Passwords are not in it, and cannot be made of it.
 */
#ifndef B2BUA_CORE_USERS_H
#define B2BUA_CORE_USERS_H

#include "b2bua/core/digest.h"

struct users;

enum { USERS_MIB_MAX = 256 };

/* Reads the text. NULL: *line and *what say what is wrong. */
struct users *users_read(struct str text, int *line, const char **what);
void users_free(struct users *u); /* NULL is fine */

/* How many lines name a user: one for each algorithm that he has. */
int users_count(const struct users *u);

/* The HA1 as hex digits in small letters, terminated; NULL: there is none for this algorithm. */
const char *users_find(const struct users *u, struct str user, struct str realm, enum digest_algorithm algorithm);

/* Does anybody have an HA1 of this algorithm? */
bool users_have(const struct users *u, enum digest_algorithm algorithm);

#endif
