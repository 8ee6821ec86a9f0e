/* Views and bounded writers. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/str.h"
#include "tests/suite.h"

/* clang-format off */
static const struct { const char *name; struct str a, b; bool same, isame; } pairs[] = {
    {"equal", STR("abc"), STR("abc"), true, true},
    {"case", STR("aBc"), STR("AbC"), false, true},
    {"a prefix", STR("abc"), STR("ab"), false, false},
    {"both empty", STR(""), STR(""), true, true},
    {"empty and none", STR(""), STR_NONE, true, true},
    {"a NUL inside", STR("a\0b"), STR("a\0c"), false, false},
    {"letters alone have a case", STR("[{"), STR("{["), false, false},
};
/* clang-format on */

START_TEST(equal) {
    ck_assert_msg(str_eq(pairs[_i].a, pairs[_i].b) == pairs[_i].same, "%s", pairs[_i].name);
    ck_assert_msg(str_ieq(pairs[_i].a, pairs[_i].b) == pairs[_i].isame, "%s", pairs[_i].name);
}
END_TEST

/* clang-format off */
static const struct { const char *name; struct str text, want; } trims[] = {
    {"both ends", STR(" \t\r\n a b \r\n"), STR("a b")},
    {"nothing but blanks", STR(" \r\n\t"), STR("")},
    {"nothing to do", STR("a"), STR("a")},
    {"empty", STR(""), STR("")},
    {"none", STR_NONE, STR("")},
    {"a NUL is no blank", STR(" \0 "), STR("\0")},
};
/* clang-format on */

START_TEST(trim) {
    ck_assert_msg(str_eq(str_trim(trims[_i].text), trims[_i].want), "%s", trims[_i].name);
}
END_TEST

START_TEST(find) {
    ck_assert_uint_eq(str_find(STR("a:b:c"), ':'), 1);
    ck_assert_uint_eq(str_find(STR("abc"), ':'), 3);
    ck_assert_uint_eq(str_find(STR_NONE, ':'), 0);
    ck_assert_uint_eq(str_find((struct str){"abc", 2}, 'c'), 2);
}
END_TEST

/* clang-format off */
static const struct { const char *name; struct str text; uint64_t max; int result; uint64_t value; } numbers[] = {
    {"zero", STR("0"), 10, 0, 0},
    {"leading zeros", STR("0000000000000000000000007"), 10, 0, 7},
    {"the maximum", STR("65535"), 65535, 0, 65535},
    {"one above", STR("65536"), 65535, -1, 0},
    {"a digit above a small maximum", STR("9"), 3, -1, 0},
    {"64 bits", STR("18446744073709551615"), UINT64_MAX, 0, UINT64_MAX},
    {"one above 64 bits", STR("18446744073709551616"), UINT64_MAX, -1, 0},
    {"far above", STR("99999999999999999999999999"), UINT64_MAX, -1, 0},
    {"maximum zero", STR("0"), 0, 0, 0},
    {"empty", STR(""), 10, -1, 0},
    {"a sign", STR("+1"), 10, -1, 0},
    {"negative", STR("-1"), 10, -1, 0},
    {"a blank", STR("1 "), 10, -1, 0},
    {"hexadecimal", STR("0x1"), 10, -1, 0},
    {"a NUL", STR("1\0"), 10, -1, 0},
};
/* clang-format on */

START_TEST(number) {
    uint64_t value = 4711;

    ck_assert_msg(str_number(numbers[_i].text, numbers[_i].max, &value) == numbers[_i].result, "%s", numbers[_i].name);
    ck_assert_msg(value == (numbers[_i].result == 0 ? numbers[_i].value : 4711), "%s", numbers[_i].name);
}
END_TEST

START_TEST(hash) {
    ck_assert_uint_eq(str_hash(STR("abc")), str_hash((struct str){"abcd", 3}));
    ck_assert_uint_ne(str_hash(STR("abc")), str_hash(STR("acb")));
    ck_assert_uint_ne(str_hash(STR("")), str_hash(STR("\0")));
    ck_assert_uint_eq(str_hash(STR("")), str_hash(STR_NONE));
}
END_TEST

START_TEST(duplicate) {
    char *copy = str_dup((struct str){"abcdef", 3}), *none = str_dup(STR_NONE);

    ck_assert_str_eq(copy, "abc");
    ck_assert_str_eq(none, "");
    free(copy);
    free(none);
}
END_TEST

START_TEST(write_all_kinds) {
    char buf[128];
    struct sbuf b = sbuf_on(buf, sizeof buf);

    sbuf_put(&b, STR("a"));
    sbuf_putc(&b, '\0');
    sbuf_puts(&b, "b ");
    sbuf_number(&b, 0);
    sbuf_putc(&b, ' ');
    sbuf_number(&b, UINT64_MAX);
    sbuf_putc(&b, ' ');
    sbuf_hex(&b, 0xabc);
    sbuf_put(&b, STR_NONE);
    sbuf_puts(&b, NULL);
    ck_assert(!b.full);
    ck_assert(str_eq(sbuf_str(&b), STR("a\0b 0 18446744073709551615 0000000000000abc")));
}
END_TEST

/* What does not fit is left out whole, and nothing comes behind it: no torn text. */
START_TEST(write_beyond_the_end) {
    char *buf = malloc(4);
    struct sbuf b = sbuf_on(buf, 4);

    sbuf_puts(&b, "ab");
    sbuf_puts(&b, "cde");
    ck_assert(b.full);
    sbuf_puts(&b, "f");
    ck_assert(str_eq(sbuf_str(&b), STR("ab")));
    free(buf);
}
END_TEST

START_TEST(write_to_the_end) {
    char *buf = malloc(4);
    struct sbuf b = sbuf_on(buf, 4);

    sbuf_puts(&b, "abcd");
    sbuf_puts(&b, "");
    ck_assert(!b.full);
    sbuf_putc(&b, 'e');
    ck_assert(b.full);
    free(buf);
}
END_TEST

START_TEST(write_and_grow) {
    struct sbuf b = sbuf_growing(100000);

    for (int i = 0; i < 10000; i++)
        sbuf_puts(&b, "0123456789");
    ck_assert(!b.full);
    ck_assert_uint_eq(b.n, 100000);
    for (int i = 0; i < 10000; i += 999)
        ck_assert(memcmp(b.p + i * 10, "0123456789", 10) == 0);
    sbuf_putc(&b, 'x');
    ck_assert(b.full);
    ck_assert_uint_eq(b.n, 100000);
    sbuf_fini(&b);
    ck_assert_uint_eq(b.n, 0);
}
END_TEST

/* A limit below what is usually taken first, and one that is not a multiple of anything. */
START_TEST(grow_to_an_odd_limit) {
    for (size_t max = 1; max < 20000; max += 1237) {
        struct sbuf b = sbuf_growing(max);
        for (size_t i = 0; i < max; i++)
            sbuf_putc(&b, 'x');
        ck_assert(!b.full);
        ck_assert_uint_le(b.cap, max);
        sbuf_putc(&b, 'x');
        ck_assert(b.full);
        sbuf_fini(&b);
    }
}
END_TEST

START_TEST(grow_by_more_than_twice) {
    char text[50000];
    struct sbuf b = sbuf_growing(60000);

    memset(text, 'x', sizeof text);
    sbuf_putc(&b, 'y');
    sbuf_put(&b, (struct str){text, sizeof text});
    ck_assert(!b.full);
    sbuf_put(&b, (struct str){text, sizeof text});
    ck_assert(b.full);
    ck_assert_uint_eq(b.n, sizeof text + 1);
    sbuf_fini(&b);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

START_TEST(lines) {
    struct str rest = STR("a\r\n\nb\rc\r\nlast");
    static const char *const expected[] = {"a", "", "b\rc", "last"};

    for (int i = 0; i < 4; i++)
        ck_assert(str_eq(str_take_line(&rest), str_of(expected[i])));
    ck_assert_uint_eq(rest.n, 0);
    ck_assert_uint_eq(str_take_line(&rest).n, 0);
}
END_TEST

int main(void) {
    Suite *s = suite_create("str");
    TCase *tc = tcase_create("str");

    tcase_add_loop_test(tc, equal, 0, ROWS(pairs));
    tcase_add_loop_test(tc, trim, 0, ROWS(trims));
    tcase_add_test(tc, find);
    tcase_add_loop_test(tc, number, 0, ROWS(numbers));
    tcase_add_test(tc, hash);
    tcase_add_test(tc, duplicate);
    tcase_add_test(tc, write_all_kinds);
    tcase_add_test(tc, write_beyond_the_end);
    tcase_add_test(tc, write_to_the_end);
    tcase_add_test(tc, write_and_grow);
    tcase_add_test(tc, grow_to_an_odd_limit);
    tcase_add_test(tc, grow_by_more_than_twice);
    tcase_add_test(tc, lines);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
