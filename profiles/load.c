/* profile_add_text: a configuration text, statement by statement. */
#include <stdio.h>
#include <stdlib.h>

#include "profiles/doubts.h"
#include "profiles/set.h"

struct loading {
    struct profile *p;
    struct str text;
    const struct profile_report *report;
    struct words words;
    int errors;
};

static void tell(struct loading *l, enum profile_severity severity, const char *at, const char *wrong,
                 const char *right) {
    struct profile_note n = {.severity = severity, .line = 1, .column = 1, .wrong = wrong, .right = right};

    l->errors += severity == PROFILE_ERROR;
    if (l->report == NULL || l->report->note == NULL)
        return;
    if (l->report->line > 0)
        n.line = l->report->line;
    for (const char *c = l->text.p; c < at; c++) {
        bool goes_on = ((unsigned char)*c & 0xc0) == 0x80; /* inside a character of UTF-8 */
        n.column = *c == '\n' ? 1 : n.column + !goes_on;
        n.line += *c == '\n';
    }
    l->report->note(l->report->arg, &n);
}

static void on_error(void *arg, const char *at, const char *wrong, const char *right) {
    tell(arg, PROFILE_ERROR, at, wrong, right);
}

static void on_warning(void *arg, const char *at, const char *wrong, const char *right) {
    tell(arg, PROFILE_WARNING, at, wrong, right);
}

static int line_of(const struct loading *l, const char *at) {
    int line = l->report != NULL && l->report->line > 0 ? l->report->line : 1;

    for (const char *c = l->text.p; c < at; c++)
        line += *c == '\n';
    return line;
}

static const char *word_at(const struct loading *l, int i) {
    return i < l->words.count ? l->words.at[i].start : l->words.source.p + l->words.source.n;
}

static bool number(const struct loading *l, int i, uint64_t *out) {
    return i < l->words.count && str_number(l->words.at[i].text, 1000000000, out) == 0 && *out > 0;
}

static bool mixes_tags(const struct loading *l, int tag) {
    for (int i = 0; i < l->p->count; i++)
        if ((l->p->rules[i]->tag != 0) != (tag != 0))
            return true;
    return false;
}

static void put_rule(struct loading *l, const struct rule *rule, int tag, bool before) {
    struct rule *r = mem_alloc(sizeof *r), *replaced;
    const char *at = l->words.source.p;
    char text[80];

    *r = *rule;
    r->tag = tag;
    r->line = line_of(l, at);
    if (before)
        set_renumber(l->p, tag);
    replaced = set_put(l->p, r);
    if (replaced != NULL) {
        snprintf(text, sizeof text, "rule %d replaces the one of line %d", tag, replaced->line);
        tell(l, PROFILE_WARNING, at, text, "another number");
        rule_fini(replaced);
        free(replaced);
    }
    struct doubts_found doubt = doubts_find(l->p, r);
    if (doubt.wrong[0] != '\0')
        tell(l, PROFILE_WARNING, at, doubt.wrong, doubt.right);
}

static void add_rule(struct loading *l, int first, int tag, bool before) {
    struct rule_notes notes = {on_error, on_warning, l};
    struct rule r;

    if (mixes_tags(l, tag)) {
        tell(l, PROFILE_ERROR, l->words.source.p, "rules with and without a number in one profile",
             "`rule N` for all or for none");
        return;
    }
    if (l->p->count >= PROFILE_RULES_MAX) {
        tell(l, PROFILE_ERROR, l->words.source.p, "too many rules", "2000 at most");
        return;
    }
    if (rule_read(&r, &l->words, first, &notes) == 0)
        put_rule(l, &r, tag, before);
}

static void on_rule(struct loading *l) {
    bool before = words_is(&l->words, 1, "before");
    int at = before ? 2 : 1;
    uint64_t tag;

    if (!number(l, at, &tag))
        tell(l, PROFILE_ERROR, word_at(l, at), "no number of a rule", "rule 10 request ...");
    else
        add_rule(l, at + 1, (int)tag, before);
}

static void on_bare_rule(struct loading *l) {
    add_rule(l, 0, 0, false);
}

static void on_no(struct loading *l) {
    uint64_t tag;
    struct rule *r = NULL;

    if (words_is(&l->words, 1, "rule") && number(l, 2, &tag))
        r = set_take(l->p, (int)tag);
    if (r == NULL) {
        tell(l, PROFILE_ERROR, word_at(l, 1), "nothing to take away", "no rule N, with the number of a rule above");
        return;
    }
    rule_fini(r);
    free(r);
}

static void on_ignored(struct loading *l) {
    tell(l, PROFILE_WARNING, l->words.source.p, "not a rule: passed over",
         "profile_in and profile_out of a trunk say where a profile works");
}

static void on_end(struct loading *l) {
    l->p->in_copylist = false;
}

/* `voice class sip-profiles N`; documents put the first rule on the same line. */
static void on_profile(struct loading *l) {
    uint64_t n = 0;

    l->p->in_copylist = false;
    if (!number(l, 3, &n)) {
        tell(l, PROFILE_ERROR, word_at(l, 3), "no number of a profile", "voice class sip-profiles 200");
        return;
    }
    if (l->p->numbered && l->p->number != n)
        tell(l, PROFILE_ERROR, word_at(l, 3), "another profile begins here", "a file or entry of its own for each");
    l->p->numbered = true;
    l->p->number = n;
    if (l->words.count <= 4)
        return;
    if (words_is(&l->words, 4, "rule")) {
        memmove(l->words.at, l->words.at + 4, (size_t)(l->words.count - 4) * sizeof l->words.at[0]);
        l->words.count -= 4;
        on_rule(l);
        return;
    }
    add_rule(l, 4, 0, false);
}

static void on_copylist(struct loading *l) {
    uint64_t n = 0;

    l->p->in_copylist = number(l, 3, &n);
    if (!l->p->in_copylist)
        tell(l, PROFILE_ERROR, word_at(l, 3), "no number of a copylist", "voice class sip-copylist 1");
}

static void on_copied_header(struct loading *l) {
    struct str name = l->words.count == 2 ? l->words.at[1].text : STR_NONE;

    if (!l->p->in_copylist)
        tell(l, PROFILE_ERROR, l->words.source.p, "a header without a rule",
             "request METHOD sip-header ..., or voice class sip-copylist N before it");
    else if (!names_is_token(name))
        tell(l, PROFILE_ERROR, word_at(l, 1), "no name of a header", "sip-header From");
    else if (l->p->copylist_count == SET_COPYLIST_MAX)
        tell(l, PROFILE_ERROR, word_at(l, 1), "too many headers in copylists", "50 at most");
    else
        l->p->copylist[l->p->copylist_count++] = str_dup(names_long(name));
}

static const struct {
    const char *words[3];
    void (*read)(struct loading *l);
} statements[] = {
    {{"request"}, on_bare_rule},
    {{"response"}, on_bare_rule},
    {{"rule"}, on_rule},
    {{"no", "rule"}, on_no},
    {{"voice", "class", "sip-profiles"}, on_profile},
    {{"voice", "class", "sip-copylist"}, on_copylist},
    {{"sip-header"}, on_copied_header},
    {{"exit"}, on_end},
    {{"end"}, on_end},
    {{"enable"}, on_end},
    {{"configure", "terminal"}, on_end},
    {{"conf", "t"}, on_end},
    {{"sip-profiles"}, on_ignored},
    {{"sip-copylist"}, on_ignored},
    {{"sip"}, on_ignored},
    {{"voice"}, on_ignored},
    {{"voice-class"}, on_ignored},
    {{"dial-peer"}, on_ignored},
};

static void statement(struct loading *l) {
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        int n = 0;
        while (n < 3 && statements[i].words[n] != NULL && words_is(&l->words, n, statements[i].words[n]))
            n++;
        if (n == 3 || statements[i].words[n] == NULL) {
            statements[i].read(l);
            return;
        }
    }
    tell(l, PROFILE_ERROR, l->words.source.p, "not a rule",
         "[rule N] request METHOD ..., [rule N] response CODE ..., voice class sip-profiles N, or ! for a comment");
}

static const struct {
    const char *wrong, *right;
} troubles[] = {
    [WORDS_FINE] = {"", ""},
    [WORDS_UNCLOSED] = {"a quote that does not end on its line", "\\\" for a quote inside a value"},
    [WORDS_JOINED] = {"text right behind a quote", "\\\" for a quote inside a value, a blank behind its end"},
    [WORDS_TOO_MANY] = {"too many words", "quotes around a value with blanks"},
};

int profile_add_text(struct profile *p, struct str text, const struct profile_report *report) {
    struct loading l = {.p = p, .text = text, .report = report};
    struct str rest = text;

    if (rest.n >= 3 && memcmp(rest.p, "\xef\xbb\xbf", 3) == 0)
        rest = str_from(rest, 3);
    while (words_next(&rest, &l.words)) {
        if (l.words.trouble != WORDS_FINE)
            tell(&l, PROFILE_ERROR, l.words.where, troubles[l.words.trouble].wrong, troubles[l.words.trouble].right);
        else if (l.words.count > 0)
            statement(&l);
    }
    set_index(p);
    return l.errors;
}
