/*
 * windows: how often something happened to somebody within a time just past, for many somebodies at once: the
 * authorizations of a user, the failures of an address. A bounded table: when it is full, who was quiet for longest is
 * forgotten. Keys are hashes (str_hash and the like); two that collide share a count.
 */
#ifndef B2BUA_CORE_WINDOWS_H
#define B2BUA_CORE_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

struct windows;

enum { WINDOWS_EVENTS_MAX = 1000 };

/* Room for `keys_max` (1 and up) keys, of each the last `events` (1..WINDOWS_EVENTS_MAX) moments within `period_ms`. */
struct windows *windows_new(uint32_t keys_max, uint32_t events, uint32_t period_ms);
void windows_free(struct windows *w); /* NULL is fine */

/* One more for this key. Returns how many lie within the period now, this one included; not more than `events`. */
uint32_t windows_add(struct windows *w, uint64_t key, uint64_t now_ms);

/* How long until fewer than `events` lie within the period, ms; 0 = it is so now. */
uint64_t windows_wait_ms(const struct windows *w, uint64_t key, uint64_t now_ms);

/* Forgets the key. */
void windows_forget(struct windows *w, uint64_t key);

#endif
