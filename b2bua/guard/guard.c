#include "b2bua/guard/guard.h"

#include <pthread.h>
#include <stdlib.h>

#include "b2bua/core/bucket.h"
#include "b2bua/log/log.h"

struct guard {
    pthread_mutex_t lock;
    struct bans *bans;
    struct bucket lines;
    uint64_t unsaid; /* failures without a line */
    struct guard_look seen;
};

const char *guard_what_name(int what) {
    static const char *const names[GUARD_WHATS] = {
        [GUARD_UNKNOWN_SOURCE] = "unknown-source",
        [GUARD_MALFORMED] = "malformed",
        [GUARD_GARBAGE] = "garbage",
        [GUARD_WRONG_CREDENTIALS] = "wrong-credentials",
        [GUARD_UNKNOWN_PATH] = "unknown-path",
        [GUARD_FOREIGN_PAGE] = "foreign-page",
    };

    return names[what];
}

struct guard *guard_new(uint64_t seed) {
    struct guard *g = mem_zalloc(sizeof *g);

    pthread_mutex_init(&g->lock, NULL);
    g->bans = bans_new(seed);
    bans_rules(g->bans, bans_standard);
    return g;
}

void guard_free(struct guard *g) {
    if (g == NULL)
        return;
    bans_free(g->bans);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

/* --- what is said --- */

static void say_on(const struct bans_entry *e) {
    char at[ADDR_TEXT_MAX];

    addr_format_ip(&e->addr, false, at);
    if (e->until_ms == BANS_FOR_GOOD)
        log_warn("ban source=%s state=on category=%s seconds=unlimited", at, bans_category_name(e->category));
    else
        log_warn("ban source=%s state=on category=%s seconds=%llu", at, bans_category_name(e->category),
                 (unsigned long long)(e->until_ms - e->since_ms) / 1000);
}

static void say_off(const struct addr *a, const char *reason) {
    char at[ADDR_TEXT_MAX];

    log_info("ban source=%s state=off reason=%s", addr_format_ip(a, false, at), reason);
}

static void say_event(struct guard *g, enum bans_category category, enum guard_what what, const struct addr *from,
                      uint64_t now_ms) {
    char at[ADDR_TEXT_MAX];

    if (!bucket_take(&g->lines, GUARD_LINES_A_SECOND, now_ms)) {
        g->unsaid++;
        return;
    }
    if (g->unsaid > 0)
        log_warn("security unsaid=%llu", (unsigned long long)g->unsaid);
    g->unsaid = 0;
    log_warn("security category=%s source=%s what=%s", bans_category_name(category), addr_format_ip(from, false, at),
             guard_what_name(what));
}

/* --- settings --- */

static struct bans_exemption exempt_one(const struct addr *a) {
    return (struct bans_exemption){{*a, (uint8_t)(a->family == 4 ? 32 : 128)}, BANS_ALL};
}

static struct bans_exemption *exempt_trunk(const struct settings_trunk *t, struct bans_exemption *out) {
    for (int i = 0; i < t->source_count; i++)
        *out++ = (struct bans_exemption){t->sources[i], BANS_ALL};
    for (int i = 0; i < t->target_count; i++)
        if (t->targets[i].addr.family != 0)
            *out++ = (struct bans_exemption){{t->targets[i].addr, (uint8_t)(t->targets[i].addr.family == 4 ? 32 : 128)},
                                             BANS_ALL};
    return out;
}

static void take_exemptions(struct bans *b, const struct settings *s, const struct addr *named, int count) {
    size_t most = (size_t)s->security.exempt_count + (size_t)count;

    for (int i = 0; i < s->trunk_count; i++)
        most += (size_t)(s->trunks[i].source_count + s->trunks[i].target_count);
    struct bans_exemption *list = mem_alloc((most + 1) * sizeof *list), *end = list;
    for (int i = 0; i < s->security.exempt_count; i++)
        *end++ = s->security.exempt[i];
    for (int i = 0; i < s->trunk_count; i++)
        if (!s->registrar.on || i != s->registrar.trunk) /* its sources are anybody */
            end = exempt_trunk(&s->trunks[i], end);
    for (int i = 0; i < count; i++)
        *end++ = exempt_one(&named[i]);
    bans_exempt(b, list, (int)(end - list));
    free(list);
}

void guard_configure(struct guard *g, const struct settings *s, const struct addr *named, int count) {
    struct bans_entry freed;

    pthread_mutex_lock(&g->lock);
    bans_rules(g->bans, s->security.bans);
    take_exemptions(g->bans, s, named, count);
    while (bans_pardon(g->bans, &freed))
        say_off(&freed.addr, "exempt");
    pthread_mutex_unlock(&g->lock);
}

/* --- what happens --- */

static void note(struct guard *g, enum bans_category category, enum guard_what what, const struct addr *from,
                 uint64_t now_ms) {
    g->seen.events[category]++;
    g->seen.whats[what].count++;
    g->seen.whats[what].last = *from;
    g->seen.whats[what].last_ms = now_ms;
    say_event(g, category, what, from, now_ms);
    const struct bans_entry *e = bans_event(g->bans, category, from, now_ms);
    if (e == NULL)
        return;
    g->seen.bans_made[category]++;
    say_on(e);
}

void guard_event(struct guard *g, enum bans_category category, enum guard_what what, const struct addr *from,
                 uint64_t now_ms) {
    if (g == NULL)
        return;
    pthread_mutex_lock(&g->lock);
    if ((bans_exempt_from(g->bans, from) & 1u << category) == 0)
        note(g, category, what, from, now_ms);
    pthread_mutex_unlock(&g->lock);
}

bool guard_keeps_out(struct guard *g, const struct addr *from) {
    if (g == NULL || !bans_maybe(g->bans, from))
        return false;
    pthread_mutex_lock(&g->lock);
    struct bans_entry *e = bans_find(g->bans, from);
    if (e != NULL) {
        e->dropped++;
        g->seen.dropped++;
    }
    pthread_mutex_unlock(&g->lock);
    return e != NULL;
}

void guard_tick(struct guard *g, uint64_t now_ms) {
    struct bans_entry over;

    pthread_mutex_lock(&g->lock);
    while (bans_expire(g->bans, now_ms, &over))
        say_off(&over.addr, "expired");
    pthread_mutex_unlock(&g->lock);
}

/* --- for the operator --- */

static const char *ban(struct guard *g, const struct addr *a, uint64_t until_ms, uint64_t now_ms) {
    if (bans_exempt_from(g->bans, a) == BANS_ALL)
        return "is exempt: a trunk's, or one that security.exempt names for all categories";
    struct bans_entry *e = bans_add(g->bans, a, BANS_BY_HAND, until_ms, now_ms);
    if (e == NULL)
        return "finds no room: so many are banned by hand";
    e->since_ms = now_ms;
    g->seen.bans_made[BANS_BY_HAND]++;
    say_on(e);
    return NULL;
}

const char *guard_ban(struct guard *g, const struct addr *a, uint32_t seconds, uint64_t now_ms) {
    pthread_mutex_lock(&g->lock);
    const char *wrong = ban(g, a, seconds == 0 ? BANS_FOR_GOOD : now_ms + (uint64_t)seconds * 1000, now_ms);
    pthread_mutex_unlock(&g->lock);
    return wrong;
}

bool guard_unban(struct guard *g, const struct addr *a) {
    pthread_mutex_lock(&g->lock);
    bool was = bans_remove(g->bans, a);
    if (was)
        say_off(a, "removed");
    pthread_mutex_unlock(&g->lock);
    return was;
}

int guard_list(struct guard *g, struct bans_entry *out) {
    pthread_mutex_lock(&g->lock);
    int n = bans_count(g->bans);
    for (int i = 0; i < n; i++)
        out[i] = *bans_at(g->bans, i);
    pthread_mutex_unlock(&g->lock);
    return n;
}

void guard_look(struct guard *g, struct guard_look *out) {
    pthread_mutex_lock(&g->lock);
    *out = g->seen;
    out->bans = bans_count(g->bans);
    pthread_mutex_unlock(&g->lock);
}
