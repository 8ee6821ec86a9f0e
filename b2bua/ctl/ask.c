#include "b2bua/ctl/ask.h"

#include <unistd.h>

#include "b2bua/ctl/http.h"
#include "b2bua/ctl/socket.h"

int ctl_ask(const char *where, struct str line, struct sbuf *answer, char *error, size_t size) {
    if (ctl_http_is_url(where))
        return ctl_http_ask(where, line, answer, error, size);
    int fd = ctl_socket_open(where, error, size), status;

    if (fd < 0)
        return -1;
    status = ctl_socket_ask(fd, line, answer, error, size);
    close(fd);
    return status;
}
