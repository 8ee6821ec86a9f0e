#include "b2bua/ctl/http.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "b2bua/ctl/socket.h"

enum { HOST_MAX = 256, HEAD_MAX = 4096 };

static const char scheme[] = "http://";

struct place {
    char host[HOST_MAX]; /* as Host has it */
    char name[HOST_MAX]; /* without port and brackets */
    char port[8];
};

bool ctl_http_is_url(const char *where) {
    return where != NULL && strncmp(where, scheme, sizeof scheme - 1) == 0;
}

static int copy(char *to, size_t size, const char *from, size_t n) {
    if (n == 0 || n >= size)
        return -1;
    memcpy(to, from, n);
    to[n] = '\0';
    return 0;
}

/* Returns -1 when it is no such URL. */
static int read_url(struct place *p, const char *url) {
    const char *host = url + sizeof scheme - 1;
    size_t n = strcspn(host, "/"), name_n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    size_t bracket = *host == '[';

    if ((host[n] != '\0' && host[n + 1] != '\0') || name_n > n || copy(p->host, sizeof p->host, host, n) < 0 ||
        copy(p->name, sizeof p->name, host + bracket, name_n - 2 * bracket) < 0)
        return -1;
    if (name_n == n)
        return copy(p->port, sizeof p->port, "80", 2);
    return host[name_n] == ':' ? copy(p->port, sizeof p->port, host + name_n + 1, n - name_n - 1) : -1;
}

static int connect_to(const struct place *p) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all = NULL;
    int fd = -1;

    if (getaddrinfo(p->name, p->port, &hints, &all) != 0) {
        errno = ENOENT; /* the name */
        return -1;
    }
    for (struct addrinfo *a = all; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            int failed = errno;
            close(fd);
            fd = -1;
            errno = failed;
        }
    }
    freeaddrinfo(all);
    return fd;
}

static void put_request(struct sbuf *out, const struct place *p, struct str line) {
    const char *token = getenv(CTL_HTTP_TOKEN);

    sbuf_puts(out, "POST /api/command HTTP/1.1\r\nConnection: close\r\nHost: ");
    sbuf_puts(out, p->host);
    if (token != NULL && strpbrk(token, "\r\n") == NULL) {
        sbuf_puts(out, "\r\nAuthorization: Bearer ");
        sbuf_puts(out, token);
    }
    sbuf_puts(out, "\r\nContent-Type: text/plain\r\nContent-Length: ");
    sbuf_number(out, line.n);
    sbuf_puts(out, "\r\n\r\n");
    sbuf_put(out, line);
}

/* Leaves the body of the response in its place. Returns its status, or -1 when it is none. */
static int strip_head(struct sbuf *response) {
    char *end = memmem(response->p, response->n, "\r\n\r\n", 4);
    int status = -1;

    if (end == NULL || sscanf(response->p, "HTTP/1.%*1d %3d", &status) != 1)
        return -1;
    size_t head_n = (size_t)(end - response->p) + 4;
    response->n -= head_n;
    memmove(response->p, response->p + head_n, response->n);
    return status;
}

static int ask(int fd, const struct place *p, struct str line, struct sbuf *answer, char *error, size_t size) {
    char text[HEAD_MAX];
    struct sbuf request = sbuf_on(text, sizeof text);

    put_request(&request, p, line);
    if (request.full) {
        snprintf(error, size, "the request is too long");
        return -1;
    }
    if (ctl_socket_ask(fd, sbuf_str(&request), answer, error, size) < 0)
        return -1;
    int status = strip_head(answer);
    if (status > 0 && status != 401 && answer->n > 0 && *answer->p == '{')
        return 0;
    if (status == 401)
        snprintf(error, size, "http://%s wants admin.token: put it into the environment as %s", p->host,
                 CTL_HTTP_TOKEN);
    else
        snprintf(error, size, "what http://%s says is no answer of twinleg", p->host);
    sbuf_fini(answer);
    return -1;
}

int ctl_http_ask(const char *url, struct str line, struct sbuf *answer, char *error, size_t size) {
    struct place p = {.host = ""};

    if (read_url(&p, url) < 0) {
        snprintf(error, size, "\"%s\" must be http://HOST[:PORT]", url);
        return -1;
    }
    int fd = connect_to(&p);
    if (fd < 0) {
        const char *why = errno == ECONNREFUSED ? "no twinleg listens there"
                          : errno == ENOENT     ? "nobody knows this name"
                                                : strerror(errno);
        snprintf(error, size, "%s: %s", url, why);
        return -1;
    }
    int status = ask(fd, &p, line, answer, error, size);
    close(fd);
    return status;
}
