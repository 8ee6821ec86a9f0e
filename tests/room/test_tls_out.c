/* TLS as client: whom we believe, which name we ask for, what we show, what is resumed. */
#include "tests/room/bed_tls.h"
#include "tests/suite.h"

#define OPTIONS(id) "OPTIONS sip:a SIP/2.0\r\nCall-ID: " id "\r\nContent-Length: 0\r\n\r\n"

/* Two listeners on different entries: 0 verifies as told, 1 believes everyone. */
static struct bed *bed_edge(const char *ip, int verify, const char *who) {
    struct settings *s = bed_settings();

    bed_add_tls(s, bed_tls(who, "ca.pem", verify));
    bed_add_tls(s, bed_tls(who, "ca.pem", VERIFY_NONE));
    bed_listen(s, ip, FLOW_TLS, 0);
    bed_listen(s, ip, FLOW_TLS, 1);
    return bed_new(s);
}

struct far {
    int fd, port;
    SSL_CTX *ctx;
};

static struct far far_end(const char *ip, const struct bed_manner *m) {
    struct far f;

    f.fd = bed_socket(ip, SOCK_STREAM, &f.port);
    ck_assert_int_eq(listen(f.fd, 16), 0);
    fcntl(f.fd, F_SETFL, O_NONBLOCK);
    f.ctx = bed_context(m);
    return f;
}

static void far_free(struct far *f) {
    SSL_CTX_free(f->ctx);
    close(f->fd);
}

/* The connection that net opens, its handshake over. */
static struct bed_peer *far_accept(struct bed *b, const struct far *f) {
    int fd = -1;

    BED_UNTIL(b, (fd = accept(f->fd, NULL, NULL)) >= 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct bed_peer *p = bed_peer_on(fd, &(struct bed_manner){.server = true, .ctx = f->ctx});
    BED_UNTIL(b, bed_shake(p));
    return p;
}

static int send_to(struct bed *b, struct flow *to, const char *host) {
    return net_send(b->net, to, host, OPTIONS("1"), strlen(OPTIONS("1")));
}

/* Whether the message that is on its way arrives; when not, it is told. */
static bool arrives(struct bed *b, struct bed_peer *p) {
    BED_UNTIL(b, bed_hear(p) == strlen(OPTIONS("1")) || b->lost_count > 0);
    if (b->lost_count > 0)
        ck_assert(str_eq(b->lost[0].text, STR(OPTIONS("1"))));
    return b->lost_count == 0;
}

/* `far` is the certificate that the far end shows; `asked` the name in our hello. */
static const struct row {
    const char *name;
    int verify;
    const char *far, *host, *asked;
    int version;
    bool good;
} rows[] = {
    {"none: any certificate will do", VERIFY_NONE, "foreign", "a.example", "a.example", 0, true},
    {"5922 7.3 require: the name that we want", VERIFY_REQUIRE, "a", "a.example", "a.example", 0, true},
    {"5922 7.3 require: the name, TLS 1.2", VERIFY_REQUIRE, "a", "a.example", "a.example", TLS1_2_VERSION, true},
    {"5922 7.3 require: another name", VERIFY_REQUIRE, "b", "a.example", "a.example", 0, false},
    {"5922 7.3 require: another name, TLS 1.2", VERIFY_REQUIRE, "b", "a.example", "a.example", TLS1_2_VERSION, false},
    {"require: another CA", VERIFY_REQUIRE, "foreign", "foreign", "foreign", 0, false},
    {"require: an address that the certificate names", VERIFY_REQUIRE, "a", "127.0.0.1", NULL, 0, true},
    {"require: an address that it does not name", VERIFY_REQUIRE, "b", "127.0.0.1", NULL, 0, false},
    {"require: without a name, the address", VERIFY_REQUIRE, "a", NULL, NULL, 0, true},
    {"6066 3 an address is not asked for", VERIFY_NONE, "a", "::1", NULL, 0, true},
    {"8996 2 TLS 1.1 is not spoken", VERIFY_NONE, "a", "a.example", NULL, TLS1_1_VERSION, false},
};

START_TEST(belief) {
    static const char *const families[] = {"127.0.0.1", "::1"};
    const struct row *r = &rows[_i];

    for (int i = 0; i < (bed_has_ipv6() ? 2 : 1); i++) {
        struct far f = far_end(families[i], &(struct bed_manner){.server = true, .who = r->far, .version = r->version});
        struct bed *b = bed_edge(families[i], r->verify, "client");
        struct flow to = bed_flow(b, 0, families[i], f.port);
        ck_assert_int_eq(send_to(b, &to, r->host), 0);
        struct bed_peer *p = far_accept(b, &f);
        const char *asked = SSL_get_servername(p->ssl, TLSEXT_NAMETYPE_host_name);
        ck_assert_msg((asked == NULL) == (r->asked == NULL), "%s", r->name);
        ck_assert_msg(asked == NULL || strcmp(asked, r->asked) == 0, "%s", r->name);
        ck_assert_msg(arrives(b, p) == r->good, "%s", r->name);
        ck_assert_msg(net_counts(b->net).tls_failed == !r->good, "%s", r->name);
        ck_assert_msg(strncmp(b->trouble, "TLS: ", 5) == 0 || r->good, "%s: %s", r->name, b->trouble);
        bed_peer_free(p);
        bed_free(b);
        far_free(&f);
    }
}
END_TEST

/* The far end asks for a certificate: ours is shown, with its chain. */
START_TEST(shows_ours) {
    struct far f = far_end("127.0.0.1", &(struct bed_manner){.server = true, .who = "a", .ca = "ca.pem"});
    struct bed *b = bed_edge("127.0.0.1", VERIFY_REQUIRE, "client");
    struct flow to = bed_flow(b, 0, "127.0.0.1", f.port);

    ck_assert_int_eq(send_to(b, &to, "a.example"), 0);
    struct bed_peer *p = far_accept(b, &f);
    ck_assert(arrives(b, p));
    X509 *cert = SSL_get1_peer_certificate(p->ssl);
    ck_assert_ptr_nonnull(cert);
    ck_assert_int_eq(X509_check_host(cert, "client.example", 0, 0, NULL), 1);
    ck_assert_int_eq(SSL_get_verify_result(p->ssl), X509_V_OK);
    X509_free(cert);
    bed_peer_free(p);
    bed_free(b);
    far_free(&f);
}
END_TEST

/* 8446 4.4.2.4: who does not trust us says so when we believe that all is well, and closes. Why is told, be it read
 * before we write, or after that has failed. */
START_TEST(refused_late) {
    struct far f = far_end("127.0.0.1", &(struct bed_manner){.server = true, .who = "a", .ca = "foreign.pem"});
    struct bed *b = bed_edge("127.0.0.1", VERIFY_REQUIRE, "client");
    struct flow to = bed_flow(b, 0, "127.0.0.1", f.port);

    ck_assert_int_eq(send_to(b, &to, "a.example"), 0);
    struct bed_peer *p = far_accept(b, &f);
    ck_assert(p->failed);
    if (_i == 1) {
        close(p->fd);
        p->fd = -1;
        send_to(b, &to, "a.example");
    }
    BED_UNTIL(b, b->trouble[0] != '\0');
    ck_assert_msg(strstr(b->trouble, "unknown ca") != NULL, "%s", b->trouble);
    bed_peer_free(p);
    bed_free(b);
    far_free(&f);
}
END_TEST

/* A second connection after one of listener `first`, for "a.example". */
static const struct again {
    const char *name;
    int version, first, second;
    const char *host;
    bool resumed;
} agains[] = {
    {"5077 3 a session is resumed, TLS 1.2", TLS1_2_VERSION, 0, 0, "a.example", true},
    {"8446 2.2 a session is resumed, TLS 1.3", TLS1_3_VERSION, 0, 0, "a.example", true},
    {"not for another name", TLS1_3_VERSION, 0, 0, NULL, false},
    {"what was not verified is not resumed where it must be", TLS1_3_VERSION, 1, 0, "a.example", false},
    {"the same with TLS 1.2", TLS1_2_VERSION, 1, 0, "a.example", false},
};

START_TEST(resumption) {
    const struct again *r = &agains[_i];
    struct far f = far_end("127.0.0.1", &(struct bed_manner){.server = true, .who = "a", .version = r->version});
    struct bed *b = bed_edge("127.0.0.1", VERIFY_REQUIRE, "client");
    struct flow one = bed_flow(b, r->first, "127.0.0.1", f.port);
    struct flow two = bed_flow(b, r->second, "127.0.0.1", f.port);

    ck_assert_int_eq(send_to(b, &one, "a.example"), 0);
    struct bed_peer *p = far_accept(b, &f);
    ck_assert(arrives(b, p));
    bed_settle(b);
    SSL_shutdown(p->ssl);
    BED_UNTIL(b, net_counts(b->net).connections == 0);
    bed_peer_free(p);

    ck_assert_int_eq(send_to(b, &two, r->host), 0);
    p = far_accept(b, &f);
    ck_assert_msg(arrives(b, p), "%s", r->name);
    ck_assert_msg(SSL_session_reused(p->ssl) == r->resumed, "%s", r->name);
    bed_peer_free(p);
    bed_free(b);
    far_free(&f);
}
END_TEST

/* 5923 and 5922 7.3: a connection is for the name that it was verified for. */
START_TEST(one_name_a_connection) {
    struct far f = far_end("127.0.0.1", &(struct bed_manner){.server = true, .who = "a"});
    struct bed *b = bed_edge("127.0.0.1", VERIFY_REQUIRE, "client");
    struct flow one = bed_flow(b, 0, "127.0.0.1", f.port), two = one, three = one;

    ck_assert_int_eq(send_to(b, &one, "a.example"), 0);
    struct bed_peer *p = far_accept(b, &f);
    ck_assert(arrives(b, p));
    ck_assert_int_eq(send_to(b, &two, "A.EXAMPLE"), 0);
    ck_assert_uint_eq(two.conn, one.conn);
    ck_assert_int_eq(send_to(b, &three, "b.example"), 0);
    ck_assert_uint_ne(three.conn, one.conn);
    struct bed_peer *q = far_accept(b, &f);
    BED_UNTIL(b, b->lost_count == 1);
    ck_assert_uint_eq(b->lost[0].flow.conn, three.conn);
    bed_peer_free(p);
    bed_peer_free(q);
    bed_free(b);
    far_free(&f);
}
END_TEST

/* The far end goes away before, or says nothing in, the handshake: what waited is told. */
START_TEST(no_handshake) {
    struct bed *b = bed_edge("127.0.0.1", VERIFY_NONE, "client");
    struct far f = far_end("127.0.0.1", &(struct bed_manner){.server = true, .who = "a"});
    struct flow to = bed_flow(b, 0, "127.0.0.1", f.port);
    int fd = -1;

    ck_assert_int_eq(send_to(b, &to, "a.example"), 0);
    BED_UNTIL(b, (fd = accept(f.fd, NULL, NULL)) >= 0);
    if (_i == 0)
        close(fd);
    else
        bed_settle(b), b->ahead_ms = 5500;
    BED_UNTIL(b, b->lost_count == 1);
    ck_assert_uint_eq(b->lost[0].flow.conn, to.conn);
    ck_assert_uint_eq(net_counts(b->net).connections, 0);
    ck_assert_uint_eq(net_counts(b->net).timeouts, (unsigned)_i);
    bed_free(b);
    far_free(&f);
}
END_TEST

int main(void) {
    Suite *s = suite_create("tls_out");
    TCase *t = tcase_create("client");

    bed_certificates_make();
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, belief, 0, sizeof rows / sizeof *rows);
    tcase_add_test(t, shows_ours);
    tcase_add_loop_test(t, refused_late, 0, 2);
    tcase_add_loop_test(t, resumption, 0, sizeof agains / sizeof *agains);
    tcase_add_test(t, one_name_a_connection);
    tcase_add_loop_test(t, no_handshake, 0, 2);
    suite_add_tcase(s, t);

    int failed = suite_run(s);
    bed_certificates_remove();
    return failed;
}
