/*
 * bed_txnset: a worker's transactions over a wire that only writes down what is sent, in `world.log`; time is virtual.
 */
#ifndef TESTS_UNIT_BED_TXNSET_H
#define TESTS_UNIT_BED_TXNSET_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/txnset.h"

enum { LOG_SIZE = 512 };

#define START 1000000ull
#define ID    0x0123456789abcdefull
#define TO    "To: <sip:b@example.com>;tag=t9\r\n"

static struct world {
    struct timerq q;
    struct txnset *set;
    struct tx *client, *server;
    char log[LOG_SIZE];
    size_t logged;
    bool broken; /* the wire refuses */
    int ended;
} world;

/* --- the world around the set --- */

static inline void note(const char *text) {
    int n = snprintf(world.log + world.logged, LOG_SIZE - world.logged, "%s%s", world.logged == 0 ? "" : " ", text);

    ck_assert_uint_lt(world.logged + (size_t)n, LOG_SIZE);
    world.logged += (size_t)n;
}

/* A request is noted by its method, with '+' when its body went along; a response by its status. */
static inline int wire_send(void *ctx, struct tx *tx, const char *bytes, size_t n) {
    char text[32];
    bool response = memcmp(bytes, "SIP/2.0 ", 8) == 0;
    struct str word =
        response ? (struct str){bytes + 8, 3} : (struct str){bytes, str_find((struct str){bytes, n}, ' ')};

    ck_assert_ptr_eq(ctx, &world);
    ck_assert_ptr_nonnull(tx);
    snprintf(text, sizeof text, "%.*s%s", (int)word.n, word.p, memmem(bytes, n, "v=0", 3) == NULL ? "" : "+");
    note(text);
    return world.broken ? -1 : 0;
}

static inline void got_response(void *ctx, struct tx *tx, int status, void *msg) {
    char text[32];

    ck_assert_ptr_eq(ctx, &world);
    ck_assert_ptr_eq(msg, &world.q);
    ck_assert_int_eq(tx->last_status, status);
    snprintf(text, sizeof text, "<%d", status);
    note(text);
}

static inline void got_failure(void *ctx, struct tx *tx, bool timeout) {
    ck_assert_ptr_eq(ctx, &world);
    note(tx->method == METHOD_CANCEL ? "!cancel" : timeout ? "!timeout" : "!error");
}

static inline void got_end(void *ctx, struct tx *tx) {
    ck_assert_ptr_eq(ctx, &world);
    world.client = world.client == tx ? NULL : world.client;
    world.server = world.server == tx ? NULL : world.server;
    world.ended++;
}

static inline void begin(void) {
    static const struct txnset_ops ops = {wire_send, got_response, got_failure, got_end, NULL};

    world = (struct world){0};
    timerq_init(&world.q, START);
    world.set = txnset_new(&world.q, NULL, &ops, &world);
    txnset_seed(world.set, 0x5eed);
}

static inline void clear_log(void) {
    world.log[0] = '\0';
    world.logged = 0;
}

/* --- messages --- */

#define HEAD(m)                                                                                                        \
    m " sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK0123456789abcdef\r\n"                    \
      "From: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>\r\nCall-ID: c1\r\nCSeq: 7 " m "\r\n"

#define INVITE_HEAD HEAD("INVITE") "Content-Length: 3\r\n\r\n"
#define INVITE      INVITE_HEAD "v=0"
#define OPTIONS     HEAD("OPTIONS") "Content-Length: 0\r\n\r\n"

/* A request of `id`, which is its branch, Call-ID and tags. */
static inline struct tx_facts facts_of(enum method method, const char *id) {
    struct str text = str_of(id);

    return (struct tx_facts){.method = method,
                             .method_name = str_of(method_name(method)),
                             .branch = text,
                             .via = text,
                             .sent_by = text,
                             .uri = text,
                             .call_id = text,
                             .from_tag = text,
                             .cseq = 7};
}

static inline struct tx *serve(enum method method, const char *id, enum flow_proto proto, uint64_t now_ms) {
    struct tx_facts f = facts_of(method, id);
    struct flow from = {.proto = proto};

    return txnset_server(world.set, &f, &from, now_ms);
}

static inline void reply(struct tx *tx, int status, uint64_t now_ms) {
    char text[64];
    int n = snprintf(text, sizeof text, "SIP/2.0 %d Text\r\n\r\n", status);

    txnset_reply(world.set, tx, status, (struct str){text, (size_t)n}, now_ms);
}

/* --- one exchange --- */

static inline void start_client(enum method method, int proto, uint64_t now_ms) {
    struct flow to = {.proto = (enum flow_proto)proto};
    struct str bytes = method == METHOD_INVITE ? STR(INVITE) : STR(OPTIONS);

    world.client = txnset_client(world.set, method, ID, &to, "b.example.com", bytes, 7, now_ms);
}

static inline void response(enum method method, int status, uint64_t now_ms) {
    struct tx *tx =
        txnset_response(world.set, STR("z9hG4bK0123456789abcdef"), method, status, STR(TO), &world.q, now_ms);

    if (tx == NULL)
        note("nobody");
}

#endif
