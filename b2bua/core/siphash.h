/*
 * siphash: SipHash-2-4 (Aumasson and Bernstein, 2012), for numbers that only who has the key can foresee: made for
 * short texts, and for every message. What must not be forged by who sees many of them has core/hash.
 */
#ifndef B2BUA_CORE_SIPHASH_H
#define B2BUA_CORE_SIPHASH_H

#include "b2bua/core/str.h"

enum { SIPHASH_KEY_SIZE = 16 };

/* The same on every machine. */
uint64_t siphash(const uint8_t *key, struct str text);

#endif
