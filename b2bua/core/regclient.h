/*
 * regclient: our registration at a provider as a state machine (RFC 3261 10.2): when a REGISTER goes, to which of the
 * targets, for how long it asks, and what its answer comes to. Pure: it says what to send, and when it wants to be
 * asked again.
 *
 * Order of use: regclient_start, then regclient_tick at regclient_deadline, regclient_answer for each final response
 * (or none: status 408, 503 for an error of the transport); regclient_stop in the end, and on until it is REG_GONE.
 *
 * Refreshes go at 50 to 90 % of what was granted, drawn each time. A target that says nothing for no_reply_ms (while
 * there is another), 408 or 5xx: the next one at once. Any other refusal, and when all targets have failed: again after
 * a pause that doubles from 5 s (30 s when we were refused) to 300 s, drawn from its upper half, and never before a
 * Retry-After; for ever. What is granted counts until it runs out, whatever a refresh comes to. When the connection
 * that it went over is lost, the refresh comes at once.
 */
#ifndef B2BUA_CORE_REGCLIENT_H
#define B2BUA_CORE_REGCLIENT_H

#include <stdbool.h>
#include <stdint.h>

enum reg_state {
    REG_REGISTERING, /* never yet */
    REG_REGISTERED,
    REG_FAILED, /* nothing that holds; tried again */
    REG_GONE,   /* taken back: no more requests */
    REG_STATES
};

enum reg_action { REG_NOTHING, REG_SEND, REG_SEND_REMOVE };

enum { REG_EXPIRES_MAX_S = 604800, REG_RETRY_AFTER_MAX_S = 3600 };

struct reg_policy {
    uint32_t expires_s; /* that we want */
    int targets;
    uint32_t no_reply_ms;
};

struct reg_answer {
    int status;
    uint32_t granted_s;     /* of a 2xx, 0 = nothing */
    uint32_t min_expires_s; /* 423 */
    uint32_t retry_after_s; /* 0 = none */
};

struct regclient {
    enum reg_state state;
    bool under_way, removing;
    bool asked_more; /* because of a 423, in this round */
    uint32_t ask_s;  /* what a REGISTER asks for now */
    uint32_t granted_s;
    uint64_t until_ms; /* what is granted holds so long; 0 = nothing is */
    uint64_t at_ms;    /* when something is to be done; UINT64_MAX = never */
    int target;        /* that is asked, or was last */
    int tried;         /* targets of this round that have failed */
    unsigned rounds;   /* that have failed in a row */
    int status;        /* why the last one failed; 0 = it did not */
    bool lost;         /* its connection, since the last grant */
    unsigned losses;   /* in a row, without a refresh at its time between them */
};

/* The first REGISTER goes within half a second: `draw` (a random number) says when. */
void regclient_start(struct regclient *r, const struct reg_policy *p, uint32_t draw, uint64_t now_ms);

/* When regclient_tick is due, ms of the monotonic clock. */
uint64_t regclient_deadline(const struct regclient *r);
enum reg_action regclient_tick(struct regclient *r, const struct reg_policy *p, uint32_t draw, uint64_t now_ms);
enum reg_action regclient_answer(struct regclient *r, const struct reg_policy *p, const struct reg_answer *a,
                                 uint32_t draw, uint64_t now_ms);

/* The connection of the registration is gone, and with it the provider's way to us, perhaps the provider: the refresh
 * is due at once, or where that happens again and again after a pause that grows. Returns false where nothing comes of
 * it: nothing is registered, or a REGISTER is under way. */
bool regclient_lost(struct regclient *r, uint32_t draw, uint64_t now_ms);

/* What kept it from being tried is over: a pause ends now. Nothing else changes. */
void regclient_hurry(struct regclient *r, uint64_t now_ms);

/* Takes it back. */
enum reg_action regclient_stop(struct regclient *r, uint64_t now_ms);

const char *regclient_state_name(enum reg_state s);

#endif
