#include "b2bua/lookup.h"

#include <stdlib.h>

#include "b2bua/log/log.h"
#include "b2bua/net/net.h"

/* One target of one trunk. */
struct followed {
    struct followed *next; /* of the same slot */
    struct lookup *lookup;
    struct resolver_watch *watch;
    struct srv_ask ask;
    int slot;
    bool kept; /* the snapshot at hand has it */
    char *trunk, *uri;
};

struct lookup {
    struct resolver *resolver;
    struct pool *pool;
    bool begun; /* a snapshot is followed */
    struct followed *slots[POOL_SLOTS_MAX];
};

static void log_place(const struct followed *f, const struct srv_answer *a, const struct srv_place *p) {
    char addr[ADDR_TEXT_MAX];

    log_info("trunk=%s target=%s strategy=%s transport=%s address=%s priority=%u weight=%g", f->trunk, f->uri,
             srv_strategy_name(a->strategy), flow_proto_name(p->proto), addr_format(&p->addr, addr),
             p->priority / SRV_PRIORITY_STEP, (double)p->weight / SRV_WEIGHT_UNIT);
}

static void log_answer(const struct followed *f, const struct resolver_answer *a) {
    if (a->moved && a->reason != NULL)
        log_warn("trunk=%s target=%s address=none reason=\"%s\"", f->trunk, f->uri, a->reason);
    for (int i = 0; a->moved && i < a->srv->count; i++)
        log_place(f, a->srv, &a->srv->places[i]);
    if (a->moved && a->srv->cut)
        log_warn("trunk=%s target=%s addresses=%d reason=\"the rest is cut\"", f->trunk, f->uri, a->srv->count);
    if (a->stale)
        log_warn("trunk=%s target=%s dns=stale reason=\"no answer from the name servers; the last one holds\"",
                 f->trunk, f->uri);
    else if (a->was_stale)
        log_info("trunk=%s target=%s dns=fresh", f->trunk, f->uri);
}

static void changed(void *ctx, const struct resolver_answer *a) {
    const struct followed *f = ctx;
    struct pool_address list[SRV_PLACES_MAX];

    log_answer(f, a);
    if (!a->moved)
        return;
    for (int i = 0; i < a->srv->count; i++) {
        const struct srv_place *p = &a->srv->places[i];
        list[i] = (struct pool_address){p->addr, p->proto, p->priority, p->weight};
    }
    pool_publish(f->lookup->pool, f->slot, f->uri, list, a->srv->count, a->reason, net_now_ms());
}

static bool same_ask(const struct srv_ask *a, const struct srv_ask *b) {
    return a->port == b->port && a->sips == b->sips && a->wish == b->wish && a->usual == b->usual &&
           memcmp(a->families, b->families, sizeof a->families) == 0; /* the host is that of the uri */
}

static struct followed *find(const struct lookup *l, int slot, const struct settings_target *t) {
    for (struct followed *f = l->slots[slot]; f != NULL; f = f->next)
        if (strcmp(f->uri, t->uri) == 0 && same_ask(&f->ask, &t->ask))
            return f;
    return NULL;
}

static void add(struct lookup *l, const struct settings_trunk *trunk, const struct settings_target *t) {
    struct followed *f = mem_zalloc(sizeof *f);

    *f = (struct followed){.next = l->slots[trunk->slot],
                           .lookup = l,
                           .ask = t->ask,
                           .slot = trunk->slot,
                           .kept = true,
                           .trunk = str_dup(str_of(trunk->name)),
                           .uri = str_dup(str_of(t->uri))};
    f->ask.host = NULL; /* the resolver has its own */
    l->slots[trunk->slot] = f;
    f->watch = resolver_watch(l->resolver, &t->ask, changed, f);
}

static void keep(struct lookup *l, const struct settings_trunk *trunk) {
    for (int i = 0; i < trunk->target_count; i++) {
        const struct settings_target *t = &trunk->targets[i];
        if (t->addr.family != 0)
            continue;
        struct followed *f = find(l, trunk->slot, t);
        if (f == NULL)
            add(l, trunk, t);
        else
            f->kept = true;
    }
}

static void free_followed(struct followed *f) {
    resolver_unwatch(f->watch);
    free(f->trunk);
    free(f->uri);
    free(f);
}

/* Ends those that are not kept, and marks the others as such for the next snapshot. */
static void sweep(struct lookup *l) {
    for (int i = 0; i < POOL_SLOTS_MAX; i++)
        for (struct followed **at = &l->slots[i]; *at != NULL;) {
            struct followed *f = *at;
            if (f->kept) {
                f->kept = false;
                at = &f->next;
                continue;
            }
            *at = f->next;
            free_followed(f);
        }
}

int64_t lookup_age_s(const struct lookup *l, int slot, const char *uri) {
    for (const struct followed *f = l == NULL ? NULL : l->slots[slot]; f != NULL; f = f->next) {
        uint64_t at_ms = resolver_looked_ms(f->watch), now_ms = net_now_ms();
        if (at_ms != 0 && strcmp(f->uri, uri) == 0)
            return now_ms > at_ms ? (int64_t)((now_ms - at_ms) / 1000) : 0;
    }
    return -1;
}

void lookup_follow(struct lookup *l, const struct settings *s) {
    char error[256];

    if (l->begun && resolver_configure(l->resolver, &s->dns, error, sizeof error) < 0)
        log_error("dns error=\"%s\"", error);
    l->begun = true;
    for (int i = 0; i < s->trunk_count; i++)
        keep(l, &s->trunks[i]);
    sweep(l);
}

struct resolver_counts lookup_counts(const struct lookup *l) {
    struct resolver_counts none = {0};

    return l == NULL ? none : resolver_counts(l->resolver);
}

struct lookup *lookup_new(uv_loop_t *loop, struct pool *p, const struct settings_dns *dns, char *error, size_t size) {
    struct resolver *r = resolver_new(loop, dns, error, size);

    if (r == NULL)
        return NULL;
    struct lookup *l = mem_zalloc(sizeof *l);
    l->resolver = r;
    l->pool = p;
    return l;
}

void lookup_close(struct lookup *l) {
    if (l == NULL)
        return;
    sweep(l);
    resolver_close(l->resolver);
}

void lookup_free(struct lookup *l) {
    if (l == NULL)
        return;
    resolver_free(l->resolver);
    free(l);
}
