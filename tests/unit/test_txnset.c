/* A worker's transactions over a wire that only writes down what is sent; time is virtual. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/txnset.h"
#include "tests/suite.h"

enum { STEPS = 12, LOG_SIZE = 512, MANY = 5000, TX_MAX = 2048 };

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

static void note(const char *text) {
    int n = snprintf(world.log + world.logged, LOG_SIZE - world.logged, "%s%s", world.logged == 0 ? "" : " ", text);

    ck_assert_uint_lt(world.logged + (size_t)n, LOG_SIZE);
    world.logged += (size_t)n;
}

/* A request is noted by its method, with '+' when its body went along; a response by its status. */
static int wire_send(void *ctx, struct tx *tx, const char *bytes, size_t n) {
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

static void got_response(void *ctx, struct tx *tx, int status, void *msg) {
    char text[32];

    ck_assert_ptr_eq(ctx, &world);
    ck_assert_ptr_eq(msg, &world.q);
    ck_assert_int_eq(tx->last_status, status);
    snprintf(text, sizeof text, "<%d", status);
    note(text);
}

static void got_failure(void *ctx, struct tx *tx, bool timeout) {
    ck_assert_ptr_eq(ctx, &world);
    note(tx->method == METHOD_CANCEL ? "!cancel" : timeout ? "!timeout" : "!error");
}

static void got_end(void *ctx, struct tx *tx) {
    ck_assert_ptr_eq(ctx, &world);
    world.client = world.client == tx ? NULL : world.client;
    world.server = world.server == tx ? NULL : world.server;
    world.ended++;
}

static void begin(void) {
    static const struct txnset_ops ops = {wire_send, got_response, got_failure, got_end, NULL};

    world = (struct world){0};
    timerq_init(&world.q, START);
    world.set = txnset_new(&world.q, NULL, &ops, &world);
    txnset_seed(world.set, 0x5eed);
}

static void clear_log(void) {
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
static struct tx_facts facts_of(enum method method, const char *id) {
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

static const char *const match_names[] = {[TXNSET_NEW] = "new",
                                          [TXNSET_ABSORBED] = "absorbed",
                                          [TXNSET_CANCEL] = "cancel",
                                          [TXNSET_NO_MATCH] = "no-match",
                                          [TXNSET_MERGED] = "merged"};

static struct tx *serve(enum method method, const char *id, enum flow_proto proto, uint64_t now_ms) {
    struct tx_facts f = facts_of(method, id);
    struct flow from = {.proto = proto};

    return txnset_server(world.set, &f, &from, now_ms);
}

static void reply(struct tx *tx, int status, uint64_t now_ms) {
    char text[64];
    int n = snprintf(text, sizeof text, "SIP/2.0 %d Text\r\n\r\n", status);

    txnset_reply(world.set, tx, status, (struct str){text, (size_t)n}, now_ms);
}

/* --- scripts --- */

enum op {
    OP_END,
    OP_INVITE,    /* our INVITE; n: enum flow_proto */
    OP_OPTIONS,   /* our OPTIONS */
    OP_CANCEL,    /* we want our INVITE cancelled */
    OP_RESPONSE,  /* n: status, to our request */
    OP_CANCELLED, /* n: status, to our CANCEL */
    OP_LOST,      /* the transport gives our request back */
    OP_BREAK,     /* n: does the wire refuse from now on */
    OP_INVITED,   /* INVITE comes in; n: enum flow_proto */
    OP_ASKED,     /* OPTIONS comes in */
    OP_ACKED,
    OP_REPLY, /* n: status */
    OP_RUN,
};

struct step {
    enum op op;
    uint32_t at_ms;
    int n;
    const char *log;
};

struct script {
    const char *name;
    struct step steps[STEPS];
    uint32_t active, open, ended; /* afterwards */
};

/* clang-format off */
static const struct script scripts[] = {
    {"RFC 3261 17.1.1.2: resent whole until the first provisional",
     {{OP_INVITE, 0, FLOW_UDP, "INVITE+"}, {OP_RUN, 500, 0, "INVITE+"}, {OP_RUN, 1500, 0, "INVITE+"},
      {OP_RESPONSE, 1600, 100, "<100"},
      {OP_RESPONSE, 1700, 180, "<180"}, {OP_RUN, 90000, 0, ""}}, 1, 1, 0},
    {"RFC 3261 17.1.1.2: no answer in 64*T1",
     {{OP_INVITE, 0, FLOW_TCP, "INVITE+"}, {OP_RUN, 31999, 0, ""}, {OP_RUN, 32000, 0, "!timeout"}}, 0, 0, 1},
    {"RFC 3261 17.1.1.3: ACK to a failure and to its copy, 32 s",
     {{OP_INVITE, 0, FLOW_UDP, "INVITE+"}, {OP_RESPONSE, 10, 180, "<180"}, {OP_RESPONSE, 20, 486, "ACK <486"},
      {OP_RESPONSE, 520, 486, "ACK"}, {OP_RUN, 32019, 0, ""}, {OP_RUN, 32020, 0, ""}}, 0, 0, 1},
    {"RFC 3261 17.1.1.2 timer D on a stream: over at once",
     {{OP_INVITE, 0, FLOW_TLS, "INVITE+"}, {OP_RESPONSE, 20, 486, "ACK <486"}, {OP_RUN, 20, 0, ""}}, 0, 0, 1},
    {"RFC 6026 7.2: each 2xx of each fork goes up for 64*T1; ACK is the user's",
     {{OP_INVITE, 0, FLOW_UDP, "INVITE+"}, {OP_RESPONSE, 20, 200, "<200"}, {OP_RESPONSE, 520, 200, "<200"},
      {OP_RESPONSE, 600, 486, ""}, {OP_RUN, 32019, 0, ""}}, 1, 0, 0},
    {"RFC 3261 17.1.2.2: copies of the answer are swallowed",
     {{OP_OPTIONS, 0, FLOW_UDP, "OPTIONS"}, {OP_RUN, 500, 0, "OPTIONS"}, {OP_RESPONSE, 600, 200, "<200"},
      {OP_RESPONSE, 700, 200, ""}, {OP_RUN, 5599, 0, ""}}, 1, 0, 0},
    {"RFC 3261 17.1.2.2: no answer in 64*T1",
     {{OP_OPTIONS, 0, FLOW_TCP, "OPTIONS"}, {OP_RUN, 31999, 0, ""}, {OP_RUN, 32000, 0, "!timeout"}}, 0, 0, 1},
    {"RFC 3261 17.1.3: a response after the end belongs to nobody",
     {{OP_OPTIONS, 0, FLOW_TCP, "OPTIONS"}, {OP_RESPONSE, 20, 200, "<200"}, {OP_RUN, 20, 0, ""},
      {OP_RESPONSE, 30, 200, "nobody"}}, 0, 0, 1},

    {"RFC 3261 9.1: CANCEL at once after a provisional, and once",
     {{OP_INVITE, 0, FLOW_UDP, "INVITE+"}, {OP_RESPONSE, 10, 180, "<180"}, {OP_CANCEL, 20, 0, "CANCEL"},
      {OP_CANCEL, 30, 0, ""}, {OP_CANCELLED, 40, 200, "<200"}, {OP_RESPONSE, 50, 487, "ACK <487"}}, 2, 0, 0},
    {"RFC 3261 9.1: CANCEL waits for a provisional",
     {{OP_INVITE, 0, FLOW_UDP, "INVITE+"}, {OP_CANCEL, 20, 0, ""}, {OP_RUN, 500, 0, "INVITE+"},
      {OP_RESPONSE, 600, 100, "CANCEL <100"}, {OP_RESPONSE, 700, 180, "<180"}}, 2, 2, 0},
    {"RFC 3261 9.1: no CANCEL after a final",
     {{OP_INVITE, 0, FLOW_UDP, "INVITE+"}, {OP_CANCEL, 5, 0, ""}, {OP_RESPONSE, 10, 486, "ACK <486"},
      {OP_CANCEL, 20, 0, ""}}, 1, 0, 0},
    {"RFC 3261 9.1: CANCEL is resent by itself and its failure is nobody's; the INVITE is given up after 64*T1",
     {{OP_INVITE, 0, FLOW_UDP, "INVITE+"}, {OP_RESPONSE, 10, 180, "<180"}, {OP_CANCEL, 1000, 0, "CANCEL"},
      {OP_RUN, 1500, 0, "CANCEL"}, {OP_CANCELLED, 1600, 200, "<200"}, {OP_RUN, 32999, 0, ""},
      {OP_RUN, 33000, 0, "!timeout"}}, 0, 0, 2},
    {"RFC 3261 9.1: nor does a provisional prolong that",
     {{OP_INVITE, 0, FLOW_TCP, "INVITE+"}, {OP_RESPONSE, 10, 180, "<180"}, {OP_CANCEL, 1000, 0, "CANCEL"},
      {OP_CANCELLED, 1600, 200, "<200"}, {OP_RESPONSE, 30000, 180, "<180"}, {OP_RUN, 33000, 0, "!timeout"}}, 0, 0, 2},
    {"RFC 3261 9.1: a 2xx that crossed the CANCEL goes up",
     {{OP_INVITE, 0, FLOW_TCP, "INVITE+"}, {OP_RESPONSE, 10, 180, "<180"}, {OP_CANCEL, 20, 0, "CANCEL"},
      {OP_RESPONSE, 30, 200, "<200"}}, 2, 1, 0},

    {"RFC 3261 17.1.4: a send that fails is told later, never inside",
     {{OP_BREAK, 0, true, ""}, {OP_INVITE, 0, FLOW_TCP, "INVITE+"}, {OP_RUN, 0, 0, "!error"}}, 0, 0, 1},
    {"RFC 3261 17.1.4: a resend that fails",
     {{OP_INVITE, 0, FLOW_UDP, "INVITE+"}, {OP_BREAK, 1, true, ""}, {OP_RUN, 500, 0, "INVITE+ !error"}}, 0, 0, 1},
    {"RFC 3261 17.1.4: bytes that came back",
     {{OP_OPTIONS, 0, FLOW_TCP, "OPTIONS"}, {OP_LOST, 5, 0, "!error"}}, 0, 0, 1},
    {"RFC 3261 17.1.4: bytes that came back after a provisional are old news",
     {{OP_INVITE, 0, FLOW_TCP, "INVITE+"}, {OP_RESPONSE, 1, 180, "<180"}, {OP_LOST, 5, 0, ""}}, 1, 1, 0},
    {"RFC 3261 17.1.1.2: an ACK that does not go is tried again with the next copy",
     {{OP_INVITE, 0, FLOW_UDP, "INVITE+"}, {OP_BREAK, 1, true, ""}, {OP_RESPONSE, 10, 486, "ACK <486"},
      {OP_RUN, 20, 0, ""}, {OP_BREAK, 21, false, ""}, {OP_RESPONSE, 510, 486, "ACK"}, {OP_RUN, 32010, 0, ""}}, 0, 0, 1},

    {"RFC 3261 17.2.1: copies get the last response from the kept bytes",
     {{OP_INVITED, 0, FLOW_UDP, "new"}, {OP_INVITED, 10, FLOW_UDP, "absorbed"}, {OP_REPLY, 20, 100, "100"},
      {OP_REPLY, 30, 183, "183"}, {OP_INVITED, 500, FLOW_UDP, "183 absorbed"}, {OP_REPLY, 600, 486, "486"},
      {OP_INVITED, 700, FLOW_UDP, "486 absorbed"}, {OP_RUN, 1100, 0, "486"}, {OP_ACKED, 1200, 0, "absorbed"},
      {OP_INVITED, 1300, FLOW_UDP, "absorbed"}, {OP_RUN, 6199, 0, ""}}, 1, 0, 0},
    {"RFC 3261 17.2.1 timer H: no ACK",
     {{OP_INVITED, 0, FLOW_TCP, "new"}, {OP_REPLY, 0, 486, "486"}, {OP_RUN, 31999, 0, ""},
      {OP_RUN, 32000, 0, "!timeout"}}, 0, 0, 1},
    {"RFC 3261 17.2.1 timer I on a stream: over at once",
     {{OP_INVITED, 0, FLOW_TCP, "new"}, {OP_REPLY, 0, 486, "486"}, {OP_ACKED, 10, 0, "absorbed"},
      {OP_RUN, 10, 0, ""}}, 0, 0, 1},
    {"RFC 6026 7.1: 2xx resending is the user's, copies of the INVITE are swallowed",
     {{OP_INVITED, 0, FLOW_UDP, "new"}, {OP_REPLY, 10, 200, "200"}, {OP_INVITED, 500, FLOW_UDP, "absorbed"},
      {OP_ACKED, 600, 0, "new"}, {OP_RUN, 32009, 0, ""}}, 1, 0, 0},
    {"RFC 3261 17.2.1: one final response only",
     {{OP_INVITED, 0, FLOW_UDP, "new"}, {OP_REPLY, 10, 200, "200"}, {OP_REPLY, 20, 486, ""},
      {OP_REPLY, 30, 180, ""}}, 1, 0, 0},
    {"RFC 3261 17.2.2: copies before, between and after the responses",
     {{OP_ASKED, 0, FLOW_UDP, "new"}, {OP_ASKED, 10, FLOW_UDP, "absorbed"}, {OP_REPLY, 20, 100, "100"},
      {OP_ASKED, 30, FLOW_UDP, "100 absorbed"}, {OP_REPLY, 40, 200, "200"}, {OP_REPLY, 45, 500, ""},
      {OP_ASKED, 50, FLOW_UDP, "200 absorbed"}, {OP_RUN, 32039, 0, ""}, {OP_RUN, 32040, 0, ""},
      {OP_ASKED, 32041, FLOW_UDP, "new"}}, 1, 1, 1},
    {"RFC 3261 17.2.2 timer J on a stream: over at once",
     {{OP_ASKED, 0, FLOW_TCP, "new"}, {OP_REPLY, 40, 200, "200"}, {OP_RUN, 40, 0, ""}}, 0, 0, 1},
    {"RFC 6026 figure 7: a response that cannot be sent changes nothing",
     {{OP_INVITED, 0, FLOW_UDP, "new"}, {OP_BREAK, 0, true, ""}, {OP_REPLY, 10, 486, "486"},
      {OP_RUN, 510, 0, "486"}}, 1, 1, 0},
};
/* clang-format on */

static void start_client(enum method method, int proto, uint64_t now_ms) {
    struct flow to = {.proto = (enum flow_proto)proto};
    struct str bytes = method == METHOD_INVITE ? STR(INVITE) : STR(OPTIONS);

    world.client = txnset_client(world.set, method, ID, &to, "b.example.com", bytes, 7, now_ms);
}

static void request(enum method method, int proto, uint64_t now_ms) {
    struct tx_facts f = facts_of(method, "z9hG4bKp1");
    struct tx *found;
    enum txnset_match match = txnset_request(world.set, &f, now_ms, &found);

    note(match_names[match]);
    if (match == TXNSET_NEW && method != METHOD_ACK)
        world.server = serve(method, "z9hG4bKp1", (enum flow_proto)proto, now_ms);
}

static void response(enum method method, int status, uint64_t now_ms) {
    struct tx *tx =
        txnset_response(world.set, STR("z9hG4bK0123456789abcdef"), method, status, STR(TO), &world.q, now_ms);

    if (tx == NULL)
        note("nobody");
}

static void act(const struct step *s, enum method sent) {
    uint64_t now_ms = START + s->at_ms;

    switch (s->op) {
    case OP_END:
        break;
    case OP_INVITE:
        start_client(METHOD_INVITE, s->n, now_ms);
        break;
    case OP_OPTIONS:
        start_client(METHOD_OPTIONS, s->n, now_ms);
        break;
    case OP_CANCEL:
        txnset_cancel(world.set, world.client, STR_NONE, now_ms);
        break;
    case OP_RESPONSE:
        response(sent, s->n, now_ms);
        break;
    case OP_CANCELLED:
        response(METHOD_CANCEL, s->n, now_ms);
        break;
    case OP_LOST:
        txnset_undelivered(world.set, STR("z9hG4bK0123456789abcdef"), sent, now_ms);
        break;
    case OP_BREAK:
        world.broken = s->n != 0;
        break;
    case OP_INVITED:
        request(METHOD_INVITE, s->n, now_ms);
        break;
    case OP_ASKED:
        request(METHOD_OPTIONS, s->n, now_ms);
        break;
    case OP_ACKED:
        request(METHOD_ACK, FLOW_UDP, now_ms);
        break;
    case OP_REPLY:
        reply(world.server, s->n, now_ms);
        break;
    case OP_RUN:
        timerq_run(&world.q, now_ms);
        break;
    }
}

START_TEST(script) {
    const struct script *sc = &scripts[_i];
    enum method sent = METHOD_INVITE;

    begin();
    for (const struct step *s = sc->steps; s < sc->steps + STEPS && s->op != OP_END; s++) {
        clear_log();
        sent = s->op == OP_OPTIONS ? METHOD_OPTIONS : sent;
        act(s, sent);
        ck_assert_msg(strcmp(world.log, s->log) == 0, "%s: step %td: \"%s\", not \"%s\"", sc->name, s - sc->steps,
                      world.log, s->log);
    }
    struct txnset_counts c = txnset_counts(world.set);
    ck_assert_msg(c.active == sc->active && c.open == sc->open && world.ended == (int)sc->ended,
                  "%s: active %u, open %u, ended %d", sc->name, c.active, c.open, world.ended);
    txnset_free(world.set);
    ck_assert_msg(world.ended == (int)(sc->ended + sc->active), "%s: ended by freeing", sc->name);
    ck_assert_uint_eq(world.q.count, 0);
}
END_TEST

/* --- responses find their requests --- */

static const struct {
    const char *name;
    enum method sent;
    const char *branch;
    enum method answered;
    bool found;
} answers[] = {
    {"RFC 3261 17.1.3: branch and method", METHOD_INVITE, "z9hG4bK0123456789abcdef", METHOD_INVITE, true},
    {"RFC 3261 17.1.3: another branch", METHOD_INVITE, "z9hG4bK0123456789abcdee", METHOD_INVITE, false},
    {"RFC 3261 17.1.3: another method", METHOD_INVITE, "z9hG4bK0123456789abcdef", METHOD_BYE, false},
    {"RFC 3261 17.1.3: to a CANCEL that never went", METHOD_INVITE, "z9hG4bK0123456789abcdef", METHOD_CANCEL, false},
    {"RFC 3261 17.1.3: an unknown method", METHOD_UNKNOWN, "z9hG4bK0123456789abcdef", METHOD_UNKNOWN, true},
    {"too short a branch to be ours", METHOD_INVITE, "123456789abcdef", METHOD_INVITE, false},
    {"no branch", METHOD_INVITE, "", METHOD_INVITE, false},
    {"a branch that ends otherwise", METHOD_INVITE, "z9hG4bK0123456789abcdeg", METHOD_INVITE, false},
    {"a branch that goes on", METHOD_INVITE, "z9hG4bK0123456789abcdef0", METHOD_INVITE, false},
};

START_TEST(answer) {
    begin();
    start_client(answers[_i].sent, FLOW_UDP, START);
    const struct tx *seen = txnset_peek(world.set, str_of(answers[_i].branch), answers[_i].answered);
    struct tx *tx = txnset_response(world.set, str_of(answers[_i].branch), answers[_i].answered, 200, STR(TO), &world.q,
                                    START + 10);
    ck_assert_msg(tx == (answers[_i].found ? world.client : NULL), "%s", answers[_i].name);
    ck_assert_msg(seen == tx, "%s: seen before", answers[_i].name);
    txnset_free(world.set);
}
END_TEST

/* --- what is kept --- */

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

START_TEST(nothing) {
    struct tx *found;
    struct tx_facts f = facts_of(METHOD_INVITE, "z9hG4bKp1");

    txnset_free(NULL);
    begin();
    ck_assert_int_eq(txnset_request(world.set, &f, START, &found), TXNSET_NEW);
    ck_assert_ptr_null(txnset_response(world.set, STR("0123456789abcdef"), METHOD_BYE, 200, STR(TO), NULL, START));
    txnset_undelivered(world.set, STR("0123456789abcdef"), METHOD_BYE, START);
    ck_assert_uint_eq(txnset_counts(world.set).active, 0);
    txnset_free(world.set);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("txnset");
    TCase *tc = tcase_create("txnset");

    tcase_add_loop_test(tc, script, 0, sizeof scripts / sizeof *scripts);
    tcase_add_loop_test(tc, answer, 0, sizeof answers / sizeof *answers);
    tcase_add_test(tc, body_let_go);
    tcase_add_loop_test(tc, memory_afterwards, 0, sizeof left / sizeof *left);
    tcase_add_test(tc, long_parts);
    tcase_add_test(tc, many);
    tcase_add_test(tc, nothing);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
