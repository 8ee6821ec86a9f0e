/* Who may hold what of the HTTP interface, and for how long: real sockets on loopback, time as a number. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "b2bua/admin/http.h"
#include "tests/suite.h"

enum { TURNS = 4000, BIG = 64 << 20 };

static uv_loop_t loop;
static struct http *http;
static struct addr at;
static int asked;
static size_t answer_bytes; /* of a body */

static bool keeps_out(void *ctx, const struct addr *from) {
    (void)ctx;
    (void)from;
    return false;
}

static void look(void *ctx, struct http_request *r, const struct http_ask *ask) {
    (void)ctx;
    (void)r;
    (void)ask;
}

static void answer(void *ctx, struct http_request *r, const struct http_ask *ask) {
    (void)ctx;
    (void)ask;
    asked++;
    http_answer(r, &(struct http_reply){
                       .status = 200, .type = "text/plain", .body = mem_zalloc(answer_bytes), .n = answer_bytes});
}

static void set_up(void) {
    static const struct http_ops ops = {keeps_out, look, answer};
    char error[256], text[64];

    snprintf(text, sizeof text, "127.%d.%d.1:17081", 1 + (int)(getpid() / 250 % 250), (int)(getpid() % 250));
    ck_assert_int_eq(addr_parse(&at, str_of(text)), 0);
    uv_loop_init(&loop);
    http = http_new(&loop, &at, &ops, NULL, error, sizeof error);
    ck_assert_msg(http != NULL, "%s", error);
    answer_bytes = 10;
    asked = 0;
}

static void tear_down(void) {
    http_end(http);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

/* --- clients --- */

static void turn(void) {
    uv_run(&loop, UV_RUN_NOWAIT);
}

/* From the n-th address of the test's network. */
static int client(int n) {
    struct sockaddr_storage to;
    struct addr from = at;
    socklen_t size = addr_to_sockaddr(&at, &to);
    struct sockaddr_storage own;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    from.ip[3] = (uint8_t)(10 + n);
    from.port = 0;
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&own, addr_to_sockaddr(&from, &own)), 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, size), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void say(int fd, const char *text) {
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* What the server has done with the connection after a while: 'a' answered, 'c' closed, 'h' holds it. */
static char state_of(int fd) {
    char buf[65536];

    for (int i = 0; i < TURNS; i++) {
        turn();
        ssize_t n = recv(fd, buf, sizeof buf, 0);
        if (n > 0)
            return 'a';
        if (n == 0 || errno == ECONNRESET)
            return 'c';
    }
    return 'h';
}

static const char whole[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/* Somebody else is served. */
static void is_alive(void) {
    int fd = client(100);

    say(fd, whole);
    ck_assert_int_eq(state_of(fd), 'a');
    close(fd);
    turn();
}

START_TEST(half_a_request) {
    uint64_t now_ms = uv_now(&loop);
    int fd = client(0);

    say(fd, "GET / HTTP/1.1\r\nHo");
    ck_assert_int_eq(state_of(fd), 'h');
    http_tick(http, now_ms + HTTP_REQUEST_MS - 1);
    ck_assert_int_eq(state_of(fd), 'h');
    http_tick(http, uv_now(&loop) + HTTP_REQUEST_MS);
    ck_assert_int_eq(state_of(fd), 'c');
    is_alive();
    ck_assert_int_eq(asked, 1);
    close(fd);
}
END_TEST

/* A byte now and then does not buy time: of the head, and of the body. */
static const char *const beginnings[] = {"GET / HTTP/1.1\r\nX: ",
                                         "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"};

START_TEST(a_byte_a_second) {
    uint64_t began_ms = uv_now(&loop);
    int fd = client(0), second;

    say(fd, beginnings[_i]);
    ck_assert_int_eq(state_of(fd), 'h');
    for (second = 1; second < 60; second++) {
        say(fd, "x");
        for (int i = 0; i < 20; i++)
            turn();
        http_tick(http, began_ms + (uint64_t)second * 1000);
        if (recv(fd, (char[1]){0}, 1, 0) == 0 || state_of(fd) == 'c')
            break;
    }
    ck_assert_int_ge(second, HTTP_REQUEST_MS / 1000);
    ck_assert_int_le(second, HTTP_REQUEST_MS / 1000 + 2);
    ck_assert_int_eq(asked, 0);
    close(fd);
    is_alive();
}
END_TEST

/* An answer that nobody takes. */
START_TEST(deaf_client) {
    int fd = client(0);

    answer_bytes = BIG;
    say(fd, whole);
    for (int i = 0; i < TURNS && asked == 0; i++)
        turn();
    ck_assert_int_eq(asked, 1);
    answer_bytes = 10;
    is_alive();
    http_tick(http, uv_now(&loop) + HTTP_ANSWER_MS);
    size_t got = 0;
    ssize_t n = 1;
    for (int i = 0; i < TURNS && n != 0; i++) {
        static char buf[1 << 20];
        turn();
        n = recv(fd, buf, sizeof buf, 0);
        got += n > 0 ? (size_t)n : 0;
        if (n < 0 && errno == ECONNRESET)
            n = 0;
    }
    ck_assert_int_eq((int)n, 0);
    ck_assert_uint_lt(got, BIG);
    close(fd);
}
END_TEST

/* After an answer there is as much time as at first, and no more. */
START_TEST(kept_connection) {
    int fd = client(0);

    for (int i = 0; i < 3; i++) {
        say(fd, whole);
        ck_assert_int_eq(state_of(fd), 'a');
        http_tick(http, uv_now(&loop) + HTTP_REQUEST_MS / 2);
    }
    http_tick(http, uv_now(&loop) + HTTP_ANSWER_MS);
    ck_assert_int_eq(state_of(fd), 'c');
    ck_assert_int_eq(asked, 3);
    close(fd);
}
END_TEST

START_TEST(one_address) {
    int held[HTTP_CLIENTS_OF_ADDRESS_MAX], more;

    for (int i = 0; i < HTTP_CLIENTS_OF_ADDRESS_MAX; i++) {
        held[i] = client(0);
        say(held[i], "GET");
    }
    ck_assert_int_eq(state_of(held[HTTP_CLIENTS_OF_ADDRESS_MAX - 1]), 'h');
    more = client(0);
    say(more, whole);
    ck_assert_int_eq(state_of(more), 'c');
    close(more);
    is_alive();
    close(held[0]);
    for (int i = 0; i < 100; i++)
        turn();
    more = client(0);
    say(more, whole);
    ck_assert_int_eq(state_of(more), 'a');
    close(more);
    for (int i = 1; i < HTTP_CLIENTS_OF_ADDRESS_MAX; i++)
        close(held[i]);
}
END_TEST

START_TEST(all_together) {
    int held[HTTP_CLIENTS_MAX];

    for (int i = 0; i < HTTP_CLIENTS_MAX; i++) {
        held[i] = client(i / 8);
        say(held[i], "GET");
        turn();
    }
    ck_assert_int_eq(state_of(held[HTTP_CLIENTS_MAX - 1]), 'h');
    int more = client(100);
    say(more, whole);
    ck_assert_int_ne(state_of(more), 'a');
    http_tick(http, uv_now(&loop) + HTTP_REQUEST_MS);
    ck_assert_int_eq(state_of(held[0]), 'c');
    close(more);
    is_alive();
    for (int i = 0; i < HTTP_CLIENTS_MAX; i++)
        close(held[i]);
}
END_TEST

int main(void) {
    Suite *s = suite_create("http");
    TCase *t = tcase_create("http");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, half_a_request);
    tcase_add_loop_test(t, a_byte_a_second, 0, 2);
    tcase_add_test(t, deaf_client);
    tcase_add_test(t, kept_connection);
    tcase_add_test(t, one_address);
    tcase_add_test(t, all_together);
    suite_add_tcase(s, t);
    return suite_run(s);
}
