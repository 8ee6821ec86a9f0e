/*
 * refer: transfers (RFC 3515, RFC 5589). The peer of a leg asks by REFER that the party on the other leg be connected
 * to somebody else.
 *
 * A transfer that is ours to do (trunk key `refer`: consume) is a call of its own, which the transferor's trunk makes:
 * routed, hunted, charged and recorded as any other. Its leg B is the one who is called (in an attended transfer, a leg
 * that is there already). Its leg A has no wire at first: it stands in for the remaining party, and what it would tell
 * a caller is told to the transferor by NOTIFY. Who remains and who is called come together when the new leg answers,
 * or, if the transferor hangs up before, at once: the remaining leg is taken out of the old call and put in the
 * stand-in's place (adopt.c); its dialog, session timer and media go on. The old call then has the transferor alone,
 * and ends. If the new call fails, the old one has noticed nothing.
 *
 *   refer.c       REFER comes in: what it may ask, and what is answered
 *   refer_call.c  the new call: made, answered, failed, left
 *   refer_tell.c  the subscription: NOTIFY, SUBSCRIBE
 *   refer_pass.c  `refer = "passthru"`: REFER, NOTIFY and SUBSCRIBE cross
 */
#ifndef B2BUA_CALL_REFER_H
#define B2BUA_CALL_REFER_H

#include "b2bua/call/impl.h"
#include "b2bua/core/refer.h"

enum {
    REFER_EXPIRES_S = 3600, /* of the subscription */
    REFER_HANG_UP_MS = 2000 /* the transferor has that long to hang up himself when all is done */
};

/* What the peer of a leg has asked for last; the leg owns it. */
struct refer {
    struct ua_user user;
    struct leg *leg;   /* the transferor's */
    struct call *call; /* the new one, while it is not decided */
    struct tx *tx;     /* the NOTIFY that is under way */
    struct timer timer;
    uint32_t cseq;  /* of the REFER */
    bool has_id;    /* it was not the first of its dialog (RFC 3515 2.4.6) */
    bool is_silent; /* no subscription, or no longer */
    bool is_over;   /* the last NOTIFY has left */
    int status, told;
    uint64_t expires_ms;
    struct str sdp; /* of the one to be connected, owned; none = it comes with the answer */
    bool has_left;  /* the transferor has hung up while the new call waits: his leg goes when it begins */
    /* The new call, while it waits for the ACK of the party that remains; owned. */
    struct str invite;
    struct call_replaces replaces;
};

/* refer.c */
void refer_in(struct leg *leg, struct dialog *d, struct ua_in *in);
bool refer_is_pending(const struct call *call);

/* refer_call.c */

/* The INVITE that a REFER asks for, as the transferor's side would have sent it; to be freed. Empty: too long. `sdp`
 * may be empty. */
struct str refer_invite(const struct leg *leg, const struct sip_msg *m, const struct refer_to *to, struct str sdp);

/* Begins the transfer that `r` has asked for; `invite` as above; `replaces` is taken. */
void refer_place(struct refer *r, struct str invite, struct call_replaces *replaces, uint64_t now_ms);

/* As refer_place, once the party that remains has acknowledged its answer: `invite` is taken, too. */
void refer_wait(struct refer *r, struct str invite, struct call_replaces *replaces);
void refer_go_on(struct refer *r, uint64_t now_ms);
/* Does one wait, now that the transferor hangs up? Then his leg stays until it begins. */
bool refer_stays(struct leg *leg);

/* Begins one to a party that is connected, or being called, already: leg `other` of another call. `uri` is who that is.
 */
void refer_connect(struct refer *r, struct leg *other, struct str uri, uint64_t now_ms);

/* What the party on the leg has said of its media last, without the hold that it was put on or had asked for. To be
 * freed. */
struct str refer_description(struct leg *leg);

/* Does leg A of that call stand in for another, now? */
bool refer_stands_in(const struct leg *leg);

/* What the new call comes to: leg B rings; it has answered (before leg A hears of it); leg A joins it; it has failed.
 */
void refer_rings(struct call *call, int status, uint64_t now_ms);
void refer_answered(struct call *call, uint64_t now_ms);
void refer_join(struct leg *a, const struct call_in *in);
void refer_failed(struct call *call, int status, uint64_t now_ms);

/* The transferor hangs up: the transfer goes on without him. To be asked before his leg ends. */
void refer_left(struct leg *leg, uint64_t now_ms);

/* A leg has begun to end in another way: what its peer has asked for comes to nothing. */
void refer_over(struct leg *leg, uint64_t now_ms);

/* The leg goes, or the new call does. */
void refer_free(struct leg *leg);
void refer_forget(struct call *call);

/* refer_tell.c */
struct refer *refer_new(struct leg *leg, const struct sip_msg *m, uint64_t now_ms);
void refer_tell(struct refer *r, int status, uint64_t now_ms);
void refer_subscribe_in(struct leg *leg, struct dialog *d, struct ua_in *in);

/* refer_pass.c */
void refer_pass(struct leg *leg, struct dialog *d, struct ua_in *in, const struct refer_to *to, struct str replaces);
void refer_notify_in(struct leg *leg, struct dialog *d, struct ua_in *in);
void refer_pass_subscribe(struct leg *leg, struct dialog *d, struct ua_in *in, uint32_t id);

#endif
