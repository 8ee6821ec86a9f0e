/* The call that a transfer places: how it begins, and what becomes of it and of the old one. */
#include <stdlib.h>

#include "b2bua/call/refer.h"
#include "b2bua/core/reissue.h"
#include "b2bua/log/log.h"

enum { ROOM = 8192 }; /* beyond the REFER and the description */

static const char *letter(const struct leg *leg) {
    return leg->role == LEG_A ? "a" : "b";
}

/* --- beginning --- */

/* Of a REFER alone, or of its own dialog. */
static const char *const refer_only[] = {"Refer-To", "r",       "Refer-Sub", "Supported", "k",    "Require", "Accept",
                                         "Expires",  "Contact", "m",         "Event",     "Date", NULL};

struct str refer_invite(const struct leg *leg, const struct sip_msg *m, const struct refer_to *to, struct str sdp) {
    size_t size = m->raw.n + sdp.n + ROOM;
    char *text = mem_alloc(size), *parts = mem_alloc(ROOM);
    struct sbuf out = sbuf_on(text, size), b = sbuf_on(parts, ROOM);

    sbuf_put(&b, leg->names->local);
    sbuf_puts(&b, ";tag=refer");
    struct str from = sbuf_str(&b);
    sbuf_puts(&b, "<");
    sbuf_put(&b, to->uri);
    sbuf_puts(&b, ">");
    struct str party = str_from(sbuf_str(&b), from.n);
    int done = b.full ? -1
                      : reissue_invite(&out, &(struct reissue){.message = m->raw,
                                                               .uri = to->uri,
                                                               .from = from,
                                                               .to = party,
                                                               .without = refer_only,
                                                               .own_body = true,
                                                               .sdp = sdp});
    free(parts);
    if (done == 0)
        return sbuf_str(&out);
    free(text);
    return STR_NONE;
}

/* Leg A of the new call: it has no wire, and no place in the table. Its dialog is there to be paired with. */
static void stand_in(struct leg *a, const struct leg *transferor, struct str uri) {
    const struct leg_names *n = transferor->names;
    struct calls *c = a->call->calls;
    struct sbuf to = sbuf_on(c->text, sizeof c->text);
    char tag[DIALOG_TAG_SIZE];

    a->trunk = transferor->trunk;
    a->flow = transferor->flow;
    a->host = transferor->host;
    ua_tag(leg_ua(a), tag);
    a->dialogs = dialog_new(tag, STR("refer"), 0);
    sbuf_puts(&to, "<");
    sbuf_put(&to, uri);
    sbuf_puts(&to, ">");
    call_names(a, n->call_id, sbuf_str(&to), n->local, n->contact);
}

static struct call *begin(struct refer *r, struct str uri, uint64_t now_ms) {
    struct call *old = r->leg->call, *call = call_new(old->calls, now_ms);

    settings_unref(call->settings); /* indexes of trunks are the old call's */
    call->settings = settings_ref(old->settings);
    call->refer = r;
    call->referred_by = old->id;
    r->call = call;
    stand_in(&call->legs[LEG_A], r->leg, uri);
    log_info("call=%016llx leg=%s refer=accepted new_call=%016llx", (unsigned long long)old->id, letter(r->leg),
             (unsigned long long)call->id);
    return call;
}

void refer_place(struct refer *r, struct str invite, struct call_replaces *replaces, uint64_t now_ms) {
    struct sip_msg m;

    if (sip_parse(&m, invite) < 0) {
        free(replaces->text);
        refer_tell(r, 500, now_ms);
        return;
    }
    struct call *call = begin(r, m.uri, now_ms);
    struct call_in in = {.msg = &m, .now_ms = now_ms};
    call->replaces = *replaces;
    leg_event(&call->legs[LEG_A], LEG_EV_INVITE, &in);
    sip_fini(&m);
}

void refer_wait(struct refer *r, struct str invite, struct call_replaces *replaces) {
    r->invite = invite;
    r->replaces = *replaces;
}

void refer_go_on(struct refer *r, uint64_t now_ms) {
    struct str invite = r->invite;
    struct call_replaces replaces = r->replaces;
    struct call_in in = {.now_ms = now_ms};

    if (invite.n == 0)
        return;
    r->invite = STR_NONE;
    r->replaces = (struct call_replaces){0};
    refer_place(r, invite, &replaces, now_ms);
    free((char *)invite.p);
    if (!r->has_left)
        return;
    refer_left(r->leg, now_ms);
    call_blame(r->leg->call, leg_by(r->leg), ENDING_BYE);
    leg_event(r->leg, LEG_EV_BYE, &in);
}

bool refer_stays(struct leg *leg) {
    struct refer *r = leg->refer;

    if (r == NULL || r->invite.n == 0)
        return false;
    r->has_left = r->is_silent = true;
    return true;
}

/* What the party on `leg` has said last, as its partner was told it, ready to be offered to another. To be freed. */
struct str refer_description(struct leg *leg) {
    const struct dialog *d = leg_mate(leg)->dialog;
    struct str told = d == NULL ? STR_NONE : d->offer.ours.text;
    char *text = mem_alloc(told.n + 1);
    struct sbuf b = sbuf_on(text, told.n);

    sdp_unheld(&b, told);
    return sbuf_str(&b);
}

/* A call that rings goes on ringing in the new one, with the targets that it has left. */
static void move_hunt(struct call *to, struct call *from) {
    call_settled(to);
    to->invite = from->invite;
    to->failure_text = from->failure_text;
    to->failure = from->failure;
    to->walk = from->walk;
    to->redirect = from->redirect;
    to->from = from->from;
    to->attempts = from->attempts;
    to->ways = from->ways;
    to->is_front = from->is_front;
    to->waited_ms = from->waited_ms;
    to->waited_at_ms = from->waited_at_ms;
    to->route = from->route;
    from->invite = from->failure_text = STR_NONE;
    from->walk = NULL;
    from->ways = NULL;
    from->redirect = NULL;
    from->failure = 0;
}

void refer_connect(struct refer *r, struct leg *other, struct str uri, uint64_t now_ms) {
    struct leg *left = leg_mate(other);
    struct call_in in = {.now_ms = now_ms};
    struct call *call = begin(r, uri, now_ms);

    move_hunt(call, other->call);
    call_failure(other->call, 487, NULL);
    if (other->state == LEG_UP)
        r->sdp = refer_description(other);
    relay_end(other, now_ms); /* those of its rivals, too, while they are of this call */
    rival_move(call, other->call);
    leg_event(&call->legs[LEG_A], LEG_EV_START, &in);
    leg_adopt(&call->legs[LEG_B], other, leg_by(left), now_ms);
    leg_event(left, LEG_EV_MATE_OVER, &in);
}

bool refer_stands_in(const struct leg *leg) {
    return leg->role == LEG_A && leg->call->refer != NULL && (leg->state == LEG_INVITED || leg->state == LEG_EARLY);
}

/* --- what it comes to --- */

/* The transferor need not be asked any more. */
static void settle(struct call *call) {
    struct refer *r = call->refer;

    if (r != NULL)
        r->call = NULL;
    call->refer = NULL;
}

void refer_rings(struct call *call, int status, uint64_t now_ms) {
    if (call->refer != NULL)
        refer_tell(call->refer, status, now_ms);
}

/* The remaining party comes in, unless it has already. */
void refer_answered(struct call *call, uint64_t now_ms) {
    struct refer *r = call->refer;

    if (r != NULL)
        leg_adopt(&call->legs[LEG_A], leg_mate(r->leg), leg_by(r->leg), now_ms);
}

static void done(struct refer *r, uint64_t now_ms) {
    timerq_set(r->leg->call->calls->timers, &r->timer, now_ms + REFER_HANG_UP_MS);
    refer_tell(r, 200, now_ms);
}

/* Both are there: each hears of the other's media. */
void refer_join(struct leg *a, const struct call_in *in) {
    struct leg *b = leg_mate(a);
    struct refer *r = a->call->refer;
    struct str kept = r == NULL ? STR_NONE : r->sdp, sdp = in->msg != NULL ? in->msg->sdp : kept;

    settle(a->call);
    a->call->calls->counts.answered++;
    a->call->calls->counts.transfers[CALLS_TRANSFER_DONE]++;
    a->status = 200;
    if (a->dialog != NULL && b->dialog != NULL) {
        a->dialog->mate = b->dialog;
        b->dialog->mate = a->dialog;
    }
    if (r != NULL)
        done(r, in->now_ms);
    if (sdp.n > 0)
        align_start(a, sdp, 0, in->now_ms);
}

void refer_failed(struct call *call, int status, uint64_t now_ms) {
    struct refer *r = call->refer;

    if (r == NULL)
        return;
    settle(call);
    call->legs[LEG_A].status = status;
    call->calls->counts.transfers[CALLS_TRANSFER_FAILED]++;
    timerq_stop(call->calls->timers, &r->timer);
    log_info("call=%016llx leg=%s refer=failed status=%d", (unsigned long long)r->leg->call->id, letter(r->leg),
             status);
    refer_tell(r, status, now_ms);
}

void refer_left(struct leg *leg, uint64_t now_ms) {
    struct refer *r = leg->refer;

    if (r == NULL || r->call == NULL)
        return;
    struct call *call = r->call;
    refer_answered(call, now_ms);
    settle(call);
    timerq_stop(call->calls->timers, &r->timer);
}

void refer_over(struct leg *leg, uint64_t now_ms) {
    struct refer *r = leg->refer;
    struct call_in in = {.now_ms = now_ms};

    timerq_stop(leg->call->calls->timers, &r->timer);
    r->invite.n = 0; /* what has waited does not begin any more */
    if (r->call == NULL)
        return;
    struct leg *a = &r->call->legs[LEG_A];
    settle(r->call);
    call_blame(a->call, ENDING_BY_A, ENDING_CANCEL);
    leg_event(a, LEG_EV_CANCEL, &in);
}

void refer_free(struct leg *leg) {
    struct refer *r = leg->refer;

    if (r == NULL)
        return;
    leg->refer = NULL;
    timerq_stop(leg->call->calls->timers, &r->timer);
    if (r->tx != NULL)
        r->tx->user = NULL;
    if (r->call != NULL)
        r->call->refer = NULL;
    free((char *)r->sdp.p);
    free((char *)r->invite.p);
    free(r->replaces.text);
    free(r);
}

void refer_forget(struct call *call) {
    settle(call);
}
