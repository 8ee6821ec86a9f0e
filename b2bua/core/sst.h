/*
 * sst: the session timer of one leg (RFC 4028), as numbers: what the trunk wants, what the peer said, who refreshes,
 * when, and what to do when it fails. Knows no messages and no clock: facts and time come in, decisions go out.
 *
 * Roles are kept as local and remote, and become uac or uas for each request anew: the parameter `refresher` speaks of
 * the transaction that carries it, not of the dialog.
 *
 * Order of use, as UAS: sst_check (a 422?), sst_accept when the 2xx leaves. As UAC: sst_ask for the request,
 * sst_too_small on a 422, sst_granted on a 2xx. Between them: sst_deadline, sst_tick, sst_failed for our refreshes.
 */
#ifndef B2BUA_CORE_SST_H
#define B2BUA_CORE_SST_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SST_FLOOR_S = 90,      /* RFC 4028 section 5: no Min-SE below */
    SST_RETRIES_MAX = 3,   /* 422s to one request */
    SST_MARGIN_MAX_S = 32, /* section 10: the call ends min(this, a third) before the expiry */
};

/* Who is to refresh, as the trunk wants it (session_timer.refresher). */
enum sst_wish { SST_WISH_AUTO, SST_WISH_LOCAL, SST_WISH_REMOTE };

/* How we refresh (session_timer.method). */
enum sst_method { SST_METHOD_AUTO, SST_METHOD_INVITE, SST_METHOD_UPDATE };

/* Whether there are timers at all (session_timer.mode). */
enum sst_mode { SST_OFF, SST_ON };

struct sst_policy {
    enum sst_mode on; /* off: no timer is offered, taken, or mentioned */
    bool refresh;     /* a timer even where nobody asked */
    uint32_t session_expires_s, min_se_s;
    enum sst_wish wish;
    enum sst_method method;
};

/* The parameter `refresher` of a message. */
enum sst_param { SST_PARAM_NONE, SST_PARAM_UAC, SST_PARAM_UAS };

/* What a message says of session timers. */
struct sst_said {
    uint32_t session_expires_s; /* 0 = no Session-Expires */
    uint32_t min_se_s;          /* 0 = no Min-SE */
    enum sst_param refresher;
    bool timer;      /* Supported (or Require) lists `timer` */
    bool has_allow;  /* there is an Allow header ... */
    bool has_update; /* ... and UPDATE is in it */
};

/* What a message of ours is to say. */
struct sst_say {
    uint32_t session_expires_s; /* 0 = no Session-Expires, and then no refresher */
    uint32_t min_se_s;          /* 0 = no Min-SE */
    enum sst_param refresher;
    bool supported; /* Supported: timer */
    bool required;  /* Require: timer (2xx only) */
};

enum sst_party { SST_NOBODY, SST_LOCAL, SST_REMOTE };

/* Why that one refreshes. */
enum sst_why {
    SST_WHY_NONE,
    SST_WHY_NAMED_BY_PEER, /* its request or 2xx said so */
    SST_WHY_TRUNK,         /* session_timer.refresher */
    SST_WHY_PEER_SUPPORTS, /* nobody said; the peer can */
    SST_WHY_PEER_CANNOT,   /* the peer does not list `timer`, or its 2xx had no Session-Expires */
    SST_WHY_UNNAMED,       /* its 2xx had one, but named nobody */
};

/* What became of the last refresh. */
enum sst_result {
    SST_RESULT_NONE,
    SST_RESULT_OK,        /* 2xx, in either direction */
    SST_RESULT_TOO_SMALL, /* 422: asked again with more */
    SST_RESULT_GLARE,     /* 491 */
    SST_RESULT_METHOD,    /* UPDATE refused: re-INVITE from now on */
    SST_RESULT_REFUSED,   /* another failure: again later */
    SST_RESULT_LOST,      /* 481, 408, silence */
};

/* Zeroed = no timer yet, nothing known of the peer. */
struct sst {
    uint32_t interval_s; /* 0 = no timer runs */
    uint32_t min_se_s;   /* the largest that a 422 or a request of the peer named, 0 = none did (section 7.4) */
    enum sst_party refresher;
    enum sst_why why;
    enum sst_result result;
    bool allows_update, update_refused;
    bool refreshing;     /* our refresh is under way */
    uint32_t retries;    /* 422s to the request that is under way */
    uint64_t start_ms;   /* of this interval */
    uint64_t refresh_ms; /* our next refresh, or next try of it; 0 = the peer's business */
    uint64_t end_ms;     /* the call ends, unless refreshed before */
};

/* --- as UAS: INVITE and UPDATE of the peer --- */

/*
 * May the request be taken? 0, or 422: then *min_se_s is what the answer says in Min-SE (RFC 4028 section 6 and 9). A
 * Session-Expires below the trunk's min_se is refused only to those who list `timer`; for others it is raised silently
 * in sst_accept. With the policy off: always 0. (A malformed header never comes here: the message is refused before.)
 */
int sst_check(const struct sst_policy *p, const struct sst_said *said, uint32_t *min_se_s);

/*
 * A 2xx to the peer's INVITE or UPDATE leaves now: settles interval and refresher (RFC 4028 section 9, table 2), starts
 * the interval, and says what the 2xx has to say. The interval is the smaller of what was asked and session_expires,
 * but not below the peer's Min-SE (a day at most), nor below the trunk's min_se. Nothing asked: a timer only with
 * `refresh` (or when one runs already: then it goes on with its interval). Refresher, whether asked or not: whom the
 * peer named, where it can (it lists `timer`); else us if it cannot; else whom the trunk wishes; else, when a timer
 * runs already, the one that it has; else the peer. Require: timer exactly when the peer is to refresh. Min-SE is not
 * said in a 2xx.
 */
void sst_accept(struct sst *s, const struct sst_policy *p, const struct sst_said *said, uint64_t now_ms,
                struct sst_say *say);

/* --- as UAC: INVITE and UPDATE of ours --- */

/*
 * What our request says. `asked`: the other leg's request brought a Session-Expires. Session-Expires is said when a
 * timer runs (its interval, with the refresher as it is), or at first when `asked` or `refresh` (session_expires; with
 * a refresher only when the trunk wishes one). Never below s->min_se_s, nor below min_se. Min-SE goes with every
 * Session-Expires: the larger of min_se and s->min_se_s (RFC 4028 section 7.1, 7.4). Supported: timer unless off.
 */
void sst_ask(const struct sst *s, const struct sst_policy *p, bool asked, struct sst_say *say);

/*
 * 422: remembers the Min-SE (none, although RFC 4028 demands one: 1800, or twice what was asked), and returns whether
 * to ask again: the same request with the next CSeq and sst_ask anew. At most SST_RETRIES_MAX times in a row; false,
 * too, when what is demanded is no more than what was already asked, or more than 86400.
 */
bool sst_too_small(struct sst *s, const struct sst_policy *p, const struct sst_said *said, uint32_t asked_s);

/*
 * A 2xx to our INVITE or UPDATE has come: its values are authoritative, even when larger than asked or below our
 * minimum (RFC 4028 section 7.2). No refresher in it: us (the peer should have named one). No Session-Expires in it:
 * with `refresh`, when our request asked for one (`asked_s`, 0 = it did not), we refresh alone with that interval; else
 * there is no timer (any more). Forgets the 422s of this request.
 */
void sst_granted(struct sst *s, const struct sst_policy *p, const struct sst_said *said, uint32_t asked_s,
                 uint64_t now_ms);

/* Takes note of what a message of the peer says it allows (any message with an Allow header). */
void sst_heard(struct sst *s, const struct sst_said *said);

/* --- time --- */

/* The next moment at which sst_tick has something to say; UINT64_MAX = never. */
uint64_t sst_deadline(const struct sst *s);

enum sst_action {
    SST_NOTHING,
    SST_REFRESH_INVITE, /* send it now */
    SST_REFRESH_UPDATE,
    SST_MISSED, /* the peer did not refresh: end the call */
    SST_FAILED, /* our refreshes had no success: end the call */
};

/*
 * What is to be done at `now_ms`. A refresh is due at half the interval; the end at interval - min(32 s, interval / 3),
 * whoever refreshes (RFC 4028 section 10). UPDATE when the trunk's method says so, or by `auto` when the peer allows
 * it; never once the peer refused it. The end is told once; interval and refresher stay, for log and record.
 */
enum sst_action sst_tick(struct sst *s, const struct sst_policy *p, uint64_t now_ms);

/* The refresh that is due cannot be sent now (another exchange is under way on the leg): again in a second. */
void sst_postpone(struct sst *s, uint64_t now_ms);

/*
 * Our refresh got a failure (`status`; 408 also for no response, 503 when it could not be delivered). Returns what
 * follows: 408, 481, 0          SST_FAILED: the peer has no such call; end it now (section 10) 405, 501, 500 to an
 * UPDATE   SST_REFRESH_INVITE at once; remembered for the dialog (not 500 with Retry-After: that is busy, RFC 3311 5.2)
 *   491                  again after the pause of RFC 3261 14.1: 2.1 to 4 s when we own the Call-ID, else 0 to 2 s, in
 *                        steps of 10 ms drawn from `random`
 *   others               SST_NOTHING: again after retry_after_s (0 = the peer named none), or by itself after a
 *                        eighteenth of the interval (5 s at least, 60 s at most), until the end comes
 * A 422 belongs to sst_too_small first; comes here when that says no.
 */
enum sst_action sst_failed(struct sst *s, int status, bool was_update, bool owns_call_id, uint32_t retry_after_s,
                           uint32_t random, uint64_t now_ms);

/* No timer any more: the dialog is over. */
void sst_stop(struct sst *s);

/* For people: "local", "remote", "-"; "named by peer", ...; "ok", ... */
const char *sst_party_name(enum sst_party p);
const char *sst_why_name(enum sst_why w);
const char *sst_result_name(enum sst_result r);
/* How we would refresh now: "update", "invite", or "-" when it is not for us. */
const char *sst_method_name(const struct sst *s, const struct sst_policy *p);

#endif
