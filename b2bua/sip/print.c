/* Messages of ours as text, in one fixed order: routing, dialog, capabilities, what crosses, body. */
#include "b2bua/sip/impl.h"

static void put_header(struct sbuf *out, const char *name, struct str value) {
    if (value.n == 0)
        return;
    sbuf_puts(out, name);
    sbuf_put(out, value);
    sbuf_puts(out, "\r\n");
}

static void put_contact(struct sbuf *out, struct str uri) {
    if (uri.n == 0)
        return;
    sbuf_puts(out, "Contact: <");
    sbuf_put(out, uri);
    sbuf_puts(out, ">\r\n");
}

/* A list of option tags: what is given, and `timer`. */
static void put_tags(struct sbuf *out, const char *name, const char *tags, bool timer) {
    if (tags == NULL && !timer)
        return;
    sbuf_puts(out, name);
    sbuf_puts(out, tags == NULL ? "" : tags);
    if (timer)
        sbuf_puts(out, tags == NULL ? "timer" : ", timer");
    sbuf_puts(out, "\r\n");
}

static void put_capabilities(struct sbuf *out, const char *allow, const char *supported, const char *require,
                             const struct sst_say *timer) {
    put_header(out, "Allow: ", str_of(allow));
    put_tags(out, "Supported: ", supported, timer != NULL && timer->supported);
    put_tags(out, "Require: ", require, timer != NULL && timer->required);
    if (timer != NULL)
        sip_session_put(out, timer);
}

void sip_print_response(struct sbuf *out, const struct sip_response *r, const struct sip_cross *x) {
    sbuf_puts(out, "SIP/2.0 ");
    sbuf_number(out, (uint64_t)r->status);
    sbuf_putc(out, ' ');
    if (r->phrase == NULL && x != NULL && x->from != NULL && x->from->status == r->status && x->from->phrase.n > 0)
        sbuf_put(out, x->from->phrase);
    else
        sbuf_puts(out, r->phrase != NULL ? r->phrase : sip_phrase(r->status));
    sbuf_puts(out, "\r\n");
    sip_echo_put(out, r->echo, r->to_tag);
    if (r->record_route)
        sip_echo_put_routes(out, r->echo);
    put_contact(out, r->contact);
    put_capabilities(out, r->allow, r->supported, r->rseq != 0 ? "100rel" : r->require, r->timer);
    if (r->rseq != 0) {
        sbuf_puts(out, "RSeq: ");
        sbuf_number(out, r->rseq);
        sbuf_puts(out, "\r\n");
    }
    if (r->extra != NULL)
        sbuf_puts(out, r->extra);
    sip_put_crossing(out, x);
}

static void put_via(struct sbuf *out, const struct sip_request *r) {
    sbuf_puts(out, "Via: SIP/2.0/");
    sbuf_puts(out, flow_proto_name(r->proto));
    sbuf_putc(out, ' ');
    sbuf_put(out, r->sent_by);
    sbuf_puts(out, ";branch=");
    sbuf_put(out, r->branch);
    sbuf_puts(out, ";rport\r\n");
}

static void put_cseq(struct sbuf *out, uint32_t cseq, struct str method) {
    sbuf_puts(out, "CSeq: ");
    sbuf_number(out, cseq);
    sbuf_putc(out, ' ');
    sbuf_put(out, method);
    sbuf_puts(out, "\r\n");
}

void sip_print_request(struct sbuf *out, const struct sip_request *r, const struct sip_cross *x) {
    struct str method = r->method == METHOD_UNKNOWN ? r->method_name : str_of(method_name(r->method));

    sbuf_put(out, method);
    sbuf_putc(out, ' ');
    sbuf_put(out, r->uri);
    sbuf_puts(out, " SIP/2.0\r\n");
    put_via(out, r);
    sbuf_put(out, r->route);
    sbuf_puts(out, "Max-Forwards: ");
    sbuf_number(out, r->max_forwards);
    sbuf_puts(out, "\r\n");
    put_header(out, "From: ", r->from);
    put_header(out, "To: ", r->to);
    put_header(out, "Call-ID: ", r->call_id);
    put_cseq(out, r->cseq, method);
    put_contact(out, r->contact);
    put_capabilities(out, r->allow, r->supported, r->require, r->timer);
    if (r->rack_rseq != 0) {
        sbuf_puts(out, "RAck: ");
        sbuf_number(out, r->rack_rseq);
        sbuf_putc(out, ' ');
        sbuf_number(out, r->rack_cseq);
        sbuf_puts(out, " INVITE\r\n");
    }
    if (r->extra != NULL)
        sbuf_puts(out, r->extra);
    sip_put_crossing(out, x);
}

static struct str take_line(struct str *rest) {
    size_t n = str_find(*rest, '\n');
    struct str line = str_upto(*rest, n < rest->n ? n + 1 : n);

    *rest = str_from(*rest, line.n);
    return line;
}

void sip_print_again(struct sbuf *out, struct str text, const struct sip_request *r, struct str lines) {
    static const char mark[] = "\r\nCSeq: ";
    struct str first = take_line(&text);

    sbuf_put(out, first);
    put_via(out, r);
    take_line(&text);
    const char *at = memmem(text.p, text.n, mark, sizeof mark - 1);
    size_t before = at == NULL ? 0 : (size_t)(at - text.p) + 2;
    sbuf_put(out, str_upto(text, before));
    text = str_from(text, before);
    take_line(&text);
    put_cseq(out, r->cseq, str_upto(first, str_find(first, ' ')));
    sbuf_put(out, lines);
    sbuf_put(out, text);
}
