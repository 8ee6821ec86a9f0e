/* The operator's socket: what a client may do, and what none of them can hold. Time is moved ahead, never waited for.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "b2bua/admin/control.h"
#include "tests/suite.h"

enum { ASKED = 64, PATIENCE_MS = 10000 };

static char folder[64], path[96];
static uv_loop_t loop;
static struct control *control;
static struct control_client *asked[ASKED]; /* not answered yet */
static char lines[ASKED][CONTROL_LINE_MAX + 1];
static int asked_count;
static bool answer_at_once;

static void answer(struct control_client *k, size_t n) {
    char *json = mem_alloc(n + 1);

    memset(json, 'x', n);
    json[n] = '\n';
    control_answer(k, json, n + 1);
}

static void on_ask(void *ctx, struct control_client *client, struct str line) {
    (void)ctx;
    ck_assert_int_lt(asked_count, ASKED);
    memcpy(lines[asked_count], line.p, line.n);
    lines[asked_count][line.n] = '\0';
    asked[asked_count++] = client;
    if (answer_at_once)
        answer(client, 1);
}

static const struct control_ops ops = {on_ask};

static void set_up(void) {
    char error[512];

    snprintf(folder, sizeof folder, "/tmp/twinleg-control-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/twinleg.sock", folder);
    signal(SIGPIPE, SIG_IGN); /* as the daemon does */
    uv_loop_init(&loop);
    asked_count = 0;
    answer_at_once = false;
    control = control_new(&loop, path, &ops, NULL, error, sizeof error);
    ck_assert_msg(control != NULL, "%s", error);
}

static void tear_down(void) {
    control_end(control);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    ck_assert_int_ne(access(path, F_OK), 0);
    rmdir(folder);
}

/* Turns the loop until `condition` holds. */
#define UNTIL(condition)                                                                                               \
    do {                                                                                                               \
        uint64_t end = uv_hrtime() / 1000000 + PATIENCE_MS;                                                            \
        while (!(condition)) {                                                                                         \
            uv_run(&loop, UV_RUN_NOWAIT);                                                                              \
            ck_assert_msg(uv_hrtime() / 1000000 < end, "never came true: %s", #condition);                             \
        }                                                                                                              \
    } while (0)

/* What has come so far is handled after this. */
static void settle(void) {
    for (int i = 0; i < 50; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
}

static struct sockaddr_un address(void) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    return at;
}

static int client(const char *text) {
    struct sockaddr_un at = address();
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    if (*text != '\0')
        ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    return fd;
}

/* Reads what is there into `got`, as text. Returns whether the end has come. */
static bool read_all(int fd, char *got, size_t size) {
    size_t n = strlen(got);
    ssize_t k = recv(fd, got + n, size - 1 - n, 0);

    if (k > 0)
        got[n + (size_t)k] = '\0';
    return k == 0 || (k < 0 && errno != EAGAIN);
}

static void expect_answer(int fd, const char *want) {
    char got[256] = "";

    UNTIL(read_all(fd, got, sizeof got));
    ck_assert_str_eq(got, want);
    close(fd);
}

START_TEST(one_line_one_answer_then_the_end) {
    answer_at_once = true;
    int fd = client("calls --trunk x\nstatus\n");
    expect_answer(fd, "x\n");
    ck_assert_int_eq(asked_count, 1); /* the second line is nobody's */
    ck_assert_str_eq(lines[0], "calls --trunk x");
}
END_TEST

START_TEST(a_line_in_pieces_is_one_line) {
    int fd = client("");

    answer_at_once = true;
    for (const char *p = "status\r\n"; *p != '\0'; p++) {
        ck_assert_int_eq(asked_count, 0);
        ck_assert_int_eq(send(fd, p, 1, MSG_NOSIGNAL), 1);
        settle();
    }
    expect_answer(fd, "x\n");
    ck_assert_str_eq(lines[0], "status");
}
END_TEST

START_TEST(the_longest_line_is_taken) {
    char line[CONTROL_LINE_MAX + 1];

    answer_at_once = true;
    memset(line, 'y', sizeof line);
    line[CONTROL_LINE_MAX - 1] = '\n';
    line[CONTROL_LINE_MAX] = '\0';
    expect_answer(client(line), "x\n");
    ck_assert_uint_eq(strlen(lines[0]), CONTROL_LINE_MAX - 1);
}
END_TEST

START_TEST(a_longer_line_is_refused) {
    char line[CONTROL_LINE_MAX + 1];

    memset(line, 'y', CONTROL_LINE_MAX);
    line[CONTROL_LINE_MAX] = '\0';
    expect_answer(client(line), "{\"error\":\"the command line is longer than 1 KiB\"}\n");
    ck_assert_int_eq(asked_count, 0);
}
END_TEST

START_TEST(half_a_line_and_the_end_is_no_question) {
    int fd = client("status");

    shutdown(fd, SHUT_WR);
    expect_answer(fd, "");
    ck_assert_int_eq(asked_count, 0);
}
END_TEST

/* As `echo status | nc -U` does. */
START_TEST(a_line_and_the_end_is_a_question) {
    int fd = client("status\n");

    answer_at_once = true;
    shutdown(fd, SHUT_WR);
    expect_answer(fd, "x\n");
}
END_TEST

START_TEST(silence_is_sent_away) {
    int fd = client("sta");
    char got[8] = "";

    settle();
    control_tick(control, uv_now(&loop) + CONTROL_WAIT_MS - 1000);
    settle();
    ck_assert(!read_all(fd, got, sizeof got));
    control_tick(control, uv_now(&loop) + CONTROL_WAIT_MS);
    expect_answer(fd, "");
}
END_TEST

/* The workers' time is not the client's fault. */
START_TEST(who_waits_for_an_answer_is_not_late) {
    int fd = client("status\n");

    UNTIL(asked_count == 1);
    control_tick(control, uv_now(&loop) + 100 * CONTROL_WAIT_MS);
    settle();
    answer(asked[0], 1);
    expect_answer(fd, "x\n");
}
END_TEST

START_TEST(an_answer_that_nobody_takes_is_thrown_away) {
    enum { LONG = 8 << 20 };
    static char got[LONG + 2];
    int fd = client("calls\n");

    UNTIL(asked_count == 1);
    answer(asked[0], LONG);
    settle();
    control_tick(control, uv_now(&loop) + CONTROL_WAIT_MS);
    control_tick(control, uv_now(&loop) + 2 * CONTROL_WAIT_MS);
    UNTIL(read_all(fd, got, sizeof got));
    ck_assert_uint_lt(strlen(got), LONG);
    close(fd);
}
END_TEST

START_TEST(a_slow_reader_gets_all) {
    enum { LONG = 8 << 20 };
    static char got[LONG + 2];
    int fd = client("calls\n");
    uint64_t ahead_ms = 0;
    size_t last = 0;

    UNTIL(asked_count == 1);
    answer(asked[0], LONG);
    /* each time something was taken, nearly all the time that it may take goes by */
    for (bool ended = false; !ended;) {
        UNTIL((ended = read_all(fd, got, sizeof got)) || strlen(got + last) > 0);
        last += strlen(got + last);
        settle();
        ahead_ms += CONTROL_WAIT_MS - 1000;
        control_tick(control, uv_now(&loop) + ahead_ms);
    }
    ck_assert_uint_eq(last, LONG + 1);
    close(fd);
}
END_TEST

START_TEST(a_client_that_goes_away_is_answered_in_vain) {
    int fd = client("status\n");

    UNTIL(asked_count == 1);
    close(fd);
    settle();
    answer(asked[0], 1);
    settle();
    answer_at_once = true;
    expect_answer(client("status\n"), "x\n");
}
END_TEST

START_TEST(the_answer_may_come_after_the_end) {
    int fd = client("status\n");

    UNTIL(asked_count == 1);
    control_end(control);
    uv_run(&loop, UV_RUN_DEFAULT);
    answer(asked[0], 1);
    expect_answer(fd, "");
    char error[512];
    control = control_new(&loop, path, &ops, NULL, error, sizeof error);
    ck_assert_ptr_nonnull(control);
}
END_TEST

START_TEST(more_clients_than_places_wait_their_turn) {
    enum { CLIENTS = CONTROL_CLIENTS_MAX + 8 };
    int fds[CLIENTS];

    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = client("status\n");
        settle();
    }
    ck_assert_int_eq(asked_count, CONTROL_CLIENTS_MAX);
    for (int i = 0; i < CLIENTS; i++) {
        UNTIL(asked_count > i);
        ck_assert_int_le(asked_count - i, CONTROL_CLIENTS_MAX);
        answer(asked[i], 1);
        expect_answer(fds[i], "x\n");
    }
}
END_TEST

START_TEST(silent_clients_make_room) {
    int fds[CONTROL_CLIENTS_MAX];

    answer_at_once = true;
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
        fds[i] = client("");
    settle();
    int late = client("status\n");
    settle();
    ck_assert_int_eq(asked_count, 0);
    control_tick(control, uv_now(&loop) + CONTROL_WAIT_MS);
    expect_answer(late, "x\n");
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
        close(fds[i]);
}
END_TEST

/* --- the file --- */

START_TEST(only_the_owner_may_ask) {
    struct stat st;

    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

static const char *second(void) {
    static char error[512];
    struct control *other;

    error[0] = '\0';
    other = control_new(&loop, path, &ops, NULL, error, sizeof error);
    if (other != NULL)
        control_end(other);
    return error;
}

START_TEST(the_socket_of_the_living_is_left_alone) {
    ck_assert_ptr_nonnull(strstr(second(), path));
    ck_assert_ptr_nonnull(strstr(second(), "another twinleg"));
    answer_at_once = true;
    expect_answer(client("status\n"), "x\n");
}
END_TEST

START_TEST(a_stale_socket_is_replaced) {
    struct sockaddr_un at = address();
    int dead = socket(AF_UNIX, SOCK_STREAM, 0);

    control_end(control);
    ck_assert_int_eq(bind(dead, (struct sockaddr *)&at, sizeof at), 0);
    close(dead);
    ck_assert_int_eq(access(path, F_OK), 0);
    char error[512] = "";
    control = control_new(&loop, path, &ops, NULL, error, sizeof error);
    ck_assert_msg(control != NULL, "%s", error);
    answer_at_once = true;
    expect_answer(client("status\n"), "x\n");
}
END_TEST

START_TEST(a_file_that_is_no_socket_is_left_alone) {
    struct stat st;

    ck_assert_int_eq(unlink(path), 0);
    fclose(fopen(path, "w"));
    ck_assert_ptr_nonnull(strstr(second(), path));
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert(S_ISREG(st.st_mode));
    control_end(control); /* nor is it removed at the end: it is not ours */
    ck_assert_int_eq(access(path, F_OK), 0);
    ck_assert_int_eq(unlink(path), 0);
    control = NULL;
}
END_TEST

START_TEST(a_path_that_cannot_be_is_named) {
    static const char *const names[] = {"/nonexistent/folder/twinleg.sock", NULL};
    char long_name[200], error[512];

    memset(long_name, 'l', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    for (int i = 0; i < 2; i++) {
        const char *name = names[i] == NULL ? long_name : names[i];
        ck_assert_ptr_null(control_new(&loop, name, &ops, NULL, error, sizeof error));
        ck_assert_ptr_nonnull(strstr(error, name));
    }
}
END_TEST

int main(void) {
    Suite *s = suite_create("control");
    TCase *c = tcase_create("control");

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, one_line_one_answer_then_the_end);
    tcase_add_test(c, a_line_in_pieces_is_one_line);
    tcase_add_test(c, the_longest_line_is_taken);
    tcase_add_test(c, a_longer_line_is_refused);
    tcase_add_test(c, half_a_line_and_the_end_is_no_question);
    tcase_add_test(c, a_line_and_the_end_is_a_question);
    tcase_add_test(c, silence_is_sent_away);
    tcase_add_test(c, who_waits_for_an_answer_is_not_late);
    tcase_add_test(c, an_answer_that_nobody_takes_is_thrown_away);
    tcase_add_test(c, a_slow_reader_gets_all);
    tcase_add_test(c, a_client_that_goes_away_is_answered_in_vain);
    tcase_add_test(c, the_answer_may_come_after_the_end);
    tcase_add_test(c, more_clients_than_places_wait_their_turn);
    tcase_add_test(c, silent_clients_make_room);
    tcase_add_test(c, only_the_owner_may_ask);
    tcase_add_test(c, the_socket_of_the_living_is_left_alone);
    tcase_add_test(c, a_stale_socket_is_replaced);
    tcase_add_test(c, a_file_that_is_no_socket_is_left_alone);
    tcase_add_test(c, a_path_that_cannot_be_is_named);
    return suite_run(s);
}
