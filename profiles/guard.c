#include "profiles/guard.h"

#include "b2bua/core/method.h"

static bool blank(char c) {
    return c == ' ' || c == '\t';
}

/* --- start line */

struct start {
    struct str first, second, third; /* method, URI, version; or version, code, phrase */
};

static bool read_start(struct str line, struct start *s) {
    size_t one = str_find(line, ' ');

    if (one == 0 || one == line.n)
        return false;
    struct str rest = str_from(line, one + 1);
    size_t two = str_find(rest, ' ');
    *s = (struct start){str_upto(line, one), str_upto(rest, two), str_from(rest, two < rest.n ? two + 1 : rest.n)};
    return s->second.n > 0;
}

/* "scheme:something", no blanks. */
static bool is_uri(struct str uri) {
    size_t colon = str_find(uri, ':');

    if (colon == 0 || colon + 1 >= uri.n)
        return false;
    for (size_t i = 0; i < uri.n; i++)
        if ((unsigned char)uri.p[i] <= ' ' || uri.p[i] == '<' || uri.p[i] == '>' || uri.p[i] == '"')
            return false;
    return names_is_token(str_upto(uri, colon));
}

static bool is_version(struct str s) {
    return str_ieq(s, STR("SIP/2.0"));
}

/* Provisional, success, anything else: what a transaction makes of a code. 0 = no code. */
static int status_class(struct str code) {
    uint64_t n;

    if (code.n != 3 || str_number(code, 699, &n) < 0 || n < 100)
        return 0;
    return n == 100 ? 1 : n < 200 ? 2 : n < 300 ? 3 : 4;
}

static const char *guard_start(struct str before, struct str after) {
    struct start was, is;
    bool could = read_start(before, &was);
    bool response = could && is_version(was.first);

    if (!could || (!response && (!is_uri(was.second) || !is_version(was.third))))
        return NULL; /* nothing to lose */
    if (!read_start(after, &is))
        return "the start line would be unreadable";
    if (response && (!is_version(is.first) || status_class(is.second) == 0))
        return "the status line would be unreadable";
    if (response)
        return status_class(is.second) == status_class(was.second) ? NULL : "the class of the response would change";
    if (!str_eq(is.first, was.first))
        return "the method would change";
    return is_uri(is.second) && is_version(is.third) ? NULL : "the request line would be unreadable";
}

/* --- From, To */

struct address {
    struct str uri, params;
};

static size_t skip_quoted(struct str s, size_t at) {
    for (at++; at < s.n && s.p[at] != '"'; at++)
        at += s.p[at] == '\\';
    return at;
}

static bool read_address(struct str value, struct address *a) {
    size_t open = value.n, semicolon = value.n;

    for (size_t at = 0; at < value.n && open == value.n; at++) {
        if (value.p[at] == '"') {
            at = skip_quoted(value, at);
            if (at >= value.n)
                return false;
        } else if (value.p[at] == '<') {
            open = at;
        } else if (value.p[at] == ';' && semicolon == value.n) {
            semicolon = at;
        }
    }
    if (open == value.n) {
        *a = (struct address){str_trim(str_upto(value, semicolon)), str_from(value, semicolon)};
        return is_uri(a->uri);
    }
    struct str inside = str_from(value, open + 1);
    size_t close = str_find(inside, '>');
    if (close == inside.n)
        return false;
    *a = (struct address){str_upto(inside, close), str_trim(str_from(inside, close + 1))};
    return is_uri(a->uri) && (a->params.n == 0 || a->params.p[0] == ';');
}

/* The value of ";name=value" in `params`; empty when there is none. */
static struct str param(struct str params, struct str name) {
    for (size_t at = str_find(params, ';'); at < params.n; at += 1 + str_find(str_from(params, at + 1), ';')) {
        struct str one = str_from(params, at + 1);
        one.n = str_find(one, ';');
        size_t equal = str_find(one, '=');
        if (equal < one.n && str_ieq(str_trim(str_upto(one, equal)), name))
            return str_trim(str_from(one, equal + 1));
    }
    return STR_NONE;
}

static const char *guard_address(struct str before, struct str after) {
    struct address was, is;

    if (!read_address(before, &was))
        return NULL;
    if (!read_address(after, &is))
        return "it would be unreadable";
    return str_eq(param(was.params, STR("tag")), param(is.params, STR("tag"))) ? NULL : "the tag would change";
}

/* --- the others */

static bool read_via(struct str value, struct str *branch) {
    static const char protocol[] = "SIP/2.0/";

    value.n = str_find(value, ',');
    if (value.n < sizeof protocol || !str_ieq(str_upto(value, sizeof protocol - 1), STR("SIP/2.0/")))
        return false;
    struct str rest = str_from(value, sizeof protocol - 1);
    size_t gap = 0;
    while (gap < rest.n && !blank(rest.p[gap]))
        gap++;
    struct str sent_by = str_trim(str_upto(str_from(rest, gap), str_find(str_from(rest, gap), ';')));
    *branch = param(rest, STR("branch"));
    return names_is_token(str_upto(rest, gap)) && sent_by.n > 0 && str_find(sent_by, ' ') == sent_by.n;
}

static const char *guard_via(struct str before, struct str after) {
    struct str was, is;

    if (!read_via(before, &was))
        return NULL;
    if (!read_via(after, &is))
        return "it would be unreadable";
    return str_eq(was, is) ? NULL : "the branch would change";
}

static bool read_cseq(struct str value, struct str *method) {
    uint64_t n;
    size_t digits = 0;

    while (digits < value.n && !blank(value.p[digits]))
        digits++;
    *method = str_trim(str_from(value, digits));
    return str_number(str_upto(value, digits), INT32_MAX, &n) == 0 && names_is_token(*method);
}

static const char *guard_cseq(struct str before, struct str after) {
    struct str was, is;

    if (!read_cseq(before, &was))
        return NULL;
    return read_cseq(after, &is) && str_eq(was, is) ? NULL : "it would be unreadable, or of another method";
}

static const char *guard_call_id(struct str before, struct str after) {
    (void)before;
    for (size_t i = 0; i < after.n; i++)
        if ((unsigned char)after.p[i] <= ' ')
            return "it would be unreadable";
    return after.n > 0 ? NULL : "it would be empty";
}

static const char *guard_max_forwards(struct str before, struct str after) {
    uint64_t n;

    if (str_number(before, 255, &n) < 0)
        return NULL;
    return str_number(after, 255, &n) == 0 ? NULL : "it would be unreadable";
}

static const char *const lost[NAMES_KINDS] = {
    [NAMES_VIA] = "Via would be lost",
    [NAMES_FROM] = "From would be lost",
    [NAMES_TO] = "To would be lost",
    [NAMES_CALL_ID] = "Call-ID would be lost",
    [NAMES_CSEQ] = "CSeq would be lost",
    [NAMES_MAX_FORWARDS] = "Max-Forwards would be lost",
    [NAMES_CONTENT_LENGTH] = "Content-Length would be lost",
    [NAMES_CONTENT_TYPE] = "Content-Type would be lost",
};

static const char *same(struct str before, struct str after) {
    return str_eq(before, after) ? NULL : "it frames the body";
}

static const char *(*const guards[NAMES_KINDS])(struct str before, struct str after) = {
    [NAMES_VIA] = guard_via,         [NAMES_FROM] = guard_address, [NAMES_TO] = guard_address,
    [NAMES_CALL_ID] = guard_call_id, [NAMES_CSEQ] = guard_cseq,    [NAMES_MAX_FORWARDS] = guard_max_forwards,
    [NAMES_CONTENT_LENGTH] = same,   [NAMES_CONTENT_TYPE] = same,
};

static enum names_kind kind_of(const struct line *line) {
    struct str full = line->name.n == 1 ? names_of_letter(line->name.p[0]) : STR_NONE;

    return names_kind(full.n > 0 ? full : line->name);
}

/* Lines that are headers at all, and none of the kind that there may be only one of, but `kept`. */
static const char *guard_lines(const struct line *after, int count, enum names_kind kept, int *found) {
    *found = -1;
    for (int i = 0; i < count; i++) {
        enum names_kind kind = kind_of(&after[i]);
        if (!names_is_token(after[i].name))
            return "it would not be a header line";
        if (kind != NAMES_OTHER && (kind != kept || *found >= 0))
            return "a header that may be there only once, or is not to be added";
        if (kind != NAMES_OTHER)
            *found = i;
    }
    return NULL;
}

const char *guard_header(const struct line *before, bool start, const struct line *after, int count) {
    int found;

    if (start && count == 0)
        return "the start line would be lost";
    if (start) {
        const char *why = guard_start(before->text, after[0].text);
        return why != NULL ? why : guard_lines(after + 1, count - 1, NAMES_OTHER, &found);
    }
    enum names_kind kind = before == NULL ? NAMES_OTHER : kind_of(before);
    const char *why = guard_lines(after, count, kind, &found);
    if (why != NULL || kind == NAMES_OTHER)
        return why;
    if (found < 0)
        return lost[kind];
    return guards[kind](lines_value(before), lines_value(&after[found]));
}
