/* What has changed from one configuration to the next. */
#include <stdlib.h>

#include "b2bua/core/facts_impl.h"

/* The facts of one configuration by key. */
struct map {
    const struct facts *facts;
    uint32_t mask;
    uint32_t *slots; /* index plus one; 0 = none */
};

static uint32_t hash(struct str key, bool item) {
    return (uint32_t)str_hash(key) + (item ? 1 : 0);
}

static struct map map_of(const struct facts *f) {
    struct map m = {.facts = f, .mask = 15};

    while (m.mask < 2 * f->count)
        m.mask = 2 * m.mask + 1;
    m.slots = mem_zalloc(((size_t)m.mask + 1) * sizeof *m.slots);
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t at = hash(fact_key(f, &f->items[i]), f->items[i].item);
        while (m.slots[at & m.mask] != 0)
            at++;
        m.slots[at & m.mask] = i + 1;
    }
    return m;
}

static const struct fact *find(const struct map *m, struct str key, bool item) {
    for (uint32_t at = hash(key, item); m->slots[at & m->mask] != 0; at++) {
        const struct fact *a = &m->facts->items[m->slots[at & m->mask] - 1];
        if (a->item == item && str_eq(fact_key(m->facts, a), key))
            return a;
    }
    return NULL;
}

struct diff {
    void (*tell)(void *ctx, const struct facts_change *change);
    void *ctx;
    int count;
    /* items that are in both: is their order the same? */
    struct str list;
    const struct fact *last;
    bool told;
};

static void tell(struct diff *d, const struct facts_change *change) {
    d->count++;
    d->tell(d->ctx, change);
}

static void tell_value(struct diff *d, struct str key, const struct facts_how *how, struct str from, struct str to) {
    tell(d, &(struct facts_change){FACTS_CHANGED, key, from, to, how->unit, how->marks});
}

/* Behind an entry of a list: the first fact that is not inside it. */
static uint32_t behind(const struct facts *f, uint32_t item) {
    struct str whole = fact_key(f, &f->items[item]);

    while (++item < f->count) {
        struct str key = fact_key(f, &f->items[item]);
        if (key.n <= whole.n || memcmp(key.p, whole.p, whole.n) != 0 || strchr(".[", key.p[whole.n]) == NULL)
            break;
    }
    return item;
}

/* Entries of one list stand one after the other, but for what is inside them. */
static void look_at_order(struct diff *d, const struct facts *now, const struct fact *a, const struct fact *before) {
    struct str list = {fact_key(now, a).p, a->list_n};

    if (list.n < a->key_n && list.p[list.n] == '[')
        return;
    if (!str_eq(list, d->list)) {
        d->list = list;
        d->last = NULL;
        d->told = false;
    }
    if (d->last != NULL && before < d->last && !d->told) {
        d->told = true;
        tell(d, &(struct facts_change){.kind = FACTS_REORDERED, .key = list});
    }
    if (d->last == NULL || before > d->last)
        d->last = before;
}

static void look_for_new(struct diff *d, const struct map *was, const struct facts *now) {
    uint32_t next;

    for (uint32_t i = 0; i < now->count; i = next) {
        const struct fact *a = &now->items[i];
        struct str key = fact_key(now, a);
        const struct fact *before = find(was, key, a->item);
        next = i + 1;
        if (a->item && before == NULL) {
            tell(d, &(struct facts_change){.kind = FACTS_ADDED, .key = key});
            next = behind(now, i);
        } else if (a->item) {
            look_at_order(d, now, a, before);
        } else if (before == NULL) {
            tell_value(d, key, &a->how, str_of(a->how.standard), fact_value(now, a));
        } else if (!str_eq(fact_value(was->facts, before), fact_value(now, a))) {
            tell_value(d, key, &a->how, fact_value(was->facts, before), fact_value(now, a));
        }
    }
}

static void look_for_gone(struct diff *d, const struct facts *was, const struct map *now) {
    uint32_t next;

    for (uint32_t i = 0; i < was->count; i = next) {
        const struct fact *a = &was->items[i];
        struct str key = fact_key(was, a);
        next = i + 1;
        if (find(now, key, a->item) != NULL)
            continue;
        if (a->item) {
            tell(d, &(struct facts_change){.kind = FACTS_REMOVED, .key = key});
            next = behind(was, i);
        } else {
            tell_value(d, key, &a->how, fact_value(was, a), str_of(a->how.standard));
        }
    }
}

int facts_diff(const struct facts *was, const struct facts *now,
               void (*tell_one)(void *ctx, const struct facts_change *change), void *ctx) {
    struct diff d = {.tell = tell_one, .ctx = ctx};
    struct map old = map_of(was), new = map_of(now);

    look_for_new(&d, &old, now);
    look_for_gone(&d, was, &new);
    free(old.slots);
    free(new.slots);
    return d.count;
}

static void put_value(struct sbuf *out, struct str value, const struct facts_change *c) {
    bool bare = (c->marks & FACTS_LIST) && (value.n == 0 || *value.p != '[');

    sbuf_puts(out, bare ? "[ " : "");
    sbuf_put(out, value.n > 0 || bare ? value : STR("\"\""));
    sbuf_puts(out, bare ? " ]" : "");
    if (c->unit != NULL) {
        sbuf_putc(out, ' ');
        sbuf_puts(out, c->unit);
    }
}

void facts_put_change(struct sbuf *out, const struct facts_change *c) {
    static const char *const words[] = {[FACTS_ADDED] = " added",
                                        [FACTS_REMOVED] = " removed",
                                        [FACTS_CHANGED] = " changed",
                                        [FACTS_REORDERED] = ": other order"};

    sbuf_put(out, c->key);
    sbuf_puts(out, words[c->kind]);
    if (c->kind == FACTS_CHANGED && !(c->marks & FACTS_HIDDEN)) {
        sbuf_puts(out, " from ");
        put_value(out, c->from, c);
        sbuf_puts(out, " to ");
        put_value(out, c->to, c);
    }
    if (c->marks & FACTS_RESTART)
        sbuf_puts(out, "; wants a restart, nothing changes before");
}
