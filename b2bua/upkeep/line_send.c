/* The REGISTER, and the place that it goes to. */
#include <stdio.h>

#include "b2bua/trunk/trunk.h"
#include "b2bua/upkeep/line_impl.h"

/* The user of our Contact: as configured, or that of the AoR, which was checked when it was read. */
static struct str contact_user(const struct settings_register *reg) {
    const char *user = reg->aor + strcspn(reg->aor, ":") + 1;

    return reg->user[0] != '\0' ? str_of(reg->user) : (struct str){user, strcspn(user, "@")};
}

static void write_contact(struct line *n, const struct flow *flow) {
    struct sbuf b = sbuf_on(n->contact, sizeof n->contact - 1);

    sbuf_puts(&b, "sip:");
    sbuf_put(&b, contact_user(&line_trunk(n)->reg));
    sbuf_putc(&b, '@');
    sbuf_puts(&b, n->settings->listens[flow->listen].sent_by);
    if (flow->proto == FLOW_TCP)
        sbuf_puts(&b, ";transport=tcp");
    if (flow->proto == FLOW_TLS)
        sbuf_puts(&b, ";transport=tls");
    n->contact[b.n] = '\0';
}

void line_let_go(struct line *n) {
    if (n->tx != NULL)
        n->tx->user = NULL;
    n->tx = NULL;
}

/* A name may lead elsewhere by now. */
static bool is_place_known(const struct line *n) {
    struct pool_place places[POOL_PLACES_MAX];
    int count = pool_places(n->lines->config.pool, line_trunk(n), places);

    for (int i = 0; i < count; i++)
        if (places[i].proto == n->place.flow.proto && addr_eq(&places[i].addr, &n->place.flow.peer))
            return true;
    return false;
}

static bool is_last_place(const struct line *n, const struct walk_place *at) {
    return n->has_place && n->place.flow.proto == at->flow.proto && addr_eq(&n->place.flow.peer, &at->flow.peer);
}

static void start_walk(struct line *n) {
    if (!n->walking)
        walk_init_trunk(&n->walk, n->lines->config.pool, n->settings, n->trunk, ua_random(n->lines->config.ua));
    n->walking = true;
}

/* A refresh, and what a 423 wants again, go where the last one went; a new round begins with the best place, and goes
 * on to those that have not failed in it. */
static int choose_place(struct line *n) {
    bool again = n->reg.tried == n->tried && n->reg.rounds == n->rounds;
    const struct walk_place *at;

    if (n->has_place && (n->reg.status == 0 || again) && is_place_known(n)) {
        n->walking &= n->reg.status != 0;
        return 0;
    }
    n->walking &= n->reg.rounds == n->rounds;
    bool goes_on = n->reg.tried > 0;
    start_walk(n);
    do
        at = walk_has_next(&n->walk) ? walk_next(&n->walk) : NULL;
    while (at != NULL && goes_on && is_last_place(n, at));
    n->placeless = at == NULL;
    if (n->placeless)
        return -1;
    n->place = *at;
    n->has_place = true;
    return 0;
}

static void put_way(const struct line *n, struct ua_out *o) {
    const struct settings_target *t = line_target(n);

    o->flow = n->place.flow;
    o->host = t->host;
    o->tcp_listen = o->flow.proto == FLOW_UDP ? trunk_tcp_listen(n->settings, n->trunk, t, o->flow.peer.family) : -1;
}

int line_send(struct line *n, uint32_t expires_s, uint64_t now_ms) {
    char uri[REGISTRATION_TEXT_MAX + 8], to[REGISTRATION_TEXT_MAX + 8], from[sizeof to + DIALOG_TAG_SIZE + 8],
        extra[64];
    struct str aor = str_of(line_trunk(n)->reg.aor);
    struct ua_out o = {.settings = n->settings, .trunk = n->trunk};
    int chosen = n->reg.removing && n->has_place ? 0 : choose_place(n);

    line_let_go(n);
    n->tried = n->reg.tried;
    n->rounds = n->reg.rounds;
    if (chosen < 0)
        return -1;
    put_way(n, &o);
    write_contact(n, &o.flow);
    snprintf(uri, sizeof uri, "sip:%s", aor.p + str_find(aor, '@') + 1);
    snprintf(to, sizeof to, "<%s>", aor.p);
    snprintf(from, sizeof from, "%s;tag=%s", to, n->tag);
    snprintf(extra, sizeof extra, "Expires: %u\r\n", expires_s);
    o.request = (struct sip_request){.method = METHOD_REGISTER,
                                     .uri = str_of(uri),
                                     .max_forwards = 70,
                                     .from = str_of(from),
                                     .to = str_of(to),
                                     .call_id = str_of(n->call_id),
                                     .cseq = ++n->cseq,
                                     .contact = str_of(n->contact),
                                     .extra = extra};
    n->tx = ua_request(n->lines->config.ua, &o, &n->user, now_ms);
    return n->tx == NULL ? -1 : 0;
}
