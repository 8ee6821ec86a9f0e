#include <netdb.h>
#include <stdlib.h>
#include <strings.h>

#include "b2bua/config_row.h"

static const char *const transports[] = {[FLOW_UDP] = "udp", [FLOW_TCP] = "tcp", [FLOW_TLS] = "tls"};

/* What a uri says; views into it. */
struct target_uri {
    bool sips;
    struct str host; /* without brackets */
    int port;        /* 0 = none */
    int proto;       /* -1 = none */
};

static bool skip(struct str *s, const char *word) {
    size_t n = strlen(word);

    if (s->n < n || strncasecmp(s->p, word, n) != 0)
        return false;
    s->p += n;
    s->n -= n;
    return true;
}

static struct str take(struct str *s, size_t n) {
    struct str out = {s->p, n};

    s->p += n;
    s->n -= n;
    return out;
}

static const char *read_host(struct str *s, struct target_uri *u) {
    size_t n = 0;

    if (skip(s, "[")) {
        n = str_find(*s, ']');
        if (n == s->n)
            return "has no \"]\"";
        u->host = take(s, n);
        skip(s, "]");
    } else {
        while (n < s->n && strchr(":;?", s->p[n]) == NULL)
            n++;
        u->host = take(s, n);
    }
    return u->host.n == 0 ? "has no host" : NULL;
}

static const char *read_port(struct str *s, struct target_uri *u) {
    uint64_t port;
    size_t n = 0;

    if (!skip(s, ":"))
        return NULL;
    while (n < s->n && s->p[n] != ';' && s->p[n] != '?')
        n++;
    if (str_number(take(s, n), 65535, &port) < 0 || port == 0)
        return "has a port outside 1..65535";
    u->port = (int)port;
    return NULL;
}

static const char *read_parameters(struct str *s, struct target_uri *u) {
    while (skip(s, ";")) {
        struct str one = take(s, str_find(*s, ';'));
        if (!skip(&one, "transport="))
            return "may have the parameter transport only";
        for (int i = 0; i < FLOW_PROTOS; i++)
            if (str_ieq(one, str_of(transports[i])))
                u->proto = i;
        if (u->proto < 0)
            return "has a transport other than udp, tcp and tls";
    }
    return s->n > 0 ? "may not go on after host, port and transport" : NULL;
}

static const char *read_uri(struct str s, struct target_uri *u) {
    const char *wrong;

    *u = (struct target_uri){.proto = -1};
    u->sips = skip(&s, "sips:");
    if (!u->sips && !skip(&s, "sip:"))
        return "must begin with \"sip:\" or \"sips:\"";
    if (str_find(s, '@') < s.n)
        return "may not have a user";
    if ((wrong = read_host(&s, u)) != NULL || (wrong = read_port(&s, u)) != NULL ||
        (wrong = read_parameters(&s, u)) != NULL)
        return wrong;
    return u->sips && u->proto == FLOW_UDP ? "is sips: and cannot go by udp" : NULL;
}

const char *config_check_uri(const char *text) {
    struct target_uri u;

    return read_uri(str_of(text), &u);
}

static bool offers(const struct settings *s, const struct settings_trunk *t, int proto, int family) {
    for (int i = 0; i < t->listen_count; i++) {
        const struct settings_listen *l = &s->listens[t->listens[i]];
        if (l->proto == proto && (family == 0 || l->bind.family == family))
            return true;
    }
    return false;
}

/* UDP where the trunk has it (RFC 3263 4.1 without NAPTR), else what its first listener speaks. */
static int choose_proto(const struct settings *s, const struct settings_trunk *t, const struct target_uri *u) {
    if (u->sips || u->proto == FLOW_TLS)
        return FLOW_TLS;
    if (u->proto >= 0)
        return u->proto;
    return offers(s, t, FLOW_UDP, 0) ? FLOW_UDP : s->listens[t->listens[0]].proto;
}

/* The first address of a family that the trunk's listeners can send to; with none, the first of all. */
static int look_up(const struct settings *s, const struct settings_trunk *t, int proto, const char *host,
                   struct addr *out) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int error = getaddrinfo(host, NULL, &hints, &list);

    if (error != 0)
        return error;
    addr_from_sockaddr(out, list->ai_addr);
    for (const struct addrinfo *i = list; i != NULL; i = i->ai_next) {
        struct addr a;
        addr_from_sockaddr(&a, i->ai_addr);
        if (!offers(s, t, proto, a.family))
            continue;
        *out = a;
        break;
    }
    freeaddrinfo(list);
    return 0;
}

void config_target_resolve(struct config_loader *l, const config_setting_t *where, const struct settings_trunk *t,
                           struct settings_target *target) {
    struct target_uri u;
    int error;

    if (read_uri(str_of(target->uri), &u) != NULL)
        return; /* its row has said so */
    free(target->host);
    target->host = str_dup(u.host);
    target->proto = choose_proto(l->s, t, &u);
    target->proto_given = u.proto >= 0;
    if (addr_parse(&target->addr, u.host) < 0 &&
        (error = look_up(l->s, t, target->proto, target->host, &target->addr)) != 0) {
        config_fault(l, where, "uri", "\"%s\" does not resolve: %s", target->host, gai_strerror(error));
        return;
    }
    target->addr.port = (uint16_t)(u.port != 0 ? u.port : target->proto == FLOW_TLS ? 5061 : 5060);
    if (!offers(l->s, t, target->proto, target->addr.family))
        config_fault(l, where, "uri", "goes by %s over IPv%d, which no listener of the trunk offers",
                     transports[target->proto], target->addr.family);
}
