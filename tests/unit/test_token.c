/* Flow tokens: what goes in comes out, and nothing that was touched does. */
#include <check.h>

#include "b2bua/core/token.h"
#include "tests/suite.h"

/* clang-format off */
static const struct {
    const char *name;
    enum flow_proto proto;
    const char *peer;
    uint32_t boot, conn;
    uint16_t worker;
    size_t length;
} rows[] = {
    {"UDP over IPv4", FLOW_UDP, "127.0.0.1:5060", 0, 0, 0, 27},
    {"UDP over IPv4, highest port", FLOW_UDP, "255.255.255.255:65535", 0, 0, 0, 27},
    {"UDP over IPv6", FLOW_UDP, "[2001:db8::1]:5061", 0, 0, 0, 43},
    {"TCP", FLOW_TCP, NULL, 0x12345678, 1, 0, 32},
    {"TLS", FLOW_TLS, NULL, 0xffffffff, 0xffffffff, 0xffff, 32},
};
/* clang-format on */

static struct token token_of(int i) {
    struct token t = {.boot = rows[i].boot, .listen_id = token_listen_id("edge-tls")};

    t.flow.proto = rows[i].proto;
    t.flow.conn = rows[i].conn;
    t.flow.worker = rows[i].worker;
    if (rows[i].peer != NULL)
        ck_assert_int_eq(addr_parse(&t.flow.peer, str_of(rows[i].peer)), 0);
    return t;
}

static bool same(const struct token *a, const struct token *b) {
    return a->boot == b->boot && a->listen_id == b->listen_id && a->flow.proto == b->flow.proto &&
           a->flow.conn == b->flow.conn && a->flow.worker == b->flow.worker && addr_eq(&a->flow.peer, &b->flow.peer);
}

START_TEST(round_trip) {
    struct token_key key = token_key_of(STR("secret"));
    struct token in = token_of(_i), out;
    char text[TOKEN_TEXT_MAX];
    struct str s = token_make(&key, &in, text);

    ck_assert_uint_eq(s.n, rows[_i].length);
    ck_assert_int_eq(token_read(&key, s, &out), 0);
    ck_assert_msg(same(&in, &out), "%s", rows[_i].name);
}
END_TEST

/* Each letter is changed in turn, to each other letter: none of these passes. */
START_TEST(touched) {
    static const char others[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/.\n";
    struct token_key key = token_key_of(STR("secret"));
    struct token in = token_of(_i), out;
    char text[TOKEN_TEXT_MAX];
    struct str s = token_make(&key, &in, text);

    for (size_t i = 0; i < s.n; i++) {
        char was = text[i];
        for (const char *c = others; *c != '\0'; c++) {
            text[i] = *c;
            ck_assert_msg(*c == was || token_read(&key, s, &out) < 0, "%s: %zu %c", rows[_i].name, i, *c);
        }
        text[i] = was;
    }
    for (size_t n = 0; n < s.n; n++)
        ck_assert_int_eq(token_read(&key, str_upto(s, n), &out), -1);
}
END_TEST

START_TEST(other_secret) {
    struct token_key key = token_key_of(STR("secret")), other = token_key_of(STR("Secret"));
    struct token in = token_of(_i), out;
    char text[TOKEN_TEXT_MAX];

    ck_assert_int_eq(token_read(&other, token_make(&key, &in, text), &out), -1);
}
END_TEST

START_TEST(too_long) {
    struct token_key key = token_key_of(STR("secret"));
    struct token out;
    char text[4096];

    memset(text, 'A', sizeof text);
    for (size_t n = 0; n < sizeof text; n++)
        ck_assert_int_eq(token_read(&key, (struct str){text, n}, &out), -1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("token");
    TCase *tc = tcase_create("token");
    int n = sizeof rows / sizeof *rows;

    tcase_add_loop_test(tc, round_trip, 0, n);
    tcase_add_loop_test(tc, touched, 0, n);
    tcase_add_loop_test(tc, other_secret, 0, n);
    tcase_add_test(tc, too_long);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
