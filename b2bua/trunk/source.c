#include "b2bua/trunk/source.h"

#include <stdlib.h>

static int compare_ip(const struct addr *a, const struct addr *b) {
    return a->family != b->family ? (int)a->family - (int)b->family : memcmp(a->ip, b->ip, sizeof a->ip);
}

static int compare(const void *a, const void *b) {
    return compare_ip(&((const struct source *)a)->addr, &((const struct source *)b)->addr);
}

static bool has_names(const struct settings_trunk *t) {
    for (int i = 0; i < t->target_count; i++)
        if (t->targets[i].addr.family == 0)
            return true;
    return false;
}

static void add(struct source_table *t, const struct addr *addr, int slot) {
    if ((t->count & (t->count - 1)) == 0)
        t->items = mem_realloc(t->items, (t->count == 0 ? 1 : 2 * (size_t)t->count) * sizeof *t->items);
    t->items[t->count++] = (struct source){*addr, slot};
}

static void add_trunk(struct source_table *t, struct pool *p, const struct settings_trunk *trunk) {
    struct pool_place places[POOL_PLACES_MAX];
    int n = pool_places(p, trunk, places);

    for (int i = 0; i < n; i++)
        if (trunk->targets[places[i].target].addr.family == 0)
            add(t, &places[i].addr, trunk->slot);
}

void source_fresh(struct source_table *t, struct pool *p, const struct settings *s) {
    unsigned version = p == NULL ? 0 : pool_version(p);

    if (t->known && t->version == version)
        return;
    source_fini(t);
    t->known = true;
    t->version = version;
    for (int i = 0; p != NULL && i < s->trunk_count; i++)
        if (has_names(&s->trunks[i]))
            add_trunk(t, p, &s->trunks[i]);
    if (t->count > 0)
        qsort(t->items, (size_t)t->count, sizeof *t->items, compare);
}

void source_forget(struct source_table *t) {
    t->known = false;
}

void source_fini(struct source_table *t) {
    free(t->items);
    *t = (struct source_table){.known = false};
}

const struct source *source_at(const struct source_table *t, const struct addr *a, int *count) {
    int low = 0, high = t->count;

    while (low < high) {
        int middle = (low + high) / 2;
        if (compare_ip(&t->items[middle].addr, a) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = low; high < t->count && compare_ip(&t->items[high].addr, a) == 0;)
        high++;
    *count = high - low;
    return low < t->count ? &t->items[low] : NULL;
}
