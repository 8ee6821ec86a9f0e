/*
 * Which way a request of a node goes to a client: over the flow that its Path token, our Contact, or the client's own
 * Contact names, and over the other flows of the same device when that is gone (RFC 5626 5.3).
 */
#include "b2bua/registrar/impl.h"

static struct str contact_uri(const struct binding *client) {
    struct str rest = client->contact;
    struct contact c;

    return contact_next(&rest, &c) > 0 ? c.uri : STR_NONE;
}

static void add_client(struct registrar *r, struct front_ways *b, const struct binding *client) {
    struct way way = {.trunk = r->settings->registrar.trunk,
                      .target = -1,
                      .id = POOL_NO_PLACE,
                      .uri = contact_uri(client),
                      .route = client->path,
                      .binding = client->f.id,
                      .device = client->instance.n > 0 ? str_hash(client->instance) : client->f.id};

    if (registrar_flow(r->config.shared, r->settings, &client->f.via, &way.flow) == 0)
        front_way_add(b, &way);
}

/* The other flows of the same device, the latest first. */
static void add_siblings(struct registrar *r, struct front_ways *b, const struct binding *client) {
    struct bindings *all = r->config.shared->bindings;
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    struct binding other;
    int n = client->instance.n == 0 ? 0 : bindings_of_aor(all, client->aor, ids);

    for (int i = 0; i < n; i++)
        if (ids[i] != client->f.id && bindings_get(all, ids[i], &other) && str_eq(other.instance, client->instance))
            add_client(r, b, &other);
}

void front_to_client(struct registrar *r, struct front_ways *b, const struct binding *client, int gone) {
    b->ways.status = gone;
    add_client(r, b, client);
    add_siblings(r, b, client);
}

/* Of several registrations on one flow the one that the Request-URI names, else the latest. */
static bool on_flow(struct registrar *r, const struct token *via, struct str uri, struct binding *out) {
    struct bindings *all = r->config.shared->bindings;
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    int n = bindings_of_flow(all, via, ids, BINDINGS_OF_AOR_MAX);

    for (int i = 0; i < n; i++)
        if (bindings_get(all, ids[i], out) && str_eq(contact_uri(out), uri))
            return true;
    return n > 0 && bindings_get(all, ids[0], out);
}

static bool uri_split(struct str uri, struct str *user, struct str *place) {
    size_t colon = str_find(uri, ':'), at = str_find(uri, '@');

    if (colon >= at || at >= uri.n)
        return false;
    *user = (struct str){uri.p + colon + 1, at - colon - 1};
    *place = str_from(uri, at + 1);
    return true;
}

/* A name without a port is looked up by SRV, wherever that leads; an address without one has the usual port. */
static bool is_called(const struct settings_listen *l, struct str place) {
    static const uint16_t usual[FLOW_PROTOS] = {[FLOW_UDP] = 5060, [FLOW_TCP] = 5060, [FLOW_TLS] = 5061};
    struct addr named, advertised;

    if (str_ieq(place, str_of(l->sent_by)))
        return true;
    if (addr_parse(&named, place) < 0)
        return str_ieq(place, str_of(l->host));
    named.port = named.port != 0 ? named.port : usual[l->proto];
    return addr_eq(&named, &l->bind) ||
           (addr_parse(&advertised, str_of(l->sent_by)) == 0 && addr_eq(&named, &advertised));
}

bool front_is_ours(const struct settings *s, int trunk, struct str place) {
    const struct settings_trunk *t = &s->trunks[trunk];
    size_t n = 0;

    while (n < place.n && strchr(";?>", place.p[n]) == NULL)
        n++;
    for (int i = 0; n > 0 && i < t->listen_count; i++)
        if (is_called(&s->listens[t->listens[i]], str_upto(place, n)))
            return true;
    return false;
}

bool front_route_token(const struct settings *s, int side, const struct sip_msg *m, struct str *token) {
    const void *cursor = NULL;
    struct contact c;
    struct str value, place;

    return sip_header_next(m, STR("Route"), &cursor, &value) && contact_next(&value, &c) > 0 &&
           uri_split(c.uri, token, &place) && front_is_ours(s, side, place);
}

static void by_token(struct registrar *r, struct front_ways *b, struct str text, struct str uri) {
    struct binding client;
    struct token via;

    if (registrar_token_read(r->config.shared, text, &via) < 0)
        b->ways.status = 403;
    else if (!on_flow(r, &via, uri, &client))
        b->ways.status = 430;
    else
        front_to_client(r, b, &client, 430);
}

static bool by_number(struct registrar *r, struct front_ways *b, const struct sip_msg *m) {
    struct str user, place;
    struct binding client;
    uint64_t id;

    if (!uri_split(m->uri, &user, &place) || !front_is_ours(r->settings, r->settings->cluster.trunk, place) ||
        !front_id_of(m->uri, &id))
        return false;
    if (bindings_get(r->config.shared->bindings, id, &client))
        front_to_client(r, b, &client, 480);
    else
        b->ways.status = 480;
    return true;
}

/* A node that does not give back the Path: the client is who has this Contact under the name that is called. */
static bool by_contact(struct registrar *r, struct front_ways *b, const struct sip_msg *m) {
    struct bindings *all = r->config.shared->bindings;
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    char text[FRONT_AOR_MAX];
    struct sbuf aor = sbuf_on(text, sizeof text);
    struct binding client;
    int n = sip_put_aor(&aor, sip_to_uri(m)) && !aor.full ? bindings_of_aor(all, sbuf_str(&aor), ids) : 0;

    for (int i = 0; i < n; i++)
        if (bindings_get(all, ids[i], &client) && str_eq(contact_uri(&client), m->uri)) {
            front_to_client(r, b, &client, 480);
            return true;
        }
    return false;
}

/* What it calls that does not concern its clients is for the dial plan. */
bool front_from_node(struct registrar *r, struct front_ways *b, const struct sip_msg *m) {
    struct str token;

    if (front_route_token(r->settings, r->settings->cluster.trunk, m, &token)) {
        by_token(r, b, token, m->uri);
        return true;
    }
    return by_number(r, b, m) || by_contact(r, b, m) || front_to_local(r, b, m->uri);
}
