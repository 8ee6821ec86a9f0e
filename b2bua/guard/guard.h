/*
 * guard: who tries what he should not, told to the log in a form that fail2ban reads, and kept out for a while
 * (core/bans, for all threads). Rooms report failures, sockets ask whether an address may speak.
 *
 *     security category=sip-intrusion source=203.0.113.7 what=unknown-source
 *     ban source=203.0.113.7 state=on category=sip-intrusion seconds=600
 *     ban source=203.0.113.7 state=off reason=expired
 *
 * A failure of an exempt address, a trunk's above all, is no line of this form: it would be banned for it elsewhere. At
 * most GUARD_LINES_A_SECOND lines leave for failures, and their number for the rest.
 *
 * Order of use: guard_new, guard_configure for each snapshot, anything from any thread, guard_free when they are gone.
 * Times in ms of the monotonic clock. Where a guard is borrowed, NULL means: nobody is kept out, nothing is noted.
 */
#ifndef B2BUA_GUARD_GUARD_H
#define B2BUA_GUARD_GUARD_H

#include "b2bua/core/bans.h"
#include "b2bua/core/settings.h"

struct guard;

enum { GUARD_LINES_A_SECOND = 20 };

/* What was tried. */
enum guard_what {
    GUARD_UNKNOWN_SOURCE,
    GUARD_MALFORMED,
    GUARD_GARBAGE,
    GUARD_WRONG_CREDENTIALS,
    GUARD_UNKNOWN_PATH, /* of HTTP */
    GUARD_FOREIGN_PAGE, /* a web page that is none of ours asks in its reader's name */
    GUARD_WHATS
};
const char *guard_what_name(int what);

/* `seed` is random. */
struct guard *guard_new(uint64_t seed);
void guard_free(struct guard *g); /* NULL is fine */

/* Rules and exemptions from now on: those of the snapshot; for all categories its trunks' sources and targets, and
 * where targets that are names are at the moment (`named`, copied). Bans of those who are exempt now end. */
void guard_configure(struct guard *g, const struct settings *s, const struct addr *named, int count);

/* Somebody failed. Bans the address when it was one failure too many. */
void guard_event(struct guard *g, enum bans_category category, enum guard_what what, const struct addr *from,
                 uint64_t now_ms);

/* Is this address kept out? What it sent is counted then. Costs nothing to speak of while it is not. */
bool guard_keeps_out(struct guard *g, const struct addr *from);

/* Ends bans whose time is over: now and then. */
void guard_tick(struct guard *g, uint64_t now_ms);

/* --- for the operator --- */

/* Bans by hand; `seconds` 0 = for good. Returns NULL, or what is wrong. */
const char *guard_ban(struct guard *g, const struct addr *a, uint32_t seconds, uint64_t now_ms);

/* Returns false when the address was not banned. */
bool guard_unban(struct guard *g, const struct addr *a);

/* Copies the bans; `out` holds BANS_MAX. Returns how many. */
int guard_list(struct guard *g, struct bans_entry *out);

struct guard_look {
    int bans;                         /* now */
    uint64_t events[BANS_CATEGORIES]; /* failures of those who are not exempt, since start */
    uint64_t bans_made[BANS_CATEGORIES + 1];
    uint64_t dropped; /* what came from banned addresses: datagrams, connections, reads */
    struct {
        uint64_t count;
        struct addr last;
        uint64_t last_ms;
    } whats[GUARD_WHATS];
};
void guard_look(struct guard *g, struct guard_look *out);

#endif
