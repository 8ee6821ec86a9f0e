#include "b2bua/trunk/credentials.h"

#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/trunk/realms.h"

enum { BUCKETS = 64 };

struct trunk {
    struct trunk *next;
    char *name;
    struct realms realms; /* whose challenges we can answer */
    struct credentials_counts counts;
    bool refused; /* and that was logged */
};

struct credentials {
    void (*random)(void *bytes, size_t n);
    struct trunk *buckets[BUCKETS];
};

/* --- the table --- */

static void trunk_free(struct trunk *t) {
    realms_clear(&t->realms);
    free(t->name);
    free(t);
}

static struct trunk *const *place_of(const struct credentials *c, const char *name) {
    struct trunk *const *at = &c->buckets[str_hash(str_of(name)) % BUCKETS];

    while (*at != NULL && strcmp((*at)->name, name) != 0)
        at = &(*at)->next;
    return at;
}

static struct trunk *trunk_of(struct credentials *c, const char *name) {
    struct trunk **at = (struct trunk **)place_of(c, name);

    if (*at == NULL) {
        *at = mem_zalloc(sizeof **at);
        (*at)->name = str_dup(str_of(name));
        (*at)->realms.random = c->random;
    }
    return *at;
}

struct credentials *credentials_new(void (*random)(void *bytes, size_t n)) {
    struct credentials *c = mem_zalloc(sizeof *c);

    c->random = random;
    return c;
}

void credentials_free(struct credentials *c) {
    if (c == NULL)
        return;
    for (int i = 0; i < BUCKETS; i++)
        while (c->buckets[i] != NULL) {
            struct trunk *t = c->buckets[i];
            c->buckets[i] = t->next;
            trunk_free(t);
        }
    free(c);
}

static bool is_named(const struct settings *s, const char *name) {
    for (int i = 0; i < s->trunk_count; i++)
        if (strcmp(s->trunks[i].name, name) == 0)
            return s->trunks[i].auth_count > 0;
    return false;
}

void credentials_set_settings(struct credentials *c, const struct settings *s) {
    for (int i = 0; i < BUCKETS; i++)
        for (struct trunk **at = &c->buckets[i]; *at != NULL;) {
            struct trunk *t = *at;
            realms_clear(&t->realms);
            t->refused = false;
            if (is_named(s, t->name)) {
                at = &t->next;
                continue;
            }
            *at = t->next;
            trunk_free(t);
        }
}

/* --- which entry --- */

static const struct settings_auth *auth_for(const struct settings_trunk *t, bool own, struct str realm) {
    const struct settings_auth *any = NULL;

    for (int i = 0; i < t->auth_count; i++) {
        const struct settings_auth *a = &t->auth[i];
        if (a->realm[0] != '\0' && str_eq(str_of(a->realm), realm))
            return a;
        if (a->realm[0] == '\0' && own && any == NULL)
            any = a;
    }
    return any;
}

/* --- what a request has been through --- */

static uint64_t realm_digest(struct str realm, bool proxy) {
    return str_hash(realm) ^ (uint64_t)proxy;
}

/* The place of a realm; -1: too many. */
static int tried_at(struct credentials_tried *tried, uint64_t realm) {
    for (int i = 0; i < tried->count; i++)
        if (tried->of[i].realm == realm)
            return i;
    if (tried->count == CREDENTIALS_REALMS_MAX)
        return -1;
    tried->of[tried->count].realm = realm;
    return tried->count++;
}

/* --- putting --- */

static bool put_one(struct realm *known, const struct settings_auth *a, struct str method, struct str uri,
                    struct sbuf *out) {
    size_t start = out->n;
    struct digest_request r = {.method = method,
                               .uri = uri,
                               .nonce = known->challenge.nonce,
                               .cnonce = str_of(known->cnonce),
                               .nc = ++known->nc,
                               .qop_auth = known->challenge.qop_auth};

    sbuf_puts(out, known->proxy ? "Proxy-Authorization: " : "Authorization: ");
    digest_credentials_put(out, &known->challenge, str_of(a->username), str_of(a->password), &r);
    sbuf_puts(out, "\r\n");
    if (out->full)
        out->n = start;
    return !out->full;
}

void credentials_put(struct credentials *c, const struct settings_trunk *t, bool own, struct str method, struct str uri,
                     struct credentials_tried *tried, struct sbuf *out) {
    struct trunk *mine = *place_of(c, t->name);

    for (struct realm *known = mine == NULL ? NULL : mine->realms.first; known != NULL; known = known->next) {
        const struct settings_auth *a = auth_for(t, own, known->challenge.realm);
        int at = a == NULL ? -1 : tried_at(tried, realm_digest(known->challenge.realm, known->proxy));
        if (at >= 0 && put_one(known, a, method, uri, out))
            tried->of[at].nonce = str_hash(known->challenge.nonce);
    }
}

/* --- challenges --- */

enum verdict { ANSWER, NO_ENTRY, REFUSED };

/* A new nonce is answered once; after an answer of ours only a stale one is answered again (RFC 7616 3.3). */
static enum verdict judge(const struct settings_trunk *t, bool own, const struct digest_challenge *challenge,
                          bool proxy, struct credentials_tried *tried) {
    int at = tried_at(tried, realm_digest(challenge->realm, proxy));

    if (auth_for(t, own, challenge->realm) == NULL || at < 0)
        return NO_ENTRY;
    if (tried->of[at].nonce == str_hash(challenge->nonce) || (tried->of[at].answered && !challenge->stale))
        return REFUSED;
    tried->of[at].answered = true;
    return ANSWER;
}

static void refused(struct trunk *t, const struct digest_challenge *challenge, bool proxy) {
    struct realm *known = realms_find(&t->realms, proxy, challenge->realm);
    char realm[128];

    t->counts.refused++;
    if (known != NULL)
        realms_drop(&t->realms, known); /* the next request learns a new one, and tries once */
    if (!t->refused)
        log_warn("trunk=%s realm=\"%s\" auth=refused why=\"user name or password is wrong\"", t->name,
                 log_safe(challenge->realm, realm, sizeof realm));
    t->refused = true;
}

/* Whoever is challenged for what he has no password for could fill the log: the first is told, the second, the fourth
 * ... */
static void unknown(struct trunk *t, const struct digest_challenge *challenge) {
    uint64_t n = ++t->counts.unknown;
    char realm[128];

    if ((n & (n - 1)) == 0)
        log_warn("trunk=%s realm=\"%s\" auth=none why=\"no entry of auth is for this realm\" in_all=%llu", t->name,
                 log_safe(challenge->realm, realm, sizeof realm), (unsigned long long)n);
}

bool credentials_challenged(struct credentials *c, const struct settings_trunk *t, bool own, struct str message,
                            struct credentials_tried *tried) {
    struct trunk *mine = trunk_of(c, t->name);
    struct digest_asked asked;
    int answers = 0, refusals = 0;

    digest_asked_read(&asked, message);
    for (int i = 0; i < asked.count; i++) {
        const struct digest_challenge *challenge = &asked.of[i].challenge;
        switch (judge(t, own, challenge, asked.of[i].proxy, tried)) {
        case ANSWER:
            realms_learn(&mine->realms, challenge, asked.of[i].proxy);
            answers++;
            break;
        case NO_ENTRY:
            unknown(mine, challenge);
            break;
        case REFUSED:
            refused(mine, challenge, asked.of[i].proxy);
            refusals++;
            break;
        }
    }
    if (answers == 0 || refusals > 0 || tried->answers >= CREDENTIALS_ANSWERS_MAX)
        return false;
    tried->answers++;
    mine->counts.answered++;
    return true;
}

/* --- success --- */

void credentials_accepted(struct credentials *c, const struct settings_trunk *t, struct str message,
                          const struct credentials_tried *tried) {
    struct trunk *mine = *place_of(c, t->name);

    if (mine == NULL || tried->count == 0)
        return;
    mine->refused = false;
    realms_hear(&mine->realms, message);
}

struct credentials_counts credentials_counts(const struct credentials *c, const char *trunk) {
    const struct trunk *t = *place_of(c, trunk);
    struct credentials_counts none = {0};

    return t == NULL ? none : t->counts;
}
