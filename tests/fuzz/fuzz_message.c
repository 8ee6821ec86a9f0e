/*
 * Any bytes as a SIP message: parsed, checked, answered, and carried over to the other leg. What we print must always
 * be exactly one message to whoever reads it, or headers of one leg could become messages on the other.
 */
#include <assert.h>
#include <stdlib.h>

#include "b2bua/core/frame.h"
#include "b2bua/core/sdp.h"
#include "b2bua/sip/sip.h"

enum { OUT_MAX = 2 * SIP_MESSAGE_MAX };

static const struct flow peer = {.proto = FLOW_UDP, .peer = {.family = 4, .port = 5070, .ip = {192, 0, 2, 7}}};
static char text[OUT_MAX], again[OUT_MAX];

static void is_one_message(const struct sbuf *out) {
    struct sip_msg m;
    size_t scanned = 0;

    if (out->full)
        return;
    struct frame f = frame_next(sbuf_str(out), OUT_MAX, &scanned);
    assert(f.kind == FRAME_SIP && f.n == out->n);
    assert(sip_parse(&m, sbuf_str(out)) == 0);
    sip_fini(&m);
}

static struct str rewritten(const struct sip_msg *m) {
    struct sdp_origin o = {.id = 1, .version = 1, .host = peer.peer};
    struct sbuf body = sbuf_on(again, sizeof again);

    sdp_rewrite(&body, m->body, m->sdp, &o);
    return sbuf_str(&body);
}

static void answer(const struct sip_msg *m, const struct sip_cross *x) {
    struct sip_echo *echo = sip_echo_new(m, &peer);
    struct flow back = peer;
    struct sbuf out = sbuf_on(text, sizeof text);

    if (echo == NULL)
        return;
    sip_reply_flow(m, &back);
    sip_print_response(&out,
                       &(struct sip_response){.status = 200,
                                              .echo = echo,
                                              .to_tag = STR("ours"),
                                              .contact = STR("sip:192.0.2.1"),
                                              .record_route = true,
                                              .allow = "INVITE"},
                       x);
    is_one_message(&out);
    free(echo);
}

static void send_on(const struct sip_msg *m, const struct sip_cross *x) {
    char from[2048], to[2048], uri[2048];
    struct sbuf f = sbuf_on(from, sizeof from), t = sbuf_on(to, sizeof to), u = sbuf_on(uri, sizeof uri);
    struct sbuf out = sbuf_on(text, sizeof text);

    sip_party(&f, m, SIP_FROM, STR("192.0.2.1"));
    sip_party(&t, m, SIP_TO, STR("192.0.2.2:5062"));
    sip_target_uri(&u, m, STR("192.0.2.2:5062"), FLOW_TCP);
    if (f.full || t.full || u.full)
        return;
    sip_print_request(&out,
                      &(struct sip_request){.method = m->method,
                                            .method_name = m->method_name,
                                            .uri = sbuf_str(&u),
                                            .sent_by = STR("192.0.2.1:5060"),
                                            .branch = STR("z9hG4bKours"),
                                            .max_forwards = 69,
                                            .from = sbuf_str(&f),
                                            .to = sbuf_str(&t),
                                            .call_id = STR("ours"),
                                            .cseq = 1,
                                            .contact = STR("sip:192.0.2.1")},
                      x);
    is_one_message(&out);
}

static void follow_routes(const struct sip_msg *m, bool reversed) {
    struct sbuf route = sbuf_on(text, SIP_MESSAGE_MAX), uri = sbuf_on(again, SIP_MESSAGE_MAX);
    struct sbuf out = sbuf_on(text + SIP_MESSAGE_MAX, SIP_MESSAGE_MAX);
    struct sip_hop hop;

    sip_route_set(&route, m, reversed);
    if (!route.full)
        sip_next_hop(m->contact, sbuf_str(&route), &uri, &out, &hop);
}

static void use_facts(const struct sip_msg *m) {
    struct tx_facts f;
    struct sip_fault fault;

    sip_facts(m, &f);
    sip_has_loop(m, 1, sip_loop_hash(m));
    sip_check_require(m, SIP_OPTION_100REL, &fault);
    follow_routes(m, false);
    follow_routes(m, true);
}

/* What of it may be said to whom: from and to who is trusted, or not, in each form. */
static void plan(const struct sip_msg *m, struct sip_cross *x, int which) {
    struct identity_policy from = {.trust = which & 1}, to = {.trust = which & 2, .asserted_id = which / 4};
    struct identity_facts f = {
        .from = &from, .to = &to, .privacy = m->privacy, .said = m->privacy, .rpid_private = m->rpid_private};

    for (int kind = IDENTITY_PAI; kind <= IDENTITY_RPID; kind++)
        f.has |= m->identities[kind].n > 0 ? IDENTITY_BIT(kind) : 0;
    identity_plan(&f, &x->plan);
    x->to_caller = which & 1;
}

static void use(const struct sip_msg *m) {
    struct sip_cross x = {.from = m, .our_host = STR("192.0.2.1"), .our_sent_by = STR("192.0.2.1:5060")};

    use_facts(m);
    x.body = rewritten(m);
    if (m->status == 0)
        answer(m, NULL);
    for (int which = 0; which < 4 * (ASSERTED_RPID + 1); which++) {
        plan(m, &x, which);
        if (m->status == 0)
            send_on(m, &x);
        else
            answer(m, &x);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    struct str bytes = {(const char *)data, size};
    struct sip_fault fault = {0};
    struct sip_msg m;

    if (!ready)
        sip_init();
    ready = true;
    free(sip_echo_raw(bytes, &peer));
    if (sip_parse(&m, bytes) < 0)
        return 0;
    if (sip_check(&m, true, &fault) == 0 && sip_check(&m, false, &fault) == 0)
        use(&m);
    else if (m.status == 0)
        answer(&m, NULL);
    sip_fini(&m);
    return 0;
}
