#include "b2bua/core/header_rules.h"

#include <stdatomic.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    NAME_MAX_KNOWN = 64, /* longer names are judged anew each time */
    SLOTS = 256,         /* what is remembered is bounded: a peer may invent names */
    PROBES = 4,
    STEPS_MAX = 10000, /* far more than a sensible expression needs for a name */
};

/* What was found out about a name; never changed once it can be seen. */
struct verdict {
    bool passes;
    uint8_t n;
    char name[]; /* in lower case */
};

struct list {
    pcre2_code **codes;
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
            pcre2_code_free(r->lists[l].codes[i]);
        free(r->lists[l].codes);
    }
    for (int i = 0; i < SLOTS; i++)
        free(atomic_load_explicit(&r->known[i], memory_order_relaxed));
    free((void *)r->known);
    free(r);
}

int header_rules_add(struct header_rules *r, enum header_rules_list list, const char *pattern, size_t *offset,
                     char *why, size_t size) {
    struct list *l = &r->lists[list];
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern),
                                     PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_CASELESS | PCRE2_NEVER_UTF |
                                         PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C,
                                     &error, &at, NULL);
    if (code == NULL) {
        *offset = at;
        pcre2_get_error_message(error, (PCRE2_UCHAR *)why, size);
        return -1;
    }
    l->codes = mem_realloc(l->codes, ((size_t)l->count + 1) * sizeof *l->codes);
    l->codes[l->count++] = code;
    return 0;
}

/* --- judging --- */

/* An expression that takes too long for a name has not passed it, and has stripped it. */
static bool matches(const struct list *l, struct str name, bool if_cut) {
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    bool found = false;

    if (data == NULL || context == NULL)
        mem_alloc(SIZE_MAX); /* aborts: memory is out */
    pcre2_set_match_limit(context, STEPS_MAX);
    for (int i = 0; i < l->count && !found; i++) {
        int result = pcre2_match(l->codes[i], (PCRE2_SPTR)name.p, name.n, 0, 0, data, context);
        found = result >= 0 || (result != PCRE2_ERROR_NOMATCH && if_cut);
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return found;
}

static bool judge(const struct header_rules *r, struct str name) {
    return matches(&r->lists[HEADER_RULES_PASS], name, false) && !matches(&r->lists[HEADER_RULES_STRIP], name, true);
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
