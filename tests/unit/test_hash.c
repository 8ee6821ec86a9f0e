/* The hashes against the vectors of their standards. */
#include <check.h>

#include "b2bua/core/hash.h"
#include "tests/suite.h"

/* clang-format off */
static const struct {
    const char *name;
    enum hash hash;
    const char *text, *hex;
} sums[] = {
    {"RFC 1321 A.5", HASH_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
    {"RFC 1321 A.5: nothing", HASH_MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
    {"FIPS 180-4: SHA-256", HASH_SHA_256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"FIPS 180-4: SHA-512/256", HASH_SHA_512_256, "abc",
     "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"},
};
/* clang-format on */

START_TEST(sum) {
    char hex[HASH_HEX_SIZE];
    struct str text = str_of(sums[_i].text);
    struct str parts[] = {str_upto(text, text.n / 2), str_from(text, text.n / 2)};

    hash_hex(sums[_i].hash, parts, 2, hex);
    ck_assert_msg(strcmp(hex, sums[_i].hex) == 0, "%s: %s", sums[_i].name, hex);
}
END_TEST

/* RFC 4231 4.3 (test case 2: a key of four letters, as its 64-byte block has it: the rest is zero). */
START_TEST(mac) {
    static const uint8_t expected[HASH_MAC_SIZE] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
                                                    0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27,
                                                    0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
    uint8_t key[HASH_MAC_SIZE] = "Jefe", got[HASH_MAC_SIZE];

    hash_mac(key, STR("what do ya want for nothing?"), got);
    ck_assert(hash_same(got, expected, HASH_MAC_SIZE));
    for (size_t i = 0; i < HASH_MAC_SIZE; i++) {
        got[i] ^= 0x80;
        ck_assert(!hash_same(got, expected, HASH_MAC_SIZE));
        got[i] ^= 0x80;
    }
}
END_TEST

START_TEST(key) {
    static const uint8_t abc[4] = {0xba, 0x78, 0x16, 0xbf};
    uint8_t got[HASH_MAC_SIZE];

    hash_key(STR("abc"), got);
    ck_assert(hash_same(got, abc, sizeof abc));
}
END_TEST

/* SipHash against the vectors of its authors: key 00 to 0f, text 00, 01, 02, ... */
/* clang-format off */
static const struct { size_t n; uint64_t hash; } numbers[] = {
    {0, 0x726fdb47dd0e0e31},
    {1, 0x74f839c593dc67fd},
    {2, 0x0d6c8009d9a94f5a},
    {8, 0x93f5f5799a932462},
    {15, 0xa129ca6149be45e5}, /* appendix A of the paper */
};
/* clang-format on */

START_TEST(number) {
    uint8_t secret[HASH_NUMBERS_KEY];
    char text[16];

    for (size_t i = 0; i < sizeof secret; i++) {
        secret[i] = (uint8_t)i;
        text[i] = (char)i;
    }
    struct hash_numbers *n = hash_numbers_new(secret);
    ck_assert_uint_eq(hash_number(n, (struct str){text, numbers[_i].n}), numbers[_i].hash);
    ck_assert_uint_eq(hash_number(n, (struct str){text, numbers[_i].n}), numbers[_i].hash);
    hash_numbers_free(n);
    secret[15] ^= 1;
    n = hash_numbers_new(secret);
    ck_assert_uint_ne(hash_number(n, (struct str){text, numbers[_i].n}), numbers[_i].hash);
    hash_numbers_free(n);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("hash");
    TCase *tc = tcase_create("hash");

    tcase_add_loop_test(tc, sum, 0, sizeof sums / sizeof *sums);
    tcase_add_test(tc, mac);
    tcase_add_test(tc, key);
    tcase_add_loop_test(tc, number, 0, sizeof numbers / sizeof *numbers);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
