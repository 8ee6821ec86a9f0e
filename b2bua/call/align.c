/*
 * Alignment: after an offer of ours (a made one, or what was in force), one side has answered something that the other
 * does not know yet. It is told by a re-INVITE of ours. Its own answer may be news in turn; that goes back and forth a
 * few times at most.
 */
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/log/log.h"

enum { ALIGN_DEPTH_MAX = 3, ALIGN_TRIES_MAX = 8, ALIGN_WAIT_MS = 500 };

struct align {
    struct str sdp; /* the other side's, owned */
    int depth, tries;
    uint64_t at_ms; /* the next try; 0 = under way */
};

void align_free(struct leg *leg) {
    if (leg->align != NULL)
        free((char *)leg->align->sdp.p);
    free(leg->align);
    leg->align = NULL;
}

uint64_t align_deadline(const struct leg *leg) {
    return leg->align == NULL || leg->align->at_ms == 0 ? UINT64_MAX : leg->align->at_ms;
}

/* The description with our origin, as it would leave now. */
static struct str own(struct leg *leg, struct str sdp) {
    struct calls *c = leg->call->calls;
    struct sbuf b = sbuf_on(c->body, sizeof c->body);
    struct sdp_origin origin = offer_origin(&leg->dialog->offer, sdp);

    sdp_rewrite(&b, sdp, sdp, &origin);
    return b.full ? STR_NONE : sbuf_str(&b);
}

/* Tells the peer of `leg` what the other side says (`sdp`, copied): now, or as soon as nothing is in the way. */
void align_start(struct leg *leg, struct str sdp, int depth, uint64_t now_ms) {
    if (depth > ALIGN_DEPTH_MAX || leg->state != LEG_UP || leg->dialog == NULL)
        return;
    align_free(leg);
    leg->align = mem_zalloc(sizeof *leg->align);
    *leg->align = (struct align){{str_dup(sdp), sdp.n}, depth, 0, now_ms};
    align_run(leg, now_ms);
    refresh_arm(leg);
}

void align_run(struct leg *leg, uint64_t now_ms) {
    struct align *a = leg->align;

    if (a == NULL || a->at_ms == 0 || now_ms < a->at_ms)
        return;
    a->at_ms = now_ms + ALIGN_WAIT_MS;
    if (++a->tries > ALIGN_TRIES_MAX * 4) {
        align_free(leg);
        return;
    }
    if (!own_may_send(leg))
        return;
    if (leg->dialog->offer.ours.digest == sdp_digest(a->sdp)) { /* it knows */
        align_free(leg);
        return;
    }
    struct str sdp = own(leg, a->sdp);
    if (sdp.n == 0 || own_invite(leg, UAC_ALIGN, sdp, a->depth, now_ms) < 0)
        align_free(leg);
    else
        a->at_ms = 0;
}

static uint32_t pause_ms(const struct leg *leg) {
    return glare_pause_ms(leg->owns_call_id, (uint32_t)ua_random(leg_ua(leg)));
}

/* What came of it: `m` is the peer's final response, NULL when none came. Glare is tried again; whatever else goes
 * wrong leaves the call as it is. */
void align_result(struct uac *u, int status, const struct sip_msg *m, uint64_t now_ms) {
    struct leg *leg = u->leg;
    struct align *a = leg->align;

    if (a == NULL || a->at_ms != 0)
        return;
    bool again = status == 491 || (status == 422 && m != NULL && refresh_too_small(leg, m, u->asked_s));
    if (again && a->tries <= ALIGN_TRIES_MAX) {
        a->at_ms = status == 422 ? now_ms : now_ms + pause_ms(leg);
        align_run(leg, now_ms);
        refresh_arm(leg);
        return;
    }
    if (status >= 300)
        log_info("call=%016llx leg=%c align=failed status=%d", (unsigned long long)leg->call->id,
                 leg->role == LEG_A ? 'a' : 'b', status);
    align_free(leg);
}
