#include "b2bua/core/sdp.h"

/* The next line without its end; *rest is what follows. */
static struct str next_line(struct str *rest) {
    size_t nl = str_find(*rest, '\n');
    struct str line = {rest->p, nl};

    *rest = nl < rest->n ? str_from(*rest, nl + 1) : str_from(*rest, rest->n);
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static bool starts(struct str s, struct str with) {
    return s.n >= with.n && str_ieq((struct str){s.p, with.n}, with);
}

static bool is_sdp_type(struct str type) {
    struct str bare = {type.p, str_find(type, ';')};

    return str_ieq(str_trim(bare), STR("application/sdp"));
}

/* The value of a parameter of a media type. */
static struct str type_param(struct str type, struct str name) {
    struct str rest = str_from(type, str_find(type, ';'));

    while (rest.n > 0) {
        rest = str_trim(str_from(rest, 1));
        struct str one = {rest.p, 0};
        bool quoted = false;
        while (one.n < rest.n && (quoted || rest.p[one.n] != ';'))
            quoted ^= rest.p[one.n++] == '"';
        rest = str_from(rest, one.n);
        size_t equal = str_find(one, '=');
        if (equal == one.n || !str_ieq(str_trim((struct str){one.p, equal}), name))
            continue;
        struct str value = str_trim(str_from(one, equal + 1));
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            value = (struct str){value.p + 1, value.n - 2};
        return value;
    }
    return STR_NONE;
}

/* Is this line "--boundary", perhaps with "--" behind it? */
static bool is_delimiter(struct str line, struct str boundary) {
    return line.n >= boundary.n + 2 && line.p[0] == '-' && line.p[1] == '-' &&
           str_eq((struct str){line.p + 2, boundary.n}, boundary);
}

/* The headers of a part: does it hold a description? *rest moves to the part's body. */
static bool part_is_sdp(struct str *rest) {
    bool sdp = false;

    while (rest->n > 0) {
        struct str line = next_line(rest);
        if (line.n == 0)
            return sdp;
        if (starts(line, STR("Content-Type:")))
            sdp = is_sdp_type(str_trim(str_from(line, sizeof "Content-Type:" - 1)));
    }
    return false;
}

/* Up to the line end before the next delimiter (RFC 2046 5.1.1). */
static struct str part_body(struct str rest, struct str boundary) {
    struct str at = rest;

    while (at.n > 0) {
        const char *line_start = at.p;
        if (!is_delimiter(next_line(&at), boundary))
            continue;
        size_t n = (size_t)(line_start - rest.p);
        if (n > 0 && rest.p[n - 1] == '\n')
            n -= n > 1 && rest.p[n - 2] == '\r' ? 2 : 1;
        return (struct str){rest.p, n};
    }
    return rest;
}

struct str sdp_find(struct str content_type, struct str body) {
    struct str rest = body;

    if (body.n == 0 || is_sdp_type(content_type))
        return body.n == 0 ? STR_NONE : body;
    if (!starts(content_type, STR("multipart/")))
        return STR_NONE;
    struct str boundary = type_param(content_type, STR("boundary"));
    if (boundary.n == 0)
        return STR_NONE;
    while (rest.n > 0) {
        if (is_delimiter(next_line(&rest), boundary) && part_is_sdp(&rest))
            return part_body(rest, boundary);
    }
    return STR_NONE;
}

/* The first o= line before any m= line, without its line end; empty when there is none. */
static struct str origin_line(struct str sdp) {
    while (sdp.n > 0) {
        struct str line = next_line(&sdp);
        if (line.n >= 2 && line.p[1] == '=' && line.p[0] == 'o')
            return line;
        if (line.n >= 2 && line.p[1] == '=' && line.p[0] == 'm')
            break;
    }
    return STR_NONE;
}

void sdp_rewrite(struct sbuf *out, struct str body, struct str sdp, const struct sdp_origin *o) {
    struct str line = origin_line(sdp);
    char ip[ADDR_TEXT_MAX];

    if (line.n == 0) {
        sbuf_put(out, body);
        return;
    }
    sbuf_put(out, (struct str){body.p, (size_t)(line.p - body.p)});
    sbuf_puts(out, "o=- ");
    sbuf_number(out, o->id);
    sbuf_putc(out, ' ');
    sbuf_number(out, o->version);
    sbuf_puts(out, o->host.family == 6 ? " IN IP6 " : " IN IP4 ");
    sbuf_puts(out, addr_format_ip(&o->host, false, ip));
    sbuf_put(out, str_from(body, (size_t)(line.p + line.n - body.p)));
}

uint64_t sdp_digest(struct str sdp) {
    struct str line = origin_line(sdp);

    if (line.n == 0)
        return str_hash(sdp) | 1;
    struct str before = {sdp.p, (size_t)(line.p - sdp.p)};
    return (str_hash(before) * 31 + str_hash(str_from(sdp, (size_t)(line.p + line.n - sdp.p)))) | 1;
}

bool sdp_is_held(struct str sdp) {
    static const struct str held[] = {
        {"a=sendonly", 10}, {"a=recvonly", 10}, {"a=inactive", 10}, {"c=IN IP4 0.0.0.0", 16}};

    while (sdp.n > 0) {
        struct str line = str_trim(next_line(&sdp));
        for (size_t i = 0; i < sizeof held / sizeof *held; i++)
            if (str_eq(line, held[i]))
                return true;
    }
    return false;
}

void sdp_unheld(struct sbuf *out, struct str sdp) {
    static const struct str directions[] = {{"a=sendonly", 10}, {"a=recvonly", 10}, {"a=inactive", 10}};

    while (sdp.n > 0) {
        struct str before = sdp, line = next_line(&sdp);
        struct str whole = str_upto(before, before.n - sdp.n);
        for (size_t i = 0; i < sizeof directions / sizeof *directions; i++)
            if (str_eq(str_trim(line), directions[i])) {
                sbuf_puts(out, "a=sendrecv");
                whole = str_from(whole, directions[i].n);
                break;
            }
        sbuf_put(out, whole);
    }
}
