/*
 * fellows: the nodes of ours beside this one (cluster.peers), while the program runs: how each is doing (core/fellow),
 * what it says of itself, whether it is set up as we are, and whether clients are advised to go there (core/advice).
 * Program lifetime, one for all workers, one lock; nothing in it is borrowed across a return. Registrations are not
 * shared: this is what nodes know of each other and no more.
 *
 * A fellow is named by a number that is made of its name; 0 is none. Its addresses are the places of its target in the
 * pool's trunk `peers`: one is in use at a time, and the next one after it has failed.
 *
 * Order of use: fellows_new; fellows_adopt for each snapshot before anyone else sees it; fellows_tell each now and
 * then, from one thread, as nothing is asked before the first; then anything from any thread; fellows_free when the
 * threads are gone. Times in ms of the monotonic clock, but `wall_ms`, which counts from 1970.
 */
#ifndef B2BUA_REGISTRAR_FELLOWS_H
#define B2BUA_REGISTRAR_FELLOWS_H

#include "b2bua/core/fellow.h"
#include "b2bua/trunk/pool.h"

struct fellows;

/* `pool` is borrowed; `version` is copied: what we say of ourselves. */
struct fellows *fellows_new(struct pool *pool, const char *version);
void fellows_free(struct fellows *f); /* NULL is fine */

/* The fellows of this snapshot from now on: those whose names stay go on as they are. One thread at a time, after
 * pool_adopt. */
void fellows_adopt(struct fellows *f, const struct settings *s, uint64_t now_ms);

/* How we are; `config` and `version` are filled in here. */
void fellows_tell(struct fellows *f, const struct heartbeat_facts *own, uint64_t now_ms);

/* --- questions of ours --- */

struct fellows_question {
    uint32_t fellow;
    uint64_t number;
    bool has_place;
    struct pool_place at;
    char value[HEARTBEAT_TEXT_MAX]; /* of the header; terminated */
};

/* The next question that is due, of those of this worker; it counts as being asked until fellows_answered or
 * fellows_missed. `s` is the caller's snapshot, `number` random. Returns false when there is none. */
bool fellows_due(struct fellows *f, const struct settings *s, unsigned worker, unsigned workers, uint64_t number,
                 struct fellows_question *out, uint64_t now_ms, uint64_t wall_ms);

/* What came of it: the value of the answer's header (empty: it has none), or an event other than FELLOW_ANSWERED and
 * FELLOW_NOT_BELIEVED. What is not awaited is fine. */
void fellows_answered(struct fellows *f, uint32_t fellow, uint64_t number, struct str value, uint64_t now_ms);
void fellows_missed(struct fellows *f, uint32_t fellow, uint64_t number, enum fellow_event e, uint64_t now_ms);

/* --- questions of theirs --- */

/* Is this address a place of one of them, whatever the port? */
bool fellows_at(struct fellows *f, const struct settings *s, const struct addr *from);

/* A question of a fellow: writes the value of the answer's header, or why there is none, up to HEARTBEAT_TEXT_MAX. */
void fellows_heard(struct fellows *f, const struct settings *s, const struct addr *from, struct str value,
                   struct sbuf *answer, uint64_t now_ms, uint64_t wall_ms);

/* --- advice --- */

/* A 200 to a REGISTER of a client that can move is about to leave: is it to say that another node has room? Then
 * `name` (HEARTBEAT_NAME_SIZE bytes) gets that node's. NULL for `f` is fine. */
bool fellows_advise(struct fellows *f, char *name);

/* --- for the operator --- */

struct fellows_look {
    char name[HEARTBEAT_NAME_SIZE];
    struct fellow fellow;
    uint64_t asked, missed;            /* questions of ours; those without an answer that was believed */
    uint64_t heard, refused;           /* questions of theirs; those that were not believed */
    const char *refused_why;           /* the last one; NULL = none was */
    uint32_t answer_ms;                /* of the last question */
    bool stun_differs, config_differs; /* from ours; as far as it has ever said */
};

struct fellows_summary {
    char name[HEARTBEAT_NAME_SIZE]; /* ours */
    struct heartbeat_facts own;
    char target[HEARTBEAT_NAME_SIZE]; /* clients are advised to go there; "" = they are not */
    uint64_t advised;                 /* 200s with advice */
};

/* Copies what is known; `out` holds SETTINGS_PEERS_MAX. Returns how many. */
int fellows_look(struct fellows *f, struct fellows_look *out, struct fellows_summary *summary);

#endif
