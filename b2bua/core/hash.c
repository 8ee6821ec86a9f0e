#include "b2bua/core/hash.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "b2bua/core/str.h"

static const EVP_MD *md_of(enum hash hash) {
    switch (hash) {
    case HASH_MD5:
        return EVP_md5();
    case HASH_SHA_256:
        return EVP_sha256();
    case HASH_SHA_512_256:
        return EVP_sha512_256();
    }
    return NULL;
}

void hash_hex(enum hash hash, const struct str *parts, int count, char *hex) {
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    size_t at = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestInit_ex(ctx, md_of(hash), NULL) == 1;

    for (int i = 0; i < count; i++)
        if (parts[i].n > 0)
            good = good && EVP_DigestUpdate(ctx, parts[i].p, parts[i].n) == 1;
    good = good && EVP_DigestFinal_ex(ctx, sum, &n) == 1;
    assert(good && 2 * n < HASH_HEX_SIZE);
    EVP_MD_CTX_free(ctx);
    for (unsigned i = 0; i < n; i++) {
        hex[at++] = digits[sum[i] >> 4];
        hex[at++] = digits[sum[i] & 15];
    }
    hex[at] = '\0';
}

void hash_mac(const uint8_t *key, struct str text, uint8_t *mac) {
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    bool good = HMAC(EVP_sha256(), key, HASH_MAC_SIZE, (const unsigned char *)text.p, text.n, sum, &n) != NULL;

    assert(good && n == HASH_MAC_SIZE);
    memcpy(mac, sum, HASH_MAC_SIZE);
}

void hash_key(struct str secret, uint8_t *key) {
    unsigned n = 0;
    bool good = EVP_Digest(secret.p, secret.n, key, &n, EVP_sha256(), NULL) == 1;

    assert(good && n == HASH_MAC_SIZE);
}

struct hash_numbers {
    EVP_MAC *mac;
    EVP_MAC_CTX *ready; /* with the key; each number is made by a copy of it */
};

struct hash_numbers *hash_numbers_new(const uint8_t *key) {
    struct hash_numbers *n = mem_zalloc(sizeof *n);
    size_t size = sizeof(uint64_t);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size), OSSL_PARAM_construct_end()};

    n->mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    n->ready = EVP_MAC_CTX_new(n->mac);
    bool good = n->ready != NULL && EVP_MAC_init(n->ready, key, HASH_NUMBERS_KEY, params) == 1;
    assert(good);
    return n;
}

void hash_numbers_free(struct hash_numbers *n) {
    if (n == NULL)
        return;
    EVP_MAC_CTX_free(n->ready);
    EVP_MAC_free(n->mac);
    free(n);
}

uint64_t hash_number(const struct hash_numbers *n, struct str text) {
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(n->ready);
    uint8_t sum[sizeof(uint64_t)];
    uint64_t number = 0;
    size_t size = 0;
    bool good = ctx != NULL && EVP_MAC_update(ctx, (const unsigned char *)text.p, text.n) == 1 &&
                EVP_MAC_final(ctx, sum, &size, sizeof sum) == 1;

    assert(good && size == sizeof sum);
    EVP_MAC_CTX_free(ctx);
    for (size_t i = sizeof sum; i-- > 0;)
        number = number << 8 | sum[i];
    return number;
}

bool hash_same(const uint8_t *a, const uint8_t *b, size_t n) {
    uint8_t differs = 0;

    for (size_t i = 0; i < n; i++)
        differs |= a[i] ^ b[i];
    return differs == 0;
}
