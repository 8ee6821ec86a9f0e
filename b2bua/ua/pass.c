/*
 * Messages that are passed on rather than made: registrations and what else crosses byte for byte. Only the Vias are
 * ours: towards the other side one of our own stands for all (no name of this side leaves by it), and the response gets
 * back those that its request had.
 */
#include "b2bua/core/dialog.h"
#include "b2bua/ua/impl.h"

static void take(struct forward *f, const struct ua_passed *passed, struct str via) {
    *f = (struct forward){0};
    if (passed->edits != NULL)
        *f = *passed->edits;
    forward_edit(f, STR("Via"), 'v', via);
}

void ua_pass_put(struct sbuf *text, const struct ua_out *out) {
    char line[512];
    struct sbuf via = sbuf_on(line, sizeof line);
    struct forward f;

    sbuf_puts(&via, "Via: SIP/2.0/");
    sbuf_puts(&via, flow_proto_name(out->request.proto));
    sbuf_putc(&via, ' ');
    sbuf_put(&via, out->request.sent_by);
    sbuf_puts(&via, ";branch=");
    sbuf_put(&via, out->request.branch);
    sbuf_puts(&via, ";rport\r\n");
    take(&f, out->passed, sbuf_str(&via));
    if (forward_put(text, out->passed->message, &f) < 0 || via.full)
        text->full = true;
}

void ua_pass_reply(struct ua *ua, struct tx *tx, const struct sip_echo *echo, int status,
                   const struct ua_passed *passed, uint64_t now_ms) {
    struct sbuf text = sbuf_on(ua->out, sizeof ua->out);
    char tag[DIALOG_TAG_SIZE];
    struct forward f;

    take(&f, passed, sip_echo_vias(echo));
    if (forward_put(&text, passed->message, &f) == 0) {
        ua_reply_text(ua, tx, status, sbuf_str(&text), now_ms);
        return;
    }
    ua_tag(ua, tag);
    ua_reply(ua, tx, &(struct sip_response){.status = 500, .echo = echo, .to_tag = str_of(tag)}, NULL, now_ms);
}
