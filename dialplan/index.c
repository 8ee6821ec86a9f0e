#include "dialplan/index.h"

#include <stdlib.h>

#include "dialplan/rules.h"

struct route_index {
    struct route_ranked *ranked; /* by rank */
    struct trie *trie;           /* from literal beginnings to ranks */
};

struct ranking {
    int route, literals, priority;
};

static int compare(const void *a, const void *b) {
    const struct ranking *x = a, *y = b;

    if (x->literals != y->literals)
        return x->literals > y->literals ? -1 : 1;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return (x->route > y->route) - (x->route < y->route);
}

static struct ranking *rank_all(const struct settings *s) {
    struct ranking *all = mem_alloc(sizeof *all * ((size_t)s->route_count + 1));

    for (int i = 0; i < s->route_count; i++)
        all[i] = (struct ranking){i, rules_literals(s->routes[i].rules), s->routes[i].priority};
    if (s->route_count > 0)
        qsort(all, (size_t)s->route_count, sizeof *all, compare);
    return all;
}

/* The keys by which routes are found, in room that grows. */
struct keys {
    struct trie_key *items;
    int count, room;
    char *text; /* of all, PREFIXES_LENGTH_MAX each */
};

static void add_key(struct keys *k, struct str prefix, int rank) {
    size_t n = 0;

    if (k->count == k->room) {
        k->room = k->room == 0 ? 64 : 2 * k->room;
        k->items = mem_realloc(k->items, sizeof *k->items * (size_t)k->room);
        k->text = mem_realloc(k->text, (size_t)PREFIXES_LENGTH_MAX * (size_t)k->room);
    }
    /* Letters of an expression are none of the trie's characters: it is found by what stands before them. */
    while (n < prefix.n && dial_symbol(prefix.p[n]) >= 0)
        n++;
    memcpy(k->text + (size_t)PREFIXES_LENGTH_MAX * (size_t)k->count, prefix.p, n);
    k->items[k->count++] = (struct trie_key){{NULL, n}, rank};
}

static void add_route(struct keys *k, const struct settings_route *r, int rank) {
    struct prefixes p = {.count = 1};

    if (r->rules != NULL)
        number_test_prefixes(&r->rules->called, &p);
    for (int i = 0; i < p.count; i++)
        add_key(k, prefixes_at(&p, i), rank);
}

struct route_index *route_index_new(const struct settings *s) {
    struct route_index *x = mem_alloc(sizeof *x);
    struct ranking *all = rank_all(s);
    struct keys keys = {0};

    x->ranked = mem_alloc(sizeof *x->ranked * ((size_t)s->route_count + 1));
    for (int i = 0; i < s->route_count; i++) {
        x->ranked[i] = (struct route_ranked){all[i].route, all[i].literals};
        add_route(&keys, &s->routes[all[i].route], i);
    }
    for (int i = 0; i < keys.count; i++) /* now that it does not move any more */
        keys.items[i].key.p = keys.text + (size_t)PREFIXES_LENGTH_MAX * (size_t)i;
    x->trie = trie_new(keys.items, keys.count);
    free(keys.items);
    free(keys.text);
    free(all);
    return x;
}

void route_index_free(struct route_index *x) {
    if (x == NULL)
        return;
    trie_free(x->trie);
    free(x->ranked);
    free(x);
}

int route_index_find(const struct route_index *x, struct str number, struct route_span spans[TRIE_KEY_MAX + 1]) {
    struct trie_hit hits[TRIE_KEY_MAX + 1];
    int count = trie_find(x->trie, number, hits);

    for (int i = 0; i < count; i++) /* what begins with most comes first */
        spans[i] = (struct route_span){hits[count - 1 - i].ids, hits[count - 1 - i].count};
    return count;
}

struct route_ranked route_index_at(const struct route_index *x, int rank) {
    return x->ranked[rank];
}
