#include "b2bua/trunk/realms.h"

#include <stdlib.h>

#include "b2bua/core/derive.h"

static const struct {
    struct str name;
    bool proxy;
} telling[] = {{STR_INIT("Authentication-Info"), false}, {STR_INIT("Proxy-Authentication-Info"), true}};

void realms_drop(struct realms *all, struct realm *r) {
    struct realm **at = &all->first;

    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    free(r->text);
    free(r);
}

void realms_clear(struct realms *all) {
    while (all->first != NULL)
        realms_drop(all, all->first);
}

struct realm *realms_find(const struct realms *all, bool proxy, struct str realm) {
    for (struct realm *r = all->first; r != NULL; r = r->next)
        if (r->proxy == proxy && str_eq(r->challenge.realm, realm))
            return r;
    return NULL;
}

static struct str copy_part(char **at, struct str s) {
    struct str copy = {*at, s.n};

    if (s.n > 0)
        memcpy(*at, s.p, s.n);
    *at += s.n;
    return copy;
}

/* The challenge in a form that outlives its message; `nonce` takes the place of its own. */
static void keep_text(struct realm *r, struct digest_challenge from, struct str nonce) {
    char *text = mem_alloc(from.realm.n + nonce.n + from.opaque.n + from.algorithm_name.n + 1), *at = text;

    r->challenge = from;
    r->challenge.realm = copy_part(&at, from.realm);
    r->challenge.nonce = copy_part(&at, nonce);
    r->challenge.opaque = copy_part(&at, from.opaque);
    r->challenge.algorithm_name = copy_part(&at, from.algorithm_name);
    free(r->text);
    r->text = text;
}

static void keep(struct realms *all, struct realm *r, struct digest_challenge from, struct str nonce) {
    struct sbuf b = sbuf_on(r->cnonce, sizeof r->cnonce - 1);
    uint64_t bits;

    keep_text(r, from, nonce);
    all->random(&bits, sizeof bits);
    sbuf_hex(&b, bits);
    r->cnonce[b.n] = '\0';
    r->nc = 0;
}

static void drop_beyond(struct realms *all, int most) {
    int count = 0;

    for (struct realm *r = all->first, *next; r != NULL; r = next) {
        next = r->next;
        if (++count > most)
            realms_drop(all, r);
    }
}

void realms_learn(struct realms *all, const struct digest_challenge *challenge, bool proxy) {
    struct realm *r = realms_find(all, proxy, challenge->realm);

    if (r == NULL) {
        drop_beyond(all, REALMS_MAX - 1);
        r = mem_zalloc(sizeof *r);
        *r = (struct realm){.next = all->first, .proxy = proxy};
        all->first = r;
    }
    keep(all, r, *challenge, challenge->nonce);
}

/* The header names no realm; one of its kind is all there is. */
static void take_next(struct realms *all, struct str nonce, bool proxy) {
    for (struct realm *r = all->first; r != NULL; r = r->next)
        if (r->proxy == proxy && !str_eq(r->challenge.nonce, nonce)) {
            keep(all, r, r->challenge, nonce);
            return;
        }
}

void realms_hear(struct realms *all, struct str message) {
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++) {
        struct str rest = message, value, name, text;
        while (derive_next(&rest, telling[i].name, 0, &value))
            while (digest_param_next(&value, &name, &text))
                if (str_ieq(name, STR("nextnonce")) && digest_is_repeatable(text) && text.n > 0)
                    take_next(all, text, telling[i].proxy);
    }
}
