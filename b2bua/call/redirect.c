/*
 * A target answers 3xx. Where its trunk says `redirect = "follow"`, each Contact is a new number for the dial plan,
 * asked for by that trunk: its host is never called. The caller hears nothing of it.
 */
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/core/redirect.h"
#include "b2bua/log/log.h"

enum { ROOM = 32768 }; /* for Diversions and History-Info */

static bool take(struct leg *b, const struct sip_msg *m) {
    struct call *call = b->call;
    struct sip_msg first;

    if (call->redirect == NULL) {
        if (call->invite.n == 0 || sip_parse(&first, call->invite) < 0)
            return false;
        call->redirect = redirect_new(call->invite, first.uri, str_of(leg_listen(&call->legs[LEG_A])->host));
        sip_fini(&first);
    }
    int taken = redirect_take(call->redirect, m->status, m->raw, b->trunk);
    log_info("call=%016llx leg=b trunk=%s redirect=%d contacts=%d", (unsigned long long)call->id, leg_trunk(b)->name,
             m->status, taken);
    leg_note(b, "redirected by %d: %d Contact%s taken", m->status, taken, taken == 1 ? "" : "s");
    return taken > 0;
}

/* A failure of leg B: is there a Contact to go on with, now? What is left of the targets it was sent to is not. While
 * other devices ring it waits. `m` may be NULL. */
bool redirect_goes_on(struct leg *b, int status, const struct sip_msg *m) {
    struct call *call = b->call;
    bool is_redirect = m != NULL && status / 100 == 3;

    if (is_redirect && leg_trunk(b)->redirect != REDIRECT_PASSTHRU) {
        bool follows = leg_trunk(b)->redirect == REDIRECT_FOLLOW && take(b, m);
        call->calls->counts.redirects[follows ? CALLS_REDIRECT_FOLLOWED : CALLS_REDIRECT_REFUSED]++;
    } else if (is_redirect) {
        call->calls->counts.redirects[CALLS_REDIRECT_PASSED]++;
    }
    if (status >= 600 || call->rivals != NULL || !redirect_has_next(call->redirect))
        return false;
    free(call->walk);
    call->walk = NULL;
    return true;
}

/* The next Contact that the dial plan knows is whom the call goes to now. Returns false: none. */
bool redirect_turn(struct call *call, uint64_t now_ms) {
    size_t size = redirect_has_next(call->redirect) ? SIP_MESSAGE_MAX + ROOM : 0;
    char *text = size == 0 ? NULL : mem_alloc(size);
    bool found = false;

    while (!found && redirect_next(call->redirect).n > 0) {
        struct sbuf b = sbuf_on(text, size);
        struct sip_msg m;
        if (redirect_invite(call->redirect, &b) < 0 || sip_parse(&m, sbuf_str(&b)) < 0)
            continue;
        call->from = redirect_from(call->redirect);
        found = hunt_route(call, &m, now_ms);
        sip_fini(&m);
        if (!found)
            continue;
        free((char *)call->invite.p);
        call->invite = (struct str){str_dup(sbuf_str(&b)), b.n};
    }
    free(text);
    return found;
}
