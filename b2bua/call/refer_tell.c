/* Who has sent a REFER is told what becomes of it: NOTIFYs in its dialog, one at a time (RFC 3515 2.4.4, RFC 6665), and
 * answers to his SUBSCRIBEs. */
#include <stdlib.h>

#include "b2bua/call/refer.h"
#include "b2bua/core/derive.h"
#include "b2bua/log/log.h"

static bool is_final(int status) {
    return status >= 200;
}

/* How long the subscription lasts from now on; 0 = it ends with the NOTIFY that leaves now. */
static uint32_t left_s(const struct refer *r, uint64_t now_ms) {
    if (is_final(r->status) || now_ms >= r->expires_ms)
        return 0;
    return (uint32_t)((r->expires_ms - now_ms + 999) / 1000);
}

static void send_notify(struct refer *r, uint64_t now_ms) {
    struct leg *leg = r->leg;
    struct dialog *d = leg->dialog;
    uint32_t expires_s = left_s(r, now_ms);
    char lines[256], body[96];
    struct sbuf b = sbuf_on(lines, sizeof lines - 1), fragment = sbuf_on(body, sizeof body);
    struct out o;

    if (d == NULL || out_dialog(&o, leg, d, METHOD_NOTIFY, d->local_cseq + 1) < 0)
        return;
    d->local_cseq++;
    refer_put_state(&b, r->has_id ? r->cseq : 0, expires_s, is_final(r->status) ? "noresource" : "timeout");
    lines[b.n] = '\0';
    sbuf_puts(&fragment, "SIP/2.0 ");
    sbuf_number(&fragment, (uint64_t)r->status);
    sbuf_putc(&fragment, ' ');
    sbuf_puts(&fragment, sip_phrase(r->status));
    sbuf_puts(&fragment, "\r\n");
    o.ua.request.extra = lines;
    o.ua.cross.body = sbuf_str(&fragment);
    r->told = r->status;
    r->is_over = expires_s == 0;
    r->tx = ua_request(leg_ua(leg), &o.ua, &r->user, now_ms);
}

/* Only what is new: the last word while one is under way is said after it. */
static void send_news(struct refer *r, uint64_t now_ms) {
    bool alive = r->leg->state == LEG_UP && !r->is_silent && !r->is_over;

    if (alive && r->tx == NULL && r->told != r->status)
        send_notify(r, now_ms);
}

/* A NOTIFY that is refused ends the subscription, and that alone (RFC 6665 4.2.2). */
static void response(struct ua_user *user, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    struct refer *r = CONTAINER(user, struct refer, user);

    if (m->status < 200 || r->tx != tx)
        return;
    tx->user = NULL;
    r->tx = NULL;
    r->is_silent |= m->status >= 300;
    send_news(r, now_ms);
}

static void failed(struct ua_user *user, struct tx *tx, bool timeout, uint64_t now_ms) {
    struct refer *r = CONTAINER(user, struct refer, user);

    (void)timeout;
    (void)now_ms;
    if (r->tx != tx)
        return;
    tx->user = NULL;
    r->tx = NULL;
    r->is_silent = true;
}

static void ended(struct ua_user *user, struct tx *tx, struct tx *next) {
    struct refer *r = CONTAINER(user, struct refer, user);

    if (r->tx == tx)
        r->tx = next;
}

static const struct ua_user_ops user_ops = {response, failed, ended};

void refer_tell(struct refer *r, int status, uint64_t now_ms) {
    r->status = status;
    send_news(r, now_ms);
}

/* While the new call is not decided: the subscription has lasted long enough. After that: the transferor has not hung
 * up himself. */
static void fire(struct timer *t, uint64_t now_ms) {
    struct refer *r = CONTAINER(t, struct refer, timer);
    struct call_in in = {.now_ms = now_ms};

    if (r->call == NULL) {
        leg_event(r->leg, LEG_EV_MATE_OVER, &in);
        return;
    }
    r->told = 0;
    send_news(r, now_ms);
    r->is_silent = true;
}

struct refer *refer_new(struct leg *leg, const struct sip_msg *m, uint64_t now_ms) {
    struct refer *r = mem_zalloc(sizeof *r);

    r->has_id = leg->refer != NULL;
    refer_free(leg);
    r->user.ops = &user_ops;
    r->leg = leg;
    r->cseq = m->cseq;
    r->is_silent = refer_wants_no_subscription(m->raw);
    r->expires_ms = now_ms + REFER_EXPIRES_S * 1000ull;
    r->timer.fire = fire;
    timerq_set(leg->call->calls->timers, &r->timer, r->expires_ms);
    leg->refer = r;
    return r;
}

/* --- SUBSCRIBE --- */

static void say_accepted(struct leg *leg, struct ua_in *in, uint32_t expires_s) {
    struct sip_echo *echo = sip_echo_new(&in->msg, &in->flow);
    char extra[32];
    struct sbuf b = sbuf_on(extra, sizeof extra - 1);

    sbuf_puts(&b, "Expires: ");
    sbuf_number(&b, expires_s);
    sbuf_puts(&b, "\r\n");
    extra[b.n] = '\0';
    if (echo != NULL)
        ua_reply(leg_ua(leg), in->tx,
                 &(struct sip_response){.status = 200, .echo = echo, .contact = leg->names->contact, .extra = extra},
                 NULL, in->now_ms);
    free(echo);
}

/* The subscription lasts as long as it is asked to, but not beyond what the REFER began; 0 ends it. Each SUBSCRIBE is
 * followed by a NOTIFY (RFC 6665 4.2.1.2). */
static void renew(struct refer *r, struct ua_in *in) {
    uint32_t rest_s = left_s(r, in->now_ms), asked_s = in->msg.expires == UINT32_MAX ? rest_s : in->msg.expires;

    if (asked_s < rest_s)
        r->expires_ms = in->now_ms + asked_s * 1000ull;
    say_accepted(r->leg, in, asked_s < rest_s ? asked_s : rest_s);
    if (r->call != NULL)
        timerq_set(r->leg->call->calls->timers, &r->timer, r->expires_ms);
    r->told = 0;
    send_news(r, in->now_ms);
}

void refer_subscribe_in(struct leg *leg, struct dialog *d, struct ua_in *in) {
    struct refer *r = leg->refer;
    uint32_t id;

    if (!refer_event(derive_header(in->msg.raw, STR("Event"), 'o'), &id))
        ua_refuse(leg_ua(leg), in, 489, "Bad Event", "Allow-Events: refer\r\n");
    else if (leg_trunk(leg)->refer == REFER_PASSTHRU && r == NULL)
        refer_pass_subscribe(leg, d, in, id);
    else if (r == NULL || r->is_silent || r->is_over || (id != 0 && id != r->cseq))
        ua_refuse(leg_ua(leg), in, 481, NULL, NULL);
    else
        renew(r, in);
}
