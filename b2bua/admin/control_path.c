#include "b2bua/admin/control_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int new_socket(void) {
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Nobody accepts at a file that a daemon left behind when it was killed; a full queue is a living one's. Returns 0 when
 * the file may go, or -1 with errno. */
static int check_stale(const struct sockaddr_un *at) {
    struct stat st;
    int fd;

    if (lstat(at->sun_path, &st) < 0 || (fd = new_socket()) < 0)
        return -1;
    bool refused = connect(fd, (const struct sockaddr *)at, sizeof *at) < 0 && errno == ECONNREFUSED;
    close(fd);
    errno = S_ISSOCK(st.st_mode) ? EADDRINUSE : EEXIST;
    return refused && S_ISSOCK(st.st_mode) ? 0 : -1;
}

static int bind_at(int fd, const struct sockaddr_un *at) {
    if (bind(fd, (const struct sockaddr *)at, sizeof *at) == 0)
        return 0;
    if (errno != EADDRINUSE || check_stale(at) < 0 || unlink(at->sun_path) < 0)
        return -1;
    return bind(fd, (const struct sockaddr *)at, sizeof *at);
}

/* Nobody can connect before it listens: it is closed to others from the first moment. */
static int take(struct control_path *p, const char *path) {
    struct stat st;

    if (chmod(path, 0600) < 0 || lstat(path, &st) < 0)
        return -1;
    *p = (struct control_path){st.st_dev, st.st_ino};
    return 0;
}

int control_path_open(struct control_path *p, const char *path, char *error, size_t size) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof at.sun_path) {
        snprintf(error, size, "admin.socket %s: longer than %zu bytes", path, sizeof at.sun_path - 1);
        return -1;
    }
    memcpy(at.sun_path, path, strlen(path) + 1);
    fd = new_socket();
    if (fd >= 0 && bind_at(fd, &at) == 0 && take(p, path) == 0)
        return fd;
    snprintf(error, size, "admin.socket %s: %s", path,
             errno == EADDRINUSE ? "another twinleg listens there" : strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

void control_path_remove(const struct control_path *p, const char *path) {
    struct stat st;

    if (lstat(path, &st) == 0 && st.st_dev == p->device && st.st_ino == p->inode)
        unlink(path);
}
