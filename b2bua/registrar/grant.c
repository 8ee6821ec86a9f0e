/* A 200 of a node: bindings are made of it, and the client gets it in terms of its own. */
#include "b2bua/log/log.h"
#include "b2bua/registrar/impl.h"

/* What a Contact of the REGISTER has got. */
struct got {
    bool listed;
    uint32_t granted_s, told_s;
};

struct grant {
    struct front_job *j;
    struct str message;
    struct enrol_answer answer;
    unsigned caps; /* of both sides */
    bool ar_sk;    /* all of them */
    uint64_t stun_ms, now_ms;
    struct got got[ENROL_CONTACTS_MAX];
    struct sbuf text;
    struct forward edits;
};

uint64_t front_credential(struct registrar_shared *s, const struct front_ask *a) {
    uint32_t who = (uint32_t)(str_hash(a->enrol.user) ^ str_hash(a->enrol.realm) * 3);

    return (uint64_t)(who != 0 ? who : 1) << 32 | atomic_load(&s->epoch);
}

uint32_t front_told(struct registrar *r, const struct front_ask *a, bool ar_sk, uint64_t stun_ms, uint32_t asked_s,
                    uint32_t granted_s, uint64_t now_ms) {
    bool stun = stun_ms != 0 && now_ms - stun_ms < FRONT_STUN_MS;
    struct expiry_client client = {.proto = a->flow.proto, .keepalive = a->enrol.outbound || stun, .ar_sk = ar_sk};

    return expiry_told(&r->settings->registrar.expires, &client, asked_s, granted_s, (uint32_t)ua_random(r->config.ua));
}

/* --- Contacts --- */

/* By number where the Contact is ours, else by what it says. */
static int index_of(const struct grant *g, const struct contact *c) {
    const struct front_ask *a = &g->j->ask;
    uint64_t id;

    if (g->j->settings->registrar.path || !front_id_of(c->uri, &id))
        return enrol_match(&a->enrol, c);
    for (int i = 0; i < a->enrol.count; i++)
        if (a->ids[i] == id)
            return i;
    return -1;
}

void front_put_contact(struct sbuf *out, const struct contact *c, struct str uri, struct str reg_id,
                       uint32_t expires_s) {
    char number[16];
    struct sbuf b = sbuf_on(number, sizeof number);
    struct contact_edit edits[2] = {{.name = "expires", .add = true}};
    int count = 1;

    sbuf_number(&b, expires_s);
    edits[0].value = sbuf_str(&b);
    if (reg_id.n > 0)
        edits[count++] = (struct contact_edit){.name = "reg-id", .value = reg_id, .add = true};
    sbuf_puts(out, "Contact: ");
    if (uri.n > 0) {
        sbuf_putc(out, '<');
        sbuf_put(out, uri);
        sbuf_putc(out, '>');
    } else {
        sbuf_put(out, (struct str){c->all.p, (size_t)(c->params.p - c->all.p)});
    }
    contact_put_params(out, c->params, edits, count);
    sbuf_puts(out, "\r\n");
}

static void put_own(struct grant *g, const struct contact *c, int i) {
    const struct contact *asked = &g->j->ask.enrol.contacts[i].c;
    struct got *got = &g->got[i];
    struct str reg_id = STR_NONE;

    got->listed = true;
    got->granted_s = c->expires_s != CONTACT_UNSAID          ? c->expires_s
                     : g->answer.expires_s != CONTACT_UNSAID ? g->answer.expires_s
                                                             : g->j->ask.enrol.contacts[i].asked_s;
    got->told_s = front_told(g->j->r, &g->j->ask, g->ar_sk, g->stun_ms, g->j->ask.enrol.contacts[i].asked_s,
                             got->granted_s, g->now_ms);
    contact_param(asked->params, "reg-id", &reg_id);
    front_put_contact(&g->text, c, g->j->settings->registrar.path ? STR_NONE : asked->uri, reg_id, got->told_s);
}

/* Of another device: its own Contact for ours, and what it was told. */
static void put_other(struct grant *g, const struct contact *c) {
    struct bindings *all = g->j->r->config.shared->bindings;
    struct binding b;
    struct contact own;
    uint64_t id;

    if (!g->j->settings->registrar.path && front_id_of(c->uri, &id) && bindings_get(all, id, &b) &&
        str_eq(b.aor, g->j->ask.aor) && b.f.told_ms > g->now_ms) {
        struct str rest = b.contact, reg_id = STR_NONE;
        if (contact_next(&rest, &own) > 0) {
            contact_param(own.params, "reg-id", &reg_id);
            front_put_contact(&g->text, c, own.uri, reg_id, (uint32_t)((b.f.told_ms - g->now_ms) / 1000));
        }
        return;
    }
    sbuf_puts(&g->text, "Contact: ");
    sbuf_put(&g->text, c->all);
    sbuf_puts(&g->text, "\r\n");
}

static void contacts(struct grant *g) {
    struct enrol_lines lines = {0};
    size_t mark = g->text.n;
    struct contact c;
    struct str value;

    while (enrol_line_next(&lines, g->message, STR("Contact"), 'm', &value))
        while (contact_next(&value, &c) > 0) {
            int i = index_of(g, &c);
            if (i >= 0)
                put_own(g, &c, i);
            else
                put_other(g, &c);
        }
    if (g->answer.has_contacts)
        forward_edit(&g->edits, STR("Contact"), 'm', (struct str){g->text.p + mark, g->text.n - mark});
}

/* What the node does not list although it was asked for, and says nothing against, is believed to be there: it may
 * write URIs its own way. */
static void unlisted(struct grant *g) {
    for (int i = 0; i < g->j->ask.enrol.count; i++) {
        const struct enrol_contact *asked = &g->j->ask.enrol.contacts[i];
        if (g->got[i].listed || asked->asked_s == 0)
            continue;
        g->got[i].granted_s = g->answer.expires_s != CONTACT_UNSAID ? g->answer.expires_s : asked->asked_s;
        g->got[i].told_s =
            front_told(g->j->r, &g->j->ask, g->ar_sk, g->stun_ms, asked->asked_s, g->got[i].granted_s, g->now_ms);
    }
}

/* --- bindings --- */

static void log_binding(const struct grant *g, const struct binding *b, const char *what, uint32_t told_s) {
    char aor[128], contact[256], peer[ADDR_TEXT_MAX];
    int node = nodes_index(g->j->settings, g->j->node);

    log_info("binding=%016llx state=%s aor=\"%s\" contact=\"%s\" peer=%s transport=%s node=%s told_s=%u",
             (unsigned long long)b->f.id, what, log_safe(b->aor, aor, sizeof aor),
             log_safe(b->contact, contact, sizeof contact), addr_format(&b->f.via.flow.peer, peer),
             flow_proto_name(b->f.via.flow.proto), node < 0 ? "" : g->j->settings->cluster.nodes[node].name, told_s);
}

/* Routes for requests of this client (RFC 3608), and to it (RFC 3327). */
struct str front_routes(struct sbuf *out, struct str message, const char *name) {
    enrol_put_routes(out, message, str_of(name));
    if (!out->full)
        return sbuf_str(out);
    log_warn("register header=%s dropped=too-long", name);
    return STR_NONE;
}

/* What contact `i` becomes; `service` and `path` are room for its routes. */
static struct binding binding_of(const struct grant *g, int i, struct sbuf *service, struct sbuf *path) {
    const struct front_ask *a = &g->j->ask;
    const struct contact *c = &a->enrol.contacts[i].c;
    const struct got *got = &g->got[i];
    uint64_t believed_ms = (uint64_t)g->j->settings->registrar.credentials_refresh_min * 60000;
    struct binding b = {.f = {.id = a->ids[i],
                              .via = a->via,
                              .node = g->j->node,
                              .reg_id = c->reg_id,
                              .q = c->q,
                              .cseq = a->cseq,
                              .caps = g->caps,
                              .outbound = a->enrol.outbound,
                              .since_ms = g->now_ms,
                              .accepted_ms = g->now_ms,
                              .told_ms = g->now_ms + (uint64_t)got->told_s * 1000,
                              .granted_ms = g->now_ms + (uint64_t)got->granted_s * 1000},
                        .aor = a->aor,
                        .contact = c->all,
                        .instance = c->instance,
                        .call_id = a->call_id,
                        .user_agent = a->enrol.user_agent};

    b.service_route = front_routes(service, g->message, "Service-Route");
    b.path = front_routes(path, g->j->raw, "Path");
    if (a->enrol.has_credentials && believed_ms > 0) {
        b.f.credential = front_credential(g->j->r->config.shared, a);
        b.f.credential_ms = g->now_ms + believed_ms;
    }
    return b;
}

/* In words for the log; NULL: it is as it was. */
static const char *news_of(const struct grant *g, enum bindings_put done) {
    uint32_t before = g->j->client_facts.node;
    bool moves = before != NODES_NONE && before != g->j->node;

    if (done == BINDINGS_RENEWED)
        return moves ? "moved" : NULL;
    return done == BINDINGS_NEW ? "registered" : "no-room";
}

static void enter(struct grant *g, int i) {
    char service_text[FRONT_ROUTES_MAX], path_text[FRONT_ROUTES_MAX];
    struct sbuf service = sbuf_on(service_text, sizeof service_text), path = sbuf_on(path_text, sizeof path_text);
    struct binding b = binding_of(g, i, &service, &path);
    const char *news = news_of(g, bindings_put(g->j->r->config.shared->bindings, &b, g->now_ms));

    if (news != NULL)
        log_binding(g, &b, news, g->got[i].told_s);
}

static void drop(struct grant *g, uint64_t id) {
    if (bindings_remove(g->j->r->config.shared->bindings, id))
        log_info("binding=%016llx state=removed", (unsigned long long)id);
}

static bool enter_all(struct grant *g) {
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    int n = g->j->ask.enrol.star ? bindings_of_aor(g->j->r->config.shared->bindings, g->j->ask.aor, ids) : 0;
    bool lives = false;

    for (int i = 0; i < n; i++)
        drop(g, ids[i]);
    for (int i = 0; i < g->j->ask.enrol.count; i++) {
        bool stays = g->j->ask.enrol.contacts[i].asked_s > 0 && g->got[i].told_s > 0;
        lives |= stays;
        if (stays)
            enter(g, i);
        else
            drop(g, g->j->ask.ids[i]);
    }
    return lives;
}

/* --- the rest of the head --- */

void front_put_service(struct sbuf *out, const struct settings *s, const struct front_ask *a) {
    sbuf_puts(out, "Service-Route: ");
    front_put_uri(out, STR_NONE, &s->listens[a->flow.listen]);
    sbuf_puts(out, ";lr>\r\n");
}

void front_put_flow_timer(struct sbuf *out, const struct front_ask *a) {
    sbuf_puts(out, "Flow-Timer: ");
    sbuf_number(out, a->flow.proto == FLOW_UDP ? FRONT_FLOW_TIMER_UDP_S : FRONT_FLOW_TIMER_STREAM_S);
    sbuf_puts(out, "\r\n");
}

void front_put_advice(struct registrar *r, struct sbuf *out, const struct front_ask *a) {
    char name[HEARTBEAT_NAME_SIZE];

    if (!(a->enrol.caps & CONTACT_AR) || !fellows_advise(r->config.shared->fellows, name))
        return;
    sbuf_puts(out, "Warning: 399 ");
    sbuf_puts(out, r->settings->listens[a->flow.listen].host);
    sbuf_puts(out, " \"load-imbalance;target=");
    sbuf_puts(out, name);
    sbuf_puts(out, "\"\r\n");
}

/* Ends an edit that began at `mark`. */
static void edit(struct grant *g, const char *name, char compact, size_t mark) {
    forward_edit(&g->edits, str_of(name), compact, (struct str){g->text.p + mark, g->text.n - mark});
}

static void outbound(struct grant *g) {
    struct enrol_lines lines = {0};
    size_t mark = g->text.n;
    struct str value;

    front_put_flow_timer(&g->text, &g->j->ask);
    edit(g, "Flow-Timer", 0, mark);
    if (g->answer.outbound)
        return;
    mark = g->text.n;
    sbuf_puts(&g->text, "Require: outbound");
    while (enrol_line_next(&lines, g->message, STR("Require"), 0, &value)) {
        sbuf_puts(&g->text, ", ");
        sbuf_put(&g->text, value);
    }
    sbuf_puts(&g->text, "\r\n");
    edit(g, "Require", 0, mark);
}

/* Of the Path in the 200 the client gets what its own side had put there. */
static void path(struct grant *g) {
    struct enrol_lines lines = {0};
    size_t mark = g->text.n;
    struct str value;

    while (enrol_line_next(&lines, g->j->raw, STR("Path"), 0, &value)) {
        sbuf_puts(&g->text, "Path: ");
        sbuf_put(&g->text, value);
        sbuf_puts(&g->text, "\r\n");
    }
    edit(g, "Path", 0, mark);
}

static void expires(struct grant *g) {
    size_t mark = g->text.n;
    uint32_t least = UINT32_MAX;

    for (int i = 0; i < g->j->ask.enrol.count; i++)
        if (g->got[i].told_s > 0 && g->got[i].told_s < least)
            least = g->got[i].told_s;
    if (least == UINT32_MAX || g->answer.expires_s == CONTACT_UNSAID)
        return;
    sbuf_puts(&g->text, "Expires: ");
    sbuf_number(&g->text, least);
    sbuf_puts(&g->text, "\r\n");
    edit(g, "Expires", 0, mark);
}

static void supported(struct grant *g) {
    size_t mark = g->text.n;

    if (!g->answer.ar_sk || g->ar_sk)
        return;
    enrol_put_without(&g->text, g->message, STR("Supported"), 'k', "X-cisco-supports-AR_SK");
    edit(g, "Supported", 'k', mark);
}

static void service_route(struct grant *g, bool lives) {
    size_t mark = g->text.n;

    if (lives) {
        front_put_service(&g->text, g->j->settings, &g->j->ask);
        front_put_advice(g->j->r, &g->text, &g->j->ask); /* beside the Warnings that the node may have given */
    }
    edit(g, "Service-Route", 0, mark);
}

void front_grant(struct front_job *j, const struct sip_msg *m, uint64_t now_ms) {
    struct grant g = {.j = j, .message = m->raw, .now_ms = now_ms, .text = sbuf_on(j->r->lines, sizeof j->r->lines)};
    struct binding known;

    enrol_answer_read(&g.answer, m->raw);
    if (g.answer.ar_sk && switches_stun(j->r->config.shared->switches, j->settings))
        g.caps = j->ask.enrol.caps;
    g.ar_sk = g.caps == (CONTACT_AR | CONTACT_SK);
    g.stun_ms = front_known(j->r, &j->ask, &known) ? known.f.stun_ms : 0;
    nodes_supports(j->r->config.shared->nodes, j->node, g.answer.ar_sk);
    contacts(&g);
    unlisted(&g);
    bool lives = enter_all(&g);
    expires(&g);
    supported(&g);
    service_route(&g, lives);
    if (g.answer.has_path)
        path(&g);
    if (lives && j->ask.enrol.outbound)
        outbound(&g);
    if (g.text.full)
        g.edits = (struct forward){0}; /* rather in the node's terms than in none */
    ua_pass_reply(j->r->config.ua, j->server, j->echo, m->status, &(struct ua_passed){m->raw, &g.edits}, now_ms);
}
