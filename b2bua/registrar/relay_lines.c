/* What is written anew of a message that is passed on. */
#include "b2bua/registrar/relay.h"

static struct str since(const struct sbuf *b, size_t mark) {
    return (struct str){b->p + mark, b->n - mark};
}

/* The URI between "<" and ">", parameters included. */
static void name_us(char *out, struct str user, const struct settings_listen *l) {
    struct sbuf b = sbuf_on(out, RELAY_URI_MAX - 1);

    front_put_uri(&b, user, l);
    sbuf_puts(&b, ";lr");
    out[b.full ? 0 : b.n] = '\0';
    memmove(out, out + 1, b.full ? 0 : b.n); /* "<" */
}

/* A name that leads back to a client has the token of its flow. */
static void name_for(struct front_relay *j, char *out, bool is_client, const struct token *via, int listen) {
    char text[TOKEN_TEXT_MAX];

    name_us(out, is_client ? registrar_token(j->r->config.shared, via, text) : STR_NONE, &j->settings->listens[listen]);
}

void relay_name(struct front_relay *j, const struct relay_way *way, int in_listen, int out_listen) {
    name_for(j, j->there, way->from_client, &way->from, out_listen);
    name_for(j, j->here, way->to_client, &way->to, in_listen);
}

static void put_line(struct sbuf *text, const char *name, struct str value) {
    sbuf_puts(text, name);
    sbuf_puts(text, ": ");
    sbuf_put(text, value);
    sbuf_puts(text, "\r\n");
}

static void put_uri_line(struct sbuf *text, const char *name, const char *uri) {
    sbuf_puts(text, name);
    sbuf_puts(text, ": <");
    sbuf_puts(text, uri);
    sbuf_puts(text, ">\r\n");
}

/* The Routes that are left when ours are taken away from the front (RFC 3261 16.4). */
static void put_routes_left(const struct front_relay *j, struct sbuf *text) {
    const struct settings *s = j->settings;
    struct enrol_lines lines = {0};
    struct str value;
    struct contact c;
    bool ours = true;

    while (enrol_line_next(&lines, (struct str){j->raw, j->n}, STR("Route"), 0, &value))
        while (contact_next(&value, &c) > 0) {
            ours = ours && front_is_our_uri(s, j->side, c.uri);
            if (!ours)
                put_line(text, "Route", c.all);
        }
}

/* A dialog keeps all of us in its way, as often as its target is refreshed (RFC 3261 16.6 step 4). */
static void put_record(const struct front_relay *j, struct sbuf *text) {
    struct enrol_lines lines = {0};
    struct str value;

    put_uri_line(text, "Record-Route", j->there);
    while (enrol_line_next(&lines, (struct str){j->raw, j->n}, STR("Record-Route"), 0, &value))
        put_line(text, "Record-Route", value);
}

static void put_start(const struct front_relay *j, struct str uri, struct sbuf *text) {
    sbuf_put(text, str_upto((struct str){j->raw, j->n}, str_find((struct str){j->raw, j->n}, ' ')));
    sbuf_putc(text, ' ');
    sbuf_put(text, uri);
    sbuf_puts(text, " SIP/2.0\r\n");
}

void relay_request_lines(const struct front_relay *j, const struct way *way, struct sbuf *text, struct forward *edits) {
    size_t mark = text->n;

    if (j->to_client && !j->in_dialog)
        put_start(j, way->uri, text);
    edits->start = since(text, mark);
    mark = text->n;
    sbuf_puts(text, "Max-Forwards: ");
    sbuf_number(text, j->max_forwards < 0 ? 70 : (uint64_t)j->max_forwards - 1);
    sbuf_puts(text, "\r\n");
    forward_edit(edits, STR("Max-Forwards"), 0, since(text, mark));
    mark = text->n;
    if (j->in_dialog)
        put_routes_left(j, text);
    else
        sbuf_put(text, way->route);
    forward_edit(edits, STR("Route"), 0, since(text, mark));
    if (j->there[0] == '\0')
        return;
    mark = text->n;
    put_record(j, text);
    forward_edit(edits, STR("Record-Route"), 0, since(text, mark));
}

void relay_response_lines(const struct front_relay *j, struct str message, struct sbuf *text, struct forward *edits) {
    struct enrol_lines lines = {0};
    size_t mark = text->n;
    struct str value;
    struct contact c;

    if (j->there[0] == '\0')
        return;
    while (enrol_line_next(&lines, message, STR("Record-Route"), 0, &value))
        while (contact_next(&value, &c) > 0)
            if (str_eq(c.uri, str_of(j->there)))
                put_uri_line(text, "Record-Route", j->here);
            else
                put_line(text, "Record-Route", c.all);
    forward_edit(edits, STR("Record-Route"), 0, since(text, mark));
}
