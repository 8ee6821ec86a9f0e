/*
 * ladder: what one worker has received and sent last, byte for byte, with notes of what was decided between: a ring of
 * a fixed size, where the newest takes the place of the oldest. Writing is a copy and nothing more; who asks
 * (ladder_find.h) searches.
 *
 * Bytes are kept as they were on the wire, credentials included: whoever shows them redacts them first (redact.h).
 *
 * Order of use: ladder_new, ladder_message and its sisters as things happen, ladder_read; ladder_free. One thread.
 * Where a ladder is given to write to, NULL is fine: nothing is kept.
 */
#ifndef B2BUA_CORE_LADDER_H
#define B2BUA_CORE_LADDER_H

#include "b2bua/core/flow.h"

struct ladder;

enum ladder_kind {
    LADDER_MESSAGE,
    LADDER_STUN,  /* likewise, but of no call */
    LADDER_NOTE,  /* of a Call-ID */
    LADDER_NAMES, /* a leg has got its Call-ID */
    LADDER_REST,  /* of the ring, unused; never read */
};

enum ladder_way { LADDER_IN, LADDER_OUT };

/* Which leg of which call a Call-ID is. Borrowed. */
struct ladder_names {
    uint64_t call;
    uint8_t leg; /* 0 = a, 1 = b */
    bool again;  /* said before: a reminder, for what the ring may have lost */
    struct str call_id, trunk, from, to;
};

/* An entry that is read: valid until the next is written. */
struct ladder_entry {
    enum ladder_kind kind;
    enum ladder_way way; /* of a message or STUN, like these: */
    enum flow_proto proto;
    struct addr local, peer;
    uint64_t at_us;            /* wall clock, since 1970 */
    struct str text;           /* the message, or the note */
    struct ladder_names names; /* of a note: call_id alone */
};

enum { LADDER_LEAST_BYTES = 1 << 18, LADDER_NOTE_MAX = 240 };

/* `bytes` in all, at least LADDER_LEAST_BYTES, taken at once. `wall_us` says the time. */
struct ladder *ladder_new(size_t bytes, uint64_t (*wall_us)(void *ctx), void *ctx);
void ladder_free(struct ladder *l); /* NULL is fine */

/* Our address on the listeners of that index. Those without are shown without. */
void ladder_set_local(struct ladder *l, unsigned listen, const struct addr *local);

/* A message that has come or gone, SIP or STUN. One that is longer than a quarter of the ring is cut. */
void ladder_message(struct ladder *l, enum ladder_way way, const struct flow *flow, struct str bytes);

void ladder_names(struct ladder *l, const struct ladder_names *names);

/* Something that was decided for the dialog of that Call-ID; cut at LADDER_NOTE_MAX. */
void ladder_note(struct ladder *l, struct str call_id, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Positions grow for ever: that of the oldest entry, and of the one that comes next. */
uint64_t ladder_first(const struct ladder *l);
uint64_t ladder_end(const struct ladder *l);

/* The entry at *at, or the oldest when that is gone; *at moves behind it. Returns false at the end. */
bool ladder_read(const struct ladder *l, uint64_t *at, struct ladder_entry *out);

/* --- for another thread: a copy of what is new --- */

/* Adds the entries from *at on to `out` (those with names alone, if that is wanted); *at moves to the end. Returns
 * false when the ring has lost some of them. */
bool ladder_copy(const struct ladder *l, uint64_t *at, bool names_alone, struct sbuf *out);

/* The entry at *at of such a copy, which begins at an address that malloc gave. Returns false at its end. */
bool ladder_copied(struct str copy, size_t *at, struct ladder_entry *out);

#endif
