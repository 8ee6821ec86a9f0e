#include "b2bua/core/reissue.h"

#include "b2bua/core/head.h"

/* What is written anew, or goes with the body. */
enum part { PART_OTHER, PART_FROM, PART_TO, PART_CSEQ, PART_LENGTH, PART_CONTENT };

static enum part part_of(const struct head_line *line) {
    static const struct {
        const char *name;
        char compact;
        enum part part;
    } rows[] = {{"From", 'f', PART_FROM},
                {"To", 't', PART_TO},
                {"CSeq", 0, PART_CSEQ},
                {"Content-Length", 'l', PART_LENGTH},
                {"Content-Type", 'c', PART_CONTENT},
                {"Content-Encoding", 'e', PART_CONTENT},
                {"Content-Disposition", 0, PART_CONTENT},
                {"Content-Language", 0, PART_CONTENT},
                {"Content-ID", 0, PART_CONTENT},
                {"MIME-Version", 0, PART_CONTENT}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (head_is(line, str_of(rows[i].name), rows[i].compact))
            return rows[i].part;
    return PART_OTHER;
}

static bool is_left_out(const struct reissue *r, const struct head_line *line) {
    for (const char *const *name = r->without; name != NULL && *name != NULL; name++)
        if (head_is(line, str_of(*name), 0))
            return true;
    return line->name.n == 0;
}

static void put(struct sbuf *out, const char *name, struct str value) {
    sbuf_puts(out, name);
    sbuf_put(out, value);
    sbuf_puts(out, "\r\n");
}

/* The value as it was, or another. */
static void put_party(struct sbuf *out, const char *name, const struct head_line *line, struct str other) {
    put(out, name, other.n > 0 ? other : line->value);
}

static void put_cseq(struct sbuf *out, const struct head_line *line) {
    sbuf_puts(out, "CSeq: ");
    sbuf_put(out, str_upto(line->value, str_find(line->value, ' ')));
    sbuf_puts(out, " INVITE\r\n");
}

static void put_line(struct sbuf *out, const struct reissue *r, const struct head_line *line) {
    switch (part_of(line)) {
    case PART_OTHER:
        if (!is_left_out(r, line))
            put(out, "", str_trim(line->all));
        break;
    case PART_FROM:
        put_party(out, "From: ", line, r->from);
        break;
    case PART_TO:
        put_party(out, "To: ", line, r->to);
        break;
    case PART_CSEQ:
        put_cseq(out, line);
        break;
    case PART_LENGTH:
        break;
    case PART_CONTENT:
        if (!r->own_body)
            put(out, "", str_trim(line->all));
        break;
    }
}

/* What follows the empty line. */
static struct str body_of(struct str rest) {
    size_t nl = str_find(rest, '\n');

    return nl < rest.n ? str_from(rest, nl + 1) : STR_NONE;
}

int reissue_invite(struct sbuf *out, const struct reissue *r) {
    struct head_line line;
    struct str rest;

    head_start(r->message, &rest);
    sbuf_puts(out, "INVITE ");
    sbuf_put(out, r->uri);
    sbuf_puts(out, " SIP/2.0\r\n");
    sbuf_put(out, r->extra);
    while (head_next(&rest, &line))
        put_line(out, r, &line);
    sbuf_put(out, r->last);
    struct str body = r->own_body ? r->sdp : body_of(rest);
    if (r->own_body && body.n > 0)
        sbuf_puts(out, "Content-Type: application/sdp\r\n");
    sbuf_puts(out, "Content-Length: ");
    sbuf_number(out, body.n);
    sbuf_puts(out, "\r\n\r\n");
    sbuf_put(out, body);
    return out->full ? -1 : 0;
}
