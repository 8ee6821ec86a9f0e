#include "profiles/words.h"

/* Quotes of UTF-8 and of Windows' code page; the plain one is the first. */
static const char *const quotes[] = {"\"",           "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e",
                                     "\xe2\x80\x9f", "\xe2\x80\xb3", "\x93",         "\x94"};

/* Length of the quote at the start of `s`; 0 when there is none. */
static size_t quote(struct str s, bool *typographic) {
    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
        size_t n = strlen(quotes[i]);
        if (s.n < n || memcmp(s.p, quotes[i], n) != 0)
            continue;
        *typographic = i > 0;
        return n;
    }
    return 0;
}

static bool blank(char c) {
    return c == ' ' || c == '\t';
}

static bool line_end(char c) {
    return c == '\r' || c == '\n';
}

static bool ends_word(struct str s) {
    return s.n == 0 || blank(s.p[0]) || line_end(s.p[0]);
}

/* A typographic quote closes only where a word may end: inside a text it is text. */
static size_t closing(struct str s, bool *typographic) {
    bool odd = false;
    size_t n = quote(s, &odd);

    if (n == 0 || (odd && !ends_word(str_from(s, n))))
        return 0;
    *typographic |= odd;
    return n;
}

static void quoted_word(struct str *rest, struct words *w, struct word *out) {
    const char *start = rest->p;

    *rest = str_from(*rest, quote(*rest, &out->typographic));
    out->quoted = true;
    out->text = (struct str){rest->p, 0};
    while (rest->n > 0 && !line_end(rest->p[0])) {
        size_t n = closing(*rest, &out->typographic);
        if (n > 0) {
            *rest = str_from(*rest, n);
            if (!ends_word(*rest)) {
                w->trouble = WORDS_JOINED;
                w->where = rest->p;
            }
            return;
        }
        n = rest->p[0] == '\\' && rest->n > 1 && !line_end(rest->p[1]) ? 2 : 1;
        out->text.n += n;
        *rest = str_from(*rest, n);
    }
    w->trouble = WORDS_UNCLOSED;
    w->where = start;
}

static void plain_word(struct str *rest, struct word *out) {
    out->text = (struct str){rest->p, 0};
    while (!ends_word(*rest)) {
        out->text.n++;
        *rest = str_from(*rest, 1);
    }
}

/* "Router(config-class)#" */
static bool is_prompt(struct str word) {
    static const char inside[] = "(config";
    const char *paren = word.n == 0 ? NULL : memchr(word.p, '(', word.n);

    if (paren == NULL || word.n < sizeof inside + 2 || memcmp(word.p + word.n - 2, ")#", 2) != 0)
        return false;
    struct str tail = str_from(word, (size_t)(paren - word.p));
    return tail.n > sizeof inside && str_ieq(str_upto(tail, sizeof inside - 1), STR("(config"));
}

/* Behind the end of this line, unless the next one goes on with a quote. */
static bool statement_ends(struct str *rest) {
    bool typographic;
    struct str next = *rest;

    if (next.n == 0)
        return true;
    if (next.p[0] == '\r')
        next = str_from(next, 1);
    if (next.n > 0 && next.p[0] == '\n')
        next = str_from(next, 1);
    struct str first = next;
    while (first.n > 0 && blank(first.p[0]))
        first = str_from(first, 1);
    *rest = next;
    return quote(first, &typographic) == 0;
}

static void skip_line(struct str *rest) {
    while (rest->n > 0 && !line_end(rest->p[0]))
        *rest = str_from(*rest, 1);
}

static void add_word(struct words *w, struct word word) {
    if (w->count < WORDS_MAX) {
        w->at[w->count++] = word;
    } else if (w->trouble == WORDS_FINE) {
        w->trouble = WORDS_TOO_MANY;
        w->where = word.text.p;
    }
}

bool words_next(struct str *rest, struct words *w) {
    bool typographic;

    *w = (struct words){.source = {rest->p, 0}};
    if (rest->n == 0)
        return false;
    for (;;) {
        while (rest->n > 0 && blank(rest->p[0]))
            *rest = str_from(*rest, 1);
        if (rest->n > 0 && rest->p[0] == '!')
            skip_line(rest);
        if (rest->n == 0 || line_end(rest->p[0])) {
            if (statement_ends(rest))
                return true;
            continue;
        }
        struct str before = *rest;
        struct word word = {.start = rest->p};
        if (quote(*rest, &typographic) > 0)
            quoted_word(rest, w, &word);
        else
            plain_word(rest, &word);
        if (!word.quoted && is_prompt(word.text)) {
            if (w->count == 0)
                continue;
            *rest = before;
            return true;
        }
        if (w->count == 0)
            w->source.p = before.p;
        w->source.n = (size_t)(rest->p - w->source.p);
        add_word(w, word);
    }
}

bool words_is(const struct words *w, int i, const char *keyword) {
    return i < w->count && !w->at[i].quoted && str_ieq(w->at[i].text, str_of(keyword));
}
