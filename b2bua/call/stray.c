/*
 * Attempts that were left behind: the call has gone to another target, but the old one may still ring or answer. It is
 * cancelled when it rings, and acknowledged and hung up when it answers (RFC 3261 13.2.2.4); the same for a second
 * answer of a fork.
 */
#include <stdlib.h>

#include "b2bua/call/impl.h"

/* What is needed to speak to the old target; lives as long as its transaction, apart from the call. */
struct stray {
    struct ua_user user;
    struct calls *calls;
    struct call call; /* a shell: settings and leg B's names, never in any list */
    char local_tag[DIALOG_TAG_SIZE];
    uint64_t hung_up; /* digest of the tag of the last answer that got its BYE; 0 = none */
};

/* A copy of an answer is acknowledged, and that is all. */
static void hang_up(struct leg *leg, const char *local_tag, const struct tx *tx, const struct sip_msg *m, bool is_copy,
                    uint64_t now_ms) {
    struct calls *c = leg->call->calls;
    struct dialog *d = dialog_new(local_tag, m->to_tag, m->cseq);
    struct out o;

    c->counts.strays += !is_copy;
    leg_set_route(leg, d, m, true);
    leg_set_target(leg, d, m->contact);
    if (out_dialog(&o, leg, d, METHOD_ACK, m->cseq) == 0) {
        ua_ack(c->ua, &o.ua, tx, NULL);
        if (!is_copy && out_dialog(&o, leg, d, METHOD_BYE, ++d->local_cseq) == 0)
            ua_request(c->ua, &o.ua, NULL, now_ms);
    }
    dialog_free(d);
}

static bool is_copy(uint64_t *hung_up, const struct sip_msg *m) {
    uint64_t tag = str_hash(m->to_tag) | 1;
    bool same = *hung_up == tag;

    *hung_up = tag;
    return same;
}

/* A 2xx in a dialog that is not the call's. */
void stray_answer(struct uac *u, const struct sip_msg *m, uint64_t now_ms) {
    const struct dialog *d = u->leg->dialogs;

    hang_up(u->leg, d == NULL ? "" : d->local_tag, u->tx, m, is_copy(&u->hung_up, m), now_ms);
}

static void answered(struct stray *s, const struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    hang_up(&s->call.legs[LEG_B], s->local_tag, tx, m, is_copy(&s->hung_up, m), now_ms);
}

static void response(struct ua_user *user, struct tx *tx, const struct sip_msg *m, uint64_t now_ms) {
    struct stray *s = CONTAINER(user, struct stray, user);

    leg_heard(&s->call.legs[LEG_B], &tx->flow);
    if (m->status < 200)
        ua_cancel(s->calls->ua, tx, STR_NONE, now_ms);
    else if (m->status < 300)
        answered(s, tx, m, now_ms);
}

static void failed(struct ua_user *user, struct tx *tx, bool timeout, uint64_t now_ms) {
    (void)user;
    (void)tx;
    (void)timeout;
    (void)now_ms;
}

static void ended(struct ua_user *user, struct tx *tx, struct tx *next) {
    struct stray *s = CONTAINER(user, struct stray, user);

    (void)tx;
    if (next != NULL)
        return;
    free(s->call.legs[LEG_B].names);
    settings_unref(s->call.settings);
    free(s);
}

static const struct ua_user_ops user_ops = {response, failed, ended};

/* The attempt `u` of leg B is left behind; the leg is free for the next one. `cancel`: the Reason of the CANCEL, NULL =
 * none is sent. */
void stray_attempt(struct leg *leg, struct uac *u, const struct str *cancel, uint64_t now_ms) {
    struct stray *s = mem_zalloc(sizeof *s);
    struct leg *shell = &s->call.legs[LEG_B];
    struct leg_names *names = leg->names;

    s->user.ops = &user_ops;
    s->calls = leg->call->calls;
    s->hung_up = u->hung_up;
    memcpy(s->local_tag, leg->dialogs->local_tag, sizeof s->local_tag);
    s->call.calls = s->calls;
    s->call.settings = settings_ref(leg->call->settings);
    *shell = (struct leg){.role = LEG_B, .call = &s->call, .trunk = leg->trunk, .flow = leg->flow, .host = leg->host};
    table_remove(s->calls, leg);
    leg->names = NULL;
    shell->names = names;
    struct tx *tx = u->tx;
    tx->user = &s->user;
    u->tx = NULL;
    uac_free(u);
    if (cancel != NULL)
        ua_cancel(s->calls->ua, tx, *cancel, now_ms);
}
