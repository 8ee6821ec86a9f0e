/*
 * call: the calls of one worker: two legs each, from the INVITE that comes in to the two call records that go out.
 *
 * Order of use: calls_new, calls_set_settings; then what the ua's ops bring; calls_sweep at the end of each turn;
 * calls_free. One thread.
 */
#ifndef B2BUA_CALL_CALL_H
#define B2BUA_CALL_CALL_H

#include "b2bua/admin/record.h"
#include "b2bua/core/course.h"
#include "b2bua/core/histogram.h"
#include "b2bua/core/troubles.h"
#include "b2bua/trunk/pool.h"
#include "b2bua/trunk/registration.h"
#include "b2bua/trunk/way.h"
#include "b2bua/ua/ua.h"

struct calls;

struct calls_ops {
    /* A leg has ended. */
    void (*record)(void *ctx, const struct record *r);
    /* Wall clock, ms since 1970: for records only. */
    uint64_t (*wall_ms)(void *ctx);
    void *ctx;
};

/* What became of 3xx, and of REFERs. */
enum calls_redirect { CALLS_REDIRECT_FOLLOWED, CALLS_REDIRECT_PASSED, CALLS_REDIRECT_REFUSED, CALLS_REDIRECTS };
enum calls_transfer {
    CALLS_TRANSFER_DONE,
    CALLS_TRANSFER_FAILED,
    CALLS_TRANSFER_PASSED,
    CALLS_TRANSFER_REFUSED,
    CALLS_TRANSFERS
};
struct calls_counts {
    uint32_t calls, legs; /* now */
    uint64_t started, answered, failed;
    uint64_t midcalls_forwarded, strays;
    uint64_t too_small[2]; /* 422: received, sent */
    uint64_t redirects[CALLS_REDIRECTS];
    uint64_t transfers[CALLS_TRANSFERS];
};

enum calls_midcall { CALLS_CONSUMED, CALLS_FORWARDED, CALLS_REJECTED, CALLS_MIDCALLS };
enum calls_refresh {
    CALLS_REFRESH_OK,
    CALLS_REFRESH_TOO_SMALL,
    CALLS_REFRESH_REFUSED,
    CALLS_REFRESH_LOST,
    CALLS_REFRESHES
};

/* What became of the caller's identity in an INVITE of ours. */
enum calls_identity {
    CALLS_ID_WITHHELD,  /* there was one, and the trunk is not trusted */
    CALLS_ID_ANONYMOUS, /* From and Contact without a name, as asked */
    CALLS_ID_UNSIGNED,  /* an Identity (RFC 8224) was dropped */
    CALLS_ID_REFUSED,   /* none was sent: privacy that we cannot give is critical */
    CALLS_IDS
};

/* Of one trunk's legs. */
struct calls_trunk_counts {
    uint64_t refreshes[2][2][CALLS_REFRESHES]; /* by us, by the peer; INVITE, UPDATE */
    uint64_t expired;                          /* calls that ended for want of a refresh */
    uint64_t midcall[CALLS_MIDCALLS];
    uint64_t identity[CALLS_IDS];
    uint64_t ended[ENDING_BYS][ENDING_CAUSES]; /* legs */
    uint64_t calls[2][2];    /* legs that have ended: of the caller, of the one called; failed, answered */
    struct course course[2]; /* legs of the caller, of the one called */
    struct troubles troubles;
    struct histogram setup[2], talk[2]; /* answered legs: of the caller, of the one called */
};

enum calls_stop { CALLS_STOP_ADMIN, CALLS_STOP_DRAIN };

/* `pool` and `registrations` are borrowed. */
struct calls *calls_new(struct ua *ua, struct timerq *timers, struct pool *pool, struct registrations *registrations,
                        const struct calls_ops *ops);

/* Who knows the ways between clients and nodes; copied. Without, the dial plan says where everything goes. */
void calls_set_front(struct calls *c, const struct ways_ops *ops);

/* All calls must be over, or are forgotten without a word. */
void calls_free(struct calls *c);

/* For new calls; referenced. */
void calls_set_settings(struct calls *c, struct settings *s);

/* Is this request inside a dialog of one of our calls? */
bool calls_known(const struct calls *c, const struct sip_msg *m);

/* The dialog that a Replaces header names (its value), as the other side knows it: written to `out`, for calls_mapped.
 * Returns false when it is none of ours. */
bool calls_map_replaces(const struct calls *c, struct str value, struct sbuf *out);

/* What calls_map_replaces of another worker has written ("" = nothing found) for the message that is handled next;
 * STR_NONE: it is looked up here. Borrowed until it is set anew. */
void calls_mapped(struct calls *c, struct str mapped);

/* What SIP profiles keep in the call of this Call-ID, made when it is first asked for, and which leg that is. NULL: no
 * such call. Borrowed. */
struct ua_rules *calls_rules(struct calls *c, struct str call_id, uint8_t *leg);

/* The snapshot that the call of this Call-ID has started with. NULL: no such call. Borrowed. */
struct settings *calls_kept(const struct calls *c, struct str call_id);

/* The methods that a peer of that trunk may use. */
const char *calls_allow(const struct settings_trunk *t);

/* The CSeq with which a request of ours that was challenged (`m`) goes out again; 0: it is not wanted any more. A
 * request that belongs to no call is not held up by one: its own CSeq and one more. */
uint32_t calls_again(struct calls *c, const struct tx *tx, const struct sip_msg *m);

/* A new INVITE. */
void calls_invite(struct calls *c, struct ua_in *in);

/* A request in a dialog. Returns false when there is no such dialog (481 is the caller's). */
bool calls_request(struct calls *c, struct ua_in *in);
void calls_ack(struct calls *c, struct ua_in *in);
void calls_cancel(struct calls *c, struct tx *invite, struct ua_in *in);

/* Places of trunks have gone down: calls that still wait for one that nobody answers at go to their next target. */
void calls_places_lost(struct calls *c, uint64_t now_ms);

/* Ends all calls: established ones by BYE, others by 503 and CANCEL. */
void calls_stop(struct calls *c, enum calls_stop why, uint64_t now_ms);

/* The program ends, and waits for no peer any more: legs that have not ended have their records now. Nothing is sent.
 */
void calls_close(struct calls *c, uint64_t now_ms);

/* Ends one call, by the number that its records show. Returns false when there is no such call. */
bool calls_end(struct calls *c, uint64_t id, enum calls_stop why, uint64_t now_ms);

/* The same for calls with a client of `registrar` whose flow is wanted. Returns how many. */
unsigned calls_drop(struct calls *c, bool (*wanted)(void *ctx, const struct flow *flow), void *ctx, uint64_t now_ms);

/* Frees what has ended since the last sweep. */
void calls_sweep(struct calls *c);

/* What there is now, and what was counted since calls_new. */
struct calls_counts calls_counts(const struct calls *c);

/* By slot of the settings' trunks; *count of them. Borrowed. */
const struct calls_trunk_counts *calls_trunks(const struct calls *c, int *count);

#endif
