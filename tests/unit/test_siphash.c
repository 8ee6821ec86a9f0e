/* SipHash against the vectors of its authors: key 00 to 0f, text 00, 01, 02, ... */
#include <check.h>

#include "b2bua/core/siphash.h"
#include "tests/suite.h"

/* clang-format off */
static const struct { size_t n; uint64_t hash; } vectors[] = {
    {0, 0x726fdb47dd0e0e31},
    {1, 0x74f839c593dc67fd},
    {2, 0x0d6c8009d9a94f5a},
    {8, 0x93f5f5799a932462},
    {15, 0xa129ca6149be45e5}, /* appendix A of the paper */
};
/* clang-format on */

START_TEST(vector) {
    uint8_t key[SIPHASH_KEY_SIZE];
    char text[16];

    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (uint8_t)i;
        text[i] = (char)i;
    }
    ck_assert_uint_eq(siphash(key, (struct str){text, vectors[_i].n}), vectors[_i].hash);
    key[15] ^= 1;
    ck_assert_uint_ne(siphash(key, (struct str){text, vectors[_i].n}), vectors[_i].hash);
}
END_TEST

int main(void) {
    Suite *s = suite_create("siphash");
    TCase *tc = tcase_create("vectors");

    tcase_add_loop_test(tc, vector, 0, sizeof vectors / sizeof vectors[0]);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
