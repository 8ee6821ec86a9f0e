#include "b2bua/store/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

int state_folder(const char *path, uid_t uid, gid_t gid) {
    struct stat known;

    if (mkdir(path, 0700) == 0)
        return chown(path, uid, gid);
    if (errno != EEXIST || stat(path, &known) < 0)
        return -1;
    if (S_ISDIR(known.st_mode))
        return 0;
    errno = ENOTDIR;
    return -1;
}

void state_secret_draw(char *secret) {
    uint64_t drawn[4];
    struct sbuf b = sbuf_on(secret, STATE_SECRET_SIZE);

    if (getrandom(drawn, sizeof drawn, 0) != (ssize_t)sizeof drawn)
        abort(); /* tokens that anybody could sign would open each client's door */
    for (int i = 0; i < 4; i++)
        sbuf_hex(&b, drawn[i]);
    sbuf_putc(&b, '\0');
}

enum state_secret state_secret_read(const char *path, char *secret) {
    char text[STATE_SECRET_SIZE + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return STATE_SECRET_NONE;
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    if (n != STATE_SECRET_SIZE || text[n - 1] != '\n' || strspn(text, "0123456789abcdef") != STATE_SECRET_SIZE - 1)
        return STATE_SECRET_DAMAGED;
    text[n - 1] = '\0';
    memcpy(secret, text, STATE_SECRET_SIZE);
    return STATE_SECRET_READ;
}

static int write_secret(int fd, const char *secret) {
    char line[STATE_SECRET_SIZE];

    memcpy(line, secret, STATE_SECRET_SIZE - 1);
    line[STATE_SECRET_SIZE - 1] = '\n';
    ssize_t n = write(fd, line, sizeof line);
    if (n == (ssize_t)sizeof line)
        return fsync(fd);
    errno = n < 0 ? errno : ENOSPC;
    return -1;
}

int state_secret_write(const char *path, const char *secret) {
    char beside[4096];
    int fd, done, error;

    snprintf(beside, sizeof beside, "%s.new", path);
    unlink(beside);
    fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    done = write_secret(fd, secret);
    error = errno;
    close(fd);
    if (done == 0 && rename(beside, path) == 0)
        return 0;
    error = done == 0 ? errno : error;
    unlink(beside);
    errno = error;
    return -1;
}
