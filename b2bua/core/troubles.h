/*
 * troubles: what went wrong with calls lately, the same trouble once with how often and when last. A short list: a new
 * kind takes the place of the one that was quiet for longest. Pure; times in ms of the monotonic clock.
 */
#ifndef B2BUA_CORE_TROUBLES_H
#define B2BUA_CORE_TROUBLES_H

#include "b2bua/core/ending.h"

enum { TROUBLES_MAX = 8 };

struct trouble {
    uint64_t count;       /* 0: the row is free */
    uint64_t at_ms, call; /* the last one */
    int status;
    enum ending_by by;
    enum ending_cause cause;
    bool outgoing; /* we had called */
};

/* All zero: none. */
struct troubles {
    struct trouble rows[TROUBLES_MAX];
};

/* Is an end like this one? `answered`: the call had been. Busy and the like are none, nor what people do. */
bool troubles_is(const struct trouble *t, bool answered);

/* `t->count` more of this kind, the last one as it says. */
void troubles_add(struct troubles *all, const struct trouble *t);

/* The latest first, free rows last. */
void troubles_sort(struct troubles *all);

#endif
