/* The log: peer text stays inside its quotes, an event is one line. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/log/log.h"
#include "tests/suite.h"

static const struct {
    const char *name;
    struct str text;
    size_t size;
    const char *safe;
} rows[] = {
    {"plain text stays", STR("alice@example.com"), 64, "alice@example.com"},
    {"a quote does not end the value", STR("a\" call=7 x=\""), 64, "a\\x22 call=7 x=\\x22"},
    {"a backslash is none of ours", STR("\\x22"), 64, "\\x5cx22"},
    {"CR and LF do not begin a line", STR("a\r\nb"), 64, "a\\x0d\\x0ab"},
    {"a terminal is not spoken to", STR("\x1b[31m\x9b\x7f"), 64, "\\x1b[31m\\x9b\\x7f"},
    {"NUL does not end it", STR("a\0b"), 64, "a\\x00b"},
    {"UTF-8 is bytes", STR("\xc3\xa4"), 64, "\\xc3\\xa4"},
    {"nothing", STR(""), 64, ""},
    {"cut at the size", STR("abcdef"), 4, "abc"},
    {"it just fits", STR("abc"), 4, "abc"},
    {"an escape is not cut in two", STR("ab\n"), 6, "ab"},
    {"an escape just fits", STR("ab\n"), 7, "ab\\x0a"},
    {"room for the terminator alone", STR("abc"), 1, ""},
};

START_TEST(safe) {
    char buf[66];

    memset(buf, '#', sizeof buf);
    ck_assert_ptr_eq(log_safe(rows[_i].text, buf, rows[_i].size), buf);
    ck_assert_msg(strcmp(buf, rows[_i].safe) == 0, "%s: %s", rows[_i].name, buf);
    ck_assert_msg(buf[rows[_i].size] == '#', "%s", rows[_i].name);
}
END_TEST

START_TEST(safe_without_room) {
    char buf = '#';

    ck_assert_str_eq(log_safe(STR("abc"), &buf, 0), "");
    ck_assert_int_eq(buf, '#');
}
END_TEST

/* --- lines --- */

static int pipe_in;

static void set_up(void) {
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    pipe_in = ends[0];
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    unsetenv("JOURNAL_STREAM");
}

/* What has been logged, terminated. */
static const char *logged(void) {
    static char text[20000];
    ssize_t n;

    log_level_set(LOG_LEVEL_ERROR);
    log_error("end");
    n = read(pipe_in, text, sizeof text - 1);
    ck_assert_int_gt(n, 0);
    text[n] = '\0';
    return text;
}

static int newlines(const char *text) {
    int n = 0;

    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

START_TEST(one_line) {
    log_info("call=%d leg=%c state=%s", 7, 'a', "ringing");
    const char *text = logged();
    ck_assert_int_eq(newlines(text), 2);
    ck_assert_msg(strstr(text, "Z info call=7 leg=a state=ringing\n") != NULL, "%s", text);
    ck_assert_msg(text[4] == '-' && text[10] == 'T' && text[19] == '.', "3339 5.6: %s", text);
}
END_TEST

START_TEST(journal) {
    setenv("JOURNAL_STREAM", "8:1", 1);
    log_warn("call=1");
    ck_assert_str_eq(logged(), "<4>call=1\n<3>end\n");
}
END_TEST

/* A line that is too long is cut, and still ends. */
START_TEST(long_line) {
    char *text = mem_zalloc(10001);

    memset(text, 'a', 10000);
    log_info("x=%s", text);
    const char *out = logged();
    ck_assert_int_eq(newlines(out), 2);
    ck_assert_uint_eq(strchr(out, '\n') - out, 4095);
    free(text);
}
END_TEST

START_TEST(keeps_errno) {
    errno = EPIPE;
    log_info("x=1");
    ck_assert_int_eq(errno, EPIPE);
}
END_TEST

START_TEST(below_the_level) {
    static const enum log_level all[] = {LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG};

    log_level_set(all[_i]);
    log_error("x=1");
    log_warn("x=2");
    log_info("x=3");
    log_debug("x=4");
    ck_assert_int_eq(newlines(logged()), _i + 2);
}
END_TEST

START_TEST(level_names) {
    static const char *const names[] = {"error", "warn", "info", "debug"};
    static const char *const none[] = {"", "Info", "verbose", "warning"};
    enum log_level level = LOG_LEVEL_ERROR;

    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(log_level_parse(names[i], &level), 0);
        ck_assert_int_eq((int)level, i);
        ck_assert_int_eq(log_level_parse(none[i], &level), -1);
        ck_assert_msg((int)level == i, "written only on success");
    }
}
END_TEST

/* A line of a room counts by that room's level; this file, which is of no room, is the daemon's. */
START_TEST(rooms_apart) {
    log_level_set(LOG_LEVEL_WARN);
    log_room_set(LOG_ROOM_NET, LOG_LEVEL_DEBUG);
    log_info("x=1");
    log_room_set(LOG_ROOM_DAEMON, LOG_LEVEL_INFO);
    log_info("x=2");
    ck_assert_int_eq((int)log_level_common(), LOG_LEVEL_WARN);
    ck_assert_int_eq((int)log_room_level(LOG_ROOM_NET), LOG_LEVEL_DEBUG);
    ck_assert_int_eq((int)log_room_level(LOG_ROOM_CALL), LOG_LEVEL_WARN);
    const char *text = logged();
    ck_assert_msg(strstr(text, "x=1") == NULL && strstr(text, "x=2") != NULL, "%s", text);
}
END_TEST

#define PATH_ROW(path, room) {path, LOG_ROOM_##room},
static const struct {
    const char *path;
    enum log_room room;
} paths[] = {LOG_ROOM_PATHS(PATH_ROW)};

/* A path that stands behind one that it begins with would never be looked at; each room but the daemon has a path. */
START_TEST(room_paths) {
    bool has[LOG_ROOMS] = {[LOG_ROOM_DAEMON] = true};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        has[paths[i].room] = true;
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(paths[i].path, paths[j].path);
    }
    for (int i = 0; i < LOG_ROOMS; i++) {
        ck_assert_msg(has[i], "%s", log_room_name(i));
        ck_assert_int_eq(log_room_find(str_of(log_room_name(i))), i);
    }
    ck_assert_int_eq(log_room_find(STR("ne")), -1);
}
END_TEST

int main(void) {
    Suite *s = suite_create("log");
    TCase *text = tcase_create("text"), *lines = tcase_create("lines");

    tcase_add_loop_test(text, safe, 0, sizeof rows / sizeof *rows);
    tcase_add_test(text, safe_without_room);
    tcase_add_test(text, level_names);
    tcase_add_test(text, room_paths);
    suite_add_tcase(s, text);

    tcase_add_checked_fixture(lines, set_up, NULL);
    tcase_add_test(lines, one_line);
    tcase_add_test(lines, journal);
    tcase_add_test(lines, long_line);
    tcase_add_test(lines, keeps_errno);
    tcase_add_test(lines, rooms_apart);
    tcase_add_loop_test(lines, below_the_level, 0, 4);
    suite_add_tcase(s, lines);

    return suite_run(s);
}
