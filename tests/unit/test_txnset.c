/* A worker's transactions over a wire that only writes down what is sent; time is virtual. */
#include <check.h>

#include "tests/suite.h"
#include "tests/unit/bed_txnset.h"

/* --- scripts --- */

enum { STEPS = 12 };

static const char *const match_names[] = {[TXNSET_NEW] = "new",
                                          [TXNSET_ABSORBED] = "absorbed",
                                          [TXNSET_CANCEL] = "cancel",
                                          [TXNSET_NO_MATCH] = "no-match",
                                          [TXNSET_MERGED] = "merged"};

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

static void request(enum method method, int proto, uint64_t now_ms) {
    struct tx_facts f = facts_of(method, "z9hG4bKp1");
    struct tx *found;
    enum txnset_match match = txnset_request(world.set, &f, now_ms, &found);

    note(match_names[match]);
    if (match == TXNSET_NEW && method != METHOD_ACK)
        world.server = serve(method, "z9hG4bKp1", (enum flow_proto)proto, now_ms);
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
    tcase_add_test(tc, nothing);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
