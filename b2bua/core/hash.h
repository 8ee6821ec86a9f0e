/*
 * hash: the cryptographic hashes that protocols name. The only pure file that calls a library for it (OpenSSL's EVP,
 * which computes and does nothing else).
 */
#ifndef B2BUA_CORE_HASH_H
#define B2BUA_CORE_HASH_H

#include "b2bua/core/str.h"

enum hash { HASH_MD5, HASH_SHA_256, HASH_SHA_512_256 };

enum { HASH_HEX_SIZE = 65 };

/* The hash of all parts together as lower-case hex digits, terminated; `hex` holds HASH_HEX_SIZE bytes. Aborts where
 * the library has no such hash. */
void hash_hex(enum hash hash, const struct str *parts, int count, char *hex);

/* HMAC-SHA-256 (RFC 2104) of `text` under a key of HASH_MAC_SIZE bytes; `mac` holds as many. */
enum { HASH_MAC_SIZE = 32 };
void hash_mac(const uint8_t *key, struct str text, uint8_t *mac);

/* A key for hash_mac from a secret of any length. */
void hash_key(struct str secret, uint8_t *key);

/* SipHash-2-4 (Aumasson and Bernstein, 2012), for numbers that only who has the key can foresee: made for short texts,
 * and a tenth of the cost of hash_mac. What must not be forged by who sees many of them has hash_mac. The key has
 * HASH_NUMBERS_KEY bytes; a number is the same on every machine. Any thread may ask. */
enum { HASH_NUMBERS_KEY = 16 };
struct hash_numbers;
struct hash_numbers *hash_numbers_new(const uint8_t *key);
void hash_numbers_free(struct hash_numbers *n); /* NULL is fine */
uint64_t hash_number(const struct hash_numbers *n, struct str text);

/* Are these bytes the same? Takes as long for any answer. */
bool hash_same(const uint8_t *a, const uint8_t *b, size_t n);

#endif
