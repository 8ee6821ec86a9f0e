/*
 * trie: many keys of characters that can be dialled, found by the beginning of a number: all keys that it begins with,
 * in one walk. Built once; shared by threads.
 */
#ifndef DIALPLAN_TRIE_H
#define DIALPLAN_TRIE_H

#include "dialplan/dial.h"

enum { TRIE_KEY_MAX = DIAL_TEXT_MAX };

struct trie_key {
    struct str key; /* of dial_symbol characters, at most TRIE_KEY_MAX; borrowed while the trie is built */
    int id;         /* the caller's */
};

struct trie;

/* Sorts `keys` in place: equal keys stay in their order. */
struct trie *trie_new(struct trie_key *keys, int count);
void trie_free(struct trie *t); /* NULL is fine */

/* The keys of one length that a number begins with: ids[0 .. count). */
struct trie_hit {
    int length;
    const int *ids;
    int count;
};

/* All of them, the shortest first (the empty key has length 0). Returns how many hits there are. */
int trie_find(const struct trie *t, struct str number, struct trie_hit hits[TRIE_KEY_MAX + 1]);

#endif
