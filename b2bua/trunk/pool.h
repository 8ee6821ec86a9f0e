/*
 * pool: what is known of the trunks while the program runs: where their targets are, how well each of these places is,
 * what they carry. Program lifetime, one for all workers; a lock a trunk. Nothing in it is borrowed across a return.
 *
 * A trunk has a slot, kept by its name over reloads; settings_trunk.slot says which (core/heir.h). A place is one
 * address of one target; it keeps its health as long as trunk name, target uri, address and transport stay. Address
 * literals are published by pool_adopt, names by whoever resolves them.
 *
 * Order of use: pool_new; pool_adopt for each snapshot before anyone else sees it; then anything from any thread;
 * pool_free when the threads are gone. Times in ms of the monotonic clock.
 */
#ifndef B2BUA_TRUNK_POOL_H
#define B2BUA_TRUNK_POOL_H

#include "b2bua/core/bucket.h"
#include "b2bua/core/health.h"
#include "b2bua/core/names.h"
#include "b2bua/core/settings.h"

struct pool;

enum {
    POOL_SLOTS_MAX = NAMES_NUMBERS_MAX, /* trunk names since the program has started */
    POOL_PLACES_MAX = 128,              /* of one trunk; further addresses are left out */
    POOL_NO_PLACE = 0
};

/* `seed` spreads timers and draws. */
struct pool *pool_new(uint64_t seed);
void pool_free(struct pool *p); /* NULL is fine */

/* Targets and keepalive of the trunks are those of this snapshot, whose slots are given, from now on; what is known of
 * a place that stays goes on. Trunks that are not in it are left as they are, for calls that hold an older one. One
 * thread at a time. */
void pool_adopt(struct pool *p, const struct settings *s, uint64_t now_ms);

/* --- addresses --- */

struct pool_address {
    struct addr addr; /* with port */
    enum flow_proto proto;
    uint32_t priority, weight; /* lower first; share among equals (RFC 2782) */
};

/* The addresses of a target from now on; what stays keeps its health, what is new starts up. None: `reason` (copied)
 * says why. A uri that the slot does not have is ignored. */
void pool_publish(struct pool *p, int slot, const char *uri, const struct pool_address *list, int count,
                  const char *reason, uint64_t now_ms);

/* Rises whenever any address of any trunk has changed: for those who keep copies. */
unsigned pool_version(const struct pool *p);

/* A place as it is now. */
struct pool_place {
    uint32_t id; /* in its slot, never used again */
    int target;  /* index into the targets of the trunk that was asked for */
    struct addr addr;
    enum flow_proto proto;
    uint32_t priority, weight; /* of the address, in its target */
    enum health_state state;
};

/* Copies the places of a trunk in the order of its targets; `out` holds POOL_PLACES_MAX. Returns how many. A target
 * that the newest snapshot has no more has none. */
int pool_places(struct pool *p, const struct settings_trunk *t, struct pool_place *out);

/* --- health --- */

/* What was heard of a place, or not heard. A place that is gone, and POOL_NO_PLACE, are fine. */
void pool_heard(struct pool *p, int slot, uint32_t place, enum health_evidence e, uint64_t now_ms);

/* When pool_due wants to be called next for this slot; UINT64_MAX = never. Cheap. */
uint64_t pool_deadline(struct pool *p, int slot);

/* Copies the places of the trunk whose probes are due; each counts as probed until pool_heard says what came of it. */
int pool_due(struct pool *p, const struct settings_trunk *t, struct pool_place *out, uint64_t now_ms);

/* How long a probe of this trunk waits for its answer. */
uint32_t pool_probe_timeout_ms(struct pool *p, int slot);

/* Rises whenever a place goes down: time to ask pool_lost of those that one still waits for. */
unsigned pool_downs(const struct pool *p);

/* Is the place down because nobody answers there any more? (One that says 503 may well go on with what it has.) */
bool pool_lost(struct pool *p, int slot, uint32_t place);

/* Has the trunk targets, and none of them a place that may get calls? */
bool pool_busy(struct pool *p, const struct settings_trunk *t);

/* --- load --- */

enum pool_limit { POOL_CALLS, POOL_RATE, POOL_LIMITS }; /* what is used up */
enum { POOL_ADMITTED = -1 };

/* "calls", "rate" */
const char *pool_limit_name(int limit);

/* A leg wants to be with this trunk (and place): it is from now on, or one of the limits stands against it. All threads
 * together never go beyond. `outgoing`: we call. Returns POOL_ADMITTED, or an enum pool_limit, counted. */
int pool_call_begin(struct pool *p, int slot, uint32_t place, const struct settings_limits *limits, bool outgoing,
                    uint64_t now_ms);

/* It is there no more. */
void pool_call_end(struct pool *p, int slot, uint32_t place);

/* All trunks together: may there be one more call? Returns POOL_ADMITTED, or an enum pool_limit, counted. */
int pool_admit(struct pool *p, uint32_t most, uint32_t per_second, uint64_t now_ms);

/* There is one more, or one less. */
void pool_enter(struct pool *p);
void pool_leave(struct pool *p);

/* What became of one attempt to place a call. */
enum pool_attempt {
    POOL_ATTEMPT_ANSWERED,
    POOL_ATTEMPT_FAILED,      /* a final failure that ends the hunt */
    POOL_ATTEMPT_STATUS,      /* one that hunt_on names */
    POOL_ATTEMPT_SILENT,      /* no reply */
    POOL_ATTEMPT_UNREACHABLE, /* refused, TLS failure */
    POOL_ATTEMPT_CANCELLED,   /* the caller gave up, or it rang for too long */
    POOL_ATTEMPTS
};
void pool_attempt(struct pool *p, int slot, enum pool_attempt result);
const char *pool_attempt_name(int result);

/* --- for the operator --- */

struct pool_look {
    struct health_policy policy;
    uint32_t calls;                   /* legs now */
    uint64_t refused[2][POOL_LIMITS]; /* by limits: calls from it, to it */
    uint64_t attempts[POOL_ATTEMPTS];
    bool busy;
    struct bucket rate; /* of its limit of calls a second */
};
void pool_look(struct pool *p, int slot, struct pool_look *out);

struct pool_place_look {
    struct pool_place place;
    struct health health;
    uint32_t calls;
    uint64_t flips;    /* changes of state */
    int error;         /* the last bad evidence (enum health_evidence), HEALTH_STARTED = none */
    uint64_t error_ms; /* when */
    uint64_t heard[HEALTH_EVIDENCES];
};

/* Calls that there are; new ones that pool_admit has refused. */
uint32_t pool_calls(const struct pool *p);
uint64_t pool_refused(const struct pool *p, enum pool_limit limit);

/* Copies what is known of the places of one target (index into the trunk's targets); `out` holds POOL_PLACES_MAX. None:
 * `reason` says why, "" = not known yet. Returns how many. */
int pool_look_target(struct pool *p, const struct settings_trunk *t, int target, struct pool_place_look *out,
                     char *reason, size_t size);

#endif
