#include "b2bua/core/words.h"

static bool blank(char c) {
    return c == ' ' || c == '\t';
}

/* Reads one word from the start of `line`. Returns the bytes that it took, or 0: its quote does not end. */
static size_t take(struct str line, struct sbuf *out) {
    bool quoted = false;
    size_t i;

    for (i = 0; i < line.n && (quoted || !blank(line.p[i])); i++) {
        if (line.p[i] == '"')
            quoted = !quoted;
        else if (quoted && line.p[i] == '\\' && i + 1 < line.n)
            sbuf_putc(out, line.p[++i]);
        else
            sbuf_putc(out, line.p[i]);
    }
    return quoted ? 0 : i;
}

const char *words_split(struct words *w, struct str line) {
    struct sbuf text = sbuf_on(w->text, sizeof w->text);

    w->count = 0;
    if (line.n > WORDS_BYTES_MAX)
        return "the line is too long";
    for (;;) {
        while (line.n > 0 && blank(*line.p))
            line = str_from(line, 1);
        if (line.n == 0)
            return NULL;
        if (w->count == WORDS_MAX)
            return "too many words";
        size_t start = text.n, n = take(line, &text);
        if (n == 0)
            return "a quote does not end";
        w->word[w->count++] = (struct str){w->text + start, text.n - start};
        sbuf_putc(&text, '\0');
        line = str_from(line, n);
    }
}

static bool plain(struct str word) {
    for (size_t i = 0; i < word.n; i++)
        if (blank(word.p[i]) || word.p[i] == '"')
            return false;
    return word.n > 0;
}

void words_put(struct sbuf *out, struct str word) {
    if (out->n > 0)
        sbuf_putc(out, ' ');
    if (plain(word)) {
        sbuf_put(out, word);
        return;
    }
    sbuf_putc(out, '"');
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] == '"' || word.p[i] == '\\')
            sbuf_putc(out, '\\');
        sbuf_putc(out, word.p[i]);
    }
    sbuf_putc(out, '"');
}
