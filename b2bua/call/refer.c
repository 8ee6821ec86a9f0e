/* REFER inside a dialog (RFC 3515, RFC 4488, RFC 5589): what it may ask for, and who is meant by a dialog that it names
 * (RFC 3891). */
#include <stdlib.h>

#include "b2bua/call/refer.h"
#include "b2bua/core/derive.h"
#include "b2bua/core/head.h"
#include "b2bua/log/log.h"

/* --- what it may ask --- */

bool refer_is_pending(const struct call *call) {
    for (int role = 0; role < LEG_ROLES; role++)
        if (call->legs[role].refer != NULL &&
            (call->legs[role].refer->call != NULL || call->legs[role].refer->invite.n > 0))
            return true;
    return false;
}

/* Both legs have to be up: who is to be connected must be there, and who asks must be one that he talks to. The caller
 * is there when he has his answer; that his ACK has the longer way is no fault of the one who asks. */
static int out_of_place(const struct leg *leg) {
    const struct leg *mate = leg_mate((struct leg *)leg);

    if (leg->state > LEG_UP || mate->state > LEG_UP)
        return 481;
    bool are_there = leg->state == LEG_UP && (mate->state == LEG_UP || mate->state == LEG_ANSWERED);
    return are_there && !refer_is_pending(leg->call) ? 0 : 491;
}

static int judge(const struct leg *leg, const struct sip_msg *m, struct refer_to *to) {
    if (head_count(m->raw, STR("Refer-To"), 'r') != 1)
        return 400;
    int status = refer_parse(derive_header(m->raw, STR("Refer-To"), 'r'), to);
    return status != 0 ? status : out_of_place(leg);
}

static void refuse(struct leg *leg, struct ua_in *in, int status) {
    leg->call->calls->counts.transfers[CALLS_TRANSFER_REFUSED]++;
    ua_refuse(leg_ua(leg), in, status, status == 400 ? "Bad Refer-To header" : NULL, NULL);
}

/* --- whom --- */

/* The other leg of the transferor's other call, when that is one of this worker's. */
static struct leg *find_other(const struct leg *leg, struct str named) {
    struct calls *c = leg->call->calls;
    struct replaces r;
    struct dialog *d = NULL;

    if (c->mapped.p != NULL || replaces_parse(named, &r) < 0)
        return NULL;
    struct sip_msg name = {.call_id = r.call_id, .to_tag = r.to_tag, .from_tag = r.from_tag};
    struct leg *his = table_find(c, &name, &d);
    if (his == NULL || his->call->settings != leg->call->settings)
        return NULL;
    rival_show_ringing(his->call);
    return leg_mate(his);
}

/* It is up; or it rings, and its answer needs nothing more from the one who called it. */
static int connectable(const struct leg *leg, const struct leg *other) {
    const struct leg *his = leg_mate((struct leg *)other);

    if (other->call == leg->call || other->state > LEG_UP || his->state > LEG_UP)
        return 481;
    if (refer_is_pending(other->call) || other->call->refer != NULL)
        return 491;
    if (other->state == LEG_EARLY && other->role == LEG_B)
        return other->uac != NULL && !other->uac->offerless ? 0 : 491;
    return other->state == LEG_UP && his->state == LEG_UP ? 0 : 491;
}

/* --- answering --- */

static void say_accepted(struct leg *leg, struct ua_in *in, const struct refer *r) {
    struct sip_echo *echo = sip_echo_new(&in->msg, &in->flow);

    if (echo != NULL)
        ua_reply(leg_ua(leg), in->tx,
                 &(struct sip_response){.status = 202,
                                        .echo = echo,
                                        .contact = leg->names->contact,
                                        .allow = out_allow(leg),
                                        .supported = out_supported(leg, true),
                                        .extra = r->is_silent ? "Refer-Sub: false\r\n" : NULL},
                 NULL, in->now_ms);
    free(echo);
}

static struct refer *take(struct leg *leg, struct ua_in *in) {
    struct refer *r = refer_new(leg, &in->msg, in->now_ms);

    say_accepted(leg, in, r);
    refer_tell(r, 100, in->now_ms);
    return r;
}

/* By a new INVITE, which may name the dialog that it replaces. */
static void place(struct leg *leg, struct ua_in *in, const struct refer_to *to, struct call_replaces *replaces) {
    struct str sdp = refer_description(leg_mate(leg));
    struct str invite = refer_invite(leg, &in->msg, to, sdp);

    free((char *)sdp.p);
    if (invite.n == 0) {
        free(replaces->text);
        refuse(leg, in, 513);
        return;
    }
    struct refer *r = take(leg, in);
    if (leg_mate(leg)->state == LEG_ANSWERED) {
        refer_wait(r, invite, replaces);
        return;
    }
    refer_place(r, invite, replaces, in->now_ms);
    free((char *)invite.p);
}

static void connect_them(struct leg *leg, struct ua_in *in, const struct refer_to *to, struct leg *other) {
    int status = connectable(leg, other);

    if (status != 0)
        refuse(leg, in, status);
    else
        refer_connect(take(leg, in), other, to->uri, in->now_ms);
}

static void refer(struct leg *leg, struct dialog *d, struct ua_in *in, const struct refer_to *to, struct str named) {
    bool passes = leg_trunk(leg)->refer == REFER_PASSTHRU;
    struct call_replaces replaces = {0};

    if (named.n > 0) {
        int status = replaces_for(leg, named, &replaces);
        if (status != 0) {
            refuse(leg, in, status);
            return;
        }
        replaces.required = str_ieq(to->require, STR("replaces"));
        passes = passes && replaces.is_ours && replaces.slot == leg_trunk(leg_mate(leg))->slot;
    }
    struct leg *other = passes || named.n == 0 ? NULL : find_other(leg, named);
    if (!passes && other == NULL) {
        place(leg, in, to, &replaces);
        return;
    }
    if (leg_mate(leg)->state == LEG_ANSWERED)
        refuse(leg, in, 491);
    else if (passes)
        refer_pass(leg, d, in, to, str_of(replaces.text));
    else
        connect_them(leg, in, to, other);
    free(replaces.text);
}

void refer_in(struct leg *leg, struct dialog *d, struct ua_in *in) {
    struct refer_to to = {0};
    char text[REFER_VALUE_MAX];
    struct sbuf named = sbuf_on(text, sizeof text);
    int status = judge(leg, &in->msg, &to);

    if (status == 0 && to.replaces.n > 0 && refer_unescape(&named, to.replaces) < 0)
        status = 400;
    if (status != 0)
        refuse(leg, in, status);
    else
        refer(leg, d, in, &to, sbuf_str(&named));
}
