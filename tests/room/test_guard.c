/* Who fails too often is kept out, and the log says so in a form that does not change. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "b2bua/guard/guard.h"
#include "b2bua/log/log.h"
#include "tests/suite.h"

static struct settings *settings;
static struct guard *guard;
static int saved_stderr;
static char said[65536];

static struct addr at(const char *text) {
    struct addr a;

    ck_assert_int_eq(addr_parse(&a, str_of(text)), 0);
    return a;
}

static void set_up(void) {
    int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);

    settings = settings_new();
    settings->trunks = mem_zalloc(sizeof *settings->trunks);
    settings->trunks[0].name = str_dup(STR("carrier"));
    settings->trunks[0].sources = mem_zalloc(sizeof *settings->trunks[0].sources);
    settings->trunks[0].source_count = 1;
    ck_assert_int_eq(addr_range_parse(settings->trunks[0].sources, STR("192.0.2.0/24")), 0);
    settings->trunk_count = 1;
    guard = guard_new(1);
    guard_configure(guard, settings, NULL, 0);
    saved_stderr = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    close(file);
}

static void tear_down(void) {
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    guard_free(guard);
    settings_unref(settings);
}

/* What the log has got, without the time and the level of its lines. */
static const char *log_text(void) {
    static char raw[65536];
    ssize_t n = pread(STDERR_FILENO, raw, sizeof raw - 1, 0);
    size_t out = 0;

    raw[n < 0 ? 0 : n] = '\0';
    for (char *line = raw; *line != '\0';) {
        char *end = strchr(line, '\n') + 1, *text = strchr(strchr(line, ' ') + 1, ' ') + 1;
        memcpy(said + out, text, (size_t)(end - text));
        out += (size_t)(end - text);
        line = end;
    }
    said[out] = '\0';
    return said;
}

static void fail_often(const char *source, int times, uint64_t now_ms) {
    struct addr a = at(source);

    for (int i = 0; i < times; i++)
        guard_event(guard, BANS_SIP_AUTH, GUARD_WRONG_CREDENTIALS, &a, now_ms);
}

START_TEST(ban_and_its_end_in_the_log) {
    struct addr a = at("203.0.113.7"), other = at("203.0.113.8");

    fail_often("203.0.113.7", 4, 1000);
    ck_assert(!guard_keeps_out(guard, &a));
    fail_often("203.0.113.7", 1, 1000);
    ck_assert(guard_keeps_out(guard, &a));
    ck_assert(!guard_keeps_out(guard, &other));
    guard_tick(guard, 600999);
    ck_assert(guard_keeps_out(guard, &a));
    guard_tick(guard, 601000);
    ck_assert(!guard_keeps_out(guard, &a));
    ck_assert_str_eq(log_text(), "security category=sip-auth source=203.0.113.7 what=wrong-credentials\n"
                                 "security category=sip-auth source=203.0.113.7 what=wrong-credentials\n"
                                 "security category=sip-auth source=203.0.113.7 what=wrong-credentials\n"
                                 "security category=sip-auth source=203.0.113.7 what=wrong-credentials\n"
                                 "security category=sip-auth source=203.0.113.7 what=wrong-credentials\n"
                                 "ban source=203.0.113.7 state=on category=sip-auth seconds=600\n"
                                 "ban source=203.0.113.7 state=off reason=expired\n");
}
END_TEST

/* fail2ban would ban a trunk for a line of this form. */
START_TEST(no_line_for_the_exempt) {
    struct addr a = at("192.0.2.77");
    struct guard_look look;

    fail_often("192.0.2.77", 100, 1000);
    guard_look(guard, &look);
    ck_assert(!guard_keeps_out(guard, &a));
    ck_assert_uint_eq(look.events[BANS_SIP_AUTH], 0);
    ck_assert_str_eq(log_text(), "");
}
END_TEST

/* From a thousand addresses at once: the log gets so many lines a second, and a number. */
START_TEST(lines_are_bounded) {
    char source[32];
    int lines = 0;

    for (int i = 0; i < 1000; i++) {
        snprintf(source, sizeof source, "203.0.%d.%d", 100 + i / 250, 1 + i % 250);
        fail_often(source, 1, 1000);
    }
    for (const char *text = log_text(); (text = strchr(text, '\n')) != NULL; text++)
        lines++;
    ck_assert_int_eq(lines, GUARD_LINES_A_SECOND);
    fail_often("203.0.113.7", 1, 2000);
    ck_assert_ptr_nonnull(strstr(log_text(), "security unsaid=980\nsecurity category=sip-auth source=203.0.113.7 "));
}
END_TEST

START_TEST(by_hand) {
    struct addr a = at("::1"), trunk = at("192.0.2.1");
    struct bans_entry *list = mem_alloc(BANS_MAX * sizeof *list);

    ck_assert_ptr_null(guard_ban(guard, &a, 0, 1000));
    ck_assert_ptr_nonnull(guard_ban(guard, &trunk, 0, 1000));
    guard_tick(guard, UINT64_MAX - 1);
    ck_assert(guard_keeps_out(guard, &a));
    ck_assert(guard_keeps_out(guard, &a));
    ck_assert_int_eq(guard_list(guard, list), 1);
    ck_assert_uint_eq(list[0].dropped, 2);
    ck_assert(guard_unban(guard, &a));
    ck_assert(!guard_unban(guard, &a));
    ck_assert(!guard_keeps_out(guard, &a));
    ck_assert_str_eq(log_text(), "ban source=::1 state=on category=manual seconds=unlimited\n"
                                 "ban source=::1 state=off reason=removed\n");
    free(list);
}
END_TEST

/* Another snapshot makes somebody a trunk's: he is heard again at once. */
START_TEST(who_becomes_a_trunk_is_heard) {
    struct addr a = at("203.0.113.7");

    fail_often("203.0.113.7", 5, 1000);
    ck_assert(guard_keeps_out(guard, &a));
    ck_assert_int_eq(addr_range_parse(settings->trunks[0].sources, STR("203.0.113.7:5061")), 0);
    guard_configure(guard, settings, NULL, 0);
    ck_assert(!guard_keeps_out(guard, &a));
    ck_assert_ptr_nonnull(strstr(log_text(), "ban source=203.0.113.7 state=off reason=exempt\n"));
}
END_TEST

/* Where a target that is a name is at the moment. */
START_TEST(named_targets_are_exempt) {
    struct addr at_last = at("198.51.100.1"), now = at("198.51.100.2");

    guard_configure(guard, settings, &at_last, 1);
    ck_assert_ptr_nonnull(guard_ban(guard, &at_last, 0, 1));
    guard_configure(guard, settings, &now, 1);
    ck_assert_ptr_null(guard_ban(guard, &at_last, 0, 1));
    ck_assert_ptr_nonnull(guard_ban(guard, &now, 0, 1));
}
END_TEST

/* A target counts as well as a source; clients of the registrar are anybody, and not exempt. */
START_TEST(targets_are_exempt_clients_are_not) {
    struct settings_trunk *t = &settings->trunks[0];
    struct addr target = at("198.51.100.1"), source = at("192.0.2.5");

    t->targets = mem_zalloc(sizeof *t->targets);
    t->targets[0].uri = str_dup(STR("sip:198.51.100.1"));
    t->targets[0].host = str_dup(STR("198.51.100.1"));
    t->targets[0].addr = at("198.51.100.1:5070");
    t->target_count = 1;
    guard_configure(guard, settings, NULL, 0);
    ck_assert_ptr_nonnull(guard_ban(guard, &target, 0, 1));
    settings->registrar.on = true;
    settings->registrar.trunk = 0;
    guard_configure(guard, settings, NULL, 0);
    ck_assert_ptr_null(guard_ban(guard, &source, 0, 1));
}
END_TEST

int main(void) {
    Suite *s = suite_create("guard");
    TCase *c = tcase_create("guard");

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, ban_and_its_end_in_the_log);
    tcase_add_test(c, no_line_for_the_exempt);
    tcase_add_test(c, lines_are_bounded);
    tcase_add_test(c, by_hand);
    tcase_add_test(c, who_becomes_a_trunk_is_heard);
    tcase_add_test(c, named_targets_are_exempt);
    tcase_add_test(c, targets_are_exempt_clients_are_not);
    return suite_run(s);
}
