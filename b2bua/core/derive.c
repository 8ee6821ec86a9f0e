#include "b2bua/core/derive.h"

#include "b2bua/core/head.h"

static struct head_line find_line(struct str message, struct str name, char compact) {
    struct head_line line;
    struct str rest;

    head_start(message, &rest);
    return head_find(&rest, name, compact, &line) ? line : (struct head_line){0};
}

struct str derive_header(struct str message, struct str name, char compact) {
    return find_line(message, name, compact).value;
}

bool derive_next(struct str *rest, struct str name, char compact, struct str *value) {
    struct head_line line;

    if (!head_find(rest, name, compact, &line))
        return false;
    *value = line.value;
    return true;
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

static void put_lines(struct sbuf *out, struct str invite, struct str name) {
    struct head_line line;
    struct str rest;

    head_start(invite, &rest);
    while (head_find(&rest, name, 0, &line))
        sbuf_put(out, line.all);
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
    put_lines(out, invite, STR("Route"));
    sbuf_puts(out, "Max-Forwards: 70\r\n");
    sbuf_put(out, find_line(invite, STR("From"), 'f').all);
    sbuf_put(out, to);
    sbuf_put(out, find_line(invite, STR("Call-ID"), 'i').all);
    sbuf_puts(out, "CSeq: ");
    sbuf_put(out, (struct str){cseq.p, number + 1});
    sbuf_puts(out, method);
    sbuf_puts(out, "\r\n");
    put_lines(out, invite, STR("Authorization")); /* RFC 3261 22.1 */
    put_lines(out, invite, STR("Proxy-Authorization"));
    if (reason.n > 0) {
        sbuf_puts(out, "Reason: ");
        sbuf_put(out, reason);
        sbuf_puts(out, "\r\n");
    }
    sbuf_puts(out, "Content-Length: 0\r\n\r\n");
    return out->full ? -1 : 0;
}

int derive_ack(struct sbuf *out, struct str invite, struct str to) {
    return derive(out, invite, "ACK", to.n > 0 ? to : find_line(invite, STR("To"), 't').all, STR_NONE);
}

int derive_cancel(struct sbuf *out, struct str invite, struct str reason) {
    return derive(out, invite, "CANCEL", find_line(invite, STR("To"), 't').all, reason);
}
