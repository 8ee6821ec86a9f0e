/* Writes the headers and the body that cross from the other leg, as the policy says. */
#include "b2bua/sip/impl.h"
#include "b2bua/sip/policy.h"

static void put_name(struct sbuf *out, struct sip_line line) {
    sbuf_put(out, line.name);
    sbuf_puts(out, ": ");
}

/* An element of a list of addresses, with another host in its URI. */
static void put_addr(struct sbuf *out, struct str element, struct str host, bool names_stay, bool keep_params) {
    struct sip_addr a;

    sip_addr_split(element, &a);
    sbuf_put(out, a.display);
    if (a.brackets)
        sbuf_putc(out, '<');
    sip_put_uri_host(out, a.uri, host, names_stay, keep_params);
    if (a.brackets)
        sbuf_putc(out, '>');
    sbuf_put(out, a.params);
}

static void put_addr_list(struct sbuf *out, struct sip_line line, struct str host, bool names_stay, bool keep_params) {
    struct str rest = line.value;

    put_name(out, line);
    while (rest.n > 0) {
        put_addr(out, sip_list_first(rest, &rest), host, names_stay, keep_params);
        sbuf_puts(out, rest.n > 0 ? ", " : "");
    }
    sbuf_puts(out, "\r\n");
}

/* Identities with names in them alone cross as they are, to the byte. */
static void put_identity(struct sbuf *out, struct sip_line line, const struct sip_cross *x) {
    struct str rest = line.value;
    bool literal = false;

    while (rest.n > 0 && !literal) {
        struct sip_addr a;
        struct sip_uri u;
        struct addr ip;
        sip_addr_split(sip_list_first(rest, &rest), &a);
        sip_uri_split(a.uri, &u);
        literal = u.has_host && addr_parse(&ip, u.host) == 0;
    }
    if (literal)
        put_addr_list(out, line, x->our_host, true, true);
    else
        sbuf_put(out, line.all);
}

/* warn-code SP warn-agent SP warn-text, joined by commas. */
static void put_warning(struct sbuf *out, struct sip_line line, const struct sip_cross *x) {
    struct str rest = line.value;

    put_name(out, line);
    while (rest.n > 0) {
        struct str one = sip_list_first(rest, &rest);
        size_t code = str_find(one, ' ');
        struct str tail = str_from(one, code);
        tail = str_trim(tail);
        size_t agent = str_find(tail, ' ');
        sbuf_put(out, (struct str){one.p, code});
        sbuf_putc(out, ' ');
        sbuf_put(out, x->our_host);
        sbuf_put(out, str_from(tail, agent));
        sbuf_puts(out, rest.n > 0 ? ", " : "");
    }
    sbuf_puts(out, "\r\n");
}

static void put_header(struct sbuf *out, struct sip_line line, const struct sip_cross *x) {
    switch (policy_class_of(line.name)) {
    case POLICY_HOP:
    case POLICY_OURS:
        break;
    case POLICY_END:
        sbuf_put(out, line.all);
        break;
    case POLICY_BODY:
        if (x->body.n > 0 && !x->own_sdp)
            sbuf_put(out, line.all);
        break;
    case POLICY_IDENTITY:
        put_identity(out, line, x);
        break;
    case POLICY_WARNING:
        put_warning(out, line, x);
        break;
    case POLICY_REDIRECT:
        if (x->from->status / 100 == 3)
            put_addr_list(out, line, x->our_sent_by, false, false);
        break;
    }
}

/* A line may end in LF or CR alone, or in nothing where Sofia stopped at a NUL: what follows must not join it. */
static void end_line(struct sbuf *out, size_t start) {
    if (out->full || out->n == start)
        return;
    while (out->n > start && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == '\r'))
        out->n--;
    sbuf_puts(out, "\r\n");
}

void sip_put_crossing(struct sbuf *out, const struct sip_cross *x) {
    struct sip_line line;
    bool body = x != NULL && x->body.n > 0;

    if (x != NULL && x->from != NULL)
        for (const msg_header_t *h = sip_first(sip_parsed(x->from))->sh_succ; h != NULL; h = h->sh_succ)
            if (sip_line_of(h, &line) && line.name.n > 0) {
                size_t start = out->n;
                put_header(out, line, x);
                end_line(out, start);
            }
    if (body && x->own_sdp)
        sbuf_puts(out, "Content-Type: application/sdp\r\n");
    sbuf_puts(out, "Content-Length: ");
    sbuf_number(out, body ? x->body.n : 0);
    sbuf_puts(out, "\r\n\r\n");
    if (body)
        sbuf_put(out, x->body);
}
