/* A command line as words, and words as a command line. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/words.h"
#include "tests/suite.h"

static const struct {
    const char *rule, *line;
    int count; /* -1: refused */
    const char *words[4];
} lines[] = {
    {"nothing", "", 0, {0}},
    {"blanks alone", " \t ", 0, {0}},
    {"one word", "status", 1, {"status"}},
    {"blanks around and between", "  call \t show  x ", 3, {"call", "show", "x"}},
    {"a quoted blank", "call show \"a b\"", 3, {"call", "show", "a b"}},
    {"an empty word", "show \"\" x", 3, {"show", "", "x"}},
    {"a quote inside a word", "a\"b c\"d", 1, {"ab cd"}},
    {"an escaped quote", "\"a\\\"b\"", 1, {"a\"b"}},
    {"an escaped backslash", "\"a\\\\\" b", 2, {"a\\", "b"}},
    {"a backslash outside is itself", "a\\ b", 2, {"a\\", "b"}},
    {"a quote that does not end", "show \"a b", -1, {0}},
    {"a quote whose end is escaped", "\"a\\\"", -1, {0}},
    {"a quote that ends with the escape", "\"a\\", -1, {0}},
};

START_TEST(split) {
    struct words w;
    const char *wrong = words_split(&w, str_of(lines[_i].line));

    ck_assert_msg((wrong != NULL) == (lines[_i].count < 0), "%s: %s", lines[_i].rule, wrong);
    if (wrong != NULL)
        return;
    ck_assert_msg(w.count == lines[_i].count, "%s: %d words", lines[_i].rule, w.count);
    for (int i = 0; i < w.count; i++) {
        ck_assert_msg(strcmp(w.word[i].p, lines[_i].words[i]) == 0, "%s: \"%s\"", lines[_i].rule, w.word[i].p);
        ck_assert_uint_eq(w.word[i].n, strlen(lines[_i].words[i]));
    }
}
END_TEST

static void fill(char *line, size_t n, const char *with) {
    for (size_t i = 0; i < n; i++)
        line[i] = with[i % strlen(with)];
    line[n] = '\0';
}

START_TEST(bounds) {
    char *line = mem_alloc(WORDS_BYTES_MAX + 2);
    struct words w;

    fill(line, WORDS_MAX * 2, "x ");
    ck_assert_ptr_null(words_split(&w, str_of(line)));
    ck_assert_int_eq(w.count, WORDS_MAX);
    fill(line, WORDS_MAX * 2 + 1, "x ");
    ck_assert_ptr_nonnull(words_split(&w, str_of(line)));
    fill(line, WORDS_BYTES_MAX, "x");
    ck_assert_ptr_null(words_split(&w, str_of(line)));
    ck_assert_uint_eq(strlen(w.word[0].p), WORDS_BYTES_MAX);
    fill(line, WORDS_BYTES_MAX + 1, "x");
    ck_assert_ptr_nonnull(words_split(&w, str_of(line)));
    free(line);
}
END_TEST

static const char *const words[] = {"status", "",       "a b",  "a\tb",    "\"",  "a\"b",
                                    "\\",     "a\\b c", "\\\"", "--trunk", "\xff"};

START_TEST(what_is_put_is_split_again) {
    char line[64];
    struct sbuf b = sbuf_on(line, sizeof line);
    struct words w;

    words_put(&b, STR("first"));
    words_put(&b, str_of(words[_i]));
    words_put(&b, STR("last"));
    ck_assert_ptr_null(words_split(&w, sbuf_str(&b)));
    ck_assert_int_eq(w.count, 3);
    ck_assert_str_eq(w.word[1].p, words[_i]);
    ck_assert_str_eq(w.word[2].p, "last");
}
END_TEST

int main(void) {
    Suite *s = suite_create("words");
    TCase *c = tcase_create("words");

    suite_add_tcase(s, c);
    tcase_add_loop_test(c, split, 0, (int)(sizeof lines / sizeof *lines));
    tcase_add_test(c, bounds);
    tcase_add_loop_test(c, what_is_put_is_split_again, 0, (int)(sizeof words / sizeof *words));
    return suite_run(s);
}
