/*
 * memo: a number for each of many keys, for a while, in memory that does not grow: when a key finds no room, the one of
 * its few neighbours that would be forgotten first goes. Keys are hashes.
 */
#ifndef B2BUA_CORE_MEMO_H
#define B2BUA_CORE_MEMO_H

#include <stdbool.h>
#include <stdint.h>

struct memo;

/* Room for about `count` keys. */
struct memo *memo_new(uint32_t count);
void memo_free(struct memo *m); /* NULL is fine */

/* Notes the value of a key until then. */
void memo_put(struct memo *m, uint64_t key, uint32_t value, uint64_t until_ms);

/* Returns false when there is none (any more). */
bool memo_get(const struct memo *m, uint64_t key, uint32_t *value, uint64_t now_ms);

#endif
