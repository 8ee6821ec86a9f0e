/* TLS: who may come in, which certificate is shown, what is resumed, and that nothing stays behind. */
#include <dirent.h>
#include <malloc.h>

#include "b2bua/core/stun.h"
#include "tests/room/bed_tls.h"
#include "tests/suite.h"

#define OPTIONS(id) "OPTIONS sip:a SIP/2.0\r\nCall-ID: " id "\r\nContent-Length: 0\r\n\r\n"
#define STUN        "\x00\x01\x00\x00\x21\x12\xa4\x42twelve bytes"

static int family_count(void) {
    return bed_has_ipv6() ? 2 : 1;
}

static const char *const families[] = {"127.0.0.1", "::1"};

/* A listener with certificate a, which knows b, too. */
static struct bed *bed_edge(const char *ip, int verify, const char *min_version) {
    struct settings *s = bed_settings();
    struct settings_tls t = bed_tls("a", "ca.pem", verify);

    free(t.min_version);
    t.min_version = str_dup(str_of(min_version));
    bed_add_tls(s, t);
    bed_add_tls(s, bed_tls("b", "ca.pem", VERIFY_NONE));
    bed_listen(s, ip, FLOW_TLS, 0);
    return bed_new(s);
}

/* Whether a message of the peer is heard; when not, its connection is closed. It is the only one. */
static bool let_in(struct bed *b, struct bed_peer *p) {
    int heard = b->heard_count;

    if (p->up)
        bed_say(p, OPTIONS("1"), strlen(OPTIONS("1")));
    BED_UNTIL(b, b->heard_count > heard || net_counts(b->net).connections == 0);
    return b->heard_count > heard;
}

static const struct row {
    const char *name;
    int verify;
    const char *min_version, *who;
    int version;
    bool in;
} rows[] = {
    {"none: no certificate", VERIFY_NONE, "1.2", NULL, 0, true},
    {"none: a foreign certificate is not asked for", VERIFY_NONE, "1.2", "foreign", 0, true},
    {"optional: no certificate", VERIFY_OPTIONAL, "1.2", NULL, 0, true},
    {"optional: a certificate of our CA", VERIFY_OPTIONAL, "1.2", "client", 0, true},
    {"optional: one that is there must be right", VERIFY_OPTIONAL, "1.2", "foreign", 0, false},
    {"require: no certificate", VERIFY_REQUIRE, "1.2", NULL, 0, false},
    {"require: no certificate, TLS 1.2", VERIFY_REQUIRE, "1.2", NULL, TLS1_2_VERSION, false},
    {"require: a certificate of our CA", VERIFY_REQUIRE, "1.2", "client", 0, true},
    {"require: a certificate of our CA, TLS 1.2", VERIFY_REQUIRE, "1.2", "client", TLS1_2_VERSION, true},
    {"require: a foreign certificate", VERIFY_REQUIRE, "1.2", "foreign", 0, false},
    {"8996 2 TLS 1.0 is refused", VERIFY_NONE, "1.2", NULL, TLS1_VERSION, false},
    {"8996 2 TLS 1.1 is refused", VERIFY_NONE, "1.2", NULL, TLS1_1_VERSION, false},
    {"TLS 1.2 is spoken", VERIFY_NONE, "1.2", NULL, TLS1_2_VERSION, true},
    {"TLS 1.3 is spoken", VERIFY_NONE, "1.2", NULL, TLS1_3_VERSION, true},
    {"min_version 1.3: TLS 1.2 is refused", VERIFY_NONE, "1.3", NULL, TLS1_2_VERSION, false},
    {"min_version 1.3: TLS 1.3 is spoken", VERIFY_NONE, "1.3", NULL, TLS1_3_VERSION, true},
};

START_TEST(admission) {
    const struct row *r = &rows[_i];

    for (int f = 0; f < family_count(); f++) {
        struct bed *b = bed_edge(families[f], r->verify, r->min_version);
        struct bed_peer *p = bed_client(b, 0, &(struct bed_manner){.who = r->who, .version = r->version});
        ck_assert_msg(let_in(b, p) == r->in, "%s", r->name);
        ck_assert_msg(net_counts(b->net).tls_failed == !r->in, "%s", r->name);
        bed_peer_free(p);
        bed_free(b);
    }
}
END_TEST

/* --- which certificate --- */

static const struct {
    const char *name, *sni, *shown;
} shown[] = {
    {"6066 3 the name chooses", "b.example", "b.example"},
    {"6066 3 the listener's own name", "a.example", "a.example"},
    {"6066 3 without a name, the listener's own", NULL, "a.example"},
    {"6066 3 an unknown name is no error", "c.example", "a.example"},
};

START_TEST(server_name) {
    struct bed *b = bed_edge("127.0.0.1", VERIFY_NONE, "1.2");
    struct bed_peer *p = bed_client(b, 0, &(struct bed_manner){.sni = shown[_i].sni, .ca = "ca.pem"});

    /* the client knows the root alone: the chain must have been sent */
    ck_assert_msg(p->up && SSL_get_verify_result(p->ssl) == X509_V_OK, "%s", shown[_i].name);
    X509 *cert = SSL_get1_peer_certificate(p->ssl);
    ck_assert_msg(X509_check_host(cert, shown[_i].shown, 0, 0, NULL) == 1, "%s", shown[_i].name);
    ck_assert_int_eq(sk_X509_num(SSL_get_peer_cert_chain(p->ssl)), 2);
    X509_free(cert);
    ck_assert(let_in(b, p));
    bed_peer_free(p);
    bed_free(b);
}
END_TEST

/* --- resuming --- */

/* Resumes at `listen` what a client without certificate and with this name in its hello began at listener 0. */
struct again {
    const char *name, *sni;
    int version, listen;
    bool resumed, in;
};

static const struct again agains[] = {
    {"5077 3 a session is resumed, TLS 1.2", NULL, TLS1_2_VERSION, 0, true, true},
    {"8446 2.2 a session is resumed, TLS 1.3", NULL, TLS1_3_VERSION, 0, true, true},
    {"a session with a name is resumed, TLS 1.2", "b.example", TLS1_2_VERSION, 0, true, true},
    {"a session with a name is resumed, TLS 1.3", "b.example", TLS1_3_VERSION, 0, true, true},
    {"8446 4.6.1 resuming is no way around require, TLS 1.2", NULL, TLS1_2_VERSION, 1, false, false},
    {"8446 4.6.1 resuming is no way around require, TLS 1.3", NULL, TLS1_3_VERSION, 1, false, false},
    {"nor with a name, TLS 1.2", "b.example", TLS1_2_VERSION, 1, false, false},
    {"nor with a name, TLS 1.3", "b.example", TLS1_3_VERSION, 1, false, false},
    {"nor with the open side's name, TLS 1.3", "a.example", TLS1_3_VERSION, 1, false, false},
};

/* Listener 0 lets everyone in, listener 1 asks for certificates. */
static struct bed *bed_two_doors(const char *ca) {
    struct settings *s = bed_settings();

    bed_add_tls(s, bed_tls("a", "ca.pem", VERIFY_NONE));
    bed_add_tls(s, bed_tls("b", ca, VERIFY_REQUIRE));
    bed_listen(s, "127.0.0.1", FLOW_TLS, 0);
    bed_listen(s, "127.0.0.1", FLOW_TLS, 1);
    return bed_new(s);
}

START_TEST(resumption) {
    const struct again *r = &agains[_i];
    struct bed *b = bed_two_doors("ca.pem");
    struct bed_manner m = {.sni = r->sni, .version = r->version};
    struct bed_peer *first = bed_client(b, 0, &m);

    ck_assert(let_in(b, first));
    bed_settle(b);
    bed_hear(first); /* the tickets */
    m.session = SSL_get1_session(first->ssl);
    ck_assert(SSL_SESSION_is_resumable(m.session));
    SSL_shutdown(first->ssl);
    bed_peer_free(first);
    BED_UNTIL(b, net_counts(b->net).connections == 0);

    struct bed_peer *second = bed_client(b, r->listen, &m);
    ck_assert_msg(let_in(b, second) == r->in, "%s", r->name);
    ck_assert_msg(SSL_session_reused(second->ssl) == r->resumed, "%s", r->name);
    SSL_SESSION_free(m.session);
    bed_peer_free(second);
    bed_free(b);
}
END_TEST

/* Whom a listener trusts is its own matter: the name in the hello chooses what is shown, not who may come in. */
static const struct {
    const char *name, *sni, *who;
    bool in;
} trusted[] = {
    {"the listener's CA", NULL, "foreign", true},
    {"the listener's CA, with another entry's name", "a.example", "foreign", true},
    {"another entry's CA", NULL, "client", false},
    {"another entry's CA, with its name", "a.example", "client", false},
};

START_TEST(trust_is_the_listeners) {
    struct bed *b = bed_two_doors("foreign.pem");
    struct bed_peer *p = bed_client(b, 1, &(struct bed_manner){.sni = trusted[_i].sni, .who = trusted[_i].who});

    ck_assert_msg(let_in(b, p) == trusted[_i].in, "%s", trusted[_i].name);
    bed_peer_free(p);
    bed_free(b);
}
END_TEST

/* --- bytes --- */

START_TEST(framing_over_records) {
    static const char all[] = STUN OPTIONS("1") "\r\n" OPTIONS("2");
    static const size_t pieces[] = {1, 7, sizeof all - 1};
    struct bed *b = bed_edge(families[_i % family_count()], VERIFY_NONE, "1.2");
    struct bed_peer *p = bed_client(b, 0, &(struct bed_manner){0});
    size_t piece = pieces[_i];

    for (size_t at = 0; at < sizeof all - 1; at += piece) {
        ck_assert(bed_say(p, all + at, at + piece < sizeof all ? piece : sizeof all - 1 - at));
        bed_turn(b);
    }
    BED_UNTIL(b, b->heard_count == 2);
    ck_assert(str_eq(b->heard[0].text, STR(OPTIONS("1"))));
    ck_assert(str_eq(b->heard[1].text, STR(OPTIONS("2"))));
    ck_assert_uint_eq(bed_hear(p), STUN_HEADER + ((size_t)(uint8_t)p->in.text[2] << 8 | (uint8_t)p->in.text[3]));
    ck_assert_int_eq(stun_kind((struct str){p->in.text, p->in.n}), STUN_SUCCESS);
    bed_peer_free(p);
    bed_free(b);
}
END_TEST

/* Larger than a record, both ways, many in a row. */
START_TEST(large_messages) {
    enum { BODY = 60000, COUNT = 20 };
    struct bed *b = bed_edge("127.0.0.1", VERIFY_NONE, "1.2");
    struct bed_peer *p = bed_client(b, 0, &(struct bed_manner){0});
    char *text = mem_zalloc(BODY + 200);
    size_t head = (size_t)snprintf(text, 200, "OPTIONS sip:a SIP/2.0\r\nl: %d\r\n\r\n", BODY), n = head + BODY,
           read = 0;

    for (int i = 0; i < BODY; i++)
        text[head + (size_t)i] = (char)('a' + i % 23);
    SSL_set_mode(p->ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    BED_UNTIL(b, bed_say(p, text, n));
    BED_UNTIL(b, b->heard_count == 1);
    ck_assert(str_eq(b->heard[0].text, (struct str){text, n}));
    for (int i = 0; i < COUNT / 2; i++)
        ck_assert_int_eq(net_send(b->net, &b->heard[0].flow, NULL, text, n), 0);
    while (read < n * (COUNT / 2)) {
        p->in.n = 0;
        BED_UNTIL(b, bed_hear(p) > 0);
        for (size_t i = 0; i < p->in.n; i++)
            ck_assert_int_eq(p->in.text[i], text[(read + i) % n]);
        read += p->in.n;
    }
    free(text);
    bed_peer_free(p);
    bed_free(b);
}
END_TEST

START_TEST(no_hello) {
    static const struct {
        const char *sent;
        uint64_t after_ms;
        bool ends, fault;
    } when[] = {{"", 4000, false, false},
                {"", 5500, true, false},
                {"\x16\x03\x01", 5500, true, false},
                {OPTIONS("1"), 0, true, true}};
    struct bed *b = bed_edge("127.0.0.1", VERIFY_NONE, "1.2");
    int fd = bed_connect(b, 0, "127.0.0.1");

    BED_UNTIL(b, net_counts(b->net).connections == 1);
    bed_write(fd, when[_i].sent, strlen(when[_i].sent));
    bed_settle(b);
    b->ahead_ms = when[_i].after_ms;
    bed_turn(b);
    ck_assert_uint_eq(net_counts(b->net).connections, !when[_i].ends);
    ck_assert_uint_eq(net_counts(b->net).timeouts, when[_i].ends && !when[_i].fault);
    ck_assert_uint_eq(net_counts(b->net).tls_failed, when[_i].fault);
    close(fd);
    bed_free(b);
}
END_TEST

/* --- what stays behind --- */

static int descriptors(void) {
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static void come_and_go(struct bed *b, SSL_CTX *ctx, int times) {
    for (int i = 0; i < times; i++) {
        struct bed_peer *p = bed_client(b, 0, &(struct bed_manner){.ctx = ctx});
        ck_assert(let_in(b, p));
        bed_peer_free(p);
        BED_UNTIL(b, net_counts(b->net).connections == 0);
        bed_forget(b);
    }
}

/* Descriptors exactly; memory within what OpenSSL and malloc may keep for all connections together: that comes to some
 * 50,000 bytes, however many connections follow. */
START_TEST(nothing_stays) {
    enum { CONNECTIONS = 1200, A_CONNECTION = 100 };
    struct bed *b = bed_edge("127.0.0.1", VERIFY_NONE, "1.2");
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    come_and_go(b, ctx, 300);
    int open = descriptors();
    size_t used = mallinfo2().uordblks;
    come_and_go(b, ctx, CONNECTIONS);
    ck_assert_int_eq(descriptors(), open);
    size_t grown = mallinfo2().uordblks - used;
    ck_assert_msg((ssize_t)grown < (ssize_t)CONNECTIONS * A_CONNECTION, "%zd bytes", (ssize_t)grown);
    SSL_CTX_free(ctx);
    bed_free(b);
}
END_TEST

/* --- files --- */

static const struct {
    const char *name, *certificate, *key, *ca, *ciphers, *says;
} files[] = {
    {"all is well", "a.pem", "a.key", "ca.pem", "", NULL},
    {"a client alone needs no certificate", "", "", "ca.pem", "", NULL},
    {"no such certificate", "none.pem", "a.key", "", "", "none.pem: No such file or directory"},
    {"no such key", "a.pem", "none.key", "", "", "none.key: No such file or directory"},
    {"no such CA", "a.pem", "a.key", "none.pem", "", "none.pem: No such file or directory"},
    {"a key of another certificate", "a.pem", "b.key", "", "", "b.key"},
    {"a key in place of a certificate", "a.key", "a.key", "", "", "a.key: nothing of this kind is in it (PEM)"},
    {"no cipher of that name", "a.pem", "a.key", "", "NO-SUCH-CIPHER", "NO-SUCH-CIPHER"},
};

START_TEST(file_check) {
    char *certificate = bed_file(files[_i].certificate), *key = bed_file(files[_i].key), *ca = bed_file(files[_i].ca);
    struct settings_tls t = {.certificate = certificate, .key = key, .ca = ca, .min_version = "1.2"};
    char error[512] = "";

    t.ciphers = (char *)files[_i].ciphers;
    ck_assert_msg(net_tls_check(&t, error, sizeof error) == (files[_i].says == NULL ? 0 : -1), "%s", files[_i].name);
    if (files[_i].says != NULL)
        ck_assert_msg(strstr(error, files[_i].says) != NULL, "%s: %s", files[_i].name, error);
    free(certificate);
    free(key);
    free(ca);
}
END_TEST

int main(void) {
    Suite *s = suite_create("tls");
    TCase *t = tcase_create("server");

    bed_certificates_make();
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, admission, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(t, server_name, 0, sizeof shown / sizeof *shown);
    tcase_add_loop_test(t, resumption, 0, sizeof agains / sizeof *agains);
    tcase_add_loop_test(t, trust_is_the_listeners, 0, sizeof trusted / sizeof *trusted);
    tcase_add_loop_test(t, framing_over_records, 0, 3);
    tcase_add_test(t, large_messages);
    tcase_add_loop_test(t, no_hello, 0, 4);
    tcase_add_test(t, nothing_stays);
    tcase_add_loop_test(t, file_check, 0, sizeof files / sizeof *files);
    suite_add_tcase(s, t);

    int failed = suite_run(s);
    bed_certificates_remove();
    return failed;
}
