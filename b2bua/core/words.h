/*
 * words: a command line as words. Blanks part them; between double quotes blanks are text, and a backslash there takes
 * the next byte as it is. A word may be empty ("").
 */
#ifndef B2BUA_CORE_WORDS_H
#define B2BUA_CORE_WORDS_H

#include "b2bua/core/str.h"

enum { WORDS_MAX = 16, WORDS_BYTES_MAX = 1024 };

struct words {
    int count;
    struct str word[WORDS_MAX]; /* each ends with a NUL that is not counted */
    char text[WORDS_BYTES_MAX + WORDS_MAX];
};

/* Splits a line. Returns NULL, or what is wrong: a quote that does not end, too many words, too many bytes. */
const char *words_split(struct words *w, struct str line);

/* Writes a word as words_split reads it, with a blank before it unless it is the first. */
void words_put(struct sbuf *out, struct str word);

#endif
