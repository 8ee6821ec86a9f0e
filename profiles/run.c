#include "profiles/run.h"

#include "profiles/guard.h"

/* --- which lines */

static struct str peer_text(const struct run *u) {
    return u->m->peer.n > 0 ? u->m->peer : u->vars->kept[u->m->leg == 0 ? 1 : 0];
}

struct lines *run_lines(struct run *u, const struct rule *r) {
    bool peer = r->where == RULE_PEER_SIP || r->where == RULE_PEER_SDP;
    struct parts *parts = peer ? &u->ctx->peer : u->message;

    if (peer && !u->peer_read) {
        u->peer_read = true;
        if (lines_read(parts, peer_text(u)) < 0)
            return NULL;
    }
    if (r->where == RULE_SIP || r->where == RULE_PEER_SIP)
        return &parts->head;
    return lines_read_sdp(parts) < 0 ? NULL : &parts->sdp;
}

static bool is_named(const struct line *line, const struct rule_target *t) {
    if (line->key != t->key || line->name.n == 0)
        return false;
    struct str name = line->name.n == 1 ? names_of_letter(line->name.p[0]) : line->name;
    return str_ieq(name.n > 0 ? name : line->name, str_of(t->name));
}

static bool is_framing(const struct line *line) {
    struct str name = line->name.n == 1 ? names_of_letter(line->name.p[0]) : line->name;
    enum names_kind kind = names_kind(name);

    return line->name.n == 0 || kind == NAMES_CONTENT_LENGTH || kind == NAMES_CONTENT_TYPE;
}

static bool starts_with(struct str text, const char *start) {
    size_t n = strlen(start);

    if (text.n < n || memcmp(text.p, start, n) != 0)
        return false;
    return text.n == n || n <= 2 || text.p[n] == ':' || text.p[n] == ' ' || text.p[n] == '\r';
}

static bool is_sdp_named(const struct line *line, const struct names_sdp *want) {
    if (want->letter == '\0')
        return true;
    if (line->text.n < 2 || line->text.p[0] != want->letter || line->text.p[1] != '=')
        return false;
    return want->media == NAMES_MEDIA_NONE ? line->section == 0 : line->media == want->media;
}

static bool is_target(const struct run *u, const struct lines *lines, const struct rule *r, int i) {
    const struct rule_target *t = &r->target;
    const struct line *line = &lines->at[i];

    switch (t->lines) {
    case RULE_START_LINE:
        return i == 0 && (t->name[4] == 'R') != u->m->response;
    case RULE_HEADER:
        return i > 0 && is_named(line, t);
    case RULE_EVERY_HEADER:
        return i > 0 && !is_framing(line);
    case RULE_SDP_NAMED:
        return is_sdp_named(line, &t->sdp);
    case RULE_SDP_INDEX:
        return line->section == t->section && starts_with(line->text, t->name);
    }
    return false;
}

bool run_is_absent(const struct run *u, const struct rule *r) {
    return r->where == RULE_SIP && r->verb != RULE_ADD && r->target.lines == RULE_HEADER &&
           (u->message->head.keys & lines_bit(r->target.key)) == 0;
}

int run_next(const struct run *u, const struct lines *lines, const struct rule *r, int from) {
    bool by_key = r->target.lines == RULE_HEADER;

    for (int i = from; i < lines->count; i++)
        if ((!by_key || lines->at[i].key == r->target.key) && is_target(u, lines, r, i))
            return i;
    return -1;
}

/* --- what a pattern sees */

static struct str shown_name(const struct line *line, const struct rule_target *t) {
    if (t->usual)
        return str_of(t->name);
    struct str full = line->name.n == 1 ? names_of_letter(line->name.p[0]) : STR_NONE;
    return full.n > 0 ? full : line->name;
}

/* A fold is one blank. */
static void put_unfolded(struct sbuf *out, struct str text) {
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')
            continue;
        if (text.p[i] != '\n') {
            sbuf_putc(out, text.p[i]);
            continue;
        }
        while (i + 1 < text.n && (text.p[i + 1] == ' ' || text.p[i + 1] == '\t'))
            i++;
        sbuf_putc(out, ' ');
    }
}

int run_subject(struct run *u, const struct line *line, const struct rule *r, struct run_subject *out) {
    struct sbuf b = sbuf_on(u->ctx->subject, RUN_SUBJECT);
    bool header = r->target.lines == RULE_HEADER || r->target.lines == RULE_EVERY_HEADER;
    struct str name = header ? shown_name(line, &r->target) : STR_NONE;
    size_t colon = header ? str_find(line->text, ':') : 0;

    if (line->text.n > PROFILE_HEADER_MAX)
        return -1;
    *out = (struct run_subject){line->text, str_upto(line->text, colon), colon};
    if (str_find(line->text, '\n') == line->text.n && str_eq(out->raw_name, name))
        return 0;
    sbuf_put(&b, name);
    put_unfolded(&b, str_from(line->text, colon));
    out->text = sbuf_str(&b);
    out->shown_name = name.n;
    return b.full ? -1 : 0;
}

/* --- text */

void run_expand(struct run *u, const struct text *text, const struct str *groups) {
    for (int i = 0; i < text->count; i++) {
        const struct text_part *part = &text->parts[i];
        switch (part->kind) {
        case TEXT_LITERAL:
            sbuf_put(&u->scratch, part->literal);
            break;
        case TEXT_GROUP:
            sbuf_put(&u->scratch, groups == NULL ? STR_NONE : groups[part->number]);
            break;
        case TEXT_VARIABLE:
            sbuf_put(&u->scratch, profile_vars_get(u->vars, part->number));
            break;
        }
    }
}

/* Up to the CRLF that ends the first line of `text`. */
static size_t line_length(struct str text, bool headers) {
    for (size_t at = str_find(text, '\r'); at < text.n; at += 1 + str_find(str_from(text, at + 1), '\r')) {
        bool end = at + 1 < text.n && text.p[at + 1] == '\n';
        bool fold = headers && at + 2 < text.n && (text.p[at + 2] == ' ' || text.p[at + 2] == '\t');
        if (end && !fold)
            return at;
    }
    return text.n;
}

int run_cut(struct run *u, struct str text, bool headers, bool start, struct str end, struct str last_end,
            struct line *out) {
    int count = 0;

    while (text.n >= 2 && memcmp(text.p + text.n - 2, "\r\n", 2) == 0)
        text.n -= 2;
    while (text.n > 0) {
        size_t n = line_length(text, headers);
        if (n == 0 || count == GUARD_LINES_MAX) {
            u->why = n == 0 ? "an empty line would end the header" : "too many lines from one rule";
            return -1;
        }
        out[count] = (struct line){.text = str_upto(text, n), .end = end};
        if (headers && (!start || count > 0))
            lines_name_header(&out[count]);
        count++;
        text = str_from(text, n < text.n ? n + 2 : n);
    }
    if (count > 0)
        out[count - 1].end = last_end;
    return count;
}
