/* What a transaction keeps, how much that is when only copies are waited for, and that many find theirs. */
#include <check.h>

#include "tests/suite.h"
#include "tests/unit/bed_txnset.h"

enum { MANY = 5000, TX_MAX = 2048 };

/* What is left of a transaction when only copies are waited for: the tx, its keys, its bytes. */
static size_t size_of(const struct tx *tx) {
    return sizeof *tx + tx->key.n + tx->merge.n + tx->kept.n + (tx->host == NULL ? 0 : strlen(tx->host) + 1);
}

/* RFC 3261 17.1.1.3: ACK and CANCEL need the head alone, so a body is let go when resending is over. */
START_TEST(body_let_go) {
    begin();
    start_client(METHOD_INVITE, FLOW_UDP, START);
    ck_assert(str_eq(world.client->kept, STR(INVITE)));
    response(METHOD_INVITE, 180, START + 10);
    ck_assert(str_eq(world.client->kept, STR(INVITE_HEAD)));
    response(METHOD_INVITE, 180, START + 20);
    ck_assert(str_eq(world.client->kept, STR(INVITE_HEAD)));
    response(METHOD_INVITE, 200, START + 30);
    ck_assert_uint_eq(world.client->kept.n, 0);
    txnset_free(world.set);
}
END_TEST

static const struct {
    const char *name;
    enum method method;
    int status;
} left[] = {
    {"INVITE, 2xx", METHOD_INVITE, 200},
    {"INVITE, failure", METHOD_INVITE, 486},
    {"OPTIONS, 2xx", METHOD_OPTIONS, 200},
    {"OPTIONS, failure", METHOD_OPTIONS, 404},
};

/* On UDP, where most has to wait: with parts as long as peers write them and a body that fills a datagram. */
START_TEST(memory_afterwards) {
    static const char id[] = "z9hG4bK-3848276298220188511-3848276298220188511.atlanta.example.com";
    char request[1400 + 1] = INVITE_HEAD, response_text[600] = "SIP/2.0 200 OK\r\n";
    struct flow flow = {.proto = FLOW_UDP};

    memset(request + strlen(request), 'b', sizeof request - 1 - strlen(request));
    memset(response_text + strlen(response_text), 'h', sizeof response_text - strlen(response_text));
    begin();
    struct tx *server = serve(left[_i].method, id, FLOW_UDP, START);
    txnset_reply(world.set, server, left[_i].status, (struct str){response_text, sizeof response_text}, START + 10);
    ck_assert_msg(size_of(server) < TX_MAX, "%s: server: %zu", left[_i].name, size_of(server));
    struct tx *client = txnset_client(world.set, left[_i].method, ID, &flow, "b.example.com",
                                      (struct str){request, sizeof request - 1}, 7, START);
    response(left[_i].method, left[_i].status, START + 10);
    ck_assert_msg(size_of(client) < TX_MAX / 2, "%s: client: %zu", left[_i].name, size_of(client));
    ck_assert_uint_eq(txnset_counts(world.set).open, left[_i].method == METHOD_INVITE && left[_i].status > 299 ? 1 : 0);
    txnset_free(world.set);
}
END_TEST

/* A key stays small whatever a peer writes, and long parts still tell requests apart. */
START_TEST(long_parts) {
    enum { LONG = 60000 };
    char *text = mem_alloc(LONG + 1);

    memset(text, 'x', LONG);
    text[LONG] = '\0';
    memcpy(text, "z9hG4bK", 7);
    begin();
    for (int old = 0; old < 2; old++) {
        text[0] = old != 0 ? 'y' : 'z'; /* without the cookie all parts count */
        struct tx_facts f = facts_of(METHOD_OPTIONS, text);
        struct tx *found, *tx = serve(METHOD_OPTIONS, text, FLOW_UDP, START);
        ck_assert_uint_lt(size_of(tx), TX_MAX);
        ck_assert_int_eq(txnset_request(world.set, &f, START, &found), TXNSET_ABSORBED);
        text[LONG - 1] = 'X';
        ck_assert_int_eq(txnset_request(world.set, &f, START, &found), TXNSET_NEW);
        text[LONG - 1] = 'x';
    }
    txnset_free(world.set);
    free(text);
}
END_TEST

/* --- many --- */

static const char *numbered(int i, char text[32]) {
    snprintf(text, 32, "z9hG4bKn%d", i);
    return text;
}

static enum txnset_match again(int i, uint64_t now_ms) {
    char text[32];
    struct tx_facts f = facts_of(METHOD_INVITE, numbered(i, text));
    struct tx *found;

    return txnset_request(world.set, &f, now_ms, &found);
}

/* The tables grow under load; each is found, none stays. */
START_TEST(many) {
    struct flow to = {.proto = FLOW_UDP};
    char text[32];

    begin();
    for (int i = 0; i < MANY; i++) {
        struct tx *tx = serve(METHOD_INVITE, numbered(i, text), FLOW_UDP, START);
        reply(tx, 200, START);
        txnset_client(world.set, METHOD_OPTIONS, ID + (unsigned)i, &to, NULL, STR(OPTIONS), 7, START);
        clear_log();
    }
    ck_assert_uint_eq(txnset_counts(world.set).active, 2 * MANY);
    ck_assert_uint_eq(txnset_counts(world.set).open, MANY);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(again(i, START + 1), TXNSET_ABSORBED);
        struct sbuf b = sbuf_on(text, sizeof text);
        sbuf_hex(&b, ID + (unsigned)i);
        ck_assert_ptr_nonnull(
            txnset_response(world.set, sbuf_str(&b), METHOD_OPTIONS, 200, STR(TO), &world.q, START + 1));
        clear_log();
    }
    struct txnset_counts c = txnset_counts(world.set);
    ck_assert_uint_eq(c.open, 0);
    ck_assert_uint_eq(c.absorbed, MANY);
    ck_assert_uint_eq(c.resent, 0);
    timerq_run(&world.q, START + 32000);
    ck_assert_uint_eq(txnset_counts(world.set).active, 0);
    ck_assert_int_eq(world.ended, 2 * MANY);
    ck_assert_int_eq(again(0, START + 32001), TXNSET_NEW);
    txnset_free(world.set);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("txnset_kept");
    TCase *tc = tcase_create("kept");

    tcase_add_test(tc, body_let_go);
    tcase_add_loop_test(tc, memory_afterwards, 0, sizeof left / sizeof *left);
    tcase_add_test(tc, long_parts);
    tcase_add_test(tc, many);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
