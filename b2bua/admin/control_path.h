/*
 * control_path: the socket file of the operator's socket.
 */
#ifndef B2BUA_ADMIN_CONTROL_PATH_H
#define B2BUA_ADMIN_CONTROL_PATH_H

#include <stddef.h>
#include <sys/types.h>

/* Which file it is: another daemon may put its own in the place later. */
struct control_path {
    dev_t device;
    ino_t inode;
};

/* A socket bound to `path`, mode 0600, not listening yet. Returns its descriptor, or -1 with what is wrong. */
int control_path_open(struct control_path *p, const char *path, char *error, size_t size);

/* Removes the file, if it is still ours. */
void control_path_remove(const struct control_path *p, const char *path);

#endif
