/*
 * What goes out: requests with their transaction and transport, responses through theirs.
 */
#include <stdlib.h>

#include "b2bua/ua/impl.h"

/* RFC 3261 18.1.1: larger requests must use a congestion-controlled transport. */
enum { UA_UDP_MAX = 1300 };

int ua_wire(struct ua *ua, struct flow *flow, const char *host, const char *bytes, size_t n) {
    ladder_message(ua->config.ladder, LADDER_OUT, flow, (struct str){bytes, n});
    return ua->config.flow.send(ua->config.flow.ctx, flow, host, bytes, n);
}

static struct str print(struct ua *ua, struct ua_out *out, const struct ua_sent *sent, const struct flow *flow,
                        uint64_t id) {
    char branch[80];
    struct sbuf b = sbuf_on(branch, sizeof branch);
    struct sbuf text = sbuf_on(ua->out, sizeof ua->out);

    sip_branch(&b, ua->config.node, out->loop_hash, id);
    out->request.branch = sbuf_str(&b);
    out->request.proto = flow->proto;
    out->request.sent_by = str_of(out->settings->listens[flow->listen].sent_by);
    if (out->passed != NULL)
        ua_pass_put(&text, out);
    else if (sent == NULL)
        sip_print_request(&text, &out->request, &out->cross);
    else
        sip_print_again(&text, (struct str){sent->text, sent->n}, &out->request, sent->lines);
    if (text.full)
        return STR_NONE;
    return ua_rewrite_out(ua, out->trunk < 0 ? NULL : &out->settings->trunks[out->trunk],
                          (struct profile_message){.method = out->request.method, .reinvite = out->reinvite},
                          out->cross.from, sbuf_str(&text));
}

static void spare_keep(struct ua *ua, uint64_t id, uint64_t spare_id, const struct flow *flow, struct str bytes) {
    struct ua_spare *s = mem_alloc(sizeof *s + bytes.n);

    *s = (struct ua_spare){ua->spares, id, spare_id, *flow, bytes.n};
    memcpy(s->bytes, bytes.p, bytes.n);
    ua->spares = s;
}

static struct ua_spare *spare_take(struct ua *ua, uint64_t id) {
    for (struct ua_spare **at = &ua->spares; *at != NULL; at = &(*at)->next) {
        struct ua_spare *s = *at;
        if (s->id == id) {
            *at = s->next;
            return s;
        }
    }
    return NULL;
}

void ua_spare_drop(struct ua *ua, uint64_t id) {
    if (ua->spares != NULL)
        free(spare_take(ua, id));
}

struct tx *ua_spare_send(struct ua *ua, struct tx *failed, uint64_t now_ms) {
    struct ua_spare *s = ua->spares == NULL ? NULL : spare_take(ua, failed->id);

    if (s == NULL)
        return NULL;
    struct tx *tx = txnset_client(ua->txns, failed->method, s->spare_id, &s->flow, failed->host,
                                  (struct str){s->bytes, s->n}, failed->cseq, now_ms);
    struct ua_user *user = failed->user;
    tx->user = user;
    tx->tag = failed->tag;
    tx->keep = failed->keep;
    failed->keep = NULL;
    tx->sent = failed->sent;
    failed->sent = NULL;
    failed->user = NULL;
    user->ops->ended(user, failed, tx);
    if (failed->cancel_wanted)
        ua_cancel(ua, tx, str_of(failed->reason), now_ms);
    free(s);
    return tx;
}

/* The request is printed for UDP already; where it is too large and TCP is to be had, it is printed again for that, and
 * the first form kept for the case that TCP fails. */
static struct str prefer_tcp(struct ua *ua, struct ua_out *out, const struct ua_sent *sent, struct str udp,
                             uint64_t *id) {
    struct flow tcp = out->flow;
    uint64_t tcp_id = ua_random(ua);

    tcp.proto = FLOW_TCP;
    tcp.listen = (uint16_t)out->tcp_listen;
    spare_keep(ua, tcp_id, *id, &out->flow, udp);
    struct str text = print(ua, out, sent, &tcp, tcp_id);
    out->flow = tcp;
    *id = tcp_id;
    return text;
}

/* What is made of an INVITE goes through the rules that it has gone through, even when its call is over. */
static void keep_rules(struct tx *tx, const struct ua_out *out) {
    if (tx->method != METHOD_INVITE || out->trunk < 0 || out->settings->trunks[out->trunk].profile_out == NULL)
        return;
    tx->keep = settings_ref(out->settings);
}

struct tx *ua_send(struct ua *ua, struct ua_out *out, struct ua_sent *sent, struct ua_user *user, uint64_t now_ms) {
    uint64_t id = ua_random(ua);
    struct str text = print(ua, out, sent, &out->flow, id);

    if (text.n > UA_UDP_MAX && out->flow.proto == FLOW_UDP && out->tcp_listen >= 0)
        text = prefer_tcp(ua, out, sent, text, &id);
    if (text.n == 0) {
        ua_sent_free(sent);
        return NULL;
    }
    ua->counts.requests_out[out->request.method]++;
    struct tx *tx =
        txnset_client(ua->txns, out->request.method, id, &out->flow, out->host, text, out->request.cseq, now_ms);
    tx->user = user;
    tx->tag = ua_mark(out);
    keep_rules(tx, out);
    tx->sent = sent;
    return tx;
}

struct tx *ua_request(struct ua *ua, struct ua_out *out, struct ua_user *user, uint64_t now_ms) {
    return ua_send(ua, out, ua_sent_new(ua, out), user, now_ms);
}

static void copy_to(struct str *copy, struct str text) {
    char *p = mem_alloc(text.n);

    memcpy(p, text.p, text.n);
    *copy = (struct str){p, text.n};
}

int ua_ack(struct ua *ua, struct ua_out *out, const struct tx *invite, struct str *copy) {
    const struct ua_sent *sent = invite == NULL ? NULL : invite->sent;

    if (sent != NULL && sent->lines.n > 0)
        out->request.extra = sent->lines.p;
    struct str text = print(ua, out, NULL, &out->flow, ua_random(ua));

    if (text.n == 0)
        return -1;
    if (copy != NULL)
        copy_to(copy, text);
    ua->counts.requests_out[METHOD_ACK]++;
    return ua_wire(ua, &out->flow, out->host, text.p, text.n);
}

void ua_resend(struct ua *ua, struct flow *flow, const char *host, struct str bytes) {
    ua_wire(ua, flow, host, bytes.p, bytes.n);
}

/* `status`: what was printed, which need not be what was wanted. */
static struct str rewritten(struct ua *ua, const struct tx *tx, const struct sip_response *r, int status,
                            const struct sip_cross *x, struct str text) {
    struct profile_message m = {
        .response = true, .method = tx->method, .status = (uint16_t)status, .reinvite = sip_echo_has_tag(r->echo)};

    return ua_rewrite_out(ua, ua_trunk_at(ua, &tx->flow, text), m, x == NULL ? NULL : x->from, text);
}

struct str ua_print_reply(struct ua *ua, const struct tx *tx, const struct sip_response *r, const struct sip_cross *x) {
    struct sbuf text = sbuf_on(ua->out, sizeof ua->out);
    struct str copy = STR_NONE;

    sip_print_response(&text, r, x);
    if (!text.full)
        copy_to(&copy, rewritten(ua, tx, r, r->status, x, sbuf_str(&text)));
    return copy;
}

void ua_reply_text(struct ua *ua, struct tx *tx, int status, struct str text, uint64_t now_ms) {
    ua->counts.responses_out[status / 100]++;
    txnset_reply(ua->txns, tx, status, text, now_ms);
}

void ua_reply(struct ua *ua, struct tx *tx, const struct sip_response *r, const struct sip_cross *x, uint64_t now_ms) {
    struct sbuf text = sbuf_on(ua->out, sizeof ua->out);
    int status = r->status;

    sip_print_response(&text, r, x);
    if (text.full) {
        status = status < 200 ? 183 : 513;
        text = sbuf_on(ua->out, sizeof ua->out);
        sip_print_response(&text, &(struct sip_response){.status = status, .echo = r->echo, .to_tag = r->to_tag}, NULL);
    }
    ua_reply_text(ua, tx, status, rewritten(ua, tx, r, status, x, sbuf_str(&text)), now_ms);
}

void ua_refuse(struct ua *ua, struct ua_in *in, int status, const char *phrase, const char *extra) {
    struct sip_echo *echo = sip_echo_new(&in->msg, &in->flow);
    char tag[20];
    struct sbuf b = sbuf_on(tag, sizeof tag);

    sbuf_hex(&b, ua_random(ua));
    if (echo != NULL)
        ua_reply(ua, in->tx,
                 &(struct sip_response){
                     .status = status, .phrase = phrase, .echo = echo, .to_tag = sbuf_str(&b), .extra = extra},
                 NULL, in->now_ms);
    free(echo);
}

void ua_cancel(struct ua *ua, struct tx *tx, struct str reason, uint64_t now_ms) {
    ua->counts.requests_out[METHOD_CANCEL]++;
    txnset_cancel(ua->txns, tx, reason, now_ms);
}

void ua_abandon(struct ua *ua, struct tx *tx) {
    txnset_abandon(ua->txns, tx);
}
