#include "b2bua/core/facts.h"

#include <stdlib.h>

#include "b2bua/core/facts_impl.h"

enum { TEXT_MAX = 1 << 30, PATH_MAX_BYTES = 4096 };

struct facts *facts_new(void) {
    struct facts *f = mem_zalloc(sizeof *f);

    atomic_init(&f->refs, 1);
    f->text = sbuf_growing(TEXT_MAX);
    f->path = sbuf_growing(PATH_MAX_BYTES);
    return f;
}

struct facts *facts_ref(struct facts *f) {
    atomic_fetch_add(&f->refs, 1);
    return f;
}

void facts_free(struct facts *f) {
    if (f == NULL || atomic_fetch_sub(&f->refs, 1) > 1)
        return;
    sbuf_fini(&f->text);
    sbuf_fini(&f->path);
    free(f->items);
    free(f);
}

static struct fact *add(struct facts *f) {
    if (f->count == f->cap) {
        f->cap = f->cap == 0 ? 16 : 2 * f->cap;
        f->items = mem_realloc(f->items, f->cap * sizeof *f->items);
    }
    struct fact *a = &f->items[f->count++];
    *a = (struct fact){.key_at = (uint32_t)f->text.n, .key_n = (uint32_t)f->path.n};
    sbuf_put(&f->text, sbuf_str(&f->path));
    return a;
}

size_t facts_enter(struct facts *f, const char *key) {
    size_t back = f->path.n;

    if (back > 0)
        sbuf_putc(&f->path, '.');
    sbuf_puts(&f->path, key);
    return back;
}

size_t facts_enter_item(struct facts *f, const char *key, const char *name, int index) {
    size_t back = facts_enter(f, key), list_n = f->path.n;

    sbuf_putc(&f->path, name != NULL ? '.' : '[');
    if (name != NULL)
        sbuf_puts(&f->path, name);
    else
        sbuf_number(&f->path, (uint64_t)index);
    sbuf_puts(&f->path, name != NULL ? "" : "]");
    struct fact *a = add(f);
    a->item = true;
    a->list_n = (uint32_t)list_n;
    return back;
}

void facts_leave(struct facts *f, size_t back) {
    f->path.n = back;
}

void facts_value(struct facts *f, const char *key, struct str value, const struct facts_how *how) {
    size_t back = facts_enter(f, key);

    if (how->standard == NULL || !str_eq(value, str_of(how->standard))) {
        struct fact *a = add(f);
        a->how = *how;
        a->value_at = (uint32_t)f->text.n;
        if (how->marks & FACTS_HIDDEN)
            sbuf_hex(&f->text, str_hash(value));
        else
            sbuf_put(&f->text, value);
        a->value_n = (uint32_t)f->text.n - a->value_at;
    }
    facts_leave(f, back);
}

uint64_t facts_checksum(const struct facts *f, bool (*counts)(struct str key)) {
    uint64_t sum = 0;

    for (uint32_t i = 0; i < f->count; i++) {
        const struct fact *a = &f->items[i];
        struct sbuf both = sbuf_growing(TEXT_MAX);
        if (!counts(fact_key(f, a)))
            continue;
        sbuf_put(&both, fact_key(f, a));
        sbuf_putc(&both, '=');
        sbuf_put(&both, fact_value(f, a));
        sum += str_hash(sbuf_str(&both));
        sbuf_fini(&both);
    }
    return sum;
}
