#include "b2bua/core/derive.h"

/* The next header line with its line end, folded lines included; empty at the end of the head, which blanks behind it
 * do not move. */
static struct str take_line(struct str *rest) {
    size_t n = 0;

    if (rest->n == 0 || rest->p[0] == '\r' || rest->p[0] == '\n')
        return STR_NONE;
    do {
        struct str here = str_from(*rest, n);
        size_t nl = str_find(here, '\n');
        n += nl < here.n ? nl + 1 : nl;
    } while (n < rest->n && (rest->p[n] == ' ' || rest->p[n] == '\t'));
    struct str line = {rest->p, n};
    *rest = str_from(*rest, n);
    return str_trim(line).n == 0 ? STR_NONE : line;
}

static bool is_header(struct str line, struct str name, char compact) {
    size_t colon = str_find(line, ':');
    struct str have = str_trim((struct str){line.p, colon});

    if (colon == line.n)
        return false;
    return str_ieq(have, name) || (compact != 0 && have.n == 1 && (have.p[0] | 0x20) == compact);
}

static struct str find_line(struct str message, struct str name, char compact) {
    struct str rest = message;

    take_line(&rest); /* the start line */
    for (;;) {
        struct str line = take_line(&rest);
        if (line.n == 0 || is_header(line, name, compact))
            return line;
    }
}

struct str derive_header(struct str message, struct str name, char compact) {
    struct str line = find_line(message, name, compact);

    return line.n == 0 ? line : str_trim(str_from(line, str_find(line, ':') + 1));
}

/* Only the first Via of a line that holds several is ours; we print one a line, but a rewriting rule may have joined
 * them. */
static void put_via(struct sbuf *out, struct str invite) {
    struct str via = derive_header(invite, STR("Via"), 'v');
    bool quoted = false;
    size_t n = 0;

    for (; n < via.n && (quoted || via.p[n] != ','); n++)
        quoted ^= via.p[n] == '"';
    sbuf_puts(out, "Via: ");
    sbuf_put(out, (struct str){via.p, n});
    sbuf_puts(out, "\r\n");
}

static void put_routes(struct sbuf *out, struct str invite) {
    struct str rest = invite;

    take_line(&rest);
    for (;;) {
        struct str line = take_line(&rest);
        if (line.n == 0)
            return;
        if (is_header(line, STR("Route"), 0))
            sbuf_put(out, line);
    }
}

static int derive(struct sbuf *out, struct str invite, const char *method, struct str to, struct str reason) {
    struct str first = {invite.p, str_find(invite, '\n')};
    size_t space = str_find(first, ' ');
    struct str cseq = derive_header(invite, STR("CSeq"), 0);
    size_t number = str_find(cseq, ' ');

    if (space == first.n || cseq.n == 0 || number == cseq.n)
        return -1;
    sbuf_puts(out, method);
    sbuf_put(out, str_from(first, space));
    sbuf_puts(out, "\n");
    put_via(out, invite);
    put_routes(out, invite);
    sbuf_puts(out, "Max-Forwards: 70\r\n");
    sbuf_put(out, find_line(invite, STR("From"), 'f'));
    sbuf_put(out, to);
    sbuf_put(out, find_line(invite, STR("Call-ID"), 'i'));
    sbuf_puts(out, "CSeq: ");
    sbuf_put(out, (struct str){cseq.p, number + 1});
    sbuf_puts(out, method);
    if (reason.n > 0) {
        sbuf_puts(out, "\r\nReason: ");
        sbuf_put(out, reason);
    }
    sbuf_puts(out, "\r\nContent-Length: 0\r\n\r\n");
    return out->full ? -1 : 0;
}

int derive_ack(struct sbuf *out, struct str invite, struct str to) {
    return derive(out, invite, "ACK", to.n > 0 ? to : find_line(invite, STR("To"), 't'), STR_NONE);
}

int derive_cancel(struct sbuf *out, struct str invite, struct str reason) {
    return derive(out, invite, "CANCEL", find_line(invite, STR("To"), 't'), reason);
}
