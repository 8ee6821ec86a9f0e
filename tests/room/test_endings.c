/* Every way that a call can end (core/ending) is played by a scenario of its own, with the records of both legs. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/ending.h"
#include "tests/suite.h"

enum { TEXT_MAX = 16384 };

static const char *read_scenario(enum ending_by by, enum ending_cause cause, char *text) {
    char path[256];
    size_t n;

    snprintf(path, sizeof path, "tests/scenario/end_%s_%s.scn", ending_cause_name(cause), ending_by_name(by));
    FILE *in = fopen(path, "r");
    ck_assert_msg(in != NULL, "%s is missing: a call that ends so, with both records", path);
    n = fread(text, 1, TEXT_MAX - 1, in);
    fclose(in);
    text[n] = '\0';
    return text;
}

START_TEST(each_way_has_its_scenario) {
    static char text[TEXT_MAX];
    char wanted[128];

    for (int by = 0; by < ENDING_BYS; by++) {
        if (!ending_may(by, _i))
            continue;
        read_scenario(by, _i, text);
        for (char leg = 'a'; leg <= 'b'; leg++) {
            snprintf(wanted, sizeof wanted, "\nRECORD %c cause=%s ended_by=%s", leg, ending_cause_name(_i),
                     ending_by_name(by));
            ck_assert_msg(strstr(text, wanted) != NULL, "end_%s_%s.scn:%s is not there", ending_cause_name(_i),
                          ending_by_name(by), wanted);
        }
    }
}
END_TEST

START_TEST(each_cause_has_a_row) {
    int ways = 0;

    ck_assert_ptr_nonnull(ending_cause_name(_i));
    for (int by = 0; by < ENDING_BYS; by++)
        ways += ending_may(by, _i);
    ck_assert_msg(ways > 0, "%s: nobody ends a call so", ending_cause_name(_i));
    ck_assert(!ending_may(ENDING_BY_NOBODY, _i));
}
END_TEST

int main(void) {
    Suite *s = suite_create("endings");
    TCase *t = tcase_create("endings");

    tcase_add_loop_test(t, each_cause_has_a_row, 0, ENDING_CAUSES);
    tcase_add_loop_test(t, each_way_has_its_scenario, 0, ENDING_CAUSES);
    suite_add_tcase(s, t);
    return suite_run(s);
}
