/*
 * explain_world: the SIP engine of the daemon in a place of its own: it gets one message, and what it sends is kept
 * here instead of leaving. Time stands still, and what the engine draws at random (Call-ID, tags) is the same each
 * time.
 *
 * Order of use: explain_world_open; explain_world_play once; then what the struct holds; explain_world_close.
 */
#ifndef B2BUA_CTL_EXPLAIN_WORLD_H
#define B2BUA_CTL_EXPLAIN_WORLD_H

#include "b2bua/ctl/explain_known.h"
#include "b2bua/ctl/explain_rules.h"
#include "b2bua/trunk/trunk.h"
#include "b2bua/worker/engine.h"

/* What the engine has sent; bytes are owned, NULL = nothing. */
struct explain_sent {
    struct flow flow;
    char *bytes;
    size_t n;
};

struct explain_world {
    struct settings *settings; /* borrowed */
    struct pool *pool;
    struct registrations *registrations;
    struct nodes *nodes;
    struct switches switches;
    struct registrar_shared *registrar;
    struct timerq timers;
    struct source_table sources; /* fresh */
    struct engine *engine;
    struct ua_watch watch;
    bool playing;
    struct explain_rules in, out;        /* of the message that came, of the one that leaves */
    struct explain_sent request, answer; /* to leg B; the final response to leg A */
};

enum { EXPLAIN_NOW_MS = 1000000 };

/* `s` is new, and nobody else's. Targets that are names and of which nothing is known get a stand-in for an address
 * (explain_is_stand_in). Returns NULL, or what is wrong. */
const char *explain_world_open(struct explain_world *w, struct settings *s, const struct explain_known *known);
void explain_world_close(struct explain_world *w);

/* The message arrives. */
void explain_world_play(struct explain_world *w, const struct flow *from, struct str message);

/* Does it stand for an address that was not looked up? */
bool explain_is_stand_in(const struct addr *a);

static inline struct str explain_bytes(const struct explain_sent *s) {
    return (struct str){s->bytes, s->n};
}

#endif
