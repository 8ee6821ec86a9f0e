#include "b2bua/core/txnset.h"

#include <stdlib.h>

#include "b2bua/core/derive.h"
#include "b2bua/core/head.h"
#include "b2bua/core/txnset_impl.h"

enum { BRANCH_ID = 16, DERIVED_MORE = 64 /* what ACK and CANCEL may have beyond the INVITE's bytes and a To */ };

struct txnset *txnset_new(struct timerq *q, const struct txn_times *times, const struct txnset_ops *ops, void *ctx) {
    struct txnset *set = mem_zalloc(sizeof *set);

    set->timers = q;
    set->times = times != NULL ? *times : (struct txn_times){500, 4000, 5000};
    set->ops = *ops;
    set->ctx = ctx;
    return set;
}

void txnset_seed(struct txnset *set, uint64_t seed) {
    set->seed = seed;
}

struct txnset_counts txnset_counts(const struct txnset *set) {
    return set->counts;
}

/* --- one transaction --- */

static bool is_open(const struct tx *tx) {
    return tx->m.state == TXN_CALLING || tx->m.state == TXN_TRYING || tx->m.state == TXN_PROCEEDING ||
           (tx->m.kind == TXN_INVITE_SERVER && tx->m.state == TXN_COMPLETED);
}

static void drop_bytes(struct tx *tx) {
    free((char *)tx->kept.p);
    tx->kept = STR_NONE;
}

static void keep(struct tx *tx, struct str bytes) {
    char *copy = mem_alloc(bytes.n);

    memcpy(copy, bytes.p, bytes.n);
    drop_bytes(tx);
    tx->kept = (struct str){copy, bytes.n};
}

/* A failed send counts as a transport error at the next run of the timers: users are never called from inside their own
 * call. */
static void transmit(struct tx *tx, struct str bytes) {
    struct txnset *set = tx->set;

    if (bytes.n == 0 || set->ops.send(set->ctx, tx, bytes.p, bytes.n) == 0)
        return;
    if (tx->key.p == NULL) {
        tx->send_failed = true;
        timerq_set(set->timers, &tx->timer, 0);
    }
}

static void end(struct tx *tx) {
    struct txnset *set = tx->set;

    timerq_stop(set->timers, &tx->timer);
    txnset_remove(set, tx);
    set->ops.ended(set->ctx, tx);
    drop_bytes(tx);
    free(tx->host);
    free(tx->reason);
    free(tx);
}

void txnset_abandon(struct txnset *set, struct tx *tx) {
    set->counts.open -= is_open(tx) ? 1 : 0;
    tx->user = NULL;
    end(tx);
}

static void arm(struct tx *tx) {
    uint64_t at = txn_deadline(&tx->m);

    if (tx->send_failed)
        at = 0;
    if (at == TIMERQ_NEVER)
        timerq_stop(tx->set->timers, &tx->timer);
    else
        timerq_set(tx->set->timers, &tx->timer, at);
}

/* Before the first provisional a resend needs all of an INVITE; afterwards only its head, for ACK and CANCEL. */
static void shrink(struct tx *tx) {
    size_t head = head_length(tx->kept);

    if (head > 0 && head < tx->kept.n)
        keep(tx, str_upto(tx->kept, head));
}

static void settle_bytes(struct tx *tx) {
    if (!txn_keeps_bytes(&tx->m))
        drop_bytes(tx);
    else if (tx->m.kind == TXN_INVITE_CLIENT && tx->m.state == TXN_PROCEEDING)
        shrink(tx);
}

static struct str last_word(struct tx *tx, struct str bytes) {
    struct txnset *set = tx->set;

    return set->ops.derived == NULL ? bytes : set->ops.derived(set->ctx, tx, bytes);
}

static void send_ack(struct tx *tx, struct str to) {
    size_t room = tx->kept.n + to.n + DERIVED_MORE;
    char *text = mem_alloc(room);
    struct sbuf ack = sbuf_on(text, room);

    if (derive_ack(&ack, tx->kept, to) == 0) {
        keep(tx, last_word(tx, sbuf_str(&ack)));
        transmit(tx, tx->kept);
    }
    free(text);
}

/* What the machine wants of the wire. */
static void act_on_wire(struct tx *tx, unsigned actions, struct str to) {
    if (actions & TXN_DO_RESEND) {
        tx->set->counts.resent++;
        transmit(tx, tx->kept);
    }
    if (actions & TXN_DO_ACK)
        send_ack(tx, to);
}

/* Carries out actions that are not about a message in hand. `tx` may be gone afterwards. */
static void act(struct tx *tx, unsigned actions) {
    struct txnset *set = tx->set;

    act_on_wire(tx, actions, STR_NONE);
    if (actions & (TXN_DO_TIMEOUT | TXN_DO_ERROR))
        set->ops.failed(set->ctx, tx, (actions & TXN_DO_TIMEOUT) != 0);
    if (actions & TXN_DO_END) {
        end(tx);
        return;
    }
    settle_bytes(tx);
    arm(tx);
}

/* Counts how many are open around anything that may change it. */
#define WATCHED(tx, was, change)                                                                                       \
    do {                                                                                                               \
        struct txnset *watched = (tx)->set;                                                                            \
        bool was = is_open(tx);                                                                                        \
        change;                                                                                                        \
        watched->counts.open -= was && !is_open(tx) ? 1 : 0;                                                           \
    } while (0)

static unsigned tell(struct tx *tx, enum txn_event event, uint64_t now_ms) {
    unsigned actions;

    WATCHED(tx, was, actions = txn_event(&tx->m, event, &tx->set->times, now_ms));
    return actions;
}

static void fire(struct timer *t, uint64_t now_ms) {
    struct tx *tx = (struct tx *)((char *)t - offsetof(struct tx, timer));
    unsigned actions;

    if (tx->send_failed) {
        tx->send_failed = false;
        actions = tell(tx, TXN_EV_TRANSPORT, now_ms);
    } else {
        WATCHED(tx, was, actions = txn_tick(&tx->m, &tx->set->times, now_ms));
    }
    act(tx, actions);
}

static struct tx *tx_new(struct txnset *set, enum txn_kind kind, const struct flow *flow, size_t extra,
                         uint64_t now_ms) {
    struct tx *tx = mem_zalloc(sizeof *tx + extra);

    tx->set = set;
    tx->flow = *flow;
    tx->timer.fire = fire;
    txn_init(&tx->m, kind, flow_is_stream(flow->proto), &set->times, now_ms);
    set->counts.open++;
    return tx;
}

void txnset_free(struct txnset *set) {
    if (set == NULL)
        return;
    for (uint32_t i = 0; i < set->buckets; i++)
        while (set->by_key[i] != NULL)
            end(set->by_key[i]);
    free(set->by_key);
    free(set->by_merge);
    free(set);
}

/* --- clients --- */

struct tx *txnset_client(struct txnset *set, enum method method, uint64_t id, const struct flow *flow, const char *host,
                         struct str bytes, uint32_t cseq, uint64_t now_ms) {
    enum txn_kind kind = method == METHOD_INVITE ? TXN_INVITE_CLIENT : TXN_CLIENT;
    struct tx *tx = tx_new(set, kind, flow, 0, now_ms);

    tx->method = method;
    tx->id = id;
    tx->cseq = cseq;
    tx->host = host == NULL ? NULL : str_dup(str_of(host));
    tx->key_hash = txnset_client_hash(set, id);
    txnset_insert(set, tx);
    if (!flow_is_stream(flow->proto) || method == METHOD_INVITE)
        keep(tx, bytes);
    transmit(tx, bytes);
    arm(tx);
    return tx;
}

/* RFC 3261 9.1. The CANCEL is a transaction of its own with the branch of the INVITE; nobody waits for its answer. */
static void send_cancel(struct tx *invite, uint64_t now_ms) {
    struct str reason = str_of(invite->reason);
    size_t room = invite->kept.n + reason.n + DERIVED_MORE;
    char *text = mem_alloc(room);
    struct sbuf b = sbuf_on(text, room);
    struct txnset *set = invite->set;

    invite->cancel_wanted = false;
    invite->cancelled = true;
    if (derive_cancel(&b, invite->kept, reason) == 0)
        txnset_client(set, METHOD_CANCEL, invite->id, &invite->flow, invite->host, last_word(invite, sbuf_str(&b)),
                      invite->cseq, now_ms);
    free(text);
    invite->m.timeout_ms = now_ms + 64ull * set->times.t1_ms;
    arm(invite);
}

void txnset_cancel(struct txnset *set, struct tx *tx, struct str reason, uint64_t now_ms) {
    (void)set;
    if (tx->m.kind != TXN_INVITE_CLIENT || tx->cancelled)
        return;
    if (reason.n > 0 && tx->reason == NULL)
        tx->reason = str_dup(reason);
    if (tx->m.state == TXN_PROCEEDING)
        send_cancel(tx, now_ms);
    else if (tx->m.state == TXN_CALLING)
        tx->cancel_wanted = true;
}

static int branch_id(struct str branch, uint64_t *id) {
    uint64_t value = 0;

    if (branch.n < BRANCH_ID)
        return -1;
    for (size_t i = branch.n - BRANCH_ID; i < branch.n; i++) {
        char c = branch.p[i];
        if (c >= '0' && c <= '9')
            value = value << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (uint64_t)(c - 'a' + 10);
        else
            return -1;
    }
    *id = value;
    return 0;
}

/* A CANCEL has the branch of its INVITE: the method of the CSeq tells them apart (RFC 3261 17.1.3). */
static struct tx *find_client(const struct txnset *set, struct str branch, enum method method) {
    uint64_t id;

    if (branch_id(branch, &id) < 0)
        return NULL;
    struct tx *tx = txnset_find_client(set, id);
    while (tx != NULL &&
           (tx->key.p != NULL || tx->id != id || (tx->method == METHOD_CANCEL) != (method == METHOD_CANCEL)))
        tx = tx->next_key;
    return tx;
}

static void respond(struct tx *tx, int status, struct str to, void *msg, uint64_t now_ms) {
    struct txnset *set = tx->set;
    enum txn_event event = status < 200 ? TXN_EV_1XX : status < 300 ? TXN_EV_2XX : TXN_EV_FINAL;
    unsigned actions = tell(tx, event, now_ms);

    act_on_wire(tx, actions, to);
    settle_bytes(tx);
    arm(tx);
    if (status < 200 && tx->cancel_wanted && tx->m.state == TXN_PROCEEDING)
        send_cancel(tx, now_ms);
    if (actions & TXN_DO_PASS) {
        tx->last_status = status;
        set->ops.response(set->ctx, tx, status, msg);
    }
}

const struct tx *txnset_peek(const struct txnset *set, struct str branch, enum method cseq_method) {
    const struct tx *tx = find_client(set, branch, cseq_method);

    return tx == NULL || tx->method != cseq_method ? NULL : tx;
}

struct tx *txnset_response(struct txnset *set, struct str branch, enum method cseq_method, int status, struct str to,
                           void *msg, uint64_t now_ms) {
    struct tx *tx = (struct tx *)txnset_peek(set, branch, cseq_method);

    if (tx == NULL)
        return NULL;
    respond(tx, status, to, msg, now_ms);
    return tx;
}

void txnset_undelivered(struct txnset *set, struct str branch, enum method method, uint64_t now_ms) {
    struct tx *tx = method == METHOD_ACK ? NULL : find_client(set, branch, method);

    if (tx != NULL && tx->method == method)
        act(tx, tell(tx, TXN_EV_TRANSPORT, now_ms));
}

/* --- servers --- */

static enum txnset_match match_cancel(struct txnset *set, const struct tx_facts *f, struct tx **found) {
    struct txnset_keys k;

    txnset_keys(set, f, METHOD_INVITE, &k);
    struct tx *invite = txnset_find_server(set, &k);
    if (invite == NULL)
        invite = txnset_find_merged(set, &k);
    if (invite == NULL || invite->method != METHOD_INVITE)
        return TXNSET_NO_MATCH;
    invite->cancelled = true;
    *found = invite;
    return TXNSET_CANCEL;
}

static enum txnset_match absorb(struct tx *tx, const struct tx_facts *f, uint64_t now_ms) {
    bool ack = f->method == METHOD_ACK;

    if (ack && tx->m.state == TXN_ACCEPTED)
        return TXNSET_NEW; /* RFC 6026 7.1: for the user's dialog */
    tx->set->counts.absorbed += ack ? 0 : 1;
    act(tx, tell(tx, ack ? TXN_EV_ACK : TXN_EV_REQUEST, now_ms));
    return TXNSET_ABSORBED;
}

enum txnset_match txnset_request(struct txnset *set, const struct tx_facts *f, uint64_t now_ms, struct tx **found) {
    struct txnset_keys k;

    *found = NULL;
    txnset_keys(set, f, f->method == METHOD_ACK ? METHOD_INVITE : f->method, &k);
    struct tx *tx = txnset_find_server(set, &k);
    if (tx != NULL) {
        enum txnset_match match = absorb(tx, f, now_ms);
        *found = match == TXNSET_ABSORBED ? tx : NULL;
        return match;
    }
    if (f->method == METHOD_ACK)
        return TXNSET_NEW;
    if (f->method == METHOD_CANCEL)
        return match_cancel(set, f, found);
    if (f->to_tag.n == 0 && !f->forks && txnset_find_merged(set, &k) != NULL)
        return TXNSET_MERGED;
    return TXNSET_NEW;
}

static struct str put(char **at, struct str s) {
    struct str copy = {*at, s.n};

    memcpy(*at, s.p, s.n);
    *at += s.n;
    return copy;
}

struct tx *txnset_server(struct txnset *set, const struct tx_facts *f, const struct flow *from, uint64_t now_ms) {
    struct txnset_keys k;
    bool mergeable = f->to_tag.n == 0 && !f->forks && f->method != METHOD_CANCEL;

    txnset_keys(set, f, f->method, &k);
    struct tx *tx = tx_new(set, f->method == METHOD_INVITE ? TXN_INVITE_SERVER : TXN_SERVER, from,
                           k.key.n + (mergeable ? k.merge.n : 0), now_ms);
    char *at = (char *)(tx + 1);
    tx->method = f->method;
    tx->cseq = f->cseq;
    tx->key = put(&at, k.key);
    tx->key_hash = k.key_hash;
    if (mergeable) {
        tx->merge = put(&at, k.merge);
        tx->merge_hash = k.merge_hash;
    }
    txnset_insert(set, tx);
    arm(tx);
    return tx;
}

void txnset_reply(struct txnset *set, struct tx *tx, int status, struct str bytes, uint64_t now_ms) {
    enum txn_event event = status < 200 ? TXN_EV_1XX : status < 300 ? TXN_EV_2XX : TXN_EV_FINAL;
    unsigned actions;

    (void)set;
    if (tx->m.state == TXN_ACCEPTED || tx->m.state == TXN_COMPLETED || tx->m.state == TXN_CONFIRMED)
        return;
    actions = tell(tx, event, now_ms);
    if (!(actions & TXN_DO_SEND))
        return;
    tx->last_status = status;
    if (txn_keeps_bytes(&tx->m))
        keep(tx, bytes);
    else
        drop_bytes(tx);
    transmit(tx, bytes);
    arm(tx);
}
