/* facts_impl: what the files of facts share. */
#ifndef B2BUA_CORE_FACTS_IMPL_H
#define B2BUA_CORE_FACTS_IMPL_H

#include <stdatomic.h>

#include "b2bua/core/facts.h"

/* A key with its value, or an entry of a list. Texts stand in facts.text. */
struct fact {
    bool item;
    uint32_t key_at, key_n, value_at, value_n;
    uint32_t list_n; /* item: so much of the key is the list's */
    struct facts_how how;
};

struct facts {
    atomic_int refs;
    struct fact *items;
    uint32_t count, cap;
    struct sbuf text;
    struct sbuf path; /* where we are */
};

static inline struct str fact_key(const struct facts *f, const struct fact *a) {
    return (struct str){f->text.p + a->key_at, a->key_n};
}

static inline struct str fact_value(const struct facts *f, const struct fact *a) {
    return (struct str){f->text.p + a->value_at, a->value_n};
}

#endif
