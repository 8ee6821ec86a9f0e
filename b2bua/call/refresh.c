/*
 * The session timer of a leg at work (RFC 4028): core/sst decides, here its decisions meet messages, the clock, and the
 * counters.
 */
#include "b2bua/call/impl.h"
#include "b2bua/log/log.h"

static const enum ending_cause causes[] = {[SST_MISSED] = ENDING_REFRESH_MISSED, [SST_FAILED] = ENDING_REFRESH_FAILED};

static void act(struct leg *leg, enum sst_action action, uint64_t now_ms);

/* --- as UAS --- */

bool refresh_refuse(struct calls *c, const struct settings_trunk *t, struct ua_in *in) {
    char extra[32];
    struct sbuf b = sbuf_on(extra, sizeof extra - 1);
    uint32_t min_se_s = 0;

    if (sst_check(&t->timer, &in->msg.timer, &min_se_s) == 0)
        return false;
    c->counts.too_small[1]++;
    ladder_note(ua_ladder(c->ua), in->msg.call_id, "Session-Expires %u s is too small: 422, Min-SE %u s",
                in->msg.timer.session_expires_s, min_se_s);
    sbuf_puts(&b, "Min-SE: ");
    sbuf_number(&b, min_se_s);
    sbuf_puts(&b, "\r\n");
    extra[b.n] = '\0';
    ua_refuse(c->ua, in, 422, NULL, extra);
    return true;
}

static void log_timer(const struct leg *leg) {
    log_debug("call=%016llx leg=%c session_expires=%u refresher=%s why=\"%s\"", (unsigned long long)leg->call->id,
              leg->role == LEG_A ? 'a' : 'b', leg->sst.interval_s, sst_party_name(leg->sst.refresher),
              sst_why_name(leg->sst.why));
    if (leg->sst.interval_s != 0)
        leg_note(leg, "session timer %u s, refresher %s: %s", leg->sst.interval_s,
                 leg->sst.refresher == SST_LOCAL ? "twinleg" : "peer", sst_why_name(leg->sst.why));
}

/* A 2xx to an INVITE or UPDATE of the peer leaves now. */
void refresh_accept(struct leg *leg, enum method method, const struct sst_said *said, uint64_t now_ms,
                    struct sst_say *say) {
    if (leg->sst.interval_s != 0) {
        leg->refreshes_in++;
        leg_counts(leg)->refreshes[1][method == METHOD_UPDATE][CALLS_REFRESH_OK]++;
    }
    sst_accept(&leg->sst, leg_policy(leg), said, now_ms, say);
    log_timer(leg);
    refresh_arm(leg);
}

/* --- as UAC --- */

/* A 2xx to an INVITE or UPDATE of ours has come. */
void refresh_granted(struct leg *leg, const struct sip_msg *m, uint32_t asked_s, uint64_t now_ms) {
    sst_heard(&leg->sst, &m->timer);
    sst_granted(&leg->sst, leg_policy(leg), &m->timer, asked_s, now_ms);
    log_timer(leg);
    refresh_arm(leg);
}

/* A 422 to a request that asked for `asked_s`: is it to be sent again? */
bool refresh_too_small(struct leg *leg, const struct sip_msg *m, uint32_t asked_s) {
    bool again = sst_too_small(&leg->sst, leg_policy(leg), &m->timer, asked_s);

    leg->call->calls->counts.too_small[0]++;
    log_debug("call=%016llx leg=%c status=422 min_se=%u again=%s", (unsigned long long)leg->call->id,
              leg->role == LEG_A ? 'a' : 'b', m->timer.min_se_s, again ? "yes" : "no");
    leg_note(leg, "422: Min-SE %u s wanted, %u s was asked: %s", m->timer.min_se_s, asked_s,
             again ? "asked again" : "given up");
    return again;
}

static void count(struct leg *leg, enum method method, enum calls_refresh what) {
    leg_counts(leg)->refreshes[0][method == METHOD_UPDATE][what]++;
}

/* What our refresh came to: `m` is its final response; where none came (NULL) `status` is 408 for silence, 503 when it
 * could not be delivered. */
void refresh_result(struct leg *leg, enum method method, uint32_t asked_s, int status, const struct sip_msg *m,
                    uint64_t now_ms) {
    bool was_update = method == METHOD_UPDATE;

    if (status / 100 == 2) {
        count(leg, method, CALLS_REFRESH_OK);
        return;
    }
    if (status == 422 && m != NULL && refresh_too_small(leg, m, asked_s)) {
        count(leg, method, CALLS_REFRESH_TOO_SMALL);
        act(leg, was_update ? SST_REFRESH_UPDATE : SST_REFRESH_INVITE, now_ms);
        return;
    }
    enum sst_action next = sst_failed(&leg->sst, status, was_update, leg->owns_call_id,
                                      m == NULL ? 0 : m->retry_after_s, (uint32_t)ua_random(leg_ua(leg)), now_ms);
    count(leg, method, next == SST_FAILED ? CALLS_REFRESH_LOST : CALLS_REFRESH_REFUSED);
    log_debug("call=%016llx leg=%c refresh=%s status=%d", (unsigned long long)leg->call->id,
              leg->role == LEG_A ? 'a' : 'b', sst_result_name(leg->sst.result), status);
    leg_note(leg, "refresh failed with %d: %s", status, sst_result_name(leg->sst.result));
    act(leg, next, now_ms);
}

/* --- UPDATE --- */

static void update_response(struct ua_user *user, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = CONTAINER(user, struct leg, update);

    if (m->status < 200 || leg->update_tx != tx)
        return;
    leg->update_tx->user = NULL;
    leg->update_tx = NULL;
    if (m->status < 300) {
        leg_set_target(leg, leg->dialog, m->contact);
        refresh_granted(leg, m, leg->update_asked_s, now_ms);
    }
    refresh_result(leg, METHOD_UPDATE, leg->update_asked_s, m->status, m, now_ms);
}

static void update_failed(struct ua_user *user, struct tx *tx, bool timeout, uint64_t now_ms) {
    struct leg *leg = CONTAINER(user, struct leg, update);

    if (leg->update_tx != tx)
        return;
    leg->update_tx->user = NULL;
    leg->update_tx = NULL;
    refresh_result(leg, METHOD_UPDATE, leg->update_asked_s, timeout ? 408 : 503, NULL, now_ms);
}

static void update_ended(struct ua_user *user, struct tx *tx, struct tx *next) {
    struct leg *leg = CONTAINER(user, struct leg, update);

    if (leg->update_tx == tx)
        leg->update_tx = next;
}

static const struct ua_user_ops update_ops = {update_response, update_failed, update_ended};

/* Without a description: it refreshes, and changes nothing (RFC 4028 7.4). */
static int send_update(struct leg *leg, uint64_t now_ms) {
    struct dialog *d = leg->dialog;
    struct out o;

    if (out_dialog(&o, leg, d, METHOD_UPDATE, d->local_cseq + 1) < 0)
        return -1;
    d->local_cseq++;
    leg->update.ops = &update_ops;
    leg->update_asked_s = o.timer.session_expires_s;
    leg->update_tx = ua_request(leg_ua(leg), &o.ua, &leg->update, now_ms);
    return leg->update_tx == NULL ? -1 : 0;
}

/* --- time --- */

static void send_refresh(struct leg *leg, enum sst_action action, uint64_t now_ms) {
    int sent;

    if (!own_may_send(leg)) {
        sst_postpone(&leg->sst, now_ms);
        return;
    }
    leg_note(leg, "refresh is due");
    if (action == SST_REFRESH_UPDATE)
        sent = send_update(leg, now_ms);
    else /* byte for byte what is in force, so that it changes nothing (RFC 4028 7.4) */
        sent = own_invite(leg, UAC_REFRESH, leg->dialog->offer.ours.text, 0, now_ms);
    if (sent < 0)
        sst_postpone(&leg->sst, now_ms);
    else
        leg->refreshes_out++;
}

static void end(struct leg *leg, enum ending_cause cause, uint64_t now_ms) {
    const char *name = ending_cause_name(cause);
    struct call_in in = {.now_ms = now_ms};

    log_info("call=%016llx leg=%c ends=%s session_expires=%u refresher=%s", (unsigned long long)leg->call->id,
             leg->role == LEG_A ? 'a' : 'b', name, leg->sst.interval_s, sst_party_name(leg->sst.refresher));
    leg_note(leg, "session timer %u s: %s, the call ends", leg->sst.interval_s, name);
    leg_counts(leg)->expired++;
    leg->call->reason = "Reason: SIP;cause=408;text=\"Session timer expired\"\r\n"
                        "Reason: Q.850;cause=102;text=\"Recovery on timer expiry\"\r\n";
    call_blame(leg->call, ENDING_BY_US, cause);
    leg_event(leg, LEG_EV_LOST, &in);
}

static void act(struct leg *leg, enum sst_action action, uint64_t now_ms) {
    switch (action) {
    case SST_NOTHING:
        break;
    case SST_REFRESH_INVITE:
    case SST_REFRESH_UPDATE:
        send_refresh(leg, action, now_ms);
        break;
    case SST_MISSED:
    case SST_FAILED:
        end(leg, causes[action], now_ms);
        return;
    }
    refresh_arm(leg);
}

static void fire(struct timer *t, uint64_t now_ms) {
    struct leg *leg = CONTAINER(t, struct leg, clock);

    align_run(leg, now_ms);
    act(leg, sst_tick(&leg->sst, leg_policy(leg), now_ms), now_ms);
}

void refresh_init(struct leg *leg) {
    leg->clock.fire = fire;
}

/* The leg's clock rings at its nearest deadline. */
void refresh_arm(struct leg *leg) {
    struct timerq *q = leg->call->calls->timers;
    uint64_t timer = sst_deadline(&leg->sst), align = align_deadline(leg);
    uint64_t at = timer < align ? timer : align;

    if (at == UINT64_MAX || leg->state == LEG_ENDING || leg->state == LEG_ENDED || leg->state == LEG_HANGING)
        timerq_stop(q, &leg->clock);
    else
        timerq_set(q, &leg->clock, at);
}

/* The dialog is over, and its timer with it. */
void refresh_stop(struct leg *leg) {
    sst_stop(&leg->sst);
    align_free(leg);
    timerq_stop(leg->call->calls->timers, &leg->clock);
    if (leg->update_tx != NULL)
        leg->update_tx->user = NULL;
    leg->update_tx = NULL;
}
