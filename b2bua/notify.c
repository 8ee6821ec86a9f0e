#include "b2bua/notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "b2bua/core/str.h"
#include "b2bua/log/log.h"

enum { TEXT_MAX = 512, SIGNS = 4 /* of life, in the time that the manager waits */, STATUS_MS = 10000 };

/* An abstract name begins with "@". Returns a descriptor, or -1. */
static int open_socket(const char *path) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    int fd;

    if ((path[0] != '/' && path[0] != '@') || n >= sizeof at.sun_path)
        return -1;
    memcpy(at.sun_path, path, n);
    if (path[0] == '@')
        at.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == 0)
        return fd;
    close(fd);
    return -1;
}

static uint64_t number(const char *name) {
    const char *text = getenv(name);
    uint64_t value;

    return text != NULL && str_number(str_of(text), UINT64_MAX / 2, &value) == 0 ? value : 0;
}

void notify_init(struct notify *n) {
    const char *path = getenv("NOTIFY_SOCKET");
    uint64_t pid = number("WATCHDOG_PID");

    *n = (struct notify){.fd = path == NULL ? -1 : open_socket(path)};
    if (path != NULL && n->fd < 0)
        log_warn("notify=%s error=\"cannot be reached\"", path);
    if (n->fd >= 0 && (pid == 0 || pid == (uint64_t)getpid()))
        n->watchdog_ms = number("WATCHDOG_USEC") / 1000;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void notify_fini(struct notify *n) {
    if (n->fd >= 0)
        close(n->fd);
    n->fd = -1;
}

static void say(struct notify *n, const char *text) {
    if (n->fd >= 0 && send(n->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        log_debug("notify error=\"%s\"", strerror(errno));
}

void notify_ready(struct notify *n) {
    say(n, "READY=1\n");
}

void notify_reloading(struct notify *n, uint64_t now_ms) {
    char text[TEXT_MAX];

    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%llu\n", (unsigned long long)now_ms * 1000);
    say(n, text);
}

void notify_stopping(struct notify *n, uint64_t patience_ms) {
    char text[TEXT_MAX];

    snprintf(text, sizeof text, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%llu\n", (unsigned long long)patience_ms * 1000);
    say(n, text);
}

static bool is_stuck(struct notify *n, uint64_t alive_ms, uint64_t now_ms) {
    bool stuck = n->watchdog_ms > 0 && now_ms > alive_ms && now_ms - alive_ms > n->watchdog_ms / 2;

    if (stuck && !n->stuck)
        log_error("twinleg error=\"a worker has done nothing for %llu ms\"", (unsigned long long)(now_ms - alive_ms));
    n->stuck = stuck;
    return stuck;
}

void notify_tick(struct notify *n, uint64_t alive_ms, const char *status, uint64_t now_ms) {
    uint64_t every_ms = n->watchdog_ms > 0 && n->watchdog_ms / SIGNS < STATUS_MS ? n->watchdog_ms / SIGNS : STATUS_MS;
    char text[TEXT_MAX];

    if (n->fd < 0 || (n->told_ms != 0 && now_ms - n->told_ms < every_ms) || is_stuck(n, alive_ms, now_ms))
        return;
    n->told_ms = now_ms;
    snprintf(text, sizeof text, "STATUS=%s\n%s", status, n->watchdog_ms > 0 ? "WATCHDOG=1\n" : "");
    say(n, text);
}
