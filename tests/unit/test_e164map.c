#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "dialplan/e164map.h"
#include "dialplan/trie.h"
#include "tests/suite.h"

static char notes[4096];

static int target(void *arg, struct str name) {
    (void)arg;
    return str_eq(name, STR("here")) ? 7 : -1;
}

static void note(void *arg, int line, int column, bool error, const char *what) {
    size_t n = strlen(notes);

    (void)arg;
    snprintf(notes + n, sizeof notes - n, "%d:%d: %s%s\n", line, column, error ? "" : "warning: ", what);
}

static struct e164_map *map_of(const char *text) {
    const struct e164_reader reader = {target, note, NULL};

    notes[0] = '\0';
    return e164_map_new(str_of(text), &reader);
}

static const char many[] = "# a comment\n"
                           "\n"
                           "49\n"
                           "4930\t030   # behind an entry\r\n"
                           "  4930123 @here\n"
                           "49301[2-4]5 +\n"
                           "4930129$ 1 @here\n"
                           "+49\n"
                           "\\#31\n"
                           "49.\n"
                           "4..999\n"
                           "1?2\n"
                           "5"; /* the last line without its end counts, too */

static const struct {
    const char *rule, *number;
    int line, literals;
    size_t beginning;
    const char *replace;
    int to;
} finds[] = {
    {"the entry itself", "49", 3, 2, 2, NULL, -1},
    {"what begins with it", "4989", 3, 2, 2, NULL, -1},
    {"the longest", "49301", 4, 4, 4, "030", -1},
    {"longer still", "49301234", 5, 7, 7, NULL, 7},
    {"a pattern counts what it says literally", "4930135", 6, 6, 5, "+", -1},
    {"an exact number", "4930129", 7, 7, 7, "1", 7},
    {"which is not a longer one", "49301290", 4, 4, 4, "030", -1},
    {"a plus", "+4930", 8, 3, 3, NULL, -1},
    {"a hash", "#31#", 9, 3, 3, NULL, -1},
    {"a pattern with a short beginning", "412999", 11, 4, 1, NULL, -1},
    {"one without a beginning", "2", 12, 1, 0, NULL, -1},
    {"the last line", "55", 13, 1, 1, NULL, -1},
    {"nothing", "3", 0, 0, 0, NULL, -1},
    {"no number", "", 0, 0, 0, NULL, -1},
    {"a name", "49alice", 0, 0, 0, NULL, -1},
};

START_TEST(find) {
    struct e164_map *m = map_of(many);
    struct e164_hit hit = {.line = 0};
    bool found = e164_map_find(m, str_of(finds[_i].number), &hit);

    ck_assert_str_eq(notes, "");
    ck_assert_int_eq(e164_map_literals(m), 7);
    ck_assert_msg(found == (finds[_i].line > 0) && hit.line == finds[_i].line, "%s: line %d", finds[_i].rule, hit.line);
    if (found) {
        ck_assert_int_eq(hit.literals, finds[_i].literals);
        ck_assert_uint_eq(hit.beginning, finds[_i].beginning);
        ck_assert((hit.replace.p == NULL) == (finds[_i].replace == NULL));
        ck_assert(str_eq(hit.replace, str_of(finds[_i].replace)));
        ck_assert_int_eq(hit.to, finds[_i].to);
    }
    e164_map_free(m);
}
END_TEST

static const struct {
    const char *rule, *text, *notes, *number;
    int line; /* where the number is found; 0 = nowhere */
} reads[] = {
    {"nothing", "", "", "1", 0},
    {"comments", "#x\n # 1\n\n", "", "1", 0},
    {"a bad pattern, and the rest", "12x\n34\n",
     "1:3: not a character of a number: 0-9 A-F * # +; a regular expression "
     "begins with ^\n",
     "34", 2},
    {"an unknown name", "1\n 2 @there\n", "2:4: no trunk or group has this name\n", "1", 1},
    {"a value that is none", "1 abc", "1:3: neither a number nor @ and the name of a trunk or group\n", "1", 0},
    {"two numbers", "1 2 3", "1:5: one value too many\n", "1", 0},
    {"two names", "1 @here @here", "1:9: one value too many\n", "1", 0},
    {"twins", "12\n34\n12 5\n", "3:1: warning: never taken: line 1 has the same number\n", "12", 1},
    {"patterns are not compared", "1.\n1.\n", "", "12", 1},
};

START_TEST(read) {
    struct e164_map *m = map_of(reads[_i].text);
    struct e164_hit hit = {.line = 0};

    ck_assert_msg(strcmp(notes, reads[_i].notes) == 0, "%s:\n%s", reads[_i].rule, notes);
    e164_map_find(m, str_of(reads[_i].number), &hit);
    ck_assert_msg(hit.line == reads[_i].line, "%s: line %d", reads[_i].rule, hit.line);
    e164_map_free(m);
}
END_TEST

/* Against looking at each key: any number is found by all keys that it begins with, and no others. */
START_TEST(trie_as_a_list) {
    enum { KEYS = 500, NUMBERS = 2000 };
    static char text[KEYS][8];
    struct trie_key keys[KEYS];
    struct trie_hit hits[TRIE_KEY_MAX + 1];
    uint32_t x = 12345;

    for (int i = 0; i < KEYS; i++) {
        size_t n = (x = x * 1664525 + 1013904223) >> 24 & 7;
        for (size_t j = 0; j < n; j++)
            text[i][j] = "0123+*F"[((x = x * 1664525 + 1013904223) >> 24) % 7];
        keys[i] = (struct trie_key){{text[i], n}, i};
    }
    struct trie *t = trie_new(keys, KEYS);
    for (int i = 0; i < NUMBERS; i++) {
        char number[9];
        int expected = 0, found = 0;
        for (size_t j = 0; j < sizeof number; j++)
            number[j] = "0123+*Fx"[((x = x * 1664525 + 1013904223) >> 24) % 8];
        for (int k = 0; k < KEYS; k++)
            expected += memcmp(keys[k].key.p, number, keys[k].key.n) == 0;
        int count = trie_find(t, (struct str){number, sizeof number}, hits);
        for (int k = 0; k < count; k++) {
            ck_assert(k == 0 || hits[k].length > hits[k - 1].length);
            for (int id = 0; id < hits[k].count; id++)
                ck_assert_int_eq(memcmp(text[hits[k].ids[id]], number, (size_t)hits[k].length), 0);
            found += hits[k].count;
        }
        ck_assert_int_eq(found, expected);
    }
    trie_free(t);
}
END_TEST

int main(void) {
    Suite *s = suite_create("e164map");
    TCase *c = tcase_create("e164map");

    tcase_add_loop_test(c, find, 0, sizeof finds / sizeof *finds);
    tcase_add_loop_test(c, read, 0, sizeof reads / sizeof *reads);
    tcase_add_test(c, trie_as_a_list);
    suite_add_tcase(s, c);
    return suite_run(s);
}
