/* TCP: framing in pieces, keepalives between messages, caps, timeouts, connections that are gone. */
#include <sys/socket.h>

#include "b2bua/core/stun.h"
#include "tests/room/bed.h"
#include "tests/suite.h"

#define OPTIONS(id) "OPTIONS sip:a SIP/2.0\r\nCall-ID: " id "\r\nContent-Length: 0\r\n\r\n"
#define BODY(id)    "OPTIONS sip:a SIP/2.0\r\nCall-ID: " id "\r\nl: 6\r\n\r\nbody\r\n"
#define NO_LENGTH   "OPTIONS sip:a SIP/2.0\r\nCall-ID: 9\r\n\r\n"
#define HUGE        "OPTIONS sip:a SIP/2.0\r\nCall-ID: 9\r\nContent-Length: 70000\r\n\r\n"
#define ANSWER      "SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
#define STUN        "\x00\x01\x00\x00\x21\x12\xa4\x42twelve bytes"
#define BYTES(x)    x, sizeof(x) - 1

/* `heard`: the messages, one behind the other. `pongs` and `stuns`: answers on the wire. */
static const struct row {
    const char *name, *bytes;
    size_t n;
    const char *heard;
    int pongs, stuns;
    bool ends;
} rows[] = {
    {"3261 18.3 Content-Length ends a message", BYTES(OPTIONS("1") OPTIONS("2")), OPTIONS("1") OPTIONS("2"), 0, 0,
     false},
    {"3261 18.3 a body, compact form", BYTES(BODY("1") OPTIONS("2")), BODY("1") OPTIONS("2"), 0, 0, false},
    {"3261 7.5 CRLF between messages is passed over", BYTES(OPTIONS("1") "\r\n" OPTIONS("2")),
     OPTIONS("1") OPTIONS("2"), 0, 0, false},
    {"5626 3.5.1 CRLFCRLF gets CRLF", BYTES(OPTIONS("1") "\r\n\r\n" OPTIONS("2")), OPTIONS("1") OPTIONS("2"), 1, 0,
     false},
    {"5626 3.5.2 STUN between messages", BYTES(STUN OPTIONS("1") STUN OPTIONS("2")), OPTIONS("1") OPTIONS("2"), 0, 2,
     false},
    {"3261 18.3 no Content-Length: 400 and close", BYTES(OPTIONS("1") NO_LENGTH), OPTIONS("1") NO_LENGTH, 0, 0, true},
    {"larger than max_message_bytes: 4xx and close", BYTES(OPTIONS("1") HUGE), OPTIONS("1") HUGE, 0, 0, true},
};

static const char *const families[] = {"127.0.0.1", "::1"};

static struct bed *bed_tcp(struct settings *s, const char *ip) {
    bed_listen(s, ip, FLOW_TCP, -1);
    return bed_new(s);
}

static size_t heard_bytes(const struct bed *b) {
    size_t n = 0;

    for (int i = 0; i < b->heard_count; i++)
        n += b->heard[i].text.n;
    return n;
}

static void check_heard(const struct bed *b, const struct row *r) {
    char all[2048];
    struct sbuf out = sbuf_on(all, sizeof all);

    for (int i = 0; i < b->heard_count; i++)
        sbuf_put(&out, b->heard[i].text);
    ck_assert_msg(str_eq(sbuf_str(&out), str_of(r->heard)), "%s: %.*s", r->name, (int)out.n, all);
    ck_assert_msg((b->heard[b->heard_count - 1].broken != 0) == r->ends, "%s", r->name);
}

/* What stands on the wire for a row: CRLF for a ping, 32 or more bytes for STUN, an answer for what is broken. */
static void check_wire(const struct bed_inbox *in, const struct row *r) {
    size_t at = 0;

    for (int i = 0; i < r->pongs; i++, at += 2)
        ck_assert_msg(memcmp(in->text + at, "\r\n", 2) == 0, "%s", r->name);
    for (int i = 0; i < r->stuns; i++) {
        size_t n = STUN_HEADER + ((size_t)(uint8_t)in->text[at + 2] << 8 | (uint8_t)in->text[at + 3]);
        ck_assert_msg(stun_kind((struct str){in->text + at, n}) == STUN_SUCCESS, "%s", r->name);
        at += n;
    }
    if (r->ends)
        ck_assert_msg(strcmp(in->text + at, ANSWER) == 0, "%s", r->name);
    else
        ck_assert_msg(in->n == at, "%s", r->name);
}

static void run_row(const struct row *r, const char *ip, size_t piece) {
    struct bed *b = bed_tcp(bed_settings(), ip);
    struct bed_inbox *in = mem_zalloc(sizeof *in);
    int fd = bed_connect(b, 0, ip);

    b->answer = ANSWER;
    for (size_t at = 0; at < r->n; at += piece) {
        bed_write(fd, r->bytes + at, at + piece < r->n ? piece : r->n - at);
        bed_turn(b);
        bed_turn(b);
    }
    BED_UNTIL(b, heard_bytes(b) >= strlen(r->heard));
    bed_settle(b);
    check_heard(b, r);
    while (bed_read(fd, in) > 0 && !in->ended && r->ends)
        ;
    check_wire(in, r);
    ck_assert_msg(net_counts(b->net).connections == (r->ends ? 0 : 1), "%s", r->name);
    close(fd);
    free(in);
    bed_free(b);
}

START_TEST(framing) {
    static const size_t pieces[] = {1, 7, 65536};

    for (int f = 0; f < (bed_has_ipv6() ? 2 : 1); f++)
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
            run_row(&rows[_i], families[f], pieces[i]);
}
END_TEST

/* What the net is not to answer is passed over; SIP before and after it is not. */
START_TEST(stun_kept) {
    struct bed *b = bed_tcp(bed_settings(), "127.0.0.1");
    struct bed_inbox *in = mem_zalloc(sizeof *in);
    int fd = bed_connect(b, 0, "127.0.0.1");

    b->keeps_stun = true;
    bed_write(fd, OPTIONS("1") STUN OPTIONS("2"), sizeof(OPTIONS("1") STUN OPTIONS("2")) - 1);
    BED_UNTIL(b, b->heard_count == 2);
    ck_assert_int_eq(b->stun_count, 1);
    bed_write(fd, "\r\n\r\n", 4); /* its pong is the first that comes back */
    BED_UNTIL(b, bed_read(fd, in) > 0);
    ck_assert_msg(in->n == 2 && memcmp(in->text, "\r\n", 2) == 0, "silence");
    ck_assert_int_eq(b->closed_count, 0);
    close(fd);
    BED_UNTIL(b, b->closed_count == 1);
    free(in);
    bed_free(b);
}
END_TEST

/* --- caps --- */

/* Connects and tells whether the listener keeps it. */
static bool kept(struct bed *b, const char *ip, int *fd) {
    uint64_t refused = net_counts(b->net).conn_refused;
    uint32_t open = net_counts(b->net).connections;

    *fd = bed_connect(b, 0, ip);
    BED_UNTIL(b, net_counts(b->net).conn_refused > refused || net_counts(b->net).connections > open);
    return net_counts(b->net).connections > open;
}

START_TEST(cap_of_all) {
    struct settings *s = bed_settings();
    struct bed_inbox *in = mem_zalloc(sizeof *in);
    int fd[4];

    s->security.max_connections = 2;
    struct bed *b = bed_tcp(s, "127.0.0.1");
    ck_assert(kept(b, "127.0.0.1", &fd[0]));
    ck_assert(kept(b, "127.0.0.2", &fd[1]));
    ck_assert(!kept(b, "127.0.0.3", &fd[2]));
    BED_UNTIL(b, bed_ended(fd[2], in));
    close(fd[0]);
    BED_UNTIL(b, net_counts(b->net).connections == 1);
    ck_assert_msg(kept(b, "127.0.0.3", &fd[3]), "a closed one gives its place back");
    for (int i = 1; i < 4; i++)
        close(fd[i]);
    free(in);
    bed_free(b);
}
END_TEST

/* Who fills the table does not part us from those whom we speak to; nor do we go on and on. */
START_TEST(cap_of_ours) {
    struct settings *s = bed_settings();
    int fd, port, far = bed_socket("127.0.0.1", SOCK_STREAM, &port);

    ck_assert_int_eq(listen(far, 1), 0);
    s->security.max_connections = 1;
    struct bed *b = bed_tcp(s, "127.0.0.1");
    ck_assert(kept(b, "127.0.0.1", &fd));
    struct flow to = bed_flow(b, 0, "127.0.0.1", port);
    ck_assert_int_eq(bed_send(b, &to, OPTIONS("1")), 0);
    BED_UNTIL(b, net_counts(b->net).connections == 2 && net_counts(b->net).sent > 0);
    to.peer.ip[3] = 9;
    to.conn = 0;
    ck_assert_msg(bed_send(b, &to, OPTIONS("1")) == -1, "ours have the same maximum");
    close(fd);
    close(far);
    bed_free(b);
}
END_TEST

START_TEST(cap_of_an_address) {
    struct settings *s = bed_settings();
    int fd[5];

    s->security.max_connections_per_ip = 2;
    struct bed *b = bed_tcp(s, "127.0.0.1");
    ck_assert(kept(b, "127.0.0.1", &fd[0]));
    ck_assert(kept(b, "127.0.0.1", &fd[1]));
    ck_assert(!kept(b, "127.0.0.1", &fd[2]));
    ck_assert_msg(kept(b, "127.0.0.2", &fd[3]), "another address is not held up");
    close(fd[0]);
    BED_UNTIL(b, net_counts(b->net).connections == 2);
    ck_assert_msg(kept(b, "127.0.0.1", &fd[4]), "a closed one gives its place back");
    for (int i = 1; i < 5; i++)
        close(fd[i]);
    bed_free(b);
}
END_TEST

/* --- time --- */

/* A connection that has sent `sent`, looked at when `after_ms` have passed. */
static const struct time_row {
    const char *name, *sent;
    uint64_t after_ms;
    bool ends;
} times[] = {
    {"a message in part is waited for", "OPTIONS sip:a SIP/2.0\r\n", 4000, false},
    {"partial_message_timeout_s ends it", "OPTIONS sip:a SIP/2.0\r\n", 5500, true},
    {"a whole message is not partial", OPTIONS("1"), 5500, false},
    {"half a ping is partial", "\r\n\r", 5500, true},
    {"5626 3.5.1 a pong is not partial", "\r\n", 5500, false},
    {"a connection may be silent", "", 3599000, false},
    {"idle_timeout_s ends it", "", 3600500, true},
};

START_TEST(timeouts) {
    const struct time_row *r = &times[_i];
    struct bed *b = bed_tcp(bed_settings(), "127.0.0.1");
    struct bed_inbox *in = mem_zalloc(sizeof *in);
    int fd = bed_connect(b, 0, "127.0.0.1");

    BED_UNTIL(b, net_counts(b->net).connections == 1);
    if (r->sent[0] != '\0')
        bed_write(fd, r->sent, strlen(r->sent));
    bed_settle(b);
    b->ahead_ms = r->after_ms;
    bed_turn(b);
    ck_assert_msg(net_counts(b->net).connections == (r->ends ? 0 : 1), "%s", r->name);
    ck_assert_msg(net_counts(b->net).timeouts == r->ends, "%s", r->name);
    close(fd);
    free(in);
    bed_free(b);
}
END_TEST

/* One byte now and then does not keep an unfinished message alive. */
START_TEST(trickle) {
    struct bed *b = bed_tcp(bed_settings(), "127.0.0.1");
    int fd = bed_connect(b, 0, "127.0.0.1");

    bed_write(fd, "OPTIONS", 7);
    bed_settle(b);
    for (int i = 0; i < 2; i++) {
        b->ahead_ms += 2700;
        ck_assert_uint_eq(net_counts(b->net).connections, 1);
        bed_write(fd, " ", 1);
        bed_settle(b);
    }
    ck_assert_uint_eq(net_counts(b->net).connections, 0);
    close(fd);
    bed_free(b);
}
END_TEST

/* --- sending --- */

struct listener {
    int fd, port;
};

static struct listener listener(const char *ip) {
    struct listener l;

    l.fd = bed_socket(ip, SOCK_STREAM, &l.port);
    ck_assert_int_eq(listen(l.fd, 16), 0);
    fcntl(l.fd, F_SETFL, O_NONBLOCK);
    return l;
}

static int take(struct bed *b, const struct listener *l) {
    int fd = -1;

    BED_UNTIL(b, (fd = accept(l->fd, NULL, NULL)) >= 0);
    return fd;
}

/* 3261 18.1.1: one connection for all that goes to one place; from the listener's own address. */
START_TEST(one_connection) {
    const char *ip = families[_i % (bed_has_ipv6() ? 2 : 1)];
    struct bed *b = bed_tcp(bed_settings(), ip);
    struct bed_inbox *in = mem_zalloc(sizeof *in);
    struct listener l = listener(ip);
    struct flow first = bed_flow(b, 0, ip, l.port), second = first;

    ck_assert_int_eq(bed_send(b, &first, OPTIONS("1")), 0);
    ck_assert_int_eq(bed_send(b, &second, OPTIONS("2")), 0);
    ck_assert_uint_ne(first.conn, 0);
    ck_assert_uint_eq(first.conn, second.conn);
    int fd = take(b, &l);
    BED_UNTIL(b, bed_read(fd, in) == strlen(OPTIONS("1") OPTIONS("2")));
    ck_assert_str_eq(in->text, OPTIONS("1") OPTIONS("2"));

    /* what comes back on it is on the same flow */
    bed_write(fd, ANSWER, strlen(ANSWER));
    BED_UNTIL(b, b->heard_count == 1);
    ck_assert_uint_eq(b->heard[0].flow.conn, first.conn);
    ck_assert_uint_eq(net_counts(b->net).connections, 1);
    close(fd);
    close(l.fd);
    free(in);
    bed_free(b);
}
END_TEST

/* 3261 8.1.3.1: a transport error is told, once for each message, with its bytes and flow. */
START_TEST(refused) {
    const char *ip = families[_i % (bed_has_ipv6() ? 2 : 1)];
    struct bed *b = bed_tcp(bed_settings(), ip);
    struct flow to = bed_flow(b, 0, ip, bed_port(ip, SOCK_STREAM));

    ck_assert_int_eq(bed_send(b, &to, OPTIONS("1")), 0);
    ck_assert_int_eq(bed_send(b, &to, OPTIONS("2")), 0);
    BED_UNTIL(b, b->lost_count == 2);
    ck_assert(str_eq(b->lost[0].text, STR(OPTIONS("1"))));
    ck_assert(str_eq(b->lost[1].text, STR(OPTIONS("2"))));
    ck_assert_uint_eq(b->lost[0].flow.conn, to.conn);
    ck_assert(addr_eq(&b->lost[0].flow.peer, &to.peer));
    bed_settle(b);
    ck_assert_int_eq(b->lost_count, 2);
    ck_assert_uint_eq(net_counts(b->net).connections, 0);
    bed_free(b);
}
END_TEST

/* 3261 18.2.2: the connection of the request is gone: a new one, to the port that its Via names. */
START_TEST(answer_after_close) {
    const char *ip = families[_i % (bed_has_ipv6() ? 2 : 1)];
    struct bed *b = bed_tcp(bed_settings(), ip);
    struct bed_inbox *in = mem_zalloc(sizeof *in);
    struct listener l = listener(ip);
    int fd = bed_connect(b, 0, ip);

    bed_write(fd, OPTIONS("1"), strlen(OPTIONS("1")));
    BED_UNTIL(b, b->heard_count == 1);
    close(fd);
    BED_UNTIL(b, net_counts(b->net).connections == 0);
    struct flow back = b->heard[0].flow;
    back.bound = true; /* RFC 5626 5.3: to a client no new one, wherever its Via leads */
    back.fallback_port = (uint16_t)l.port;
    ck_assert_int_eq(bed_send(b, &back, ANSWER), -1);
    back.bound = false;
    ck_assert_int_eq(bed_send(b, &back, ANSWER), 0);
    ck_assert_uint_ne(back.conn, b->heard[0].flow.conn);
    fd = take(b, &l);
    BED_UNTIL(b, bed_read(fd, in) == strlen(ANSWER));
    ck_assert_str_eq(in->text, ANSWER);
    close(fd);
    close(l.fd);
    free(in);
    bed_free(b);
}
END_TEST

START_TEST(other_worker) {
    struct bed *b = bed_tcp(bed_settings(), "127.0.0.1");
    struct flow to = bed_flow(b, 0, "127.0.0.1", 5060);

    to.conn = 7;
    to.worker = 1;
    ck_assert_int_eq(bed_send(b, &to, OPTIONS("1")), 0);
    ck_assert_int_eq(b->handed_count, 1);
    ck_assert_uint_eq(b->handed[0].flow.conn, 7);
    ck_assert(str_eq(b->handed[0].text, STR(OPTIONS("1"))));
    ck_assert_uint_eq(net_counts(b->net).connections, 0);
    bed_free(b);
}
END_TEST

/* A peer that does not read: bounded memory, then its connection counts as dead and what waited is told. */
START_TEST(does_not_read) {
    struct bed *b = bed_tcp(bed_settings(), "127.0.0.1");
    struct listener l = listener("127.0.0.1");
    struct flow to = bed_flow(b, 0, "127.0.0.1", l.port);
    char *text = mem_alloc(60000);
    int sent = 0;

    memset(text, 'a', 60000);
    ck_assert_int_eq(net_send(b->net, &to, NULL, text, 60000), 0);
    int fd = take(b, &l);
    bed_settle(b);
    uint32_t conn = to.conn;
    for (; sent < 1000 && b->lost_count == 0; sent++) {
        net_send(b->net, &to, NULL, text, 60000);
        bed_turn(b);
    }
    ck_assert_int_lt(sent, 1000);
    ck_assert_uint_eq(b->lost[0].flow.conn, conn);
    ck_assert_uint_eq(b->lost[0].text.n, 60000);
    ck_assert_uint_eq(net_counts(b->net).timeouts, 1);
    free(text);
    close(fd);
    close(l.fd);
    bed_free(b);
}
END_TEST

/* Stopping: what is queued leaves first. */
START_TEST(stop_writes_out) {
    struct bed *b = bed_tcp(bed_settings(), "127.0.0.1");
    struct bed_inbox *in = mem_zalloc(sizeof *in);
    struct listener l = listener("127.0.0.1");
    struct flow to = bed_flow(b, 0, "127.0.0.1", l.port);

    ck_assert_int_eq(bed_send(b, &to, OPTIONS("0")), 0);
    int fd = take(b, &l);
    BED_UNTIL(b, bed_read(fd, in) > 0);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(bed_send(b, &to, OPTIONS("1")), 0);
    net_close(b->net);
    ck_assert_int_eq(bed_send(b, &to, OPTIONS("2")), -1);
    BED_UNTIL(b, bed_ended(fd, in));
    ck_assert_uint_eq(in->n, 101 * strlen(OPTIONS("1")));
    close(fd);
    close(l.fd);
    free(in);
    bed_free(b);
}
END_TEST

static void add_cases(Suite *s) {
    TCase *t = tcase_create("tcp");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, framing, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, stun_kept);
    tcase_add_test(t, cap_of_all);
    tcase_add_test(t, cap_of_ours);
    tcase_add_test(t, cap_of_an_address);
    tcase_add_loop_test(t, timeouts, 0, sizeof times / sizeof *times);
    tcase_add_test(t, trickle);
    tcase_add_loop_test(t, one_connection, 0, 2);
    tcase_add_loop_test(t, refused, 0, 2);
    tcase_add_loop_test(t, answer_after_close, 0, 2);
    tcase_add_test(t, other_worker);
    tcase_add_test(t, does_not_read);
    tcase_add_test(t, stop_writes_out);
    suite_add_tcase(s, t);
}

int main(void) {
    Suite *s = suite_create("stream");

    add_cases(s);
    return suite_run(s);
}
