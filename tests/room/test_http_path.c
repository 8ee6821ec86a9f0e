/* Paths over HTTP: patterns and escapes. */
#include <check.h>

#include "b2bua/admin/http_path.h"
#include "tests/suite.h"

static const struct {
    const char *pattern, *path;
    bool fits;
    const char *segment;
} paths[] = {
    {"/", "/", true, ""},
    {"/", "", false, ""},
    {"/", "//", false, ""},
    {"/", "/x", false, ""},
    {"/api/calls", "/api/calls", true, ""},
    {"/api/calls", "/api/calls/", false, ""},
    {"/api/calls", "/api/call", false, ""},
    {"/api/calls", "/api/callsx", false, ""},
    {"/api/calls", "/api", false, ""},
    {"/api/calls", "/API/calls", false, ""},
    {"/api/calls/*", "/api/calls/x", true, "x"},
    {"/api/calls/*", "/api/calls/a%2Fb", true, "a%2Fb"},
    {"/api/calls/*", "/api/calls/*", true, "*"},
    {"/api/calls/*", "/api/calls/", false, ""},
    {"/api/calls/*", "/api/calls", false, ""},
    {"/api/calls/*", "/api/calls/x/y", false, ""},
    {"/api/calls/*/ladder", "/api/calls/x/ladder", true, "x"},
    {"/api/calls/*/ladder", "/api/calls//ladder", false, ""},
    {"/api/calls/*/ladder", "/api/calls/ladder", false, ""},
    {"/api/calls/*/ladder", "/api/calls/x/ladders", false, ""},
};

START_TEST(patterns) {
    struct str segment;
    bool fits = http_path_fits(paths[_i].pattern, str_of(paths[_i].path), &segment);

    ck_assert_msg(fits == paths[_i].fits, "%s: %s", paths[_i].pattern, paths[_i].path);
    ck_assert_msg(!fits || str_eq(segment, str_of(paths[_i].segment)), "%s", paths[_i].path);
}
END_TEST

static const struct {
    const char *text, *bytes; /* NULL: refused */
} escapes[] = {
    {"", ""},         {"abc", "abc"}, {"a%40b%3A1", "a@b:1"}, {"%c3%A4", "\xc3\xa4"}, {"a+b", "a+b"}, {"%25", "%"},
    {"%2541", "%41"}, {"%", NULL},    {"%4", NULL},           {"x%4", NULL},          {"%4g", NULL},  {"%g4", NULL},
    {"%-1", NULL},    {"%00", NULL},  {"a%0Ab", NULL},        {"%7f", NULL},          {"a\tb", NULL},
};

START_TEST(escapes_stand_for_bytes) {
    char text[64];
    struct sbuf out = sbuf_on(text, sizeof text);
    int status = http_decode(str_of(escapes[_i].text), &out);

    ck_assert_msg(status == (escapes[_i].bytes == NULL ? -1 : 0), "%s", escapes[_i].text);
    ck_assert_msg(status < 0 || str_eq(sbuf_str(&out), str_of(escapes[_i].bytes)), "%s", escapes[_i].text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("http_path");
    TCase *tc = tcase_create("http_path");

    tcase_add_loop_test(tc, patterns, 0, sizeof paths / sizeof *paths);
    tcase_add_loop_test(tc, escapes_stand_for_bytes, 0, sizeof escapes / sizeof *escapes);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
