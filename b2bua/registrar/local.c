/* Domains whose registrar we are (RFC 3261 10.3): users of a file, bindings in the table, node 0. */
#include "b2bua/log/log.h"
#include "b2bua/registrar/impl.h"

enum { LOCAL_EXPIRES_MAX_S = 3600 };

const struct settings_local *front_local(const struct settings *s, struct str host) {
    for (int i = 0; i < s->registrar.local_count; i++)
        if (str_ieq(str_of(s->registrar.local[i].domain), host))
            return &s->registrar.local[i];
    return NULL;
}

/* --- who is it? (RFC 3261 22.1) --- */

static void put_challenge(struct sbuf *out, const struct settings_local *l, struct str nonce, const char *algorithm,
                          bool stale) {
    sbuf_puts(out, "WWW-Authenticate: Digest realm=\"");
    sbuf_puts(out, l->domain);
    sbuf_puts(out, "\", nonce=\"");
    sbuf_put(out, nonce);
    sbuf_puts(out, "\", algorithm=");
    sbuf_puts(out, algorithm);
    sbuf_puts(out, stale ? ", qop=\"auth\", stale=TRUE\r\n" : ", qop=\"auth\"\r\n");
}

/* RFC 8760 2.3: the one that is preferred stands first. `sha`: it may be offered. */
static void challenge(struct registrar *r, struct ua_in *in, const struct settings_local *l, bool sha, bool stale) {
    char text[2048], buf[FRONT_NONCE_SIZE];
    struct sbuf out = sbuf_on(text, sizeof text - 1);
    struct str nonce = front_nonce(r, str_of(l->domain), in->now_ms, buf);

    sha = sha && users_have(l->table, DIGEST_SHA_256);
    if (sha)
        put_challenge(&out, l, nonce, "SHA-256", stale);
    if (!sha || users_have(l->table, DIGEST_MD5))
        put_challenge(&out, l, nonce, "MD5", stale);
    text[out.n] = '\0';
    front_refuse(r, in, REGISTRAR_CHALLENGED, 401, NULL, text);
}

static bool find_credentials(const struct ua_in *in, struct str realm, struct digest_credentials *out) {
    struct enrol_lines lines = {0};
    struct str value;

    while (enrol_line_next(&lines, in->msg.raw, STR("Authorization"), 0, &value))
        if (digest_credentials_read(out, value) == 0 && str_eq(out->realm, realm))
            return true;
    return false;
}

/* A user may name himself with his domain, too. */
static bool owns(const struct front_ask *a, struct str user) {
    return str_eq(user, a->aor) || str_eq(user, str_upto(a->aor, str_find(a->aor, '@')));
}

static void refuse(struct registrar *r, struct ua_in *in, const struct front_ask *a, const char *why) {
    char user[128], aor[128], peer[ADDR_TEXT_MAX];

    log_warn("register aor=\"%s\" user=\"%s\" peer=%s result=forbidden error=%s", log_safe(a->aor, aor, sizeof aor),
             log_safe(a->enrol.user, user, sizeof user), addr_format(&in->flow.peer, peer), why);
    front_refuse(r, in, REGISTRAR_REFUSED, 403, NULL, NULL);
}

/* True when it may go on; else it is answered. Who answers by SHA-256 and has no such HA1 may have one for MD5, and is
 * asked by that alone; so is who is nobody: the answer does not tell them apart. */
static bool is_known(struct registrar *r, struct ua_in *in, const struct front_ask *a, const struct settings_local *l) {
    struct digest_credentials c;
    const char *ha1;

    if (!find_credentials(in, str_of(l->domain), &c)) {
        challenge(r, in, l, true, false);
        return false;
    }
    ha1 = users_find(l->table, c.username, c.realm, c.algorithm);
    if (ha1 == NULL && c.algorithm == DIGEST_SHA_256 && users_have(l->table, DIGEST_MD5)) {
        challenge(r, in, l, false, false);
        return false;
    }
    if (ha1 == NULL || !digest_credentials_fit(&c, ha1, in->msg.method_name)) {
        guard_event(r->config.guard, BANS_SIP_AUTH, GUARD_WRONG_CREDENTIALS, &in->flow.peer, in->now_ms);
        refuse(r, in, a, "credentials");
        return false;
    }
    if (!owns(a, c.username)) {
        refuse(r, in, a, "another-user");
        return false;
    }
    if (front_nonce_take(r, c.realm, &c, in->now_ms))
        return true;
    challenge(r, in, l, c.algorithm != DIGEST_MD5, true);
    return false;
}

/* --- what is registered --- */

/* RFC 3261 10.3 step 7: of one Call-ID, the later CSeq counts. */
static bool is_late(struct registrar *r, const struct front_ask *a, uint64_t id) {
    struct binding b;

    return bindings_get(r->config.shared->bindings, id, &b) && str_eq(b.call_id, a->call_id) && b.f.cseq >= a->cseq;
}

static int ids_of(struct registrar *r, const struct front_ask *a, uint64_t *ids) {
    if (a->enrol.star)
        return bindings_of_aor(r->config.shared->bindings, a->aor, ids);
    memcpy(ids, a->ids, (size_t)a->enrol.count * sizeof *ids);
    return a->enrol.count;
}

static enum bindings_put enter(struct registrar *r, const struct ua_in *in, const struct front_ask *a, int i) {
    const struct enrol_contact *e = &a->enrol.contacts[i];
    unsigned both = CONTACT_AR | CONTACT_SK;
    bool ar_sk = (a->enrol.caps & both) == both && switches_stun(r->config.shared->switches, r->settings);
    uint32_t granted_s = e->asked_s < LOCAL_EXPIRES_MAX_S ? e->asked_s : LOCAL_EXPIRES_MAX_S;
    char path_text[FRONT_ROUTES_MAX];
    struct sbuf path = sbuf_on(path_text, sizeof path_text);
    uint64_t now_ms = in->now_ms;
    struct binding known;
    uint64_t stun_ms = bindings_get(r->config.shared->bindings, a->ids[i], &known) ? known.f.stun_ms : 0;
    uint32_t told_s = front_told(r, a, ar_sk, stun_ms, e->asked_s, granted_s, now_ms);
    struct binding b = {.f = {.id = a->ids[i],
                              .via = a->via,
                              .reg_id = e->c.reg_id,
                              .q = e->c.q,
                              .cseq = a->cseq,
                              .caps = ar_sk ? a->enrol.caps : 0,
                              .outbound = a->enrol.outbound,
                              .since_ms = now_ms,
                              .told_ms = now_ms + (uint64_t)told_s * 1000,
                              .granted_ms = now_ms + (uint64_t)told_s * 1000},
                        .aor = a->aor,
                        .contact = e->c.all,
                        .instance = e->c.instance,
                        .call_id = a->call_id,
                        .path = front_routes(&path, in->msg.raw, "Path"),
                        .user_agent = a->enrol.user_agent};

    return bindings_put(r->config.shared->bindings, &b, now_ms);
}

/* Returns false when there is no room. */
static bool enter_all(struct registrar *r, const struct ua_in *in, const struct front_ask *a, const uint64_t *ids,
                      int count) {
    char aor[128], peer[ADDR_TEXT_MAX];

    for (int i = 0; i < count; i++) {
        if (a->enrol.star || a->enrol.contacts[i].asked_s == 0) {
            if (bindings_remove(r->config.shared->bindings, ids[i]))
                log_info("binding=%016llx state=removed", (unsigned long long)ids[i]);
            continue;
        }
        enum bindings_put done = enter(r, in, a, i);
        if (done == BINDINGS_FULL || done == BINDINGS_TOO_LONG)
            return false;
        if (done == BINDINGS_NEW)
            log_info(
                "binding=%016llx state=registered aor=\"%s\" peer=%s transport=%s node=", (unsigned long long)ids[i],
                log_safe(a->aor, aor, sizeof aor), addr_format(&a->flow.peer, peer), flow_proto_name(a->flow.proto));
    }
    return true;
}

void front_local_register(struct registrar *r, struct ua_in *in, const struct front_ask *a,
                          const struct settings_local *l) {
    uint64_t ids[BINDINGS_OF_AOR_MAX];

    if (!is_known(r, in, a, l))
        return;
    int count = ids_of(r, a, ids);
    for (int i = 0; i < count; i++)
        if (is_late(r, a, ids[i])) {
            front_refuse(r, in, REGISTRAR_REFUSED, 500, "Out of Order", NULL);
            return;
        }
    if (!enter_all(r, in, a, ids, count)) {
        front_send_away(r, in);
        return;
    }
    front_count(r, REGISTRAR_OK);
    front_list(r, in, a);
}
