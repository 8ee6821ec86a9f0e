#include <stdlib.h>
#include <strings.h>

#include "b2bua/config/row.h"

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

/* What the trunk's listeners can send by; of two families the one that is listed first goes first. */
static void read_families(const struct settings *s, const struct settings_trunk *t, uint8_t *families) {
    for (int i = 0; i < t->listen_count; i++) {
        const struct settings_listen *l = &s->listens[t->listens[i]];
        uint8_t *f = &families[l->proto];
        if (l->bind.family == 6)
            *f |= *f == 0 ? SRV_IPV6 | SRV_IPV6_FIRST : SRV_IPV6;
        else
            *f |= SRV_IPV4;
    }
}

/* UDP where the trunk has it (RFC 3263 4.1 without NAPTR), else what its first listener speaks. */
static int usual_proto(const struct settings *s, const struct settings_trunk *t, const struct srv_ask *ask) {
    return ask->families[FLOW_UDP] != 0 ? FLOW_UDP : s->listens[t->listens[0]].proto;
}

static void read_ask(const struct settings *s, const struct settings_trunk *t, const struct target_uri *u,
                     struct settings_target *target) {
    struct srv_ask *ask = &target->ask;

    *ask = (struct srv_ask){.host = target->host, .port = (uint16_t)u->port, .sips = u->sips, .wish = u->proto};
    read_families(s, t, ask->families);
    ask->usual = usual_proto(s, t, ask);
    target->proto_given = u->proto >= 0;
    target->proto = u->sips ? FLOW_TLS : u->proto >= 0 ? u->proto : ask->usual;
}

/* A literal is known; a name is followed while the program runs. */
static void read_address(struct config_loader *l, const config_setting_t *where, const struct target_uri *u,
                         struct settings_target *target) {
    uint8_t families = target->ask.families[target->proto];

    target->addr.port = (uint16_t)u->port;
    if (addr_parse(&target->addr, u->host) < 0) {
        if (families == 0)
            config_fault(l, where, "uri", "goes by %s, which no listener of the trunk offers",
                         transports[target->proto]);
        return;
    }
    target->addr.port = (uint16_t)(u->port != 0 ? u->port : target->proto == FLOW_TLS ? 5061 : 5060);
    if (!(families & (target->addr.family == 4 ? SRV_IPV4 : SRV_IPV6)))
        config_fault(l, where, "uri", "goes by %s over IPv%d, which no listener of the trunk offers",
                     transports[target->proto], target->addr.family);
}

void config_target_read(struct config_loader *l, const config_setting_t *where, const struct settings_trunk *t,
                        struct settings_target *target) {
    struct target_uri u;

    if (read_uri(str_of(target->uri), &u) != NULL)
        return; /* its row has said so */
    free(target->host);
    target->host = str_dup(u.host);
    read_ask(l->s, t, &u, target);
    read_address(l, where, &u, target);
}
