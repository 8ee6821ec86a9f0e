/* What no rule may do, whatever a message looks like. */
#include "profiles/rule_read.h"

#define PROTECTED "modify is what may be done to it"

static bool may_be_made(const struct reading *g, struct str name) {
    struct str full = names_long(str_trim(name));

    return names_kind(full) == NAMES_OTHER || str_ieq(full, str_of(g->r->target.name));
}

/* The names of the lines that the literals of the text make. */
static int check_new_headers(const struct reading *g, bool first_too) {
    for (int i = 0; i < g->r->with.count; i++) {
        struct str rest = g->r->with.parts[i].literal;
        bool fresh = first_too && i == 0;
        while (rest.n > 0) {
            struct str name = str_upto(rest, str_find(rest, ':'));
            if (fresh && name.n < rest.n && !may_be_made(g, name))
                return rule_wrong(g, g->at - 1, "this header cannot be added", PROTECTED);
            size_t nl = str_find(rest, '\n');
            fresh = nl < rest.n;
            rest = nl < rest.n ? str_from(rest, nl + 1) : STR_NONE;
        }
    }
    return 0;
}

static int check_header(const struct reading *g, int name_at) {
    const struct rule *r = g->r;
    enum names_kind kind = r->target.lines == RULE_HEADER ? names_kind(str_of(r->target.name)) : NAMES_OTHER;

    if (kind == NAMES_CONTENT_LENGTH)
        return rule_wrong(g, name_at, "no rule may touch this header", "it is always right afterwards");
    if (kind == NAMES_CONTENT_TYPE && r->verb != RULE_COPY)
        return rule_wrong(g, name_at, "this header frames the body", "copy is what may be done to it");
    bool protects = kind != NAMES_OTHER || r->target.lines == RULE_START_LINE ||
                    (r->target.lines == RULE_EVERY_HEADER && r->verb == RULE_REMOVE);
    if (protects && (r->verb == RULE_ADD || r->verb == RULE_REMOVE))
        return rule_wrong(g, name_at, r->verb == RULE_ADD ? "this cannot be added" : "this cannot be removed",
                          PROTECTED);
    return check_new_headers(g, r->verb == RULE_ADD);
}

static int check_added_header(const struct reading *g) {
    struct str start = text_start(&g->r->with);
    size_t colon = str_find(start, ':');
    struct str name = str_trim(str_upto(start, colon));

    if (g->r->with.group_max >= 0)
        return rule_wrong(g, g->at - 1, "add has no pattern and no groups", "\\u01 to \\u99 for variables");
    if (g->r->with.count == 0 || (start.n > 0 && (colon == start.n || !names_is_token(name))))
        return rule_wrong(g, g->at - 1, "no header line", "\"Name: value\", with the name");
    if (start.n > 0 && g->r->target.lines == RULE_HEADER && !str_ieq(names_long(name), str_of(g->r->target.name)))
        g->notes->warning(g->notes->arg, rule_place(g, g->at - 1), "the line has another name than the rule", "");
    return 0;
}

static int check_added_sdp(const struct reading *g) {
    struct str start = text_start(&g->r->with);

    if (g->r->with.group_max >= 0)
        return rule_wrong(g, g->at - 1, "add has no pattern and no groups", "\\u01 to \\u99 for variables");
    if (g->r->with.count == 0 || (start.n > 0 && (start.n < 2 || start.p[1] != '=')))
        return rule_wrong(g, g->at - 1, "no SDP line", "\"a=name:value\", with its letter");
    if (start.n > 0 && start.p[0] != g->r->target.sdp.letter)
        return rule_wrong(g, g->at - 1, "the line has another letter than the rule",
                          "the letter that the name stands for");
    return 0;
}

static int check_sdp(const struct reading *g, int name_at) {
    const struct rule *r = g->r;
    char letter = r->target.sdp.letter;

    if (r->verb != RULE_ADD && r->verb != RULE_REMOVE)
        return 0;
    if (letter == '\0' || names_is_framework(letter))
        return rule_wrong(g, name_at, r->verb == RULE_ADD ? "this cannot be added" : "this cannot be removed",
                          PROTECTED);
    return r->verb == RULE_ADD ? check_added_sdp(g) : 0;
}

int rule_check(const struct reading *g, int name_at) {
    switch (g->r->where) {
    case RULE_SIP:
        if (check_header(g, name_at) < 0)
            return -1;
        return g->r->verb == RULE_ADD ? check_added_header(g) : 0;
    case RULE_SDP:
        return check_sdp(g, name_at);
    case RULE_PEER_SIP:
    case RULE_PEER_SDP:
        return g->r->verb == RULE_COPY ? 0 : rule_wrong(g, name_at, "of the peer's message there is only copy", "copy");
    }
    return -1;
}
