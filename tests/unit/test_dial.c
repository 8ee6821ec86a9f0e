#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "dialplan/number.h"
#include "tests/suite.h"

/* What a pattern makes of a number: how much of it is literal, -1 = no match. */
static const struct {
    const char *rule, *pattern, *number;
    int literals;
} matches[] = {
    {"digits", "123", "123", 3},
    {"without $ more may follow", "123", "12345", 3},
    {"not less", "123", "12", -1},
    {"$ is the end", "123$", "123", 3},
    {"nothing behind $", "123$", "1234", -1},
    {". is any character of a number", "1...", "1*#A", 1},
    {"and +", "..", "+4", 0},
    {"no letters of names", "1", "1bob", -1},
    {"nor lower case", "1.", "1a", -1},
    {"T alone", "T", "", 0},
    {"T is none", "9T", "9", 1},
    {"T is up to 32", "9T", "912345678901234567890123456789012", 1},
    {"T is not 33", "9T", "9123456789012345678901234567890123", -1},
    {".T is at least one", ".T", "", -1},
    {"T$ as T", "9T$", "91", 1},
    {"a set", "[1-3,7]", "7", 0},
    {"not in the set", "[1-3,7]", "4", -1},
    {"a comma is not in the set", "[1,2]$", "2", 0},
    {"a set that is not", "[^1-3]", "4", 0},
    {"in a set that is not", "[^1-3]", "2", -1},
    {"letters in a set", "[A-D*#]", "C", 0},
    {"+ in a set", "[+0]49", "+49", 2},
    {"a leading + is itself", "+49", "+49", 3},
    {"a leading + is needed", "+49", "49", -1},
    {"an optional leading +", "+?49", "49", 2},
    {"the same when it is there", "+?49", "+49", 3},
    {"an escaped +", "1\\+2", "1+2", 3},
    {"+ is one or more", "12+3", "12223", 3},
    {"a repeated character counts once", "12+3$", "123", 3},
    {"+ is not none", "12+3", "13", -1},
    {"? is none or one", "12?3", "13", 2},
    {"? is one", "12?3", "123", 3},
    {"? is not two", "12?3", "1223", -1},
    {"% is none", "12%3", "13", 2},
    {"% is more", "12%3", "12223", 3},
    {"a repeated set", "1[2-4]+5", "12345", 2},
    {"a group", "1(23)4", "1234", 4},
    {"a repeated group", "1(23)+4", "123234", 4},
    {"part of a group is not it", "1(23)+5", "12325", -1},
    {"groups in groups", "((1)?2)+3", "12212123", 3},
    {"the most literals count", "1%.1$", "111", 2},
    {"a pause matches nothing", "9,1", "91", 2},
    {"* and #", "*21*#", "*21*#", 5},
    {"A to D", "AD", "AD", 2},
    {"the empty number", "1?", "", 0},
    {"a quantifier that may be nothing, repeated", "(1%)%2", "112", 2},
    {"NANP", "91[2-9]..[2-9]......$", "912025550123", 2},
    {"a regular expression", "^\\+?49.*", "+4930", 2},
    {"counts what each match has", "^(030|0049)1$", "0301", 4},
    {"that does not match", "^49$", "4930", -1},
    {"classes count nothing", "^\\d{3}[45]6$", "12346", 1},
    {"intervals count", "^5{3}\\d$", "5551", 3},
    {"names", "^alice$", "alice", 5},
    {"options are not understood", "^(?i)ALICE", "alice", 0},
    {"an escaped sign", "^\\*31\\*", "*31*", 4},
};

START_TEST(match) {
    struct pattern_room room;
    struct dial_problem why;
    struct number_test t;
    bool cut = false;
    size_t reach;

    pattern_room_init(&room);
    ck_assert_msg(number_test_init(&t, str_of(matches[_i].pattern), &why) == 0, "%s: %s", matches[_i].rule, why.wrong);
    int got = number_test_match(&t, &room, str_of(matches[_i].number), &reach, &cut);
    ck_assert_msg(got == matches[_i].literals, "%s: %s of %s gives %d", matches[_i].rule, matches[_i].pattern,
                  matches[_i].number, got);
    ck_assert_msg(got <= t.literals, "%s: above its most", matches[_i].rule);
    number_test_fini(&t);
    pattern_room_fini(&room);
}
END_TEST

static const struct {
    const char *rule, *pattern;
    size_t at;
    const char *wrong;
} refused[] = {
    {"empty", "", 0, "an empty pattern"},
    {"letters", "12x", 2, "not a character of a number: 0-9 A-F * # +; a regular expression begins with ^"},
    {"$ inside", "1$2", 1, "$ belongs at the end"},
    {"T inside", "1T2", 1, "T belongs at the end"},
    {"T in a group", "(1T)", 2, "T belongs at the end"},
    {"alternatives", "1|2", 1, "| is of regular expressions, which begin with ^"},
    {"an open set", "1[2", 1, "a [ without its ]"},
    {"an empty set", "1[]", 1, "a set that nothing is in"},
    {"a set of nothing", "[^0-9A-F*#+]", 0, "a set that nothing is in"},
    {"a letter in a set", "[1x]", 2, "not a character of a number in [ ]"},
    {"a range that goes down", "[5-1]", 1, "not a range: [0-9] or [A-F]"},
    {"a range over both", "[0-F]", 1, "not a range: [0-9] or [A-F]"},
    {"an open group", "1(2", 1, "a ( without its )"},
    {"a group that was not open", "12)", 2, "a ) without its ("},
    {"a set that was not open", "12]", 2, "a ] without its ["},
    {"nothing to repeat", "?1", 0, "nothing to repeat here; \\+ for the character itself"},
    {"twice", "12+?", 3, "nothing to repeat here; \\+ for the character itself"},
    {"a backslash at the end", "12\\", 2, "a \\ at the end"},
    {"too deep", "(((((((((1)))))))))", 8, "too many ( in each other"},
    {"too large", "((((((((1.)+.)+.)+.)+.)+.)+.)+.)+", 0, "the pattern is too large"},
    {"a regular expression", "^(1", 3, "missing closing parenthesis"},
};

START_TEST(refuse) {
    struct dial_problem why;
    struct number_test t;

    ck_assert_msg(number_test_init(&t, str_of(refused[_i].pattern), &why) < 0, "%s", refused[_i].rule);
    ck_assert_msg(strcmp(why.wrong, refused[_i].wrong) == 0, "%s: %s", refused[_i].rule, why.wrong);
    if (strcmp(refused[_i].wrong, "the pattern is too large") != 0)
        ck_assert_msg(why.at == refused[_i].at, "%s: at %zu", refused[_i].rule, why.at);
    number_test_fini(&t);
}
END_TEST

START_TEST(too_long) {
    char text[DIAL_TEXT_MAX + 1];
    struct dial_problem why;

    memset(text, '1', sizeof text);
    ck_assert_ptr_null(dial_new((struct str){text, sizeof text}, &why));
    struct dial *d = dial_new((struct str){text, sizeof text - 1}, &why);
    ck_assert_int_eq(dial_match(d, (struct str){text, sizeof text}, NULL), DIAL_TEXT_MAX);
    dial_free(d);
}
END_TEST

/* What each match begins with: for finding it by that. */
static const struct {
    const char *pattern, *prefixes;
} prefixes[] = {
    {"123", "123"},
    {"12.4", "12"},
    {"12[34]5", "1235 1245"},
    {"12[2-9]..", "122 123 124 125 126 127 128 129"},
    {"12?3", "123 13"},
    {"(12)?3", "123 3"},
    {"9,1", "91"},
    {"\\+1", "+1"},
    {"9T", "9"},
    {"T", ""},
    {"12?", "1"},
    {"(+)?(1)?900..", "1900 900 +1900 +900"},
    {"123456789012345678901234567890", "123456789012345678901234"},
    {"^49", "49"},
    {"^\\+49(1|2)", "+491 +492"},
    {"^(\\+|00)?49", "49 +49 0049"},
    {"^(?:\\+49|0)30", "+4930 030"},
    {"^49?1", "41 491"},
    {"^49??1", "41 491"},
    {"^49+1", "49"},
    {"^49*1", "4"},
    {"^49{2}", "4"},
    {"^49|50", ""},
    {"^(49|5.)0", ""},
    {"^(49)+0", "49"},
    {"^(1|2|3|4|5)(1|2|3|4|5)", "1 2 3 4 5"},
    {"^4.9", "4"},
    {"^4(?i)9", "4"},
    {"^49$", "49"},
    {"^4[|]9", ""},
    {"^4\\|9", "4|9"},
    {"^4\\d", "4"},
    {"^4(1|(?=2))", "4"},
    {"^alice", "alice"},
};

START_TEST(prefix) {
    struct dial_problem why;
    struct number_test t;
    struct prefixes p;
    char text[200];
    struct sbuf b = sbuf_on(text, sizeof text);

    ck_assert_int_eq(number_test_init(&t, str_of(prefixes[_i].pattern), &why), 0);
    number_test_prefixes(&t, &p);
    for (int i = 0; i < p.count; i++) {
        sbuf_puts(&b, i == 0 ? "" : " ");
        sbuf_put(&b, prefixes_at(&p, i));
    }
    ck_assert_msg(str_eq(sbuf_str(&b), str_of(prefixes[_i].prefixes)), "%s: %.*s", prefixes[_i].pattern, (int)b.n, b.p);
    number_test_fini(&t);
}
END_TEST

START_TEST(how_far_it_fits) {
    static const struct {
        const char *pattern, *number;
        size_t reach;
    } rows[] = {{"1234$", "1299", 2}, {"12(34)+5", "12343", 5}, {"12$", "129", 2}, {"1", "x", 0}};
    struct dial_problem why;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dial *d = dial_new(str_of(rows[i].pattern), &why);
        size_t reach = 99;
        ck_assert_int_eq(dial_match(d, str_of(rows[i].number), &reach), -1);
        ck_assert_msg(reach == rows[i].reach, "%s: %zu", rows[i].pattern, reach);
        dial_free(d);
    }
}
END_TEST

int main(void) {
    Suite *s = suite_create("dial");
    TCase *t = tcase_create("dial");

    tcase_add_loop_test(t, match, 0, sizeof matches / sizeof *matches);
    tcase_add_loop_test(t, refuse, 0, sizeof refused / sizeof *refused);
    tcase_add_loop_test(t, prefix, 0, sizeof prefixes / sizeof *prefixes);
    tcase_add_test(t, too_long);
    tcase_add_test(t, how_far_it_fits);
    suite_add_tcase(s, t);
    return suite_run(s);
}
