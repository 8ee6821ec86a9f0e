#include "dialplan/literal.h"

enum { WORDS_MAX = 8 };

/* The literal alternatives of a group; views into the expression. */
struct group {
    int count;
    struct str words[WORDS_MAX];
    size_t end; /* behind its ) */
};

static char at(struct str s, size_t i) {
    return i < s.n ? s.p[i] : '\0';
}

static bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The length of a literal character as written; 0: something else. */
static size_t literal_at(struct str s, size_t i, char *c) {
    *c = at(s, i);
    if (*c == '\\') {
        *c = at(s, i + 1);
        return i + 1 < s.n && !is_alnum(*c) ? 2 : 0;
    }
    return i < s.n && *c != '\0' && strchr("[](){}|.^$*+?", *c) == NULL ? 1 : 0;
}

static bool read_group(struct str s, size_t i, struct group *g) {
    size_t start = ++i;
    char c;

    if (at(s, i) == '?' && at(s, i + 1) == ':')
        start = i += 2;
    for (*g = (struct group){0};;) {
        size_t n = literal_at(s, i, &c);
        if (n > 0) {
            i += n;
            continue;
        }
        if ((at(s, i) != '|' && at(s, i) != ')') || g->count == WORDS_MAX)
            return false;
        g->words[g->count++] = (struct str){s.p + start, i - start};
        start = ++i;
        if (s.p[i - 1] == ')')
            break;
    }
    g->end = i;
    return true;
}

/* Adds the characters of a word as written in the expression. */
static bool append(struct prefixes *p, int which, struct str word) {
    char c;

    for (size_t i = 0, n; i < word.n; i += n) {
        n = literal_at(word, i, &c);
        if (p->n[which] == PREFIXES_LENGTH_MAX)
            return false;
        p->text[which][p->n[which]++] = c;
    }
    return true;
}

/* Each beginning with each word behind it; those without one, too, where it is optional. Returns false, and leaves the
 * beginnings, when that is too much. */
static bool multiply(struct prefixes *p, const struct str *words, int count, bool optional) {
    struct prefixes all = {0};

    if (p->count * (count + optional) > PREFIXES_MAX)
        return false;
    for (int i = 0; i < p->count; i++)
        for (int w = optional ? -1 : 0; w < count; w++) {
            int which = all.count++;
            memcpy(all.text[which], p->text[i], p->n[i]);
            all.n[which] = p->n[i];
            if (w >= 0 && !append(&all, which, words[w]))
                return false;
        }
    *p = all;
    return true;
}

/* An alternative that stands in no group may begin with anything. */
static bool has_bare_alternative(struct str s) {
    int depth = 0;

    for (size_t i = 0; i < s.n; i++) {
        i += s.p[i] == '\\';
        if (i >= s.n || s.p[i - (i > 0)] == '\\')
            continue;
        depth += s.p[i] == '(' ? 1 : s.p[i] == ')' ? -1 : 0;
        if (s.p[i] == '|' && depth <= 0)
            return true;
    }
    return false;
}

void literal_prefixes(struct str text, struct prefixes *out) {
    bool open = !has_bare_alternative(text);
    struct group g;

    *out = (struct prefixes){.count = 1};
    for (size_t i = 1; open && i < text.n;) {
        char c;
        size_t n = literal_at(text, i, &c);
        if (n > 0)
            g = (struct group){1, {{text.p + i, n}}, i + n};
        else if (text.p[i] != '(' || !read_group(text, i, &g))
            return;
        char quantifier = at(text, g.end);
        if (quantifier == '*' || quantifier == '{')
            return;
        open = multiply(out, g.words, g.count, quantifier == '?'); /* behind a + it ends here, too */
        i = g.end + (quantifier == '?');
        if (quantifier == '?' && (at(text, i) == '?' || at(text, i) == '+')) /* lazy, possessive */
            i++;
    }
}
