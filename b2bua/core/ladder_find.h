/*
 * ladder_find: one call in a ladder, as JSON for an operator, a slice at a time:
 *
 *   {"call_id": "...", "whole": true, "legs": [{"leg", "attempt", "trunk", "sip_call_id", "from", "to"}],
 *    "ladder": [{"time", "at_us", "leg", "attempt", "direction": "in" | "out", "transport", "local", "peer", "repeat",
 *                "message"}, {"time", "at_us", "leg", "attempt", "note"}]}
 *
 * Leg b has an item in "legs" for each target or device that it was tried at; `attempt` says which, from 1. `repeat`:
 * the same bytes went the same way before. `whole` is false when the ring has lost how the call began. Credentials in
 * messages are redacted.
 *
 * What is asked for is the first digits of a call id, or the Call-ID of a leg; or the Call-ID of messages that belong
 * to no call (one that was refused before it became one, OPTIONS): those are shown as leg a, and call_id is null.
 */
#ifndef B2BUA_CORE_LADDER_FIND_H
#define B2BUA_CORE_LADDER_FIND_H

#include "b2bua/core/ladder.h"

enum { LADDER_FIND_NAMES_MAX = 128 };

/* How far it is. Zeroed before the first slice. */
struct ladder_find {
    bool begun;
    unsigned found; /* calls that have such an id, 2 = several; what they are is written for one alone */
    int pass;
    bool whole;
    uint64_t at, end;                      /* of this pass */
    uint64_t call;                         /* 0: messages without a call */
    uint64_t names[LADDER_FIND_NAMES_MAX]; /* hashes of its Call-IDs */
    uint8_t legs[LADDER_FIND_NAMES_MAX];
    int name_count;
    uint64_t *seen; /* hashes of its messages, owned */
    size_t seen_count, seen_room;
};

/* Goes on; returns true when that was all. */
bool ladder_find(const struct ladder *l, struct ladder_find *f, struct str id, struct sbuf *out);
void ladder_find_fini(struct ladder_find *f);

#endif
