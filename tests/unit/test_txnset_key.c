/* What a second request is to the first: two sets of facts, one verdict. */
#include <check.h>
#include <stdlib.h>

#include "b2bua/core/txnset.h"
#include "tests/suite.h"

/* What a row changes of the base INVITE; nothing given = as it is. */
struct vary {
    enum method method;
    const char *name, *branch, *sent_by, *via, *uri, *call_id, *from_tag, *to_tag;
    uint32_t cseq;
    bool forks;
};

#define OLD "1" /* a branch without the magic cookie */

/* clang-format off */
static const struct {
    const char *name;
    struct vary first;
    int answered; /* status given to the first, 0 = none */
    struct vary second;
    enum txnset_match match;
} rows[] = {
    {"RFC 3261 17.2.3: the same request", {0}, 0, {0}, TXNSET_ABSORBED},
    {"RFC 3261 17.2.3: another branch is another request", {0}, 0, {.branch = "z9hG4bKp2", .cseq = 8}, TXNSET_NEW},
    {"RFC 3261 17.2.3: another sent-by is another request", {0}, 0, {.sent_by = "q", .cseq = 8}, TXNSET_NEW},
    {"RFC 3261 17.2.3: another method is another request", {0}, 0, {.method = METHOD_OPTIONS}, TXNSET_NEW},
    {"RFC 3261 17.2.3: branch, sent-by and method decide alone",
     {0}, 0, {.uri = "sip:x", .call_id = "c2", .from_tag = "f2", .to_tag = "t2", .cseq = 9}, TXNSET_ABSORBED},
    {"RFC 3261 8.1.1.7: the cookie in other case", {0}, 0, {.branch = "Z9HG4BKp2", .cseq = 8}, TXNSET_NEW},
    {"RFC 3261 17.2.3: unknown methods by name", {.name = "FOO"}, 0, {.name = "FOO"}, TXNSET_ABSORBED},
    {"RFC 3261 17.2.3: two unknown methods", {.name = "FOO"}, 0, {.name = "BAR"}, TXNSET_NEW},
    {"RFC 3261 17.2.3: ACK to a failure", {0}, 486, {.method = METHOD_ACK, .to_tag = "t1"}, TXNSET_ABSORBED},
    {"RFC 3261 17.2.3: ACK with another sent-by", {0}, 486, {.method = METHOD_ACK, .sent_by = "q"}, TXNSET_NEW},
    {"RFC 6026 7.1: ACK to a 2xx goes up", {0}, 200, {.method = METHOD_ACK, .to_tag = "t1"}, TXNSET_NEW},
    {"RFC 3261 13.3.1.4: ACK to a 2xx with a branch of its own",
     {0}, 200, {.method = METHOD_ACK, .branch = "z9hG4bKp3"}, TXNSET_NEW},
    {"RFC 6026 7.1: a copy of an answered INVITE", {0}, 200, {0}, TXNSET_ABSORBED},
    {"RFC 3261 17.2.1: a copy of a refused INVITE", {0}, 486, {0}, TXNSET_ABSORBED},
    {"RFC 3261 9.2: CANCEL", {0}, 180, {.method = METHOD_CANCEL}, TXNSET_CANCEL},
    {"RFC 3261 9.2: CANCEL after the answer", {0}, 200, {.method = METHOD_CANCEL}, TXNSET_CANCEL},
    {"RFC 3261 9.2: CANCEL of another call",
     {0}, 0, {.method = METHOD_CANCEL, .branch = "z9hG4bKp2", .call_id = "c2"}, TXNSET_NO_MATCH},
    {"RFC 3261 9.2: CANCEL of another CSeq",
     {0}, 0, {.method = METHOD_CANCEL, .branch = "z9hG4bKp2", .cseq = 8}, TXNSET_NO_MATCH},
    {"RFC 3261 9.2: CANCEL with the sent-by that a NAT gave",
     {0}, 0, {.method = METHOD_CANCEL, .sent_by = "192.0.2.9:7"}, TXNSET_CANCEL},
    {"RFC 3261 9.1: CANCEL of anything but INVITE",
     {.method = METHOD_OPTIONS}, 0, {.method = METHOD_CANCEL}, TXNSET_NO_MATCH},
    {"RFC 3261 8.2.2.2: by another path", {0}, 0, {.branch = "z9hG4bKp2", .sent_by = "q"}, TXNSET_MERGED},
    {"RFC 3261 8.2.2.2: by another path, other Request-URI",
     {0}, 0, {.branch = "z9hG4bKp2", .uri = "sip:x"}, TXNSET_MERGED},
    {"RFC 3261 8.2.2.2: by another path, not INVITE",
     {.method = METHOD_OPTIONS}, 0, {.method = METHOD_OPTIONS, .branch = "z9hG4bKp2"}, TXNSET_MERGED},
    {"RFC 3261 16.3: by another path, for somebody else behind us",
     {.forks = true}, 0, {.branch = "z9hG4bKp2", .forks = true}, TXNSET_NEW},
    {"RFC 3261 17.2.3: of these, too, a copy is a copy", {.forks = true}, 0, {.forks = true}, TXNSET_ABSORBED},
    {"RFC 3261 8.2.2.2: a To tag is no merging", {0}, 0, {.branch = "z9hG4bKp2", .to_tag = "t1"}, TXNSET_NEW},
    {"RFC 3261 8.2.2.2: the first had a To tag", {.to_tag = "t1"}, 0, {.branch = "z9hG4bKp2"}, TXNSET_NEW},
    {"RFC 3261 8.2.2.2: another CSeq", {0}, 0, {.branch = "z9hG4bKp2", .cseq = 8}, TXNSET_NEW},
    {"RFC 3261 8.2.2.2: another From tag", {0}, 0, {.branch = "z9hG4bKp2", .from_tag = "f2"}, TXNSET_NEW},
    {"RFC 3261 8.2.2.2: another Call-ID", {0}, 0, {.branch = "z9hG4bKp2", .call_id = "c2"}, TXNSET_NEW},
    {"RFC 3261 17.2.3, old branch: the same request", {.branch = OLD}, 0, {.branch = OLD}, TXNSET_ABSORBED},
    {"RFC 3261 17.2.3, no branch: the same request", {.branch = ""}, 0, {.branch = ""}, TXNSET_ABSORBED},
    {"RFC 4475 3.2.1, bare cookie: no branch at all",
     {.branch = "z9hG4bK"}, 0, {.branch = "z9hG4bK", .call_id = "c2"}, TXNSET_NEW},
    {"RFC 3261 17.2.3, old branch: ACK, whose To tag is ours",
     {.branch = OLD}, 486, {.method = METHOD_ACK, .branch = OLD, .to_tag = "t1"}, TXNSET_ABSORBED},
    {"RFC 3261 17.2.3, old branch: CANCEL",
     {.branch = OLD}, 180, {.method = METHOD_CANCEL, .branch = OLD}, TXNSET_CANCEL},
    {"RFC 3261 17.2.3, old branch: other Request-URI",
     {.branch = OLD, .to_tag = "t"}, 0, {.branch = OLD, .to_tag = "t", .uri = "sip:x"}, TXNSET_NEW},
    {"RFC 3261 17.2.3, old branch: other From tag", {.branch = OLD}, 0, {.branch = OLD, .from_tag = "f2"}, TXNSET_NEW},
    {"RFC 3261 17.2.3, old branch: other Call-ID", {.branch = OLD}, 0, {.branch = OLD, .call_id = "c2"}, TXNSET_NEW},
    {"RFC 3261 17.2.3, old branch: other CSeq", {.branch = OLD}, 0, {.branch = OLD, .cseq = 8}, TXNSET_NEW},
    {"RFC 3261 17.2.3, old branch: other top Via",
     {.branch = OLD, .to_tag = "t"}, 0, {.branch = OLD, .to_tag = "t", .via = "SIP/2.0/UDP q"}, TXNSET_NEW},
    {"RFC 3261 17.2.3, old branch: other To tag",
     {.method = METHOD_BYE, .branch = OLD, .to_tag = "t1"}, 0,
     {.method = METHOD_BYE, .branch = OLD, .to_tag = "t2"}, TXNSET_NEW},
};
/* clang-format on */

static struct str either(const char *text, const char *base) {
    return str_of(text != NULL ? text : base);
}

static struct tx_facts facts_of(const struct vary *v) {
    enum method method = v->method == METHOD_UNKNOWN && v->name == NULL ? METHOD_INVITE : v->method;

    return (struct tx_facts){.method = method,
                             .method_name = either(v->name, method_name(method)),
                             .branch = either(v->branch, "z9hG4bKp1"),
                             .via = either(v->via, "SIP/2.0/UDP p.example.com;branch=z9hG4bKp1"),
                             .sent_by = either(v->sent_by, "p.example.com"),
                             .uri = either(v->uri, "sip:b@example.com"),
                             .call_id = either(v->call_id, "c1"),
                             .from_tag = either(v->from_tag, "f1"),
                             .to_tag = either(v->to_tag, ""),
                             .cseq = v->cseq == 0 ? 7 : v->cseq,
                             .forks = v->forks};
}

static int wire_send(void *ctx, struct tx *tx, const char *bytes, size_t n) {
    (void)ctx;
    (void)tx;
    (void)bytes;
    (void)n;
    return 0;
}

static void ended(void *ctx, struct tx *tx) {
    (void)ctx;
    (void)tx;
}

START_TEST(matches) {
    static const struct txnset_ops ops = {.send = wire_send, .ended = ended};
    static const struct flow from = {.proto = FLOW_UDP};
    struct tx_facts f = facts_of(&rows[_i].first);
    struct timerq q;

    timerq_init(&q, 0);
    struct txnset *set = txnset_new(&q, NULL, &ops, NULL);
    struct tx *first = txnset_server(set, &f, &from, 0);
    struct tx *found = first;
    if (rows[_i].answered != 0)
        txnset_reply(set, first, rows[_i].answered, STR("SIP/2.0 200 OK\r\n\r\n"), 10);
    f = facts_of(&rows[_i].second);
    enum txnset_match match = txnset_request(set, &f, 20, &found);
    ck_assert_msg(match == rows[_i].match, "%s: %d", rows[_i].name, match);
    bool known = match == TXNSET_CANCEL || match == TXNSET_ABSORBED;
    ck_assert_msg(found == (known ? first : NULL), "%s: found", rows[_i].name);
    ck_assert_msg(first->cancelled == (match == TXNSET_CANCEL), "%s: cancelled", rows[_i].name);
    txnset_free(set);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("txnset_key");
    TCase *tc = tcase_create("txnset_key");

    tcase_add_loop_test(tc, matches, 0, sizeof rows / sizeof *rows);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
