#include "b2bua/core/header_rules.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/pattern.h"

enum {
    NAME_MAX_KNOWN = 64, /* longer names are judged anew each time */
    SLOTS = 256,         /* what is remembered is bounded: a peer may invent names */
    PROBES = 4,
    PATTERN_MAX = 1000, /* bytes */
};

/* What was found out about a name; never changed once it can be seen. */
struct verdict {
    bool passes;
    uint8_t n;
    char name[]; /* in lower case */
};

struct list {
    struct pattern *patterns;
    int count;
};

struct header_rules {
    struct list lists[2];
    _Atomic(struct verdict *) *known; /* SLOTS of them; who only reads the rules may add to what is known */
};

struct header_rules *header_rules_new(void) {
    struct header_rules *r = mem_zalloc(sizeof *r);

    r->known = mem_zalloc(SLOTS * sizeof *r->known);
    return r;
}

void header_rules_free(struct header_rules *r) {
    if (r == NULL)
        return;
    for (int l = 0; l < 2; l++) {
        for (int i = 0; i < r->lists[l].count; i++)
            pattern_fini(&r->lists[l].patterns[i]);
        free(r->lists[l].patterns);
    }
    for (int i = 0; i < SLOTS; i++)
        free(atomic_load_explicit(&r->known[i], memory_order_relaxed));
    free((void *)r->known);
    free(r);
}

/* All of a name, in any case. What is in brackets has been seen to be an expression by itself. */
static void build_whole(struct pattern *p, const char *text, char *why, size_t size) {
    struct sbuf whole = sbuf_growing(PATTERN_MAX + 16);
    size_t at;

    sbuf_puts(&whole, "(?i:^(?:");
    sbuf_puts(&whole, text);
    sbuf_puts(&whole, ")$)");
    pattern_build(p, sbuf_str(&whole), why, size, &at);
    sbuf_fini(&whole);
}

int header_rules_add(struct header_rules *r, enum header_rules_list list, const char *pattern, size_t *offset,
                     char *why, size_t size) {
    struct list *l = &r->lists[list];
    struct pattern p;

    *offset = 0;
    snprintf(why, size, "longer than %d bytes", PATTERN_MAX);
    if (strlen(pattern) > PATTERN_MAX || pattern_build(&p, str_of(pattern), why, size, offset) < 0)
        return -1;
    pattern_fini(&p);
    build_whole(&p, pattern, why, size);
    if (p.code == NULL)
        return -1;
    l->patterns = mem_realloc(l->patterns, ((size_t)l->count + 1) * sizeof *l->patterns);
    l->patterns[l->count++] = p;
    return 0;
}

/* --- judging --- */

/* An expression that takes too long for a name has not passed it, and has stripped it. */
static bool matches(const struct list *l, const struct pattern_room *room, struct str name, bool if_cut) {
    struct str groups[PATTERN_GROUPS];

    for (int i = 0; i < l->count; i++) {
        enum pattern_result result = pattern_find(&l->patterns[i], room, name, groups);
        if (result == PATTERN_YES || (result == PATTERN_CUT && if_cut))
            return true;
    }
    return false;
}

static bool judge(const struct header_rules *r, struct str name) {
    struct pattern_room room;

    pattern_room_init_small(&room);
    bool passes = matches(&r->lists[HEADER_RULES_PASS], &room, name, false) &&
                  !matches(&r->lists[HEADER_RULES_STRIP], &room, name, true);
    pattern_room_fini(&room);
    return passes;
}

/* --- remembering --- */

static struct str lowered(struct str name, char *buf) {
    for (size_t i = 0; i < name.n; i++)
        buf[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] | 0x20 : name.p[i]);
    return (struct str){buf, name.n};
}

static struct verdict *new_verdict(struct str name, bool passes) {
    struct verdict *v = mem_alloc(sizeof *v + name.n);

    *v = (struct verdict){passes, (uint8_t)name.n};
    memcpy(v->name, name.p, name.n);
    return v;
}

/* Several threads may find out the same: one is remembered. */
static void remember(const struct header_rules *r, size_t slot, struct str name, bool passes) {
    struct verdict *none = NULL, *v = new_verdict(name, passes);

    if (!atomic_compare_exchange_strong_explicit(&r->known[slot], &none, v, memory_order_release, memory_order_relaxed))
        free(v);
}

bool header_rules_pass(const struct header_rules *r, struct str name) {
    char buf[NAME_MAX_KNOWN];

    if (r == NULL)
        return true;
    if (name.n > sizeof buf)
        return judge(r, name);
    name = lowered(name, buf);
    uint64_t hash = str_hash(name);
    for (size_t i = 0; i < PROBES; i++) {
        size_t slot = (hash + i) % SLOTS;
        const struct verdict *v = atomic_load_explicit(&r->known[slot], memory_order_acquire);
        if (v == NULL) {
            bool passes = judge(r, name);
            remember(r, slot, name, passes);
            return passes;
        }
        if (str_eq(name, (struct str){v->name, v->n}))
            return v->passes;
    }
    return judge(r, name);
}
