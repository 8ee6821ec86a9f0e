#include "b2bua/core/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

static int parse_ip(struct addr *out, struct str text) {
    char ip[INET6_ADDRSTRLEN];

    if (text.n == 0 || text.n >= sizeof ip || str_find(text, '\0') < text.n)
        return -1;
    memcpy(ip, text.p, text.n);
    ip[text.n] = '\0';
    if (inet_pton(AF_INET, ip, out->ip) == 1)
        out->family = 4;
    else if (inet_pton(AF_INET6, ip, out->ip) == 1)
        out->family = 6;
    else
        return -1;
    return 0;
}

static int parse_port(struct addr *out, struct str text) {
    uint64_t port;

    if (str_number(text, 65535, &port) < 0)
        return -1;
    out->port = (uint16_t)port;
    return 0;
}

int addr_parse(struct addr *out, struct str text) {
    struct addr a = {0};
    struct str ip = text, port = STR_NONE;

    if (text.n == 0)
        return -1;
    if (text.p[0] == '[') {
        size_t close = str_find(text, ']');
        if (close == text.n)
            return -1;
        ip = (struct str){text.p + 1, close - 1};
        port = (struct str){text.p + close + 1, text.n - close - 1};
    } else {
        size_t colon = str_find(text, ':');
        struct str rest = str_from(text, colon);
        if (rest.n > 1 && str_find((struct str){rest.p + 1, rest.n - 1}, ':') == rest.n - 1) {
            ip.n = colon;
            port = rest;
        }
    }
    if (parse_ip(&a, ip) < 0 || (a.family == 4 && text.p[0] == '['))
        return -1;
    if (port.n > 0 && (port.p[0] != ':' || parse_port(&a, (struct str){port.p + 1, port.n - 1}) < 0))
        return -1;
    *out = a;
    return 0;
}

static void put_ip4(struct sbuf *b, const uint8_t *ip) {
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            sbuf_putc(b, '.');
        sbuf_number(b, ip[i]);
    }
}

static void put_ip(struct sbuf *b, const struct addr *a, bool brackets) {
    char ip[INET6_ADDRSTRLEN];

    if (a->family != 6) { /* on the path of every message: without inet_ntop, which prints through stdio */
        put_ip4(b, a->ip);
        return;
    }
    inet_ntop(AF_INET6, a->ip, ip, sizeof ip);
    sbuf_puts(b, brackets ? "[" : "");
    sbuf_puts(b, ip);
    sbuf_puts(b, brackets ? "]" : "");
}

const char *addr_format_ip(const struct addr *a, bool brackets, char *buf) {
    struct sbuf b = sbuf_on(buf, ADDR_TEXT_MAX - 1);

    put_ip(&b, a, brackets);
    buf[b.n] = '\0';
    return buf;
}

const char *addr_format(const struct addr *a, char *buf) {
    struct sbuf b = sbuf_on(buf, ADDR_TEXT_MAX - 1);

    put_ip(&b, a, true);
    if (a->port != 0) {
        sbuf_putc(&b, ':');
        sbuf_number(&b, a->port);
    }
    buf[b.n] = '\0';
    return buf;
}

static size_t ip_size(const struct addr *a) {
    return a->family == 6 ? 16 : 4;
}

bool addr_same_ip(const struct addr *a, const struct addr *b) {
    return a->family == b->family && memcmp(a->ip, b->ip, ip_size(a)) == 0;
}

bool addr_eq(const struct addr *a, const struct addr *b) {
    return a->port == b->port && addr_same_ip(a, b);
}

uint64_t addr_hash_ip(const struct addr *a) {
    return str_hash((struct str){(const char *)a->ip, ip_size(a)});
}

void addr_from_sockaddr(struct addr *out, const struct sockaddr *sa) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    *out = (struct addr){0};
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        out->family = 4;
        out->port = ntohs(in.sin_port);
        memcpy(out->ip, &in.sin_addr, 4);
    } else if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof in6);
        const uint8_t *ip = in6.sin6_addr.s6_addr;
        bool v4 = memcmp(ip, mapped, sizeof mapped) == 0;
        out->family = v4 ? 4 : 6;
        out->port = ntohs(in6.sin6_port);
        memcpy(out->ip, v4 ? ip + 12 : ip, v4 ? 4 : 16);
    }
}

socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss) {
    memset(ss, 0, sizeof *ss);
    if (a->family == 6) {
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(a->port)};
        memcpy(&in6.sin6_addr, a->ip, 16);
        memcpy(ss, &in6, sizeof in6);
        return sizeof in6;
    }
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
    memcpy(&in.sin_addr, a->ip, 4);
    memcpy(ss, &in, sizeof in);
    return sizeof in;
}

int addr_range_parse(struct addr_range *out, struct str text) {
    struct addr_range r = {0};
    size_t slash = str_find(text, '/');
    uint64_t bits;

    if (addr_parse(&r.base, (struct str){text.p, slash}) < 0)
        return -1;
    bits = r.base.family == 6 ? 128 : 32;
    if (slash < text.n) {
        struct str tail = {text.p + slash + 1, text.n - slash - 1};
        if (r.base.port != 0 || str_number(tail, bits, &bits) < 0)
            return -1;
    }
    r.bits = (uint8_t)bits;
    *out = r;
    return 0;
}

int addr_range_match(const struct addr_range *r, const struct addr *a) {
    size_t whole = r->bits / 8;
    unsigned rest = r->bits % 8;

    if (r->base.family != a->family || memcmp(r->base.ip, a->ip, whole) != 0)
        return -1;
    if (rest > 0 && ((r->base.ip[whole] ^ a->ip[whole]) >> (8 - rest)) != 0)
        return -1;
    if (r->base.port == 0)
        return r->bits;
    return r->base.port == a->port ? r->bits + 1000 : -1;
}
