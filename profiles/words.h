/*
 * words: the words of a configuration text as people paste it: quotes of all kinds, prompts, comments.
 */
#ifndef PROFILES_WORDS_H
#define PROFILES_WORDS_H

#include "b2bua/core/str.h"

enum { WORDS_MAX = 16 };

struct word {
    struct str text;   /* without its quotes; escapes as they stand */
    const char *start; /* of the text or its quote */
    bool quoted;
    bool typographic; /* one of its quotes is not the plain one */
};

enum words_trouble { WORDS_FINE, WORDS_UNCLOSED, WORDS_JOINED /* a word goes on behind its quote */, WORDS_TOO_MANY };

struct words {
    struct word at[WORDS_MAX];
    int count;
    struct str source; /* all of the statement, trimmed, without prompt */
    enum words_trouble trouble;
    const char *where; /* of the trouble */
};

/*
 * Takes one statement from the start of *rest: a line, and lines after it that begin with a quote (values that a page
 * has wrapped). Comments (! to the end of the line, outside of quotes) are passed over, and so are prompts like
 * "Router(config-class)#"; a prompt in the middle of a line begins another statement. Returns false at the end of the
 * text; an empty line is a statement without words.
 */
bool words_next(struct str *rest, struct words *w);

/* Is word `i` this keyword, in any case and without quotes? */
bool words_is(const struct words *w, int i, const char *keyword);

#endif
