/*
 * state: the folder of what outlives the process, and the secret in it.
 */
#ifndef B2BUA_STORE_STATE_H
#define B2BUA_STORE_STATE_H

#include <sys/types.h>

#include "b2bua/core/str.h"

enum { STATE_SECRET_SIZE = 65 }; /* 64 hex digits, terminated */

/* Makes the folder (0700), for `uid` and `gid`, unless it is there. Returns 0, or -1 with errno. */
int state_folder(const char *path, uid_t uid, gid_t gid);

/* Draws a secret. */
void state_secret_draw(char *secret);

enum state_secret { STATE_SECRET_READ, STATE_SECRET_NONE, STATE_SECRET_DAMAGED };

/* Reads what state_secret_write wrote; NONE also where it may not be read. */
enum state_secret state_secret_read(const char *path, char *secret);

/* Whole or not at all; mode 0600. Returns 0, or -1 with errno. */
int state_secret_write(const char *path, const char *secret);

#endif
