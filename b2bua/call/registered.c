/* Calls to trunks where we are registered: the way that the registrar has told us (RFC 3608), and whether they may go
 * there at all. */
#include "b2bua/call/impl.h"

static bool is_registering(const struct settings_trunk *t) {
    return t->reg.aor != NULL && t->reg.aor[0] != '\0';
}

bool registered_may_call(const struct calls *c, const struct settings_trunk *t) {
    struct registration r;

    if (!is_registering(t) || !t->reg.required)
        return true;
    return registrations_get(c->registrations, t->name, &r) && r.state == REG_REGISTERED;
}

/* The initial request still goes to the target: what a registrar names is where that one sends it on to. */
void registered_route(struct out *o, const struct leg *leg) {
    struct sbuf b = sbuf_on(o->route, sizeof o->route);

    if (!is_registering(leg_trunk(leg)) || o->ua.request.route.n > 0)
        return;
    registrations_route(leg->call->calls->registrations, leg_trunk(leg)->name, &b);
    if (!b.full)
        o->ua.request.route = sbuf_str(&b);
}
