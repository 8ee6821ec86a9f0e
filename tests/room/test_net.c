/* Datagrams: what goes up, what is answered on the spot, what is lost and said to be. */
#include "b2bua/core/stun.h"
#include "tests/mapped.h"
#include "tests/room/bed.h"
#include "tests/suite.h"

#define OPTIONS(id) "OPTIONS sip:a SIP/2.0\r\nCall-ID: " id "\r\nContent-Length: 0\r\n\r\n"
#define STUN_HEAD   "\x21\x12\xa4\x42twelve bytes"
#define BINDING     "\x00\x01\x00\x00" STUN_HEAD
#define UNKNOWN     "\x00\x01\x00\x08" STUN_HEAD "\x00\x03\x00\x04\x00\x00\x00\x06"
#define BAD_PRINT   "\x00\x01\x00\x08" STUN_HEAD "\x80\x28\x00\x04\x01\x02\x03\x04"
#define BYTES(x)    x, sizeof(x) - 1

static const char *const families[] = {"127.0.0.1", "::1"};

static int family_count(void) {
    return bed_has_ipv6() ? 2 : 1;
}

static struct bed *bed_udp(const char *ip) {
    struct settings *s = bed_settings();

    bed_listen(s, ip, FLOW_UDP, -1);
    return bed_new(s);
}

static void send_to(const struct bed *b, int fd, const char *bytes, size_t n) {
    struct sockaddr_storage ss;
    socklen_t size = addr_to_sockaddr(&b->s->listens[0].bind, &ss);

    ck_assert_int_eq(sendto(fd, bytes, n, 0, (struct sockaddr *)&ss, size), (ssize_t)n);
}

enum outcome { UP, PONG, SUCCESS, REFUSED, SILENCE };

/* `up` is what the rooms above see of it. */
static const struct row {
    const char *name, *bytes;
    size_t n;
    enum outcome outcome;
    const char *up;
    size_t counter; /* that goes up */
} rows[] = {
#define COUNTS(field) offsetof(struct net_counts, field)
    {"3261 18.3 a datagram is a message", BYTES(OPTIONS("1")), UP, OPTIONS("1"), COUNTS(received)},
    {"3261 7.5 CRLF before the start line", BYTES("\r\n\r\n" OPTIONS("2")), UP, OPTIONS("2"), COUNTS(received)},
    {"3261 18.3 bytes behind the body go up, too", BYTES(OPTIONS("3") "rest"), UP, OPTIONS("3") "rest",
     COUNTS(received)},
    {"5626 4.4.1 CRLFCRLF gets CRLF", BYTES("\r\n\r\n"), PONG, NULL, COUNTS(pings)},
    {"5626 4.4.2 STUN Binding gets the address", BYTES(BINDING), SUCCESS, NULL, COUNTS(stun_answered)},
    {"8489 6.3.1 unknown attribute gets 420", BYTES(UNKNOWN), REFUSED, NULL, COUNTS(stun_refused)},
    {"8489 7.3 wrong FINGERPRINT gets silence", BYTES(BAD_PRINT), SILENCE, NULL, COUNTS(stun_dropped)},
    {"8489 14.7 an indication gets silence", BYTES("\x00\x11\x00\x00" STUN_HEAD), SILENCE, NULL, COUNTS(stun_dropped)},
    {"neither SIP nor STUN", BYTES("\xff\xfe\x00\x00garbage garbage"), SILENCE, NULL, COUNTS(garbage)},
};

static uint64_t counter(const struct bed *b, size_t at) {
    struct net_counts c = net_counts(b->net);

    return *(uint64_t *)((char *)&c + at);
}

static void check_reply(const struct row *r, const struct bed_inbox *in, const char *ip, int port) {
    struct addr seen, want = bed_addr(ip, port);
    bool success = mapped_address((struct str){in->text, in->n}, (const uint8_t *)"twelve bytes", &seen) == 0;

    switch (r->outcome) {
    case UP:
    case SILENCE:
        ck_assert_msg(in->n == 0, "%s", r->name);
        break;
    case PONG:
        ck_assert_msg(strcmp(in->text, "\r\n") == 0, "%s", r->name);
        break;
    case SUCCESS:
        ck_assert_msg(success && addr_eq(&seen, &want), "%s", r->name);
        break;
    case REFUSED:
        ck_assert_msg(stun_kind((struct str){in->text, in->n}) == STUN_ERROR, "%s", r->name);
        break;
    }
}

static void run_row(const struct row *r, const char *ip) {
    struct bed *b = bed_udp(ip);
    struct bed_inbox *in = mem_zalloc(sizeof *in);
    int port, fd = bed_socket(ip, SOCK_DGRAM, &port);

    send_to(b, fd, r->bytes, r->n);
    BED_UNTIL(b, counter(b, r->counter) == 1);
    bed_settle(b);
    bed_read(fd, in);
    check_reply(r, in, ip, port);
    ck_assert_msg(b->heard_count == (r->up != NULL), "%s", r->name);
    if (r->up != NULL) {
        struct addr from = bed_addr(ip, port);
        ck_assert_msg(str_eq(b->heard[0].text, str_of(r->up)), "%s", r->name);
        ck_assert(addr_eq(&b->heard[0].flow.peer, &from));
        ck_assert_int_eq(b->heard[0].broken, 0);
    }
    close(fd);
    free(in);
    bed_free(b);
}

START_TEST(datagram) {
    for (int f = 0; f < family_count(); f++)
        run_row(&rows[_i], families[f]);
}
END_TEST

START_TEST(size_limit) {
    struct bed *b = bed_udp("127.0.0.1");
    int fd = bed_socket("127.0.0.1", SOCK_DGRAM, NULL);
    char text[1200] = "";

    b->s->security.max_message_bytes = 1000;
    memset(text, 'A', sizeof text);
    send_to(b, fd, text, 1001);
    send_to(b, fd, text, 1000);
    BED_UNTIL(b, b->heard_count == 2);
    ck_assert_int_eq(b->heard[0].broken, 513); /* RFC 3261 21.5.7 */
    ck_assert_uint_eq(b->heard[1].text.n, 1000);
    ck_assert_int_eq(b->heard[1].broken, 0);
    ck_assert_uint_eq(net_counts(b->net).too_big, 1);
    ck_assert_uint_eq(net_counts(b->net).received, 1);
    close(fd);
    bed_free(b);
}
END_TEST

START_TEST(burst_in_order) {
    struct bed *b = bed_udp("127.0.0.1");
    int fd = bed_socket("127.0.0.1", SOCK_DGRAM, NULL);
    char text[64];

    for (int i = 0; i < 200; i++)
        send_to(b, fd, text, (size_t)snprintf(text, sizeof text, "OPTIONS sip:%d SIP/2.0\r\n\r\n", i));
    BED_UNTIL(b, b->heard_count == 200);
    for (int i = 0; i < 200; i++) {
        struct str want = {text, (size_t)snprintf(text, sizeof text, "OPTIONS sip:%d SIP/2.0\r\n\r\n", i)};
        ck_assert(str_eq(b->heard[i].text, want));
    }
    close(fd);
    bed_free(b);
}
END_TEST

/* Around the sizes of a slot and of a batch; each arrives whole, in order, from the listener's own port. */
START_TEST(sends_in_order) {
    static const size_t sizes[] = {16, 1300, 2047, 2048, 2049, 9000};
    enum { SIZES = sizeof sizes / sizeof *sizes, COUNT = 70 };
    const char *ip = families[_i % family_count()];
    struct bed *b = bed_udp(ip);
    struct bed_inbox *in = mem_zalloc(sizeof *in);
    int port, fd = bed_socket(ip, SOCK_DGRAM, &port);
    struct flow to = bed_flow(b, 0, ip, port);
    char text[9001] = "";

    for (int i = 0; i < COUNT; i++) {
        memset(text, 'a' + i % 26, 9000);
        ck_assert_int_eq(net_send(b->net, &to, NULL, text, sizes[i % SIZES]), 0);
        if (i % 32 == 31 || i == COUNT - 1)
            bed_turn(b);
        for (int read = i - i % 32; (i % 32 == 31 || i == COUNT - 1) && read <= i; read++) {
            in->n = 0;
            BED_UNTIL(b, bed_read(fd, in) > 0);
            ck_assert_msg(in->n == sizes[read % SIZES], "message %d: %zu bytes", read, in->n);
            ck_assert_int_eq(in->text[0], 'a' + read % 26);
        }
    }
    ck_assert_uint_eq(net_counts(b->net).sent, COUNT);
    ck_assert_uint_eq(net_counts(b->net).send_failed, 0);
    close(fd);
    free(in);
    bed_free(b);
}
END_TEST

/* Two listeners whose datagrams take turns: each leaves from its own port, in its own order. */
START_TEST(two_listeners) {
    enum { COUNT = 20 };
    struct settings *s = bed_settings();
    bed_listen(s, "127.0.0.1", FLOW_UDP, -1);
    bed_listen(s, "127.0.0.1", FLOW_UDP, -1);
    struct bed *b = bed_new(s);
    int port, fd = bed_socket("127.0.0.1", SOCK_DGRAM, &port), seen[2] = {0, 0};
    char text[32];

    for (int i = 0; i < COUNT; i++) {
        struct flow to = bed_flow(b, i % 2, "127.0.0.1", port);
        snprintf(text, sizeof text, "message %d", i);
        ck_assert_int_eq(bed_send(b, &to, text), 0);
    }
    bed_turn(b);
    while (seen[0] + seen[1] < COUNT) {
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        ssize_t n = recvfrom(fd, text, sizeof text - 1, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
        ck_assert_int_gt(n, 0);
        text[n] = '\0';
        int listener = ntohs(from.sin_port) == b->s->listens[1].bind.port;
        ck_assert_int_eq(strtol(text + strlen("message "), NULL, 10), 2 * seen[listener]++ + listener);
    }
    ck_assert_int_eq(seen[0], COUNT / 2);
    close(fd);
    bed_free(b);
}
END_TEST

/* 3261 18.1.1: up to 65,535 bytes, with the headers of UDP and IP. */
START_TEST(largest) {
    struct bed *b = bed_udp("127.0.0.1");
    struct bed_inbox *in = mem_zalloc(sizeof *in);
    int port, fd = bed_socket("127.0.0.1", SOCK_DGRAM, &port);
    struct flow to = bed_flow(b, 0, "127.0.0.1", port);
    char *text = mem_alloc(65508);

    memset(text, 'A', 65508);
    ck_assert_int_eq(net_send(b->net, &to, NULL, text, 65507), 0);
    BED_UNTIL(b, bed_read(fd, in) == 65507);
    send_to(b, fd, text, 65507);
    BED_UNTIL(b, b->heard_count == 1);
    ck_assert_uint_eq(b->heard[0].text.n, 65507);

    /* one byte more cannot leave; what stands behind it does */
    in->n = 0;
    net_send(b->net, &to, NULL, text, 65508);
    ck_assert_int_eq(bed_send(b, &to, OPTIONS("1")), 0);
    BED_UNTIL(b, bed_read(fd, in) == strlen(OPTIONS("1")));
    ck_assert_uint_eq(net_counts(b->net).send_failed, 1);
    free(text);
    free(in);
    close(fd);
    bed_free(b);
}
END_TEST

/* 3261 18.4 and 8.1.3.1: what ICMP says ends the transaction at once; what others wait for is not held up by it. */
START_TEST(refused) {
    const char *ip = families[_i % family_count()];
    struct bed *b = bed_udp(ip);
    struct bed_inbox *in = mem_zalloc(sizeof *in);
    int port, fd = bed_socket(ip, SOCK_DGRAM, &port), dead_port = bed_port(ip, SOCK_DGRAM);
    struct flow dead = bed_flow(b, 0, ip, dead_port), live = bed_flow(b, 0, ip, port);

    for (int i = 0; i < 40; i++) {
        ck_assert_int_eq(bed_send(b, &dead, OPTIONS("dead")), 0);
        ck_assert_int_eq(bed_send(b, &live, OPTIONS("live")), 0);
    }
    bed_turn(b);
    BED_UNTIL(b, b->lost_count > 0);
    struct addr want = bed_addr(ip, dead_port);
    ck_assert(addr_eq(&b->lost[0].flow.peer, &want));
    ck_assert_int_eq(b->lost[0].flow.proto, FLOW_UDP);
    ck_assert(str_eq(b->lost[0].text, STR(OPTIONS("dead"))));
    BED_UNTIL(b, bed_read(fd, in) == 40 * strlen(OPTIONS("live")));

    /* the listener hears on */
    send_to(b, fd, OPTIONS("after"), strlen(OPTIONS("after")));
    BED_UNTIL(b, b->heard_count == 1);
    close(fd);
    free(in);
    bed_free(b);
}
END_TEST

START_TEST(not_sendable) {
    static const char *const where[] = {"0.0.0.0:5060", "255.255.255.255:5060", "224.0.1.75:5060", "239.1.2.3:5060",
                                        "127.0.0.1",    "127.0.0.1:0"};
    struct bed *b = bed_udp("127.0.0.1");
    struct flow to = bed_flow(b, 0, "127.0.0.1", 5060);

    ck_assert_int_eq(addr_parse(&to.peer, str_of(where[_i])), 0);
    ck_assert_msg(bed_send(b, &to, OPTIONS("1")) == -1, "%s", where[_i]);
    bed_free(b);
}
END_TEST

START_TEST(no_such_listener) {
    struct bed *b = bed_udp("127.0.0.1");
    struct flow to = bed_flow(b, 0, "127.0.0.1", 5060);

    to.listen = 1;
    ck_assert_int_eq(bed_send(b, &to, OPTIONS("1")), -1);
    to = (struct flow){.proto = FLOW_TCP, .listen = 0, .peer = to.peer};
    ck_assert_int_eq(bed_send(b, &to, OPTIONS("1")), -1);
    bed_free(b);
}
END_TEST

/* A socket that cannot be had is named, with its listener. */
START_TEST(socket_taken) {
    static const enum flow_proto protos[] = {FLOW_UDP, FLOW_TCP};
    struct settings *s = bed_settings();
    struct settings_listen *l = bed_listen(s, "127.0.0.1", protos[_i], -1);
    struct net_shared *shared = net_shared_new(1, 1);
    struct timerq q;
    uv_loop_t loop;
    char error[256] = "", address[ADDR_TEXT_MAX];
    int port, fd = bed_socket("127.0.0.1", protos[_i] == FLOW_UDP ? SOCK_DGRAM : SOCK_STREAM, &port);

    if (protos[_i] == FLOW_TCP)
        ck_assert_int_eq(listen(fd, 1), 0);
    l->bind.port = (uint16_t)port;
    uv_loop_init(&loop);
    timerq_init(&q, net_now_ms());
    struct net *n = net_new(&loop, &q, s, shared, 0, &(struct net_ops){0}, NULL);
    ck_assert_int_eq(net_listen(n, error, sizeof error), -1);
    ck_assert_msg(strstr(error, "outside") != NULL && strstr(error, addr_format(&l->bind, address)) != NULL, "%s",
                  error);
    net_close(n);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert(net_idle(n));
    net_free(n);
    net_shared_free(shared);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    settings_unref(s);
    close(fd);
}
END_TEST

int main(void) {
    Suite *s = suite_create("net");
    TCase *t = tcase_create("udp");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, datagram, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, size_limit);
    tcase_add_test(t, burst_in_order);
    tcase_add_loop_test(t, sends_in_order, 0, 2);
    tcase_add_test(t, two_listeners);
    tcase_add_test(t, largest);
    tcase_add_loop_test(t, refused, 0, 2);
    tcase_add_loop_test(t, not_sendable, 0, 6);
    tcase_add_test(t, no_such_listener);
    tcase_add_loop_test(t, socket_taken, 0, 2);
    suite_add_tcase(s, t);

    return suite_run(s);
}
