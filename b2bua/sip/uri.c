/* URIs and addresses for the other leg, made from raw text so that users and display names keep their bytes. */
#include "b2bua/sip/impl.h"

static void put_up_to_host(struct sbuf *out, const struct sip_uri *u) {
    sbuf_put(out, u->scheme);
    sbuf_putc(out, ':');
    if (u->userinfo.n > 0) {
        sbuf_put(out, u->userinfo);
        sbuf_putc(out, '@');
    }
}

void sip_put_uri_host(struct sbuf *out, struct str uri, struct str host) {
    struct sip_uri u;

    sip_uri_split(uri, &u);
    if (!u.has_host || host.n == 0) {
        sbuf_put(out, uri);
        return;
    }
    put_up_to_host(out, &u);
    sbuf_put(out, host);
}

/* URI parameters that name a place or a way to it do not belong to who is meant. */
static bool is_place(struct str name) {
    static const char *const names[] = {"transport", "maddr", "received", "rport", "lr", "ob", "gr", "ttl", "alias"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_ieq(name, str_of(names[i])))
            return true;
    return false;
}

static void put_user_params(struct sbuf *out, struct str params) {
    struct str name, value, rest = params;

    for (;;) {
        struct str before = rest;
        if (!sip_param_next(&rest, &name, &value))
            return;
        if (!is_place(name))
            sbuf_put(out, (struct str){before.p, before.n - rest.n});
    }
}

void sip_put_uri_elsewhere(struct sbuf *out, struct str uri, struct str host) {
    struct sip_uri u;

    sip_uri_split(uri, &u);
    put_up_to_host(out, &u);
    sbuf_put(out, host.n > 0 ? host : u.host);
    if (host.n == 0 && u.port.n > 0) {
        sbuf_putc(out, ':');
        sbuf_put(out, u.port);
    }
    put_user_params(out, u.params);
    sbuf_put(out, u.headers);
}

/* Where nobody is, nobody is hidden: the host of who wants no name stays (RFC 3323 4.1.1.3). */
static void put_party_uri(struct sbuf *out, struct str uri, struct str host) {
    struct sip_uri u;

    sip_uri_split(uri, &u);
    if (host.n == 0 || !u.has_host) {
        sbuf_put(out, uri);
        return;
    }
    sip_put_uri_host(out, uri, str_ieq(u.host, STR(IDENTITY_ANONYMOUS_HOST)) ? u.host : host);
    put_user_params(out, u.params);
}

static void put_params_without_tag(struct sbuf *out, struct str params) {
    struct str name, value, rest = params;

    for (;;) {
        struct str before = rest;
        if (!sip_param_next(&rest, &name, &value))
            return;
        if (!str_ieq(name, STR("tag")))
            sbuf_put(out, str_trim((struct str){before.p, before.n - rest.n}));
    }
}

void sip_party(struct sbuf *out, const struct sip_msg *m, enum sip_side side, struct str host) {
    const sip_t *sip = sip_parsed(m);
    const void *h = side == SIP_FROM ? (const void *)sip->sip_from : (const void *)sip->sip_to;
    struct sip_line line;
    struct sip_addr a;

    if (h == NULL || !sip_line_of(h, &line))
        return;
    sip_addr_split(line.value, &a);
    sbuf_put(out, a.display);
    sbuf_putc(out, '<');
    put_party_uri(out, a.uri, host);
    sbuf_putc(out, '>');
    put_params_without_tag(out, a.params);
}

bool sip_names_domain(struct str uri) {
    struct sip_uri u;
    struct addr a;

    sip_uri_split(uri, &u);
    return u.has_host && u.host.n > 0 && u.host.p[0] != '[' && addr_parse(&a, u.host) < 0;
}

struct str sip_user_of(struct str value) {
    struct sip_addr a;
    struct sip_uri u;

    sip_addr_split(value, &a);
    sip_uri_split(a.uri, &u);
    return u.user;
}

void sip_target_uri(struct sbuf *out, const struct sip_msg *m, struct str host_port, enum flow_proto proto) {
    struct sip_uri u;

    sip_uri_split(m->uri, &u);
    if (!u.has_host) { /* tel: the number becomes the user (RFC 3261 19.1.6) */
        sbuf_puts(out, "sip:");
        sbuf_put(out, u.user);
        sbuf_putc(out, '@');
        sbuf_put(out, host_port);
        sbuf_puts(out, ";user=phone");
    } else {
        sbuf_puts(out, "sip:");
        if (u.userinfo.n > 0) {
            sbuf_put(out, u.userinfo);
            sbuf_putc(out, '@');
        }
        sbuf_put(out, host_port);
        put_user_params(out, u.params);
    }
    if (proto != FLOW_UDP)
        sbuf_puts(out, proto == FLOW_TCP ? ";transport=tcp" : ";transport=tls");
}

/* --- routes --- */

enum { ROUTES_MAX = 64 };

void sip_route_set(struct sbuf *out, const struct sip_msg *m, bool reversed) {
    struct str routes[ROUTES_MAX], rest;
    struct sip_line line;
    int n = 0;

    for (const sip_record_route_t *r = sip_parsed(m)->sip_record_route; r != NULL; r = r->r_next) {
        if (!sip_line_of((const msg_header_t *)r, &line))
            continue; /* a later element of a joined line: already seen */
        for (rest = line.value; rest.n > 0 && n < ROUTES_MAX;)
            routes[n++] = sip_list_first(rest, &rest);
    }
    for (int i = 0; i < n; i++) {
        sbuf_puts(out, "Route: ");
        sbuf_put(out, routes[reversed ? n - 1 - i : i]);
        sbuf_puts(out, "\r\n");
    }
}

static int hop_of(struct str uri, struct sip_hop *hop, bool *loose) {
    struct sip_uri u;
    struct str name, value;
    uint64_t port;

    sip_uri_split(uri, &u);
    *hop = (struct sip_hop){.sips = str_ieq(u.scheme, STR("sips"))};
    *loose = false;
    if (!u.has_host || u.host.n == 0 || u.host.n >= sizeof hop->host)
        return -1;
    bool v6 = u.host.p[0] == '[';
    memcpy(hop->host, u.host.p + (v6 ? 1 : 0), u.host.n - (v6 ? 2 : 0));
    if (u.port.n > 0) {
        if (str_number(u.port, 65535, &port) < 0)
            return -1;
        hop->port = (uint16_t)port;
    }
    hop->proto = hop->sips ? FLOW_TLS : FLOW_UDP;
    while (sip_param_next(&u.params, &name, &value)) {
        *loose |= str_ieq(name, STR("lr"));
        if (!str_ieq(name, STR("transport")))
            continue;
        hop->proto_given = true;
        hop->proto = str_ieq(value, STR("tcp")) ? FLOW_TCP : str_ieq(value, STR("tls")) ? FLOW_TLS : FLOW_UDP;
        if (hop->sips)
            hop->proto = FLOW_TLS;
    }
    return 0;
}

static struct str route_uri(struct str line) {
    struct sip_addr a;

    sip_addr_split(str_trim((struct str){line.p + str_find(line, ':') + 1, line.n - str_find(line, ':') - 1}), &a);
    return a.uri;
}

int sip_next_hop(struct str target, struct str route, struct sbuf *uri, struct sbuf *route_out, struct sip_hop *hop) {
    bool loose;

    if (route.n == 0) {
        sbuf_put(uri, target);
        return hop_of(target, hop, &loose);
    }
    size_t end = str_find(route, '\n') + 1;
    struct str first = {route.p, end < route.n ? end : route.n};
    if (hop_of(route_uri(first), hop, &loose) < 0)
        return -1;
    if (loose) {
        sbuf_put(uri, target);
        sbuf_put(route_out, route);
        return 0;
    }
    /* RFC 3261 16.12.1.1: a strict router wants its own URI in the request line and the target as last route */
    sbuf_put(uri, route_uri(first));
    sbuf_put(route_out, str_from(route, first.n));
    sbuf_puts(route_out, "Route: <");
    sbuf_put(route_out, target);
    sbuf_puts(route_out, ">\r\n");
    return 0;
}
