#include "profiles/rule_read.h"

#include <stdio.h>
#include <stdlib.h>

#define METHOD_WORDS                                                                                                   \
    "INVITE, REINVITE, ACK, BYE, CANCEL, INFO, MESSAGE, NOTIFY, OPTIONS, PRACK, PUBLISH, REFER, REGISTER, "            \
    "SUBSCRIBE, UPDATE or ANY"

const char *rule_place(const struct reading *g, int i) {
    if (i < g->w->count)
        return g->w->at[i].start;
    return g->w->source.p + g->w->source.n;
}

int rule_wrong(const struct reading *g, int i, const char *what, const char *right) {
    char text[200];
    struct str word = i < g->w->count ? g->w->at[i].text : STR("the end of the rule");

    snprintf(text, sizeof text, "%s: %.*s", what, word.n > 80 ? 80 : (int)word.n, word.p);
    g->notes->error(g->notes->arg, rule_place(g, i), text, right);
    return -1;
}

static bool next_is(const struct reading *g, const char *keyword) {
    return words_is(g->w, g->at, keyword);
}

static bool take(struct reading *g, const char *keyword) {
    if (!next_is(g, keyword))
        return false;
    g->at++;
    return true;
}

static int read_method(struct reading *g) {
    char upper[16] = "";
    struct str word = g->at < g->w->count ? g->w->at[g->at].text : STR_NONE;

    for (size_t i = 0; i < word.n && i + 1 < sizeof upper; i++)
        upper[i] = (char)(word.p[i] >= 'a' && word.p[i] <= 'z' ? word.p[i] - 0x20 : word.p[i]);
    enum method m = word.n < sizeof upper ? method_of(str_of(upper)) : METHOD_UNKNOWN;
    if (next_is(g, "ANY"))
        g->r->method = RULE_ANY;
    else if (next_is(g, "REINVITE") || next_is(g, "RE-INVITE"))
        g->r->method = RULE_REINVITE;
    else if (m != METHOD_UNKNOWN || next_is(g, "COMET"))
        g->r->method = (uint8_t)m;
    else
        return rule_wrong(g, g->at, "no such method", METHOD_WORDS);
    g->at++;
    return 0;
}

static int read_status(struct reading *g) {
    uint64_t code = 0;
    struct str word = g->at < g->w->count ? g->w->at[g->at].text : STR_NONE;

    if (!next_is(g, "ANY") && (str_number(word, 699, &code) < 0 || code < 100))
        return rule_wrong(g, g->at, "no such response code", "100 to 699, or ANY");
    g->r->status = (uint16_t)code;
    g->at++;
    g->r->method = RULE_ANY;
    return take(g, "method") ? read_method(g) : 0;
}

static int read_message(struct reading *g) {
    if (take(g, "request"))
        return read_method(g);
    g->r->response = true;
    if (take(g, "response"))
        return read_status(g);
    return rule_wrong(g, g->at, "not a rule", "request METHOD ... or response CODE ...");
}

static void set_name(struct rule_target *t, struct str name) {
    t->name = str_dup(name);
    t->key = names_key(name);
}

static int read_header_name(struct reading *g) {
    struct rule_target *t = &g->r->target;
    struct str word = g->at < g->w->count ? g->w->at[g->at].text : STR_NONE;

    if (word.n > 1 && word.p[word.n - 1] == ':')
        word.n--;
    if (!names_is_token(word))
        return rule_wrong(g, g->at, "no name of a header", "a name such as P-Asserted-Identity");
    struct str name = names_long(word);
    t->lines = RULE_HEADER;
    if (str_ieq(word, STR("SIP-Req-URI")) || str_ieq(word, STR("SIP-StatusLine"))) {
        t->lines = RULE_START_LINE;
        name = str_ieq(word, STR("SIP-Req-URI")) ? STR("SIP-Req-URI") : STR("SIP-StatusLine");
    } else if (str_ieq(word, STR("ANY"))) {
        t->lines = RULE_EVERY_HEADER;
    }
    t->usual = name.p != word.p;
    set_name(t, name);
    g->at++;
    return 0;
}

static int read_index(struct reading *g, bool with_name) {
    struct rule_target *t = &g->r->target;
    uint64_t index;
    struct str word = g->at < g->w->count ? g->w->at[g->at].text : STR_NONE;

    if (str_number(word, 200, &index) < 0)
        return rule_wrong(g, g->at, "no number of an m= line", "0 for the session part, 1 for the first m= line");
    g->at++;
    t->section = (int)index;
    t->lines = RULE_SDP_INDEX;
    struct str name = with_name && g->at < g->w->count ? g->w->at[g->at].text : STR_NONE;
    if (!with_name) {
        set_name(t, STR(""));
        return 0;
    }
    if (name.n < 2 || name.p[1] != '=' || name.p[0] < 'a' || name.p[0] > 'z')
        return rule_wrong(g, g->at, "no beginning of an SDP line", "a=NAME, or another letter and = such as c=");
    set_name(t, name);
    t->sdp.letter = name.p[0];
    g->at++;
    return 0;
}

static int read_sdp_name(struct reading *g) {
    struct rule_target *t = &g->r->target;
    struct str word = g->at < g->w->count ? g->w->at[g->at].text : STR_NONE;

    if (take(g, "mline-index"))
        return read_index(g, true);
    if (word.n == 0 || names_sdp(word, &t->sdp) < 0)
        return rule_wrong(
            g, g->at, "no such SDP name",
            "Attribute, Connection-Info, Bandwidth-Key, Session-Owner, Session-Name, Session-Info, Time-Header, "
            "Version, ANY; Audio- or Video- with Attribute, Bandwidth-Info, Connection-Info, Encryption-Key, "
            "Media or Session-Info; or mline-index I a=NAME");
    t->lines = RULE_SDP_NAMED;
    set_name(t, word);
    g->at++;
    return 0;
}

static int read_peer(struct reading *g) {
    if (take(g, "sip")) {
        g->r->where = RULE_PEER_SIP;
        return read_header_name(g);
    }
    g->r->where = RULE_PEER_SDP;
    if (!take(g, "sdp"))
        return rule_wrong(g, g->at, "no part of the peer's message", "sip NAME or sdp mline-index I");
    return take(g, "mline-index") ? read_index(g, false) : rule_wrong(g, g->at, "not mline-index", "mline-index I");
}

static int read_target(struct reading *g) {
    if (take(g, "sip-header"))
        return read_header_name(g);
    g->r->where = RULE_SDP;
    if (take(g, "sdp-header"))
        return read_sdp_name(g);
    if (take(g, "peer-header"))
        return read_peer(g);
    return rule_wrong(g, g->at, "no part of a message", "sip-header NAME, sdp-header NAME or peer-header sip NAME");
}

/* The text of a value; typographic quotes are told. */
static int read_value(struct reading *g, const char *what, const char *right, struct str *out) {
    if (g->at >= g->w->count)
        return rule_wrong(g, g->at, what, right);
    *out = g->w->at[g->at].text;
    if (g->w->at[g->at].typographic)
        g->notes->warning(g->notes->arg, rule_place(g, g->at), "typographic quotes", "\"");
    g->at++;
    return 0;
}

static int tell(const struct reading *g, struct str source, const struct problem *why) {
    g->notes->error(g->notes->arg, source.p + why->at, why->wrong, why->right == NULL ? "" : why->right);
    return -1;
}

/* "^To:" in a rule on From. */
static bool names_other_header(const struct rule *r, struct str pattern) {
    struct str name = pattern.n == 0 ? pattern : str_upto(str_from(pattern, 1), str_find(str_from(pattern, 1), ':'));

    return r->target.lines == RULE_HEADER && pattern.n > name.n + 1 && pattern.p[0] == '^' && names_is_token(name) &&
           str_find(name, '.') == name.n && str_find(name, '*') == name.n && str_find(name, '+') == name.n &&
           !str_ieq(name, str_of(r->target.name));
}

static int read_pattern(struct reading *g) {
    struct problem why;
    struct str source;

    if (read_value(g, "no pattern, but", "\"pattern\"", &source) < 0)
        return -1;
    g->r->other_name = names_other_header(g->r, source);
    return pattern_compile(&g->r->pattern, source, &why) < 0 ? tell(g, source, &why) : 0;
}

static int read_text(struct reading *g, const char *right) {
    struct problem why;
    struct str source;

    if (read_value(g, "no text, but", right, &source) < 0)
        return -1;
    return text_compile(&g->r->with, source, &why) < 0 ? tell(g, source, &why) : 0;
}

static int read_variable(struct reading *g) {
    uint64_t var = 0;
    struct str word = g->at < g->w->count ? g->w->at[g->at].text : STR_NONE;

    if (word.n != 3 || (word.p[0] | 0x20) != 'u' || str_number(str_from(word, 1), 99, &var) < 0 || var == 0)
        return rule_wrong(g, g->at, "no variable", "u01 to u99");
    g->r->var = (int)var;
    g->at++;
    if (g->r->pattern.groups == 0)
        g->notes->warning(g->notes->arg, rule_place(g, g->at - 2), "the pattern has no ( ): all that matches is copied",
                          "( ) around what is to be copied");
    return 0;
}

static void check_groups(const struct reading *g) {
    char text[80];

    if (g->r->with.group_max <= g->r->pattern.groups)
        return;
    snprintf(text, sizeof text, "the text names \\%d, the pattern has %d groups: it is empty", g->r->with.group_max,
             g->r->pattern.groups);
    g->notes->warning(g->notes->arg, rule_place(g, g->at - 1), text, "( ) in the pattern around what is to be kept");
}

static int read_verb(struct reading *g) {
    if (take(g, "add")) {
        g->r->verb = RULE_ADD;
        return read_text(g, "\"Name: value\"");
    }
    if (take(g, "remove")) {
        g->r->verb = RULE_REMOVE;
        return 0;
    }
    if (take(g, "copy")) {
        g->r->verb = RULE_COPY;
        return read_pattern(g) < 0 ? -1 : read_variable(g);
    }
    g->r->verb = RULE_MODIFY;
    if (!take(g, "modify"))
        return rule_wrong(g, g->at, "nothing to do", "add, modify, remove or copy");
    if (read_pattern(g) < 0 || read_text(g, "\"text\"") < 0)
        return -1;
    check_groups(g);
    return 0;
}

/* --- all of it */

/* Keywords and names as they are usually written, values as they stand. */
static char *canon(const struct rule *r, const struct words *w, int values) {
    enum { SPACE = 1024 };
    size_t cap = SPACE + w->source.n;
    char *text = mem_alloc(cap + 1);
    struct sbuf out = sbuf_on(text, cap);

    sbuf_puts(&out, r->response ? "response " : "request ");
    sbuf_number(&out, r->status);
    sbuf_putc(&out, ' ');
    sbuf_puts(&out, rule_method_name(r->method));
    sbuf_putc(&out, (char)('0' + r->where));
    sbuf_putc(&out, (char)('0' + r->verb));
    sbuf_putc(&out, (char)('0' + r->target.lines));
    sbuf_number(&out, (uint64_t)r->target.section);
    sbuf_puts(&out, r->target.name);
    for (int i = values; i < w->count; i++) {
        sbuf_putc(&out, '\n');
        sbuf_put(&out, w->at[i].text);
    }
    text[out.n] = '\0';
    return text;
}

int rule_read(struct rule *r, const struct words *w, int first, const struct rule_notes *notes) {
    struct reading g = {.r = r, .w = w, .at = first, .notes = notes};
    int values = 0;

    *r = (struct rule){.with.group_max = -1};
    if (read_message(&g) < 0 || read_target(&g) < 0)
        goto fail;
    values = g.at + 1;
    if (read_verb(&g) < 0 || rule_check(&g, values - 2) < 0)
        goto fail;
    if (g.at < w->count) {
        rule_wrong(&g, g.at, "more than the rule needs",
                   "quotes around a value with blanks, \\\" for a quote inside it");
        goto fail;
    }
    r->text = str_dup(w->source);
    r->canon = canon(r, w, values);
    return 0;
fail:
    rule_fini(r);
    return -1;
}
