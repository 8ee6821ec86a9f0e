#include <check.h>
#include <stdlib.h>

#include "dialplan/translate.h"
#include "tests/suite.h"

static const struct {
    const char *rule, *rules[3], *number, *out; /* out NULL: no rule matches */
} rows[] = {
    {"a prefix goes", {"s/^9//"}, "9123", "123"},
    {"nothing to change", {"s/^9//"}, "123", NULL},
    {"not anchored (CUBE)", {"s/00//"}, "1002", "12"},
    {"the first match alone", {"s/1/2/"}, "111", "211"},
    {"all with g", {"s/1/2/g"}, "1131", "2232"},
    {"an empty match with g", {"s/x*/-/g"}, "12", "-1-2-"},
    {"g on the empty number", {"s/^$/0/g"}, "", "0"},
    {"groups", {"s/^(..)(.*)$/\\2\\1/"}, "12345", "34512"},
    {"groups of basic expressions", {"s/^\\(..\\)\\(.*\\)$/\\2\\1/"}, "12345", "34512"},
    {"intervals of basic expressions", {"s/^1\\{2\\}/x/"}, "112", "x2"},
    {"& is the match", {"s/^[0-9]+$/+49&/"}, "30", "+4930"},
    {"\\0 is, too", {"s/^[0-9]+$/+49\\0/"}, "30", "+4930"},
    {"\\& is itself", {"s/^1/\\&/"}, "12", "&2"},
    {"\\\\ is itself", {"s/^1/\\\\/"}, "12", "\\2"},
    {"a group that took no part is empty", {"s/^(1)?2/<\\1>/"}, "2", "<>"},
    {"another mark", {"s#^1#/#"}, "12", "/2"},
    {"the mark in the expression", {"s/1\\/2/x/"}, "1/2", "x"},
    {"the mark in the text", {"s/1/\\//"}, "1", "/"},
    {"+ is a quantifier, \\+ itself", {"s/^\\+49/0/"}, "+4930", "030"},
    {"the first rule that matches", {"s/^00/+/", "s/^0/+49/"}, "0030", "+30"},
    {"or the next", {"s/^00/+/", "s/^0/+49/"}, "030", "+4930"},
    {"and no other", {"s/^1/0/", "s/^0/x/"}, "12", "02"},
    {"all of it", {"s/.*/1/"}, "999", "1"},
    {"to nothing", {"s/.*//"}, "999", ""},
    {"the end", {"s/$/#/"}, "12", "12#"},
};

START_TEST(run) {
    struct translate *t = translate_new();
    struct pattern_room room;
    struct dial_problem why;
    char text[64];
    struct sbuf out = sbuf_on(text, sizeof text);

    pattern_room_init(&room);
    for (int i = 0; i < 3 && rows[_i].rules[i] != NULL; i++)
        ck_assert_msg(translate_add(t, str_of(rows[_i].rules[i]), &why) == 0, "%s: %s", rows[_i].rule, why.wrong);
    int rule = translate_run(t, &room, str_of(rows[_i].number), &out);
    ck_assert_msg((rule >= 0) == (rows[_i].out != NULL), "%s: rule %d", rows[_i].rule, rule);
    ck_assert_msg(str_eq(sbuf_str(&out), str_of(rows[_i].out)), "%s: %.*s", rows[_i].rule, (int)out.n, out.p);
    translate_free(t);
    pattern_room_fini(&room);
}
END_TEST

static const struct {
    const char *rule, *text;
    size_t at;
    const char *wrong;
} refused[] = {
    {"no rule", "9", 0, "not a rule: \"s/what/text/\""},
    {"another command", "y/1/2/", 0, "not a rule: \"s/what/text/\""},
    {"one part", "s/1", 0, "not a rule: \"s/what/text/\""},
    {"two marks", "s/11/2", 6, "ends before its third mark: \"s/what/text/\""},
    {"the last mark is escaped", "s/1/2\\/", 7, "ends before its third mark: \"s/what/text/\""},
    {"nothing to look for", "s//1/", 2, "nothing between the first two marks"},
    {"a flag", "s/1/2/i", 6, "only g may stand behind the last mark"},
    {"two flags", "s/1/2/gg", 6, "only g may stand behind the last mark"},
    {"a group that is not there", "s/(1)/a\\2/", 7, "no such group"},
    {"an expression", "s/(1/2/", 4, "missing closing parenthesis"},
};

START_TEST(refuse) {
    struct translate *t = translate_new();
    struct dial_problem why;

    ck_assert_msg(translate_add(t, str_of(refused[_i].text), &why) < 0, "%s", refused[_i].rule);
    ck_assert_msg(strcmp(why.wrong, refused[_i].wrong) == 0, "%s: %s", refused[_i].rule, why.wrong);
    ck_assert_msg(why.at == refused[_i].at, "%s: at %zu", refused[_i].rule, why.at);
    translate_free(t);
}
END_TEST

/* What it makes would not fit: the number stays, nothing is written. */
START_TEST(too_long) {
    struct translate *t = translate_new();
    struct pattern_room room;
    struct dial_problem why;
    char text[6];
    struct sbuf out = sbuf_on(text, sizeof text);

    pattern_room_init(&room);
    ck_assert_int_eq(translate_add(t, STR("s/1/123456/"), &why), 0);
    ck_assert_int_eq(translate_run(t, &room, STR("12"), &out), -1);
    ck_assert(out.n == 0 && !out.full);
    ck_assert_int_eq(translate_run(t, &room, STR("1"), &out), 0);
    ck_assert_int_eq(translate_run(NULL, &room, STR("1"), &out), -1);
    translate_free(t);
    pattern_room_fini(&room);
}
END_TEST

int main(void) {
    Suite *s = suite_create("translate");
    TCase *c = tcase_create("translate");

    tcase_add_loop_test(c, run, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(c, refuse, 0, sizeof refused / sizeof *refused);
    tcase_add_test(c, too_long);
    suite_add_tcase(s, c);
    return suite_run(s);
}
