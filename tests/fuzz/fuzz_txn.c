/*
 * Transactions under any order of events: four bytes are one step (what, which, how, how much later). One machine is
 * driven alone beside a set of transactions whose users, peer and transport are the input.
 */
#include <assert.h>
#include <stdlib.h>

#include "b2bua/core/txnset.h"

enum { LIVE_MAX = 128, OURS_MAX = 64, STEP = 4, IDS = 8 };

static const struct txn_times times = {500, 4000, 5000};

struct world {
    struct timerq timers;
    struct txnset *set;
    struct tx *live[LIVE_MAX];
    unsigned count;
    bool send_fails;
    struct txn machine;
    uint64_t now_ms;
};

static unsigned place(const struct world *w, const struct tx *tx) {
    unsigned i = 0;

    while (i < w->count && w->live[i] != tx)
        i++;
    return i;
}

static bool is_client(const struct tx *tx) {
    return tx->m.kind == TXN_CLIENT || tx->m.kind == TXN_INVITE_CLIENT;
}

static void keep(struct world *w, struct tx *tx) {
    assert(tx != NULL && w->count < LIVE_MAX && place(w, tx) == w->count);
    w->live[w->count++] = tx;
}

/* RFC 3261 9.1: a CANCEL goes out while its INVITE waits for a final response, not before a provisional one. */
static bool may_cancel(const struct world *w, uint64_t id) {
    for (unsigned i = 0; i < w->count; i++)
        if (w->live[i]->m.kind == TXN_INVITE_CLIENT && w->live[i]->id == id)
            return w->live[i]->m.state == TXN_PROCEEDING;
    return false;
}

static int on_send(void *ctx, struct tx *tx, const char *bytes, size_t n) {
    struct world *w = ctx;

    assert(tx != NULL && bytes != NULL && n > 0);
    if (tx->method == METHOD_CANCEL && is_client(tx) && place(w, tx) == w->count) {
        assert(may_cancel(w, tx->id));
        keep(w, tx); /* the set makes the CANCELs by itself */
    }
    return w->send_fails ? -1 : 0;
}

static void on_response(void *ctx, struct tx *tx, int status, void *msg) {
    struct world *w = ctx;

    assert(is_client(tx) && place(w, tx) < w->count && status >= 100 && msg == w);
}

static void on_failed(void *ctx, struct tx *tx, bool timeout) {
    struct world *w = ctx;

    (void)timeout;
    assert(place(w, tx) < w->count);
}

static void on_ended(void *ctx, struct tx *tx) {
    struct world *w = ctx;
    unsigned at = place(w, tx);

    assert(at < w->count);
    w->live[at] = w->live[--w->count];
}

/* --- the set --- */

static const enum method methods[8] = {METHOD_INVITE, METHOD_ACK,    METHOD_CANCEL,  METHOD_BYE,
                                       METHOD_INVITE, METHOD_CANCEL, METHOD_OPTIONS, METHOD_UNKNOWN};
static const struct str branches[8] = {STR("z9hG4bKa"), STR("z9hG4bKb"), STR("z9hG4bKc"), STR(""),
                                       STR("old"),      STR("z9hG4bKa"), STR("z9hG4bK"),  STR("z9hG4bKd")};
static const struct str hosts[4] = {STR("h1"), STR("h1:5060"), STR("h2"), STR("")};
static const int statuses[8] = {100, 180, 200, 202, 302, 404, 487, 699};

static struct tx_facts facts(uint8_t which, uint8_t how) {
    enum method method = methods[how & 7];

    return (struct tx_facts){.method = method,
                             .method_name = method == METHOD_UNKNOWN ? STR("FOO") : str_of(method_name(method)),
                             .branch = branches[which & 7],
                             .via = branches[which & 7],
                             .sent_by = hosts[which >> 3 & 3],
                             .uri = STR("sip:a@b"),
                             .call_id = which & 0x20 ? STR("c1") : STR("c2"),
                             .from_tag = which & 0x40 ? STR("f1") : STR("f2"),
                             .to_tag = how & 0x10 ? STR("t1") : STR(""),
                             .cseq = how >> 5};
}

static const struct flow *flow_of(uint8_t how) {
    static const struct flow udp = {.proto = FLOW_UDP}, tcp = {.proto = FLOW_TCP};

    return how & 8 ? &tcp : &udp;
}

static void request(struct world *w, uint8_t which, uint8_t how) {
    struct tx_facts f = facts(which, how);
    struct tx *found = NULL;
    enum txnset_match match = txnset_request(w->set, &f, w->now_ms, &found);

    assert(found == NULL || (!is_client(found) && place(w, found) < w->count));
    assert(match != TXNSET_CANCEL || (found != NULL && found->method == METHOD_INVITE));
    if ((match == TXNSET_NEW && f.method != METHOD_ACK) || match == TXNSET_CANCEL)
        if (w->count < OURS_MAX)
            keep(w, txnset_server(w->set, &f, flow_of(how), w->now_ms));
}

static void reply(struct world *w, uint8_t which, uint8_t how) {
    struct tx *tx = w->count == 0 ? NULL : w->live[which % w->count];

    if (tx != NULL && !is_client(tx))
        txnset_reply(w->set, tx, statuses[how & 7], STR("SIP/2.0 ...\r\n\r\n"), w->now_ms);
}

static struct str branch_of(uint8_t which, char *buf) {
    struct sbuf b = sbuf_on(buf, 64);

    sbuf_puts(&b, "z9hG4bK00.");
    sbuf_hex(&b, which % IDS);
    return sbuf_str(&b);
}

static void client(struct world *w, uint8_t which, uint8_t how) {
    enum method method = methods[how & 7];
    char buf[512], id[64];
    struct sbuf b = sbuf_on(buf, sizeof buf);

    for (unsigned i = 0; i < w->count; i++) /* ids are random, thus never the same */
        if (is_client(w->live[i]) && w->live[i]->id == which % IDS)
            return;
    if (w->count >= OURS_MAX || method == METHOD_ACK || method == METHOD_CANCEL)
        return;
    sbuf_puts(&b, "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=");
    sbuf_put(&b, branch_of(which, id));
    sbuf_puts(&b, which & 0x80 ? "\r\n\r\n" : "\r\nTo: <sip:a@b>\r\nCSeq: 1 INVITE\r\n\r\n");
    keep(w, txnset_client(w->set, method, which % IDS, flow_of(how), NULL, sbuf_str(&b), 1, w->now_ms));
}

static void response(struct world *w, uint8_t which, uint8_t how) {
    char id[64];
    enum method method = methods[which >> 3 & 7];
    struct tx *tx = txnset_response(w->set, branch_of(which, id), method, statuses[how & 7],
                                    STR("To: <sip:a@b>;tag=1\r\n"), w, w->now_ms);

    assert(tx == NULL || w->count <= LIVE_MAX);
}

static void cancel(struct world *w, uint8_t which) {
    struct tx *tx = w->count == 0 ? NULL : w->live[which % w->count];

    if (tx != NULL && tx->m.kind == TXN_INVITE_CLIENT)
        txnset_cancel(w->set, tx, STR_NONE, w->now_ms);
}

static void undelivered(struct world *w, uint8_t which, uint8_t how) {
    char id[64];

    txnset_undelivered(w->set, branch_of(which, id), methods[how & 7], w->now_ms);
}

/* --- the machine alone --- */

static void check_machine(const struct txn *t, unsigned done, enum txn_state before) {
    assert(t->state < TXN_STATES);
    assert((t->state == TXN_TERMINATED && before != TXN_TERMINATED) == ((done & TXN_DO_END) != 0));
    assert(before != TXN_TERMINATED || done == 0);
    assert(t->state != TXN_TERMINATED || (txn_deadline(t) == TIMERQ_NEVER && !txn_keeps_bytes(t)));
    assert(!t->reliable || t->resend_ms == TIMERQ_NEVER);
}

static void drive(struct world *w, uint8_t which, uint8_t how) {
    struct txn *t = &w->machine;
    enum txn_state before = (enum txn_state)t->state;

    if (before == TXN_TERMINATED) {
        txn_init(t, (enum txn_kind)(which % TXN_KINDS), (how & 0x80) != 0, &times, w->now_ms);
        before = (enum txn_state)t->state;
    }
    check_machine(t, txn_event(t, (enum txn_event)(how % TXN_EV_RESEND), &times, w->now_ms), before);
}

static void tick(struct world *w) {
    struct txn *t = &w->machine;

    while (txn_deadline(t) <= w->now_ms) {
        enum txn_state before = (enum txn_state)t->state;
        uint64_t resend_ms = t->resend_ms;
        check_machine(t, txn_tick(t, &times, w->now_ms), before);
        assert(t->state != before || t->resend_ms > resend_ms);
    }
}

static void step(struct world *w, const uint8_t *b) {
    w->now_ms += (uint64_t)b[3] * b[3];
    timerq_run(&w->timers, w->now_ms);
    tick(w);
    switch (b[0] % 9) {
    case 0:
    case 1:
        request(w, b[1], b[2]);
        break;
    case 2:
        reply(w, b[1], b[2]);
        break;
    case 3:
        client(w, b[1], b[2]);
        break;
    case 4:
        response(w, b[1], b[2]);
        break;
    case 5:
        cancel(w, b[1]);
        break;
    case 6:
        undelivered(w, b[1], b[2]);
        break;
    case 7:
        w->send_fails = b[1] & 1;
        break;
    case 8:
        drive(w, b[1], b[2]);
        break;
    }
    struct txnset_counts counts = txnset_counts(w->set);
    assert(counts.active == w->count && counts.open <= counts.active);
}

/* What its user has answered, or what waits for an answer without having heard any, must end by itself. */
static void let_end(struct world *w) {
    w->now_ms += 600000;
    timerq_run(&w->timers, w->now_ms);
    for (unsigned i = 0; i < w->count; i++) {
        enum txn_state s = (enum txn_state)w->live[i]->m.state;
        assert(s == TXN_PROCEEDING || (s == TXN_TRYING && !is_client(w->live[i])));
        assert(w->live[i]->m.kind != TXN_CLIENT);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct txnset_ops ops = {on_send, on_response, on_failed, on_ended, NULL};
    static struct world w;

    w = (struct world){.machine.state = TXN_TERMINATED, .now_ms = 1000};
    w.machine.resend_ms = w.machine.timeout_ms = TIMERQ_NEVER;
    timerq_init(&w.timers, w.now_ms);
    w.set = txnset_new(&w.timers, NULL, &ops, &w);
    txnset_seed(w.set, 42);
    for (; size >= STEP && size < 4096; data += STEP, size -= STEP)
        step(&w, data);
    let_end(&w);
    txnset_free(w.set);
    assert(w.count == 0 && w.timers.count == 0);
    return 0;
}
