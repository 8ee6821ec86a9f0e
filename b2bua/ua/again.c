/*
 * Requests that are challenged (RFC 3261 22): each request to a trunk with credentials is kept as it was printed; when
 * a 401 or 407 comes it goes out once more, with a CSeq, a branch and credentials of its own, through the outbound
 * rules as if for the first time. Who sent it hears of a new transaction, and of nothing else.
 */
#include <stdlib.h>

#include "b2bua/trunk/trunk.h"
#include "b2bua/ua/impl.h"

static const struct settings_trunk *trunk_of(const struct ua_sent *sent) {
    return &sent->settings->trunks[sent->trunk];
}

/* Does it go to an address of the trunk itself? A Contact may name any other. */
static bool is_own(struct ua *ua, const struct ua_sent *sent) {
    return ua_trunk_of(ua, sent->settings, &sent->flow) == sent->trunk ||
           trunk_has_target(trunk_of(sent), &ua->sources, &sent->flow.peer);
}

static void put_lines(struct ua *ua, struct ua_sent *sent) {
    struct str line = {sent->text, str_find((struct str){sent->text, sent->n}, '\r')};
    size_t space = str_find(line, ' ');
    struct str rest = str_from(line, space < line.n ? space + 1 : line.n);
    struct sbuf b = sbuf_growing(CREDENTIALS_LINES_MAX);

    credentials_put(ua->credentials, trunk_of(sent), is_own(ua, sent), str_upto(line, space),
                    str_upto(rest, str_find(rest, ' ')), &sent->tried, &b);
    free((char *)sent->lines.p);
    sent->lines = b.n == 0 ? STR_NONE : (struct str){str_dup(sbuf_str(&b)), b.n};
    sbuf_fini(&b);
}

struct ua_sent *ua_sent_new(struct ua *ua, struct ua_out *out) {
    struct sbuf text = sbuf_on(ua->out, sizeof ua->out);
    const struct sip_msg *from = out->cross.from;

    if (out->trunk < 0 || out->passed != NULL || out->settings->trunks[out->trunk].auth_count == 0)
        return NULL;
    sip_print_request(&text, &out->request, &out->cross);
    if (text.full)
        return NULL;
    struct ua_sent *sent = mem_zalloc(sizeof *sent + text.n);
    sent->settings = settings_ref(out->settings);
    sent->flow = out->flow;
    sent->trunk = out->trunk;
    sent->tcp_listen = out->tcp_listen;
    sent->reinvite = out->reinvite;
    sent->loop_hash = out->loop_hash;
    if (from != NULL && trunk_of(sent)->profile_out != NULL)
        sent->peer = (struct str){str_dup(from->raw), from->raw.n};
    sent->n = text.n;
    memcpy(sent->text, text.p, text.n);
    put_lines(ua, sent);
    return sent;
}

void ua_sent_free(struct ua_sent *sent) {
    if (sent == NULL)
        return;
    settings_unref(sent->settings);
    free((char *)sent->lines.p);
    free((char *)sent->peer.p);
    free(sent);
}

/* The transaction of the challenged request hands everything on to that of the next one. */
static bool send_again(struct ua *ua, struct tx *tx, uint32_t cseq, uint64_t now_ms) {
    struct ua_sent *sent = tx->sent;
    struct ua_user *user = tx->user;
    struct sip_msg peer = {.raw = sent->peer};
    struct ua_out out = {.request = {.method = tx->method, .cseq = cseq},
                         .cross = {.from = sent->peer.n > 0 ? &peer : NULL},
                         .flow = sent->flow,
                         .host = tx->host,
                         .tcp_listen = sent->tcp_listen,
                         .loop_hash = sent->loop_hash,
                         .settings = sent->settings,
                         .trunk = sent->trunk,
                         .reinvite = sent->reinvite};

    tx->sent = NULL;
    put_lines(ua, sent);
    struct tx *next = ua_send(ua, &out, sent, user, now_ms);
    if (next == NULL)
        return false;
    tx->user = NULL;
    if (user != NULL)
        user->ops->ended(user, tx, next);
    return true;
}

/* It has its final answer: of what is kept only the credentials are of use, for an ACK. */
static bool settle(struct tx *tx) {
    struct ua_sent *sent = tx->sent;

    sent->n = 0;
    tx->sent = mem_realloc(sent, sizeof *sent);
    return false;
}

bool ua_again(struct ua *ua, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    struct ua_sent *sent = tx->sent;

    if (sent == NULL || sent->n == 0 || m->status < 200)
        return false;
    if (m->status < 300)
        credentials_accepted(ua->credentials, trunk_of(sent), m->raw, &sent->tried);
    if ((m->status != 401 && m->status != 407) || tx->cancelled || tx->cancel_wanted ||
        !credentials_challenged(ua->credentials, trunk_of(sent), is_own(ua, sent), m->raw, &sent->tried))
        return settle(tx);
    uint32_t cseq = ua->config.ops->again(ua->config.ctx, tx, m);
    return cseq != 0 && send_again(ua, tx, cseq, now_ms);
}
