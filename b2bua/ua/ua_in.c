/*
 * What comes in: each message is parsed once, checked, and handed to its transaction or, when new, to the ops of the
 * room above.
 */
#include <stdlib.h>

#include "b2bua/core/frame.h"
#include "b2bua/log/log.h"
#include "b2bua/trunk/trunk.h"
#include "b2bua/ua/impl.h"

static void send_stateless(struct ua *ua, const struct sip_response *r, struct flow flow) {
    struct sbuf out = sbuf_on(ua->out, sizeof ua->out);

    sip_print_response(&out, r, NULL);
    struct profile_message m = profile_message_of(sbuf_str(&out));
    m.reinvite = sip_echo_has_tag(r->echo);
    struct str text = ua_rewrite_out(ua, ua_trunk_at(ua, &flow, sbuf_str(&out)), m, NULL, sbuf_str(&out));
    if (!out.full)
        ua_wire(ua, &flow, NULL, text.p, text.n);
    ua->counts.responses_out[r->status / 100]++;
}

/* Without state, a response must carry the same To tag each time (RFC 3261 8.2.7): it is made of what copies share. */
static struct str stateless_tag(struct str shared, uint32_t node, char *buf) {
    struct sbuf b = sbuf_on(buf, 16);

    sbuf_hex(&b, str_hash(shared) ^ node);
    return sbuf_str(&b);
}

/* Answers with what `echo` (taken, may be NULL) repeats of the request. */
static void answer_stateless(struct ua *ua, const struct sip_fault *fault, struct sip_echo *echo, struct str to_tag,
                             const struct flow *back) {
    if (echo == NULL)
        return;
    send_stateless(ua,
                   &(struct sip_response){.status = fault->status,
                                          .phrase = fault->phrase,
                                          .echo = echo,
                                          .to_tag = to_tag,
                                          .extra = fault->extra[0] == '\0' ? NULL : fault->extra},
                   *back);
    free(echo);
}

static void refuse_stateless(struct ua *ua, struct ua_in *in, const struct sip_fault *fault) {
    char tag[16];
    struct flow back = in->flow;

    if (in->msg.method == METHOD_ACK)
        return;
    struct sip_echo *echo = sip_echo_new(&in->msg, &in->flow);
    if (echo == NULL) /* its Via cannot be read: back to where it came from */
        echo = sip_echo_raw(in->msg.raw, &in->flow);
    else
        sip_reply_flow(&in->msg, &back);
    answer_stateless(ua, fault, echo, stateless_tag(in->msg.raw, ua->config.node, tag), &back);
}

/* From a trunk, or from where a call's trunk was when the call began. */
static bool is_known(struct ua *ua, const struct flow *from, struct str raw) {
    return ua_trunk_of(ua, ua->settings, from) >= 0 ||
           (ua->has_changed && ua_trunk_of(ua, ua_settings_for(ua, raw), from) >= 0);
}

static void answer_raw(struct ua *ua, const struct sip_fault *fault, struct str raw, const struct flow *from) {
    char tag[16];

    answer_stateless(ua, fault, sip_echo_raw(raw, from), stateless_tag(raw, ua->config.node, tag), from);
}

/* Not parsable: an answer where one can be addressed and somebody known asks, else a counted drop. */
static void refuse_raw(struct ua *ua, int status, struct str bytes, const struct flow *from, uint64_t now_ms) {
    ua->counts.malformed++;
    if (is_known(ua, from, bytes))
        answer_raw(ua, &(struct sip_fault){.status = status}, bytes, from);
    else
        ua->config.ops->suspect(ua->config.ctx, from, now_ms);
}

bool ua_knows(const struct ua *ua, enum method method, struct str branch, struct str sent_by) {
    return txnset_knows(ua->txns, method, branch, sent_by);
}

void ua_refuse_unread(struct ua *ua, enum method method, struct str raw, const struct sip_fault *fault,
                      const struct flow *from) {
    ua->counts.requests_in[method]++;
    ua->counts.refused++;
    answer_raw(ua, fault, raw, from);
}

static void response_in(struct ua *ua, struct ua_in *in) {
    const struct sip_msg *m = &in->msg;

    ua->counts.responses_in[m->status / 100]++;
    if (txnset_response(ua->txns, m->branch, m->method, m->status, m->to_line, in, in->now_ms) == NULL)
        ua->counts.stray_response++;
}

static void answer_cancel(struct ua *ua, struct ua_in *in, const struct tx_facts *f, struct tx *invite) {
    in->tx = txnset_server(ua->txns, f, &in->flow, in->now_ms);
    sip_reply_flow(&in->msg, &in->tx->flow);
    ua_refuse(ua, in, 200, NULL, NULL);
    if (invite->user != NULL)
        ua->config.ops->cancel(ua->config.ctx, invite, in);
}

/* This worker's share of what the process may hold is used up. Dialogs may go on longer: it is their BYEs that empty
 * it. */
static bool is_full(const struct ua *ua, const struct sip_msg *m) {
    uint64_t most = (uint64_t)ua->settings->security.max_transactions / ua->config.workers;

    return txnset_counts(ua->txns).active >= (most > 0 ? most : 1) * (m->to_tag.n > 0 ? 2 : 1);
}

static bool is_of_front(const struct settings *s, int trunk) {
    return s->registrar.on && (trunk == s->registrar.trunk || (s->cluster.on && trunk == s->cluster.trunk));
}

uint32_t ua_loop_hash(const struct settings *s, int trunk, const struct sip_msg *m) {
    uint32_t side = !is_of_front(s, trunk) ? 0 : trunk == s->registrar.trunk ? 1 : 2;

    return sip_loop_hash(m) + side;
}

static void new_request(struct ua *ua, struct ua_in *in, const struct tx_facts *f) {
    struct sip_fault fault = {0};

    if (in->msg.method == METHOD_ACK) {
        ua->config.ops->ack(ua->config.ctx, in);
        return;
    }
    fault.status = ua->config.ops->admit(ua->config.ctx, in, &fault);
    if (fault.status == 0 && is_full(ua, &in->msg))
        fault = (struct sip_fault){.status = 503, .extra = "Retry-After: 10\r\n"};
    if (fault.status < 0) {
        ua->counts.unknown_source++;
        return;
    }
    if (fault.status > 0) {
        ua->counts.refused++;
        refuse_stateless(ua, in, &fault);
        return;
    }
    in->tx = txnset_server(ua->txns, f, &in->flow, in->now_ms);
    sip_reply_flow(&in->msg, &in->tx->flow);
    if (in->msg.to_tag.n == 0 &&
        sip_has_loop(&in->msg, ua->config.node, ua_loop_hash(ua->settings, in->trunk, &in->msg))) {
        ua->counts.looped++;
        ua_refuse(ua, in, 482, "Loop Detected", NULL);
        return;
    }
    ua->config.ops->request(ua->config.ctx, in);
}

static void request_in(struct ua *ua, struct ua_in *in) {
    struct tx_facts f;
    struct tx *found = NULL;

    ua->counts.requests_in[in->msg.method]++;
    sip_facts(&in->msg, &f);
    f.forks = is_of_front(ua->settings, in->trunk);
    switch (txnset_request(ua->txns, &f, in->now_ms, &found)) {
    case TXNSET_ABSORBED:
        break;
    case TXNSET_NEW:
        new_request(ua, in, &f);
        break;
    case TXNSET_CANCEL:
        answer_cancel(ua, in, &f, found);
        break;
    case TXNSET_NO_MATCH:
        if (in->trunk >= 0)
            refuse_stateless(ua, in, &(struct sip_fault){.status = 481});
        break;
    case TXNSET_MERGED:
        refuse_stateless(ua, in, &(struct sip_fault){.status = 482, .phrase = "Merged Request"});
        break;
    }
}

static void log_fault(const struct ua_in *in, const struct sip_fault *fault) {
    char peer[ADDR_TEXT_MAX], what[64];

    log_info("peer=%s method=%s malformed=\"%s\" answer=%d", addr_format(&in->flow.peer, peer),
             log_safe(in->msg.method_name, what, sizeof what), fault->phrase == NULL ? "" : fault->phrase,
             in->msg.status == 0 ? fault->status : 0);
}

/* A faulty request from nowhere is worth neither an answer, which would tell a scanner that somebody is here, nor a
 * line in the log, which he could fill. */
static void fault_in(struct ua *ua, struct ua_in *in, const struct sip_fault *fault) {
    ua->counts.malformed++;
    if (!is_known(ua, &in->flow, in->msg.raw)) {
        ua->config.ops->suspect(ua->config.ctx, &in->flow, in->now_ms);
        return;
    }
    log_fault(in, fault);
    if (in->msg.status == 0)
        refuse_stateless(ua, in, fault);
}

/* Clients are answered the way they came: none of ours leads to them (RFC 5626 5.3). */
static bool is_bound(const struct settings *s, const struct ua_in *in) {
    return s->registrar.on && in->trunk == s->registrar.trunk;
}

static void message(struct ua *ua, struct ua_in *in, struct str raw) {
    struct sip_fault fault = {0};
    const struct flow *from = &in->flow;

    if (sip_parse(&in->msg, raw) < 0) {
        refuse_raw(ua, sip_unparsed_status(raw), raw, from, in->now_ms);
        return;
    }
    if (in->msg.status == 0)
        in->trunk = ua_trunk_of(ua, ua->settings, from);
    in->flow.bound = is_bound(ua->settings, in);
    if (sip_check(&in->msg, flow_is_stream(from->proto), &fault) < 0)
        fault_in(ua, in, &fault);
    else if (in->msg.status != 0)
        response_in(ua, in);
    else
        request_in(ua, in);
    sip_fini(&in->msg);
}

void ua_message(struct ua *ua, const struct flow *from, char *bytes, size_t n, int broken, uint64_t now_ms) {
    struct ua_in in = {.flow = *from, .trunk = -1, .now_ms = now_ms};
    struct str raw = {bytes, n};

    ladder_message(ua->config.ladder, LADDER_IN, from, raw);
    if (broken != 0)
        refuse_raw(ua, broken, raw, from, now_ms);
    else
        message(ua, &in, ua_rewrite_in(ua, from, raw, &in.rules));
    ua_rules_free(in.rules);
}

void ua_undelivered(struct ua *ua, const struct flow *to, struct str bytes, uint64_t now_ms) {
    struct str word = {bytes.p, str_find(bytes, ' ')};
    char peer[ADDR_TEXT_MAX];

    addr_format(&to->peer, peer);
    log_debug("peer=%s transport=%s undelivered=%zu bytes", peer, flow_proto_name(to->proto), bytes.n);
    ladder_note(ua->config.ladder, frame_call_id(bytes), "not delivered to %s", peer);
    if (str_eq(word, STR("SIP/2.0")))
        return;
    txnset_undelivered(ua->txns, frame_branch(bytes), method_of(word), now_ms);
}

/* --- what transactions tell their users --- */

static int txn_send(void *ctx, struct tx *tx, const char *bytes, size_t n) {
    return ua_wire(ctx, &tx->flow, tx->host, bytes, n);
}

static void txn_response(void *ctx, struct tx *tx, int status, void *msg) {
    struct ua_in *in = msg;
    struct ua_user *user = tx->user;

    ua_spare_drop(ctx, tx->id);
    if (status / 100 == 2) { /* no ACK and no CANCEL will be made of it */
        settings_unref(tx->keep);
        tx->keep = NULL;
    }
    if (ua_again(ctx, tx, &in->msg, in->now_ms))
        return;
    if (user != NULL)
        user->ops->response(user, tx, &in->msg, in->now_ms);
}

static void txn_failed(void *ctx, struct tx *tx, bool timeout) {
    struct ua *ua = ctx;
    struct ua_user *user = tx->user;
    uint64_t now_ms = ua->config.timers->now_ms;

    if (tx->m.kind == TXN_INVITE_SERVER || tx->m.kind == TXN_SERVER || user == NULL)
        return;
    if (ua_spare_send(ua, tx, now_ms) == NULL)
        user->ops->failed(user, tx, timeout, now_ms);
}

static void txn_ended(void *ctx, struct tx *tx) {
    struct ua *ua = ctx;
    struct ua_user *user = tx->user;

    if (tx->m.kind == TXN_CLIENT || tx->m.kind == TXN_INVITE_CLIENT)
        ua_spare_drop(ua, tx->id);
    if (user != NULL)
        user->ops->ended(user, tx, NULL);
    settings_unref(tx->keep);
    ua_sent_free(tx->sent);
}

const struct txnset_ops ua_txn_ops = {txn_send, txn_response, txn_failed, txn_ended, ua_rewrite_derived};
