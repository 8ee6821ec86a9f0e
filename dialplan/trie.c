#include "dialplan/trie.h"

#include <stdlib.h>

/* The children of a node stand side by side from `child` on, one for each bit of `set`, in the order of the bits. */
struct node {
    uint32_t set;
    int child;
    int first, count; /* its own ids */
};

struct trie {
    struct node *nodes;
    int node_count, node_room;
    int *ids;
};

static int compare(const void *a, const void *b) {
    const struct trie_key *x = a, *y = b;
    size_t n = x->key.n < y->key.n ? x->key.n : y->key.n;
    int order = n == 0 ? 0 : memcmp(x->key.p, y->key.p, n);

    if (order != 0)
        return order;
    if (x->key.n != y->key.n)
        return x->key.n < y->key.n ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Room for `count` more nodes, side by side. Returns the index of the first. */
static int add_nodes(struct trie *t, int count) {
    int first = t->node_count;

    if (first + count > t->node_room) {
        t->node_room = 2 * (first + count);
        t->nodes = mem_realloc(t->nodes, sizeof *t->nodes * (size_t)t->node_room);
    }
    t->node_count += count;
    memset(&t->nodes[first], 0, sizeof *t->nodes * (size_t)count);
    return first;
}

/* Keys that share what a node stands for, by their next character. */
struct span {
    int first, end;
};

static uint32_t split(const struct trie_key *keys, struct span s, size_t depth, struct span spans[DIAL_SYMBOLS]) {
    uint32_t set = 0;

    for (int i = s.first; i < s.end; i++) {
        int symbol = dial_symbol(keys[i].key.p[depth]);
        if (!(set >> symbol & 1))
            spans[symbol].first = i;
        spans[symbol].end = i + 1;
        set |= 1u << symbol;
    }
    return set;
}

/* Keys that end at the node come first in it. The depth is that of the longest key. */
static void fill(struct trie *t, int node, const struct trie_key *keys, struct span s, size_t depth) {
    struct span spans[DIAL_SYMBOLS];
    int own = s.first;

    while (own < s.end && keys[own].key.n == depth)
        own++;
    uint32_t set = split(keys, (struct span){own, s.end}, depth, spans);
    int child = add_nodes(t, __builtin_popcount(set));
    t->nodes[node] = (struct node){set, child, s.first, own - s.first};
    for (int symbol = 0; symbol < DIAL_SYMBOLS; symbol++)
        if (set >> symbol & 1)
            fill(t, child++, keys, spans[symbol], depth + 1);
}

struct trie *trie_new(struct trie_key *keys, int count) {
    struct trie *t = mem_zalloc(sizeof *t);

    if (count > 0)
        qsort(keys, (size_t)count, sizeof *keys, compare);
    t->ids = mem_alloc(sizeof *t->ids * (size_t)(count + 1));
    for (int i = 0; i < count; i++)
        t->ids[i] = keys[i].id;
    fill(t, add_nodes(t, 1), keys, (struct span){0, count}, 0);
    t->nodes = mem_realloc(t->nodes, sizeof *t->nodes * (size_t)t->node_count);
    return t;
}

void trie_free(struct trie *t) {
    if (t == NULL)
        return;
    free(t->nodes);
    free(t->ids);
    free(t);
}

int trie_find(const struct trie *t, struct str number, struct trie_hit hits[TRIE_KEY_MAX + 1]) {
    const struct node *n = t->nodes;
    int count = 0;

    for (size_t depth = 0;; depth++) {
        if (n->count > 0)
            hits[count++] = (struct trie_hit){(int)depth, t->ids + n->first, n->count};
        int symbol = depth < number.n ? dial_symbol(number.p[depth]) : -1;
        if (symbol < 0 || !(n->set >> symbol & 1))
            return count;
        n = &t->nodes[n->child + __builtin_popcount(n->set & ((1u << symbol) - 1))];
    }
}
