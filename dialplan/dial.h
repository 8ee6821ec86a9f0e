/*
 * dial: the pattern of a dial peer, compiled, as `destination-pattern` of CUBE has it:
 *
 *   0-9 A-F * #   themselves; a + at the beginning, too     .       any one of them, and +
 *   [1-5,7]       one of a set; [^1-5] one that is not      ( )     what belongs together
 *   ? % +         behind a character, set or ( ): none or one, none or more, one or more of it
 *   T             at the end: up to 32 more characters      $       the end; without it (and T) any more may follow
 *   ,             a pause: matches nothing                  \       the next character as it stands
 *
 * It begins where the number begins. What it gives literally counts: of two patterns that match, the one that says more
 * of the number wins. A number that has anything else in it (letters of a name) matches no pattern.
 */
#ifndef DIALPLAN_DIAL_H
#define DIALPLAN_DIAL_H

#include "dialplan/prefixes.h"

enum { DIAL_TEXT_MAX = 128, DIAL_SYMBOLS = 19, DIAL_TAIL_MAX = 32 };

/* What is wrong with a text, and where. */
struct dial_problem {
    size_t at; /* offset of a byte */
    char wrong[160];
};

/* The number of a character that can be dialled, 0 .. DIAL_SYMBOLS - 1, or -1. */
int dial_symbol(char c);
char dial_sign(int symbol); /* and back */

/* Nothing but such characters; also when there are none. */
bool dial_is_number(struct str s);

struct dial; /* shared by threads */

/* Compiles `text`. Returns it, or NULL with *why filled. */
struct dial *dial_new(struct str text, struct dial_problem *why);
void dial_free(struct dial *d); /* NULL is fine */

/* How many characters of the pattern, given literally, took part in the match (the most, if there are several ways; a
 * character that is repeated counts once); -1: no match. *reach (may be NULL) is how far into the number it fits. */
int dial_match(const struct dial *d, struct str number, size_t *reach);

/* The literal characters that every number begins with which it matches; a view into the pattern. */
struct str dial_prefix(const struct dial *d);

/* What numbers that match begin with, as far as there are few of them. */
void dial_prefixes(const struct dial *d, struct prefixes *out);

/* The most that dial_match can return. */
int dial_literals(const struct dial *d);

#endif
