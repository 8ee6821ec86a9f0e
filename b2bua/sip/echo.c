/* What a response repeats of its request (RFC 3261 8.2.6.2), with received and rport in the top Via (18.2.1, RFC 3581),
 * and where it goes. */
#include <stdlib.h>

#include "b2bua/core/derive.h"
#include "b2bua/sip/impl.h"

struct sip_echo {
    struct str vias, from, to, call_id, cseq, record_routes; /* whole lines; `to` without its line end */
    bool has_tag;
    char text[];
};

/* The top Via anew: parameters as they were but for received and rport, which are ours to say. */
static void put_top_via(struct sbuf *b, struct str via, const struct flow *from) {
    struct str params = str_from(via, str_find(via, ';'));
    struct str name, value, rest = params;
    char ip[ADDR_TEXT_MAX];

    sbuf_puts(b, "Via: ");
    sbuf_put(b, str_trim((struct str){via.p, via.n - params.n}));
    for (;;) {
        struct str before = rest;
        if (!sip_param_next(&rest, &name, &value))
            break;
        struct str whole = {before.p, before.n - rest.n};
        if (str_ieq(name, STR("received")))
            continue;
        if (str_ieq(name, STR("rport"))) {
            sbuf_puts(b, ";rport=");
            sbuf_number(b, from->peer.port);
            continue;
        }
        sbuf_put(b, str_trim(whole));
    }
    sbuf_puts(b, ";received=");
    sbuf_puts(b, addr_format_ip(&from->peer, false, ip));
}

static bool wants_received(const struct sip_msg *m, const struct flow *from) {
    struct str params = str_from(m->via, str_find(m->via, ';'));
    struct str name, value;
    struct addr sent_by;

    while (sip_param_next(&params, &name, &value))
        if (str_ieq(name, STR("rport")) || str_ieq(name, STR("received")))
            return true;
    return addr_parse(&sent_by, m->via_sent_by) < 0 || !addr_same_ip(&sent_by, &from->peer);
}

static void put_line(struct sbuf *b, const msg_header_t *h) {
    struct sip_line line;

    if (!sip_line_of(h, &line))
        return;
    sbuf_put(b, str_trim(line.all));
    sbuf_puts(b, "\r\n");
}

static struct str since(const struct sbuf *b, size_t mark) {
    return (struct str){b->p + mark, b->n - mark};
}

static struct str raw_line(struct sbuf *b, const char *name, struct str value) {
    size_t mark = b->n;

    if (value.n == 0)
        return STR_NONE;
    sbuf_puts(b, name);
    sbuf_puts(b, ": ");
    sbuf_put(b, value);
    sbuf_puts(b, "\r\n");
    return since(b, mark);
}

/* A header that Sofia could not read, which is why it is refused, comes back as it stands in the bytes. */
static struct str repeated(struct sbuf *b, const msg_header_t *h, struct str bytes, struct str name, char compact) {
    size_t mark = b->n;

    if (h == NULL)
        return raw_line(b, name.p, derive_header(bytes, name, compact));
    put_line(b, h);
    return since(b, mark);
}

static bool has_raw_tag(struct str to) {
    return to.n > 0 && memmem(to.p, to.n, ";tag=", 5) != NULL;
}

static void put_vias(struct sbuf *b, const struct sip_msg *m, const struct flow *from) {
    const sip_via_t *first = sip_parsed(m)->sip_via;
    struct sip_line line;
    struct str rest;

    if (!sip_line_of((const msg_header_t *)first, &line))
        return;
    sip_list_first(line.value, &rest);
    if (wants_received(m, from)) {
        put_top_via(b, m->via, from);
        if (rest.n > 0) {
            sbuf_puts(b, ", ");
            sbuf_put(b, rest);
        }
        sbuf_puts(b, "\r\n");
    } else {
        put_line(b, (const msg_header_t *)first);
    }
    for (const sip_via_t *v = first->v_next; v != NULL; v = v->v_next)
        put_line(b, (const msg_header_t *)v);
}

/* Gives back what the estimate was too large by. The block may move: the views move with it. */
static struct sip_echo *shrink(struct sip_echo *e, const struct sbuf *b) {
    const char *old = e->text;
    struct sip_echo *moved = mem_realloc(e, sizeof *e + b->n);
    struct str *views[] = {&moved->vias,    &moved->from, &moved->to,
                           &moved->call_id, &moved->cseq, &moved->record_routes};

    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
        if (views[i]->p != NULL)
            views[i]->p = moved->text + ((uintptr_t)views[i]->p - (uintptr_t)old);
    return moved;
}

struct sip_echo *sip_echo_new(const struct sip_msg *m, const struct flow *from) {
    const sip_t *sip = sip_parsed(m);
    size_t cap = m->raw.n + 256;
    struct sip_echo *e = mem_alloc(sizeof *e + cap);
    struct sbuf b = sbuf_on(e->text, cap);
    size_t mark;

    *e = (struct sip_echo){.has_tag = m->to_tag.n > 0};
    if (sip->sip_via != NULL)
        put_vias(&b, m, from);
    e->vias = since(&b, 0);
    e->from = repeated(&b, (const msg_header_t *)sip->sip_from, m->raw, STR("From"), 'f');
    e->to = repeated(&b, (const msg_header_t *)sip->sip_to, m->raw, STR("To"), 't');
    e->to.n -= e->to.n >= 2 ? 2 : 0;
    if (sip->sip_to == NULL)
        e->has_tag = has_raw_tag(e->to);
    e->call_id = repeated(&b, (const msg_header_t *)sip->sip_call_id, m->raw, STR("Call-ID"), 'i');
    e->cseq = repeated(&b, (const msg_header_t *)sip->sip_cseq, m->raw, STR("CSeq"), 0);
    mark = b.n;
    for (const sip_record_route_t *r = sip->sip_record_route; r != NULL; r = r->r_next)
        put_line(&b, (const msg_header_t *)r);
    e->record_routes = since(&b, mark);
    if (b.full || e->vias.n == 0) {
        free(e);
        return NULL;
    }
    return shrink(e, &b);
}

struct sip_echo *sip_echo_raw(struct str bytes, const struct flow *from) {
    struct str rest, word = {bytes.p, str_find(bytes, ' ')};
    struct str via = derive_header(bytes, STR("Via"), 'v');
    struct str call_id = derive_header(bytes, STR("Call-ID"), 'i');
    size_t cap = bytes.n + 256;

    if (str_eq(word, STR("SIP/2.0")) || str_eq(word, STR("ACK")) || via.n == 0 || call_id.n == 0)
        return NULL;
    struct sip_echo *e = mem_alloc(sizeof *e + cap);
    struct sbuf b = sbuf_on(e->text, cap);
    *e = (struct sip_echo){0};
    put_top_via(&b, sip_list_first(via, &rest), from);
    sbuf_puts(&b, "\r\n");
    e->vias = since(&b, 0);
    e->from = raw_line(&b, "From", derive_header(bytes, STR("From"), 'f'));
    e->call_id = raw_line(&b, "Call-ID", call_id);
    e->cseq = raw_line(&b, "CSeq", derive_header(bytes, STR("CSeq"), 0));
    e->to = raw_line(&b, "To", derive_header(bytes, STR("To"), 't'));
    e->to.n -= e->to.n >= 2 ? 2 : 0;
    e->has_tag = has_raw_tag(e->to);
    if (b.full) {
        free(e);
        return NULL;
    }
    return e;
}

void sip_echo_put(struct sbuf *out, const struct sip_echo *e, struct str to_tag) {
    sbuf_put(out, e->vias);
    sbuf_put(out, e->from);
    if (e->to.n > 0) {
        sbuf_put(out, e->to);
        if (!e->has_tag && to_tag.n > 0) {
            sbuf_puts(out, ";tag=");
            sbuf_put(out, to_tag);
        }
        sbuf_puts(out, "\r\n");
    }
    sbuf_put(out, e->call_id);
    sbuf_put(out, e->cseq);
}

void sip_echo_put_routes(struct sbuf *out, const struct sip_echo *e) {
    sbuf_put(out, e->record_routes);
}

void sip_reply_flow(const struct sip_msg *m, struct flow *flow) {
    struct sip_uri hop;
    struct str params = str_from(m->via, str_find(m->via, ';'));
    struct str name, value;
    char text[300];
    struct sbuf b = sbuf_on(text, sizeof text);
    uint64_t port;

    sbuf_puts(&b, "sip:");
    sbuf_put(&b, m->via_sent_by);
    sip_uri_split(sbuf_str(&b), &hop);
    if (str_number(hop.port, 65535, &port) < 0 || port == 0)
        port = flow->proto == FLOW_TLS ? 5061 : 5060;
    if (flow_is_stream(flow->proto)) {
        flow->fallback_port = (uint16_t)port;
        return;
    }
    while (sip_param_next(&params, &name, &value))
        if (str_ieq(name, STR("rport")))
            return;
    flow->peer.port = (uint16_t)port;
}

bool sip_echo_has_tag(const struct sip_echo *e) {
    return e->has_tag;
}

struct str sip_echo_vias(const struct sip_echo *e) {
    return e->vias;
}
