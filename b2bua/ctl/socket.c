#include "b2bua/ctl/socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000 };

#define ANSWER_MAX ((size_t)4 << 30)

const char *const ctl_socket_places[] = {"twinleg.sock", "/etc/twinleg/twinleg.sock", "/run/twinleg/twinleg.sock",
                                         NULL};

/* Returns a descriptor, or -1 with errno. */
static int try_path(const char *path) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd, failed;

    if (strlen(path) >= sizeof at.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(at.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    failed = errno;
    close(fd);
    errno = failed;
    return -1;
}

static bool nobody(int failed) {
    return failed == ENOENT || failed == ECONNREFUSED || failed == ENOTDIR;
}

static void explain(const char *path, char *error, size_t size) {
    snprintf(error, size, "%s: %s", path, nobody(errno) ? "no twinleg listens there" : strerror(errno));
}

int ctl_socket_open(const char *path, char *error, size_t size) {
    struct sbuf looked = sbuf_on(error, size - 1);

    if (path != NULL) {
        int fd = try_path(path);
        if (fd < 0)
            explain(path, error, size);
        return fd;
    }
    sbuf_puts(&looked, "no twinleg listens at ");
    for (int i = 0; ctl_socket_places[i] != NULL; i++) {
        int fd = try_path(ctl_socket_places[i]);
        if (fd >= 0)
            return fd;
        if (!nobody(errno)) {
            explain(ctl_socket_places[i], error, size);
            return -1;
        }
        sbuf_puts(&looked, i > 0 ? ", " : "");
        sbuf_puts(&looked, ctl_socket_places[i]);
    }
    sbuf_puts(&looked, ": name its admin.socket with -s");
    error[looked.n] = '\0';
    return -1;
}

/* Returns what recv does; -1 with ETIMEDOUT when nothing comes. */
static ssize_t receive(int fd, char *buf, size_t size) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int ready = poll(&p, 1, PATIENCE_MS);

    if (ready > 0)
        return recv(fd, buf, size, 0);
    if (ready == 0)
        errno = ETIMEDOUT;
    return -1;
}

int ctl_socket_ask(int fd, struct str line, struct sbuf *answer, char *error, size_t size) {
    char buf[65536];
    ssize_t got;

    *answer = sbuf_growing(ANSWER_MAX);
    /* What the daemon does not care to read may fail: it has answered why. */
    send(fd, line.p, line.n, MSG_NOSIGNAL);
    while ((got = receive(fd, buf, sizeof buf)) > 0)
        sbuf_put(answer, (struct str){buf, (size_t)got});
    if (answer->n > 0 && answer->p[answer->n - 1] == '\n')
        return 0;
    snprintf(error, size, "%s", got < 0 ? strerror(errno) : "the daemon has gone without an answer");
    sbuf_fini(answer);
    return -1;
}
