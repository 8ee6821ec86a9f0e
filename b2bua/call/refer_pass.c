/*
 * `refer = "passthru"`: REFER crosses, and the other side does the transfer. Where it is sent leads back through us,
 * and a dialog that it is to replace is named as its own side knows it (refer.c sees to it that this is the same side).
 * What is said of the subscription crosses, too, under the name that each side has for it.
 */
#include <stdlib.h>

#include "b2bua/call/refer.h"
#include "b2bua/core/derive.h"
#include "b2bua/log/log.h"

enum { ROOM = 8192 };

/* --- names of subscriptions --- */

static void note(struct call *call, const struct leg *from, uint32_t here, uint32_t there) {
    call->crossed[call->crossed_count++ % CALL_REFERS_MAX] = (struct call_crossed){from, here, there};
}

/* What the other side calls the subscription that `leg`'s side calls `id`; 0 = nothing like that has crossed. */
static uint32_t other_id(const struct leg *leg, uint32_t id) {
    const struct call *call = leg->call;

    for (unsigned i = 0; i < CALL_REFERS_MAX && i < call->crossed_count; i++) {
        const struct call_crossed *c = &call->crossed[i];
        if (c->from == leg ? c->here == id : c->there == id)
            return c->from == leg ? c->there : c->here;
    }
    return 0;
}

static void put_event(struct sbuf *b, uint32_t id) {
    sbuf_puts(b, "Event: refer");
    if (id != 0) {
        sbuf_puts(b, ";id=");
        sbuf_number(b, id);
    }
    sbuf_puts(b, "\r\n");
}

/* --- REFER --- */

/* The URI with our own place on the other side in it; a client and its node mean the same by a domain. */
static void put_uri(struct sbuf *b, const struct leg *leg, const struct sip_msg *m, const struct refer_to *to) {
    const struct leg *mate = leg_mate((struct leg *)leg);
    struct str invite;
    struct sip_msg made;

    if (front_shares(leg->call) && sip_names_domain(to->uri)) {
        sbuf_put(b, to->uri);
        return;
    }
    invite = refer_invite(leg, m, to, STR_NONE);
    if (invite.n > 0 && sip_parse(&made, invite) == 0) {
        sip_target_uri(b, &made, str_of(leg_listen(mate)->sent_by), mate->flow.proto);
        sip_fini(&made);
    }
    free((char *)invite.p);
}

static void put_refer_to(struct sbuf *b, const struct leg *leg, const struct sip_msg *m, const struct refer_to *to,
                         struct str replaces) {
    sbuf_puts(b, "Refer-To: <");
    put_uri(b, leg, m, to);
    if (replaces.n > 0) {
        sbuf_puts(b, "?Replaces=");
        refer_escape(b, replaces);
        if (str_ieq(to->require, STR("replaces")))
            sbuf_puts(b, "&Require=replaces");
    }
    sbuf_puts(b, ">\r\n");
}

void refer_pass(struct leg *leg, struct dialog *d, struct ua_in *in, const struct refer_to *to, struct str replaces) {
    char *lines = mem_alloc(ROOM);
    struct sbuf b = sbuf_on(lines, ROOM - 1);

    put_refer_to(&b, leg, &in->msg, to, replaces);
    lines[b.n] = '\0';
    if (b.full) {
        ua_refuse(leg_ua(leg), in, 513, NULL, NULL);
    } else {
        leg->call->calls->counts.transfers[CALLS_TRANSFER_PASSED]++;
        if (d->mate != NULL)
            note(leg->call, leg, in->msg.cseq, d->mate->local_cseq + 1);
        relay_changed(leg, d, in, &(struct relay_change){.extra = lines});
    }
    free(lines);
}

/* --- its subscription --- */

static void cross(struct leg *leg, struct dialog *d, struct ua_in *in, uint32_t id, struct str body) {
    char line[48];
    struct sbuf b = sbuf_on(line, sizeof line - 1);

    put_event(&b, id == 0 ? 0 : other_id(leg, id));
    line[b.n] = '\0';
    relay_changed(leg, d, in,
                  &(struct relay_change){.extra = line, .without = "Event", .without_compact = 'o', .body = body});
}

/* Other packages cross as they are. */
void refer_notify_in(struct leg *leg, struct dialog *d, struct ua_in *in) {
    uint32_t id;

    if (refer_event(derive_header(in->msg.raw, STR("Event"), 'o'), &id))
        cross(leg, d, in, id, refer_fragment(in->msg.body));
    else
        relay_in(leg, d, in);
}

void refer_pass_subscribe(struct leg *leg, struct dialog *d, struct ua_in *in, uint32_t id) {
    cross(leg, d, in, id, STR_NONE);
}
