/* What a node gets that the client has not said: our Path, or our Contact. */
#include "b2bua/registrar/impl.h"

enum { ID_DIGITS = 16 };

void front_put_uri(struct sbuf *out, struct str user, const struct settings_listen *l) {
    static const char *const transports[FLOW_PROTOS] = {
        [FLOW_UDP] = "", [FLOW_TCP] = ";transport=tcp", [FLOW_TLS] = ";transport=tls"};

    sbuf_puts(out, "<sip:");
    sbuf_put(out, user);
    sbuf_puts(out, user.n > 0 ? "@" : "");
    sbuf_puts(out, l->sent_by);
    sbuf_puts(out, transports[l->proto]);
}

/* "user:pw@host:port;params?headers" behind the scheme: host:port, and the parameters from the first ";". */
static void split(struct str uri, struct str *host, struct str *params) {
    size_t colon = str_find(uri, ':');
    struct str rest = str_from(uri, colon < uri.n ? colon + 1 : 0);
    size_t at = str_find(rest, '@');

    rest = str_from(rest, at < rest.n ? at + 1 : 0);
    rest = str_upto(rest, str_find(rest, '?'));
    size_t semicolon = str_find(rest, ';');
    *host = str_upto(rest, semicolon);
    *params = str_from(rest, semicolon);
}

/* RFC 5626: what only the first hop may see is gone, and the place of the client is a parameter. */
static void put_contact(struct sbuf *out, const struct contact *c, uint64_t id, const struct settings_listen *l) {
    static const struct contact_edit uri_edits[] = {{.name = "transport", .without = true},
                                                    {.name = "ob", .without = true},
                                                    {.name = "maddr", .without = true},
                                                    {.name = "lr", .without = true},
                                                    {.name = "orig-hostport", .without = true}};
    static const struct contact_edit edits[] = {{.name = "reg-id", .without = true}};
    struct str host, params;
    char user[ID_DIGITS];
    struct sbuf b = sbuf_on(user, sizeof user);

    split(c->uri, &host, &params);
    sbuf_hex(&b, id);
    sbuf_puts(out, "Contact: ");
    front_put_uri(out, sbuf_str(&b), l);
    sbuf_puts(out, ";orig-hostport=");
    sbuf_put(out, host);
    contact_put_params(out, params, uri_edits, sizeof uri_edits / sizeof *uri_edits);
    sbuf_putc(out, '>');
    contact_put_params(out, c->params, edits, 1);
    sbuf_puts(out, "\r\n");
}

bool front_id_of(struct str uri, uint64_t *id) {
    static const char digits[] = "0123456789abcdef";

    if (uri.n < 4 + ID_DIGITS + 1 || !str_ieq(str_upto(uri, 4), STR("sip:")) || uri.p[4 + ID_DIGITS] != '@')
        return false;
    *id = 0;
    for (int i = 0; i < ID_DIGITS; i++) {
        const char *at = memchr(digits, uri.p[4 + i], ID_DIGITS);
        if (at == NULL)
            return false;
        *id = *id << 4 | (uint64_t)(at - digits);
    }
    return true;
}

static struct str since(const struct sbuf *b, size_t mark) {
    return (struct str){b->p + mark, b->n - mark};
}

/* RFC 3327 5.2: the nearest to the registrar stands first. A client that does not list `path` would be refused by
 * strict registrars for what we add: we list it, and keep what comes of it to ourselves. */
static struct str path_lines(struct front_job *j, const struct settings_listen *out, struct sbuf *text) {
    struct enrol_lines lines = {0};
    char token[TOKEN_TEXT_MAX];
    size_t mark = text->n;
    struct str value;

    sbuf_puts(text, "Path: ");
    front_put_uri(text, registrar_token(j->r->config.shared, &j->ask.via, token), out);
    sbuf_puts(text, j->ask.enrol.outbound ? ";lr;ob>\r\n" : ";lr>\r\n");
    while (enrol_line_next(&lines, j->raw, STR("Path"), 0, &value)) {
        sbuf_puts(text, "Path: ");
        sbuf_put(text, value);
        sbuf_puts(text, "\r\n");
    }
    if (!j->ask.enrol.path)
        sbuf_puts(text, "Supported: path\r\n");
    return since(text, mark);
}

static struct str contact_lines(struct front_job *j, const struct settings_listen *out, struct sbuf *text) {
    size_t mark = text->n;

    for (int i = 0; i < j->ask.enrol.count; i++)
        put_contact(text, &j->ask.enrol.contacts[i].c, j->ask.ids[i], out);
    return since(text, mark);
}

static void contact_mode(struct front_job *j, const struct settings_listen *out, struct sbuf *text,
                         struct forward *edits) {
    struct str raw = j->raw;
    size_t mark;

    if (j->ask.enrol.count > 0)
        forward_edit(edits, STR("Contact"), 'm', contact_lines(j, out, text));
    mark = text->n;
    enrol_put_without(text, raw, STR("Supported"), 'k', "outbound");
    forward_edit(edits, STR("Supported"), 'k', since(text, mark));
    mark = text->n;
    enrol_put_without(text, raw, STR("Require"), 0, "outbound");
    forward_edit(edits, STR("Require"), 0, since(text, mark));
}

void front_lines(struct front_job *j, const struct settings_listen *out, struct sbuf *text, struct forward *edits) {
    size_t mark = text->n;

    sbuf_puts(text, "Max-Forwards: ");
    sbuf_number(text, (uint64_t)(j->max_forwards < 0 ? 70 : j->max_forwards) - (j->max_forwards > 0));
    sbuf_puts(text, "\r\n");
    forward_edit(edits, STR("Max-Forwards"), 0, since(text, mark));
    forward_edit(edits, STR("Route"), 0, STR_NONE); /* to us, or it leads where we decide */
    if (j->settings->registrar.path)
        forward_edit(edits, STR("Path"), 0, path_lines(j, out, text));
    else
        contact_mode(j, out, text, edits);
}
