#include <stdlib.h>

#include "b2bua/config/row.h"

enum { SENT_BY_MAX = 512 };

void *config_tls_add(struct config_loader *l, void *parent) {
    struct settings *s = parent;

    (void)l;
    s->tls = config_grow(s->tls, s->tls_count, sizeof *s->tls);
    return &s->tls[s->tls_count++];
}

void config_tls_done(struct config_loader *l, const config_setting_t *where, void *object) {
    const struct settings_tls *new = object;

    for (const struct settings_tls *t = l->s->tls; t != new; t++)
        if (strcmp(t->name, new->name) == 0)
            config_fault(l, where, "name", "another entry is named \"%s\", too", new->name);
    if (new->verify == VERIFY_REQUIRE &&*new->ca == '\0')
        config_fault(l, where, "ca", "is missing: verify = \"require\" needs authorities to trust");
}

void *config_listen_add(struct config_loader *l, void *parent) {
    struct settings *s = parent;

    (void)l;
    s->listens = config_grow(s->listens, s->listen_count, sizeof *s->listens);
    struct settings_listen *new = &s->listens[s->listen_count++];
    new->tls = -1;
    /* What `done` makes; it may not come to that. */
    new->sent_by = str_dup(STR_NONE);
    new->host = str_dup(STR_NONE);
    return new;
}

/* What stands in Via and Contact: what is advertised, else the address; always with a port. */
static void name_it(struct settings_listen *l) {
    char text[ADDR_TEXT_MAX], sent_by[SENT_BY_MAX];
    struct addr a;
    struct str advertised = str_of(l->advertise), host = advertised;
    int port = l->port;

    if (advertised.n == 0 || addr_parse(&a, advertised) == 0) {
        struct addr *shown = advertised.n == 0 ? &l->bind : &a;
        if (shown->port != 0)
            port = shown->port;
        host = str_of(addr_format_ip(shown, true, text));
    } else if (str_find(advertised, ':') < advertised.n) {
        host.n = str_find(advertised, ':');
        port = (int)strtol(host.p + host.n + 1, NULL, 10);
    }
    snprintf(sent_by, sizeof sent_by, "%.*s:%d", (int)host.n, host.p, port);
    free(l->sent_by);
    free(l->host);
    l->sent_by = str_dup(str_of(sent_by));
    l->host = str_dup(host);
}

static void find_tls(struct config_loader *l, const config_setting_t *where, struct settings_listen *new) {
    struct nearest nearest = {.text = new->tls_name};

    if (new->proto != FLOW_TLS) {
        if (*new->tls_name != '\0')
            config_fault(l, where, "tls", "is for transport = \"tls\" only");
        return;
    }
    if (*new->tls_name == '\0') {
        config_fault(l, where, "tls", "is missing: transport = \"tls\" needs an entry of tls");
        return;
    }
    for (int i = 0; i < l->s->tls_count && new->tls < 0; i++) {
        nearest_try(&nearest, l->s->tls[i].name);
        if (strcmp(l->s->tls[i].name, new->tls_name) == 0)
            new->tls = i;
    }
    if (new->tls < 0 && nearest.best != NULL)
        config_fault(l, where, "tls", "no tls entry is named \"%s\", did you mean \"%s\"?", new->tls_name,
                     nearest.best);
    else if (new->tls < 0)
        config_fault(l, where, "tls", "no tls entry is named \"%s\"", new->tls_name);
}

/* TLS and TCP are one port to the kernel. */
static bool same_socket(const struct settings_listen *a, const struct settings_listen *b) {
    return flow_is_stream((enum flow_proto)a->proto) == flow_is_stream((enum flow_proto)b->proto) &&
           addr_eq(&a->bind, &b->bind);
}

void config_listen_done(struct config_loader *l, const config_setting_t *where, void *object) {
    struct settings_listen *new = object;

    if (addr_parse(&new->bind, str_of(new->address)) < 0)
        return;
    new->bind.port = (uint16_t) new->port;
    name_it(new);
    find_tls(l, where, new);
    for (const struct settings_listen *other = l->s->listens; other != new; other++) {
        if (strcmp(other->name, new->name) == 0)
            config_fault(l, where, "name", "another listener is named \"%s\", too", new->name);
        if (same_socket(other, new))
            config_fault(l, where, "port", "listener \"%s\" has this address and port already", other->name);
    }
}
