#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "b2bua/core/json.h"
#include "tests/suite.h"

#define BYTES(literal)                                                                                                 \
    { literal, sizeof(literal) - 1 }

static const struct {
    const char *rule;
    struct str in;
    const char *out;
} texts[] = {
    {"plain text crosses", BYTES("sip:alice@example.com"), "\"sip:alice@example.com\""},
    {"nothing is an empty string", BYTES(""), "\"\""},
    {"RFC 8259 7: quote and backslash are escaped", BYTES("a\"b\\c"), "\"a\\\"b\\\\c\""},
    {"RFC 8259 7: short forms of controls", BYTES("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\""},
    {"RFC 8259 7: other controls by number", BYTES("\0\x0b\x1f"), "\"\\u0000\\u000b\\u001f\""},
    {"RFC 3629: 2, 3 and 4 bytes cross", BYTES("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
     "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
    {"RFC 3629 3: an overlong form is not UTF-8", BYTES("\xc0\xaf"), "\"\xc3\x80\xc2\xaf\""},
    {"RFC 3629 3: nor is a surrogate", BYTES("\xed\xa0\x80"), "\"\xc3\xad\xc2\xa0\xc2\x80\""},
    {"RFC 3629 3: nor what is above 10FFFF", BYTES("\xf4\x90\x80\x80"), "\"\xc3\xb4\xc2\x90\xc2\x80\xc2\x80\""},
    {"a character that is cut off", BYTES("x\xe2\x82"), "\"x\xc3\xa2\xc2\x82\""},
    {"a byte of Latin-1", BYTES("M\xfcller"), "\"M\xc3\xbcller\""},
};

START_TEST(text) {
    char got[128];
    struct sbuf b = sbuf_on(got, sizeof got - 1);

    json_text(&b, texts[_i].in);
    got[b.n] = '\0';
    ck_assert_msg(strcmp(got, texts[_i].out) == 0, "%s: got %s", texts[_i].rule, got);
}
END_TEST

static void check_time(uint64_t ms) {
    char got[64], want[64];
    struct sbuf b = sbuf_on(got, sizeof got - 1);
    time_t s = (time_t)(ms / 1000);
    struct tm tm;

    json_time(&b, ms);
    got[b.n] = '\0';
    gmtime_r(&s, &tm);
    size_t n = strftime(want, sizeof want, "\"%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(want + n, sizeof want - n, ".%03uZ\"", (unsigned)(ms % 1000));
    ck_assert_str_eq(got, want);
}

START_TEST(times_are_those_of_the_c_library) {
    /* Every day to 2110, with leap years, the missing one of 2100, and a moving time of day. */
    for (uint64_t day = 0; day < 51200; day++)
        check_time(day * 86400000 + (day * 7919 + 1) % 86400000);
    check_time(253402300799999); /* the last of the year 9999 */
}
END_TEST

START_TEST(never_is_null) {
    char got[8] = {0};
    struct sbuf b = sbuf_on(got, sizeof got - 1);

    json_time(&b, 0);
    ck_assert_str_eq(got, "null");
}
END_TEST

START_TEST(names_are_parted_by_commas) {
    char got[64] = {0};
    struct sbuf b = sbuf_on(got, sizeof got - 1);

    sbuf_putc(&b, '{');
    json_name(&b, "a");
    json_text(&b, STR("x"));
    json_name(&b, "b");
    sbuf_number(&b, 1);
    sbuf_putc(&b, '}');
    ck_assert_str_eq(got, "{\"a\":\"x\",\"b\":1}");
}
END_TEST

START_TEST(values_with_names_and_lists) {
    char got[160] = {0};
    struct sbuf b = sbuf_on(got, sizeof got - 1);

    sbuf_putc(&b, '{');
    json_put_text(&b, "t", STR("\"x\""));
    json_put_number(&b, "n", UINT64_MAX);
    json_put_hex(&b, "h", 255);
    json_put_time(&b, "at", 1);
    json_name(&b, "l");
    sbuf_putc(&b, '[');
    for (uint64_t i = 0; i < 3; i++) {
        json_item(&b);
        sbuf_number(&b, i);
    }
    sbuf_puts(&b, "]}");
    ck_assert_str_eq(got, "{\"t\":\"\\\"x\\\"\",\"n\":18446744073709551615,\"h\":\"00000000000000ff\","
                          "\"at\":\"1970-01-01T00:00:00.001Z\",\"l\":[0,1,2]}");
}
END_TEST

/* Lists of several workers are joined by what is between their values. */
START_TEST(the_first_value_of_nothing_has_no_comma) {
    char got[16] = {0};
    struct sbuf b = sbuf_on(got, sizeof got - 1);

    json_item(&b);
    sbuf_putc(&b, '1');
    json_item(&b);
    sbuf_putc(&b, '2');
    ck_assert_str_eq(got, "1,2");
}
END_TEST

int main(void) {
    Suite *s = suite_create("json");
    TCase *c = tcase_create("json");

    suite_add_tcase(s, c);
    tcase_add_loop_test(c, text, 0, (int)(sizeof texts / sizeof *texts));
    tcase_add_test(c, times_are_those_of_the_c_library);
    tcase_add_test(c, never_is_null);
    tcase_add_test(c, names_are_parted_by_commas);
    tcase_add_test(c, values_with_names_and_lists);
    tcase_add_test(c, the_first_value_of_nothing_has_no_comma);
    return suite_run(s);
}
