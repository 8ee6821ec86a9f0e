/*
 * forward: a message as it came, with a few of its headers written anew; all else goes on byte for byte and in order.
 * For what is passed on rather than made: registrations and the requests around them.
 */
#ifndef B2BUA_CORE_FORWARD_H
#define B2BUA_CORE_FORWARD_H

#include "b2bua/core/str.h"

/* What becomes of one header, by its long name and its one-letter form (0 = it has none). */
struct forward_edit {
    struct str name;
    char compact;
    struct str lines; /* stand where the first of them stood, or at the head's end when there was none; empty: all go */
};

enum { FORWARD_EDITS_MAX = 12 };

struct forward {
    struct str start; /* the start line with its end; empty: as it is */
    struct forward_edit edits[FORWARD_EDITS_MAX];
    int count;
};

/* Adds an edit; `lines` is borrowed. A header that has one already gets the later one. */
void forward_edit(struct forward *f, struct str name, char compact, struct str lines);

/* Writes the message. A missing Content-Length is added. Returns 0, or -1 when it does not fit, or has no head that
 * ends. */
int forward_put(struct sbuf *out, struct str message, const struct forward *f);

#endif
