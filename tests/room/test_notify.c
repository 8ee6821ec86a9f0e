/* What the service manager hears, and when it hears nothing any more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "b2bua/notify.h"
#include "tests/suite.h"

enum { WAITS_MS = 4000 };

static int manager = -1;

/* An abstract name, so that nothing is left behind. */
static void begin(struct notify *n, const char *watchdog_usec, const char *pid) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char name[64];
    int length = snprintf(name, sizeof name, "@twinleg-test-notify-%d", (int)getpid());

    memcpy(at.sun_path, name, (size_t)length);
    at.sun_path[0] = '\0';
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    ck_assert_int_eq(
        bind(manager, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length)), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    setenv("WATCHDOG_USEC", watchdog_usec, 1);
    setenv("WATCHDOG_PID", pid, 1);
    notify_init(n);
    ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
    ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
}

static void end(struct notify *n) {
    notify_fini(n);
    close(manager);
}

/* The next datagram; "" when there is none. */
static const char *heard(void) {
    static char text[1024];
    ssize_t n = recv(manager, text, sizeof text - 1, 0);

    text[n < 0 ? 0 : n] = '\0';
    return text;
}

START_TEST(states) {
    struct notify n;

    begin(&n, "", "");
    notify_ready(&n);
    ck_assert_str_eq(heard(), "READY=1\n");
    notify_reloading(&n, 1234);
    ck_assert_str_eq(heard(), "RELOADING=1\nMONOTONIC_USEC=1234000\n");
    notify_stopping(&n, 50000);
    ck_assert_str_eq(heard(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=50000000\n");
    notify_tick(&n, 1000, "running; calls: 7", 1000);
    ck_assert_str_eq(heard(), "STATUS=running; calls: 7\n");
    end(&n);
}
END_TEST

/* One step: time passes, and the threads were at work at `alive`. */
static const struct {
    const char *rule;
    uint64_t now_ms, alive_ms;
    bool told;
} signs[] = {
    {"the first at once", 10000, 10000, true},
    {"not before a quarter of the time is over", 10999, 10999, false},
    {"then", 11000, 11000, true},
    {"a thread that rests a while is alive", 13000, 11000, true},
    {"one that is silent for half of the time is not", 14100, 12000, false},
    {"nor later", 18000, 12000, false},
    {"unless it is back", 18001, 18000, true},
};

START_TEST(watchdog) {
    struct notify n;
    char pid[32];

    snprintf(pid, sizeof pid, "%d", (int)getpid());
    begin(&n, "4000000", pid);
    ck_assert_uint_eq(n.watchdog_ms, WAITS_MS);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        notify_tick(&n, signs[i].alive_ms, "running", signs[i].now_ms);
        ck_assert_msg((strstr(heard(), "WATCHDOG=1\n") != NULL) == signs[i].told, "%s", signs[i].rule);
    }
    end(&n);
}
END_TEST

START_TEST(for_another_process) {
    struct notify n;

    begin(&n, "4000000", "1");
    notify_tick(&n, 1000, "running", 1000);
    ck_assert_str_eq(heard(), "STATUS=running\n");
    end(&n);
}
END_TEST

START_TEST(nobody_listens) {
    struct notify n;

    unsetenv("NOTIFY_SOCKET");
    notify_init(&n);
    ck_assert_int_eq(n.fd, -1);
    notify_ready(&n);
    notify_tick(&n, 1000, "running", 1000);
    notify_fini(&n);
    setenv("NOTIFY_SOCKET", "relative", 1);
    notify_init(&n);
    ck_assert_int_eq(n.fd, -1);
    notify_fini(&n);
}
END_TEST

int main(void) {
    Suite *s = suite_create("notify");
    TCase *c = tcase_create("notify");

    suite_add_tcase(s, c);
    tcase_add_test(c, states);
    tcase_add_test(c, watchdog);
    tcase_add_test(c, for_another_process);
    tcase_add_test(c, nobody_listens);
    return suite_run(s);
}
