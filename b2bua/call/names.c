/* What each leg is called: From, To, Call-ID and Contact, those of leg B with nothing of the other side in them. */
#include <stdlib.h>

#include "b2bua/call/impl.h"
#include "b2bua/trunk/trunk.h"

static struct str contact_of(const struct leg *leg, struct str user, struct sbuf *b) {
    size_t start = b->n;

    sbuf_puts(b, "sip:");
    sbuf_put(b, user);
    sbuf_puts(b, user.n > 0 ? "@" : "");
    sbuf_puts(b, leg_listen(leg)->sent_by);
    if (leg->flow.proto == FLOW_TCP)
        sbuf_puts(b, ";transport=tcp");
    if (leg->flow.proto == FLOW_TLS)
        sbuf_puts(b, ";transport=tls");
    return (struct str){b->p + start, b->n - start};
}

/* What leg A is called: as the caller wrote it, and we answer to it. A leg without names is refused by hunt_start. */
void hunt_name_a(struct leg *a, const struct sip_msg *m) {
    char text[CALL_NAMES_MAX];
    struct sbuf b = sbuf_on(text, sizeof text);

    sip_party(&b, m, SIP_TO, STR_NONE);
    struct str local = sbuf_str(&b);
    size_t mark = b.n;
    sip_party(&b, m, SIP_FROM, STR_NONE);
    struct str remote = {b.p + mark, b.n - mark};
    struct str contact = contact_of(a, m->uri_user, &b);
    if (!b.full)
        call_name(a, m->call_id, local, remote, contact);
}

/* Between a client and its node From and To are what they are on either side: `host`, `host_port` empty. */
static int name_b(struct leg *b_leg, const struct sip_msg *m, struct str host, struct str host_port) {
    char text[CALL_NAMES_MAX], call_id[UA_CALL_ID_SIZE];
    struct sbuf b = sbuf_on(text, sizeof text);
    struct identity_plan plan = identity_for(b_leg, leg_mate(b_leg), m);
    struct sip_numbers numbers = numbers_of(b_leg);

    ua_call_id(leg_ua(b_leg), call_id);
    if (plan.anonymous_from) { /* whatever the number has become, it is not said */
        sbuf_puts(&b, IDENTITY_ANONYMOUS);
    } else {
        sip_party(&b, m, SIP_FROM, host);
        sip_renumber(&b, 0, &numbers, TRANSLATED_FROM, m);
    }
    struct str local = sbuf_str(&b);
    size_t mark = b.n;
    sip_party(&b, m, SIP_TO, host_port);
    sip_renumber(&b, mark, &numbers, TRANSLATED_TO, m);
    struct str remote = {b.p + mark, b.n - mark};
    struct str contact = contact_of(b_leg, plan.anonymous_contact ? STR("anonymous") : sip_user_of(local), &b);
    if (b.full)
        return -1;
    call_name(b_leg, str_of(call_id), local, remote, contact);
    return 0;
}

int hunt_name_b(struct leg *b, const struct settings_target *t, const struct sip_msg *m) {
    char host_port[320];

    if (b->names != NULL) {
        table_remove(b->call->calls, b);
        free(b->names);
        b->names = NULL;
    }
    if (front_shares(b->call))
        return name_b(b, m, STR_NONE, STR_NONE);
    if (t == NULL)
        return name_b(b, m, str_of(leg_listen(b)->host), str_of(leg_listen(b)->host));
    return name_b(b, m, str_of(leg_listen(b)->host), str_of(trunk_host_port(t, host_port, sizeof host_port)));
}

/* The target of a place; NULL: it is a flow to a client. */
