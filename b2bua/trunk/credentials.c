#include "b2bua/trunk/credentials.h"

#include <stdlib.h>

#include "b2bua/core/derive.h"
#include "b2bua/log/log.h"

enum { BUCKETS = 64 };

/* A challenge that we can answer. */
struct known {
    struct known *next;
    bool proxy;
    struct digest_challenge challenge; /* views into `text` */
    char *text;
    char cnonce[DIGEST_CNONCE_SIZE];
    uint32_t nc; /* the last one used */
};

struct trunk {
    struct trunk *next;
    char *name;
    struct known *known; /* the newest first */
    struct credentials_counts counts;
    bool refused; /* and that was logged */
};

struct credentials {
    void (*random)(void *bytes, size_t n);
    struct trunk *buckets[BUCKETS];
};

static const struct {
    struct str name;
    bool proxy;
} telling[] = {{{"Authentication-Info", 19}, false}, {{"Proxy-Authentication-Info", 25}, true}};

/* --- the table --- */

static void drop(struct trunk *t, struct known *k) {
    struct known **at = &t->known;

    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    free(k->text);
    free(k);
}

static void trunk_free(struct trunk *t) {
    while (t->known != NULL)
        drop(t, t->known);
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
            while (t->known != NULL)
                drop(t, t->known);
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

static bool put_one(struct known *k, const struct settings_auth *a, struct str method, struct str uri,
                    struct sbuf *out) {
    size_t start = out->n;
    struct digest_request r = {.method = method,
                               .uri = uri,
                               .nonce = k->challenge.nonce,
                               .cnonce = str_of(k->cnonce),
                               .nc = ++k->nc,
                               .qop_auth = k->challenge.qop_auth};

    sbuf_puts(out, k->proxy ? "Proxy-Authorization: " : "Authorization: ");
    digest_credentials_put(out, &k->challenge, str_of(a->username), str_of(a->password), &r);
    sbuf_puts(out, "\r\n");
    if (out->full)
        out->n = start;
    return !out->full;
}

void credentials_put(struct credentials *c, const struct settings_trunk *t, bool own, struct str method, struct str uri,
                     struct credentials_tried *tried, struct sbuf *out) {
    struct trunk *mine = *place_of(c, t->name);

    for (struct known *k = mine == NULL ? NULL : mine->known; k != NULL; k = k->next) {
        const struct settings_auth *a = auth_for(t, own, k->challenge.realm);
        int at = a == NULL ? -1 : tried_at(tried, realm_digest(k->challenge.realm, k->proxy));
        if (at >= 0 && put_one(k, a, method, uri, out))
            tried->of[at].nonce = str_hash(k->challenge.nonce);
    }
}

/* --- challenges --- */

static struct known *find(struct trunk *t, bool proxy, struct str realm) {
    for (struct known *k = t->known; k != NULL; k = k->next)
        if (k->proxy == proxy && str_eq(k->challenge.realm, realm))
            return k;
    return NULL;
}

static struct str copy_part(char **at, struct str s) {
    struct str copy = {*at, s.n};

    if (s.n > 0)
        memcpy(*at, s.p, s.n);
    *at += s.n;
    return copy;
}

static void draw_cnonce(struct credentials *c, struct known *k) {
    uint64_t bits;
    struct sbuf b = sbuf_on(k->cnonce, sizeof k->cnonce - 1);

    c->random(&bits, sizeof bits);
    sbuf_hex(&b, bits);
    k->cnonce[b.n] = '\0';
    k->nc = 0;
}

/* The challenge in a form that outlives its message; `nonce` takes the place of its own. */
static void keep_text(struct known *k, struct digest_challenge from, struct str nonce) {
    char *text = mem_alloc(from.realm.n + nonce.n + from.opaque.n + from.algorithm_name.n + 1), *at = text;

    k->challenge = from;
    k->challenge.realm = copy_part(&at, from.realm);
    k->challenge.nonce = copy_part(&at, nonce);
    k->challenge.opaque = copy_part(&at, from.opaque);
    k->challenge.algorithm_name = copy_part(&at, from.algorithm_name);
    free(k->text);
    k->text = text;
}

static void learn(struct credentials *c, struct trunk *t, const struct digest_challenge *challenge, bool proxy) {
    struct known *k = find(t, proxy, challenge->realm);
    int count = 0;

    if (k == NULL) {
        k = mem_zalloc(sizeof *k);
        k->proxy = proxy;
        k->next = t->known;
        t->known = k;
        for (struct known *i = t->known; i != NULL; i = i->next)
            if (++count > CREDENTIALS_REALMS_MAX) {
                drop(t, i);
                break;
            }
    }
    keep_text(k, *challenge, challenge->nonce);
    draw_cnonce(c, k);
}

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
    struct known *k = find(t, proxy, challenge->realm);
    char realm[128];

    t->counts.refused++;
    if (k != NULL)
        drop(t, k); /* the next request learns a new one, and tries once */
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
            learn(c, mine, challenge, asked.of[i].proxy);
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

static void next_nonce(struct credentials *c, struct trunk *t, struct str value, bool proxy) {
    struct str name, text;

    while (digest_param_next(&value, &name, &text)) {
        if (!str_ieq(name, STR("nextnonce")) || !digest_is_repeatable(text) || text.n == 0)
            continue;
        for (struct known *k = t->known; k != NULL; k = k->next)
            if (k->proxy == proxy && !str_eq(k->challenge.nonce, text)) {
                keep_text(k, k->challenge, text);
                draw_cnonce(c, k);
                return; /* the header names no realm; one of its kind is all there is */
            }
    }
}

void credentials_accepted(struct credentials *c, const struct settings_trunk *t, struct str message,
                          const struct credentials_tried *tried) {
    struct trunk *mine = *place_of(c, t->name);

    if (mine == NULL || tried->count == 0)
        return;
    mine->refused = false;
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++) {
        struct str rest = message, value;
        while (derive_next(&rest, telling[i].name, 0, &value))
            next_nonce(c, mine, value, telling[i].proxy);
    }
}

struct credentials_counts credentials_counts(const struct credentials *c, const char *trunk) {
    const struct trunk *t = *place_of(c, trunk);
    struct credentials_counts none = {0};

    return t == NULL ? none : t->counts;
}
