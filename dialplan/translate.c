#include "dialplan/translate.h"

#include <stdio.h>
#include <stdlib.h>

enum { RULE_MAX = 512 };

struct rule {
    struct pattern pattern;
    char *text; /* what takes the place of the match, as written */
    bool all;
};

struct translate {
    struct rule *rules;
    int count;
};

static int refuse(struct dial_problem *why, size_t at, const char *wrong) {
    why->at = at;
    snprintf(why->wrong, sizeof why->wrong, "%s", wrong);
    return -1;
}

/* Where the part that begins at `at` ends: at the next `mark` that no backslash stands before; the length: nowhere. */
static size_t part_end(struct str s, size_t at, char mark) {
    while (at < s.n && s.p[at] != mark)
        at += s.p[at] == '\\' ? 2 : 1;
    return at < s.n ? at : s.n;
}

/* The expression as PCRE2 reads it: an escaped mark is the mark, \( \) \{ \} \| mean what they mean without. */
static int put_expression(struct sbuf *out, struct str s, char mark) {
    for (size_t i = 0; i < s.n; i++) {
        bool escaped = s.p[i] == '\\' && i + 1 < s.n;
        if (escaped && (s.p[i + 1] == mark || strchr("(){}|", s.p[i + 1]) != NULL))
            i++;
        else if (escaped)
            sbuf_putc(out, s.p[i++]);
        sbuf_putc(out, s.p[i]);
    }
    return out->full ? -1 : 0;
}

static int build(struct rule *r, struct str expression, size_t at, char mark, struct dial_problem *why) {
    char text[RULE_MAX];
    struct sbuf b = sbuf_on(text, sizeof text);

    if (expression.n == 0)
        return refuse(why, at, "nothing between the first two marks");
    if (put_expression(&b, expression, mark) < 0)
        return refuse(why, at, "longer than 512 bytes");
    if (pattern_build(&r->pattern, sbuf_str(&b), why->wrong, sizeof why->wrong, &why->at) < 0) {
        why->at += at; /* near enough: escapes are shorter now */
        return -1;
    }
    return 0;
}

static int check_text(const struct rule *r, struct str text, size_t at, struct dial_problem *why) {
    for (size_t i = 0; i + 1 < text.n; i++) {
        if (text.p[i] != '\\')
            continue;
        char c = text.p[++i];
        if (c >= '0' && c <= '9' && c - '0' > r->pattern.groups)
            return refuse(why, at + i - 1, "no such group");
    }
    return 0;
}

static int read_flags(struct rule *r, struct str flags, size_t at, struct dial_problem *why) {
    r->all = flags.n == 1 && flags.p[0] == 'g';
    return flags.n > r->all ? refuse(why, at, "only g may stand behind the last mark") : 0;
}

int translate_add(struct translate *t, struct str rule, struct dial_problem *why) {
    struct rule r = {.text = NULL};

    if (rule.n < 4 || rule.p[0] != 's' || rule.p[1] == '\\' || rule.p[1] == ' ')
        return refuse(why, 0, "not a rule: \"s/what/text/\"");
    char mark = rule.p[1];
    size_t second = part_end(rule, 2, mark), third = second < rule.n ? part_end(rule, second + 1, mark) : rule.n;
    if (third == rule.n)
        return refuse(why, rule.n, "ends before its third mark: \"s/what/text/\"");
    struct str text = {rule.p + second + 1, third - second - 1};
    if (build(&r, (struct str){rule.p + 2, second - 2}, 2, mark, why) < 0)
        return -1;
    if (check_text(&r, text, second + 1, why) < 0 || read_flags(&r, str_from(rule, third + 1), third + 1, why) < 0) {
        pattern_fini(&r.pattern);
        return -1;
    }
    r.text = str_dup(text);
    t->rules = mem_realloc(t->rules, sizeof r * (size_t)(t->count + 1));
    t->rules[t->count++] = r;
    return 0;
}

struct translate *translate_new(void) {
    return mem_zalloc(sizeof(struct translate));
}

void translate_free(struct translate *t) {
    if (t == NULL)
        return;
    for (int i = 0; i < t->count; i++) {
        pattern_fini(&t->rules[i].pattern);
        free(t->rules[i].text);
    }
    free(t->rules);
    free(t);
}

static void put_text(struct sbuf *out, const char *text, const struct str groups[PATTERN_GROUPS]) {
    for (; *text != '\0'; text++) {
        if (*text == '&') {
            sbuf_put(out, groups[0]);
        } else if (*text != '\\' || text[1] == '\0') {
            sbuf_putc(out, *text);
        } else if (*++text >= '0' && *text <= '9') {
            sbuf_put(out, groups[*text - '0']);
        } else {
            sbuf_putc(out, *text);
        }
    }
}

static bool run(const struct rule *r, const struct pattern_room *room, struct str number, struct sbuf *out) {
    struct str groups[PATTERN_GROUPS];
    size_t done = 0, from = 0;
    bool found = false;

    while (from <= number.n && (r->all || !found) &&
           pattern_find_from(&r->pattern, room, number, from, groups) == PATTERN_YES) {
        size_t at = groups[0].p == NULL ? from : (size_t)(groups[0].p - number.p);
        found = true;
        sbuf_put(out, str_upto(str_from(number, done), at - done));
        put_text(out, r->text, groups);
        done = at + groups[0].n;
        from = groups[0].n > 0 ? done : done + 1; /* an empty match: the next one is further on */
    }
    if (found)
        sbuf_put(out, str_from(number, done));
    return found;
}

int translate_run(const struct translate *t, const struct pattern_room *room, struct str number, struct sbuf *out) {
    size_t start = out->n;

    for (int i = 0; t != NULL && i < t->count; i++) {
        if (!run(&t->rules[i], room, number, out))
            continue;
        if (!out->full)
            return i;
        out->n = start;
        out->full = false;
        return -1;
    }
    return -1;
}
