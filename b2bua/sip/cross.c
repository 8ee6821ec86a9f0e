/* Writes the headers and the body that cross from the other leg, as the policy says. */
#include "b2bua/sip/impl.h"
#include "b2bua/sip/policy.h"

static void put_name(struct sbuf *out, struct sip_line line) {
    sbuf_put(out, line.name);
    sbuf_puts(out, ": ");
}

/* Contacts of a redirection: users and header parameters as they are, with our host. A client and its node mean the
 * same by a domain; of an address only we know where it is. */
static void put_contacts(struct sbuf *out, struct sip_line line, const struct sip_cross *x) {
    struct str rest = line.value;
    struct sip_addr a;

    put_name(out, line);
    while (rest.n > 0) {
        sip_addr_split(sip_list_first(rest, &rest), &a);
        sbuf_put(out, a.display);
        sbuf_puts(out, a.brackets ? "<" : "");
        sip_put_uri_host(out, a.uri, x->front && sip_names_domain(a.uri) ? STR_NONE : x->our_sent_by);
        sbuf_puts(out, a.brackets ? ">" : "");
        sbuf_put(out, a.params);
        sbuf_puts(out, rest.n > 0 ? ", " : "");
    }
    sbuf_puts(out, "\r\n");
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

/* A wish for privacy is not for rules to drop while the identity crosses. */
static bool is_ruled(const struct policy *p) {
    return p->class == POLICY_END || p->class == POLICY_WARNING ||
           (p->class == POLICY_IDENTITY && p->kind != IDENTITY_PRIVACY);
}

/* The name that it has where it leaves. */
static struct str leaves_as(const struct policy *p, const struct sip_cross *x) {
    return p->kind != IDENTITY_NONE && p->kind == x->plan.source ? str_of(identity_header(x->plan.form)) : p->name;
}

/* Dropped for somebody's privacy, or by the rules of either side. */
static bool is_barred(const struct policy *p, const struct sip_cross *x) {
    return (x->plan.drops & IDENTITY_BIT(p->kind)) ||
           (is_ruled(p) &&
            !(header_rules_pass(x->rules[0], p->name) && header_rules_pass(x->rules[1], leaves_as(p, x))));
}

static bool is_replaced(const struct sip_cross *x, struct str name) {
    return x->without != NULL &&
           (str_ieq(name, str_of(x->without)) || (name.n == 1 && (name.p[0] | 0x20) == x->without_compact));
}

static void put_header(struct sbuf *out, struct sip_line line, const struct sip_cross *x) {
    struct policy p = policy_of(line.name);

    if (is_barred(&p, x) || is_replaced(x, line.name))
        return;
    switch (p.class) {
    case POLICY_HOP:
    case POLICY_OURS:
        break;
    case POLICY_SECRET:
        if (x->front)
            sbuf_put(out, line.all);
        break;
    case POLICY_END:
    case POLICY_NEEDED:
        sbuf_put(out, line.all);
        break;
    case POLICY_BODY:
        if (x->body.n > 0 && !x->own_sdp)
            sbuf_put(out, line.all);
        break;
    case POLICY_IDENTITY:
        sip_put_identity(out, line, p.kind, x);
        break;
    case POLICY_WARNING:
        put_warning(out, line, x);
        break;
    case POLICY_REDIRECT:
        if (x->from->status / 100 == 3)
            put_contacts(out, line, x);
        break;
    }
}

/* In a message of ours alone the ends of the session are named as in those that cross (RFC 7989 7). */
static void put_session_id(struct sbuf *out, const uint64_t id[4]) {
    if ((id[0] | id[1] | id[2] | id[3]) == 0)
        return;
    sbuf_puts(out, "Session-ID: ");
    sbuf_hex(out, id[0]);
    sbuf_hex(out, id[1]);
    sbuf_puts(out, ";remote=");
    sbuf_hex(out, id[2]);
    sbuf_hex(out, id[3]);
    sbuf_puts(out, "\r\n");
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
    if (x != NULL && x->from == NULL)
        put_session_id(out, x->session_id);
    if (body && x->own_sdp)
        sbuf_puts(out, "Content-Type: application/sdp\r\n");
    sbuf_puts(out, "Content-Length: ");
    sbuf_number(out, body ? x->body.n : 0);
    sbuf_puts(out, "\r\n\r\n");
    if (body)
        sbuf_put(out, x->body);
}
