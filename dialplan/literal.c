#include "dialplan/literal.h"

enum { DEPTH_MAX = 16, COUNT_MAX = 1000 };

struct scan {
    struct str text;
    size_t at;
    bool lost; /* something was not understood: nothing more counts */
};

static int alternatives(struct scan *s, int depth);

static char peek(const struct scan *s) {
    return s->at < s->text.n ? s->text.p[s->at] : '\0';
}

static bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void skip_set(struct scan *s) {
    s->at += s->at + 1 < s->text.n && s->text.p[s->at + 1] == '^' ? 2 : 1;
    for (bool first = true; s->at < s->text.n && (first || peek(s) != ']'); first = false) {
        if (peek(s) == '[' && s->at + 1 < s->text.n && s->text.p[s->at + 1] == ':')
            s->at += str_find(str_from(s->text, s->at), ']'); /* [:digit:] */
        s->at += peek(s) == '\\' ? 2 : 1;
    }
    s->at++;
}

static int group(struct scan *s, int depth) {
    s->at++;
    if (peek(s) == '?' && s->at + 1 < s->text.n && s->text.p[s->at + 1] == ':')
        s->at += 2;
    else if (peek(s) == '?' || peek(s) == '*' || depth == DEPTH_MAX)
        s->lost = true;
    if (s->lost)
        return 0;
    int count = alternatives(s, depth + 1);
    s->at++; /* its ) */
    return count;
}

/* "{2}", "{2,}" or "{2,5}": the first number; lost when it is something else. */
static int interval(struct scan *s) {
    struct str rest = str_from(s->text, s->at + 1);
    size_t digits = 0, close = str_find(rest, '}');
    uint64_t least;

    while (digits < close && rest.p[digits] >= '0' && rest.p[digits] <= '9')
        digits++;
    if (close == rest.n || str_number(str_upto(rest, digits), UINT16_MAX, &least) < 0) {
        s->lost = true; /* a brace that is just a brace, or {,n} */
        return 1;
    }
    s->at += close + 2;
    return least > COUNT_MAX ? COUNT_MAX : (int)least;
}

/* The least number of times for what stands before it. */
static int quantifier(struct scan *s) {
    char c = peek(s);
    int least = c == '*' || c == '?' ? 0 : 1;

    if (c == '{')
        least = interval(s);
    else if (c == '*' || c == '?' || c == '+')
        s->at++;
    else
        return 1;
    if (peek(s) == '?' || peek(s) == '+') /* lazy, possessive */
        s->at++;
    return least;
}

static int escape(struct scan *s) {
    char c = s->at + 1 < s->text.n ? s->text.p[s->at + 1] : '\0';

    s->at += 2;
    if (!is_alnum(c) && c != '\0')
        return 1;
    if (strchr("dDwWsSbBAzZ", c) == NULL || c == '\0')
        s->lost = true;
    return 0;
}

static int atom(struct scan *s, int depth) {
    char c = peek(s);

    if (c == '\\')
        return escape(s);
    if (strchr("[(.^$", c) == NULL) {
        s->at++;
        return 1;
    }
    if (c == '(')
        return group(s, depth);
    if (c == '[')
        skip_set(s);
    else
        s->at++;
    return 0;
}

static int sequence(struct scan *s, int depth) {
    int count = 0;

    while (!s->lost && s->at < s->text.n && peek(s) != '|' && peek(s) != ')') {
        int one = atom(s, depth);
        count += one * quantifier(s);
    }
    return count < COUNT_MAX ? count : COUNT_MAX;
}

static int alternatives(struct scan *s, int depth) {
    int least = sequence(s, depth);

    while (!s->lost && peek(s) == '|') {
        s->at++;
        int other = sequence(s, depth);
        least = other < least ? other : least;
    }
    return least;
}

int literal_count(struct str text) {
    struct scan s = {.text = text, .at = 1};
    int count = alternatives(&s, 0);

    /* Behind what was not understood another branch may stand, which has less. */
    return s.lost && memchr(text.p, '|', text.n) != NULL ? 0 : count;
}
