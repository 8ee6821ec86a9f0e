#include <errno.h>
#include <unistd.h>

#include "b2bua/net/impl.h"

enum { BUFFER_BYTES = 4 << 20 };

static void set(int fd, int level, int name, int value) {
    setsockopt(fd, level, name, &value, sizeof value);
}

int socket_open(const struct addr *bind_to, int type) {
    struct sockaddr_storage ss;
    socklen_t size = addr_to_sockaddr(bind_to, &ss);
    int fd = socket(ss.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (bind_to->port != 0)
        set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (bind_to->family == 6)
        set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (type == SOCK_DGRAM) {
        set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
        set(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
        set(fd, bind_to->family == 6 ? IPPROTO_IPV6 : IPPROTO_IP, bind_to->family == 6 ? IPV6_RECVERR : IP_RECVERR, 1);
    }
    if (bind(fd, (struct sockaddr *)&ss, size) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}
