/*
 * select: which messages are wanted, told by what is known of their calls: both legs of a call are, or neither.
 *
 * It is fed with what a ladder says of legs (select_learn) and asked of each message. It remembers SELECT_CALLS_MAX
 * calls or so; older ones make room. A message of no call it knows is judged by itself: its Call-ID, and the numbers in
 * Request-URI, From and To; it is on no trunk.
 */
#ifndef B2BUA_CORE_SELECT_H
#define B2BUA_CORE_SELECT_H

#include "b2bua/core/ladder.h"

enum { SELECT_CALLS_MAX = 1 << 16, SELECT_TEXT_MAX = 256 };

/* What is wanted: all that is given must hold, of one leg or the other; "" = not given. */
struct select_filter {
    char trunk[SELECT_TEXT_MAX];
    char number[SELECT_TEXT_MAX]; /* the first digits of the user of From or To; a leading + may be left out */
    char call_id[SELECT_TEXT_MAX];
};

/* "trunk=T", "number=N" or "call-id=C". Returns what is wrong with it, or NULL. */
const char *select_filter_add(struct select_filter *f, struct str text);

struct select;

struct select *select_new(void);
void select_free(struct select *s); /* NULL is fine */

/* What is wanted from now on. What was learned with another filter is forgotten. */
void select_set(struct select *s, const struct select_filter *f);

/* What is known of one call-leg: its trunk, numbers and Call-ID. Borrowed. */
void select_learn(struct select *s, const struct ladder_names *names);

/* Is this message wanted? *call is the call it belongs to, 0 = none that is known. */
bool select_wants(const struct select *s, struct str message, uint64_t *call);

#endif
