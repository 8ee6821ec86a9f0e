/* Which messages a filter wants. */
#include <check.h>
#include <stdio.h>

#include "b2bua/core/select.h"
#include "tests/suite.h"

static const struct {
    const char *rule, *filters[2], *call_id;
    bool wanted;
} rows[] = {
    {"no filter: all", {NULL}, "near", true},
    {"no filter: what is no call, too", {NULL}, "none", true},
    {"the trunk of leg a: leg a", {"trunk=carrier"}, "near", true},
    {"the trunk of leg a: leg b, too", {"trunk=carrier"}, "far", true},
    {"the trunk of leg b", {"trunk=manager"}, "near", true},
    {"another trunk", {"trunk=carr"}, "near", false},
    {"what is no call is on no trunk", {"trunk=carrier"}, "none", false},
    {"the caller", {"number=4930"}, "far", true},
    {"with its plus", {"number=+4930"}, "far", true},
    {"the called number, as leg b has it", {"number=0123"}, "near", true},
    {"digits that are not the first", {"number=930"}, "near", false},
    {"a number of what is no call", {"number=88"}, "none", true},
    {"in its To", {"number=77"}, "none", true},
    {"not in its other headers", {"number=99"}, "none", false},
    {"a Call-ID", {"call-id=far"}, "near", true},
    {"that of what is no call", {"call-id=none"}, "none", true},
    {"half of one", {"call-id=fa"}, "near", false},
    {"both must hold, of either leg", {"trunk=carrier", "number=0123"}, "near", true},
    {"both must hold", {"trunk=carrier", "number=9"}, "near", false},
};

START_TEST(wanted) {
    struct select *s = select_new();
    struct select_filter f = {.trunk = ""};
    char text[256];
    uint64_t call;

    for (int i = 0; i < 2 && rows[_i].filters[i] != NULL; i++)
        ck_assert_ptr_null(select_filter_add(&f, str_of(rows[_i].filters[i])));
    select_set(s, &f);
    select_learn(s, &(struct ladder_names){.call = 7,
                                           .call_id = STR("near"),
                                           .trunk = STR("carrier"),
                                           .from = STR("\"A\" <sip:+4930@h>"),
                                           .to = STR("<sip:00123@h>")});
    select_learn(s, &(struct ladder_names){.call = 7,
                                           .leg = 1,
                                           .call_id = STR("far"),
                                           .trunk = STR("manager"),
                                           .from = STR("<sip:+4930@h>"),
                                           .to = STR("<tel:0123>")});
    int n =
        snprintf(text, sizeof text, "OPTIONS sip:88@h SIP/2.0\r\nt: <sip:77@h>\r\nX: sip:99@h\r\nCall-ID: %s\r\n\r\n",
                 rows[_i].call_id);
    bool got = select_wants(s, (struct str){text, (size_t)n}, &call);
    ck_assert_msg(got == rows[_i].wanted, "%s", rows[_i].rule);
    ck_assert_uint_eq(call, strcmp(rows[_i].call_id, "none") == 0 ? 0 : 7);
    select_free(s);
}
END_TEST

static const char *const broken[] = {"", "trunk", "trunk=", "trunks=x", "number"};

START_TEST(no_filter) {
    struct select_filter f = {.trunk = ""};

    ck_assert_ptr_nonnull(select_filter_add(&f, str_of(broken[_i])));
}
END_TEST

int main(void) {
    Suite *s = suite_create("select");
    TCase *c = tcase_create("select");

    suite_add_tcase(s, c);
    tcase_add_loop_test(c, wanted, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(c, no_filter, 0, sizeof broken / sizeof *broken);
    return suite_run(s);
}
