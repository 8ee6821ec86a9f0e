/*
 * facts: what a configuration says, key by key, where that is not the default; and what has changed from one
 * configuration to the next. A key is a path: "trunks.carrier.session_timer.min_se", "trunks.carrier.targets[0].uri".
 *
 * Order of use: facts_new; facts_enter and facts_leave around what belongs together, facts_value for each key and
 * facts_item for each entry of a list, in the order of the file; then facts_diff; facts_free.
 */
#ifndef B2BUA_CORE_FACTS_H
#define B2BUA_CORE_FACTS_H

#include "b2bua/core/str.h"

struct facts;

enum {
    FACTS_HIDDEN = 1,  /* a secret, or too long to show: kept as a digest */
    FACTS_LIST = 4,    /* the default is written without its brackets */
    FACTS_RESTART = 2, /* has no effect before the program starts anew */
};

/* What is known of a key without looking at its value; the texts must outlive the facts. */
struct facts_how {
    const char *standard; /* the default, as a value would be written; NULL = none */
    const char *unit;     /* or NULL */
    unsigned marks;
};

struct facts *facts_new(void);
struct facts *facts_ref(struct facts *f); /* one owner more; returns `f` */
void facts_free(struct facts *f);         /* one less; the last frees. NULL is fine */

/* Goes into a group, or an entry of a list by its name, or by its index where `name` is NULL. What is returned leads
 * back. */
size_t facts_enter(struct facts *f, const char *key);
size_t facts_enter_item(struct facts *f, const char *key, const char *name, int index);
void facts_leave(struct facts *f, size_t back);

/* The key has this value; one that is the default goes without saying. */
void facts_value(struct facts *f, const char *key, struct str value, const struct facts_how *how);

enum facts_change_kind { FACTS_ADDED, FACTS_REMOVED, FACTS_CHANGED, FACTS_REORDERED };

/* Borrowed from both. */
struct facts_change {
    enum facts_change_kind kind;
    struct str key;
    struct str from, to; /* FACTS_CHANGED, not hidden */
    const char *unit;
    unsigned marks;
};

/* Tells each change, in the order of `now`, then what is gone. Of an entry that was added or removed its keys go
 * without saying. Returns how many there are. */
int facts_diff(const struct facts *was, const struct facts *now,
               void (*tell)(void *ctx, const struct facts_change *change), void *ctx);

/* A checksum of the facts whose keys `counts` takes, whatever their order. */
uint64_t facts_checksum(const struct facts *f, bool (*counts)(struct str key));

/* "KEY changed from X to Y", "KEY added" ... without an end of line. */
void facts_put_change(struct sbuf *out, const struct facts_change *change);

#endif
