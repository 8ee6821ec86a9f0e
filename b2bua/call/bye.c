/* Our BYE (RFC 3261 15.1.1): the leg is over when it is answered, whatever the answer, or when none will come. */
#include "b2bua/call/impl.h"

static void done(struct ua_user *user, uint64_t now_ms) {
    struct leg *leg = CONTAINER(user, struct leg, bye);
    struct call_in in = {.now_ms = now_ms};

    leg_event(leg, LEG_EV_BYE_DONE, &in);
}

static void response(struct ua_user *user, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    (void)tx;
    if (m->status >= 200)
        done(user, now_ms);
}

static void failed(struct ua_user *user, struct tx *tx, bool timeout, uint64_t now_ms) {
    (void)tx;
    (void)timeout;
    done(user, now_ms);
}

static void ended(struct ua_user *user, struct tx *tx, struct tx *next) {
    struct leg *leg = CONTAINER(user, struct leg, bye);

    if (leg->bye_tx == tx)
        leg->bye_tx = next;
}

static const struct ua_user_ops user_ops = {response, failed, ended};

/* `m`: the BYE of the other side that causes this one, or NULL. */
void leg_send_bye(struct leg *leg, const struct sip_msg *m, uint64_t now_ms) {
    struct dialog *d = leg->dialog;
    struct call_in in = {.now_ms = now_ms};
    struct out o;

    leg->bye.ops = &user_ops;
    if (d != NULL && out_dialog(&o, leg, d, METHOD_BYE, ++d->local_cseq) == 0) {
        out_cross(&o, leg, d, m, CROSS_ASIDE);
        if (m == NULL)
            o.ua.request.extra = leg->call->reason;
        leg->bye_tx = ua_request(leg_ua(leg), &o.ua, &leg->bye, now_ms);
    }
    if (leg->bye_tx == NULL)
        leg_event(leg, LEG_EV_BYE_DONE, &in);
}
