/*
 * impl: what the files of this room do for each other; state.h has what they do it to.
 *
 * One call through this room: in.c takes requests and finds the leg; uas.c answers INVITEs, uac.c follows those that
 * we send, route.c asks the dial plan, hunt.c goes from place to place, names.c says what a leg is called, invite.c
 * writes the INVITE of leg B, attempt.c keeps account of it, rival.c rings several devices of one user at the same
 * time, stray.c cleans up after attempts that were left behind; prack.c acknowledges provisionals; midcall.c decides
 * what becomes of an INVITE or UPDATE inside a dialog, reinvite.c and relay.c carry it across; front.c has the ways
 * between clients and nodes; identity.c says who may learn what; refresh.c runs the session timers, own.c sends the
 * INVITEs that are ours alone, align.c brings both sides together after them; again.c has the CSeq for what was
 * challenged; out.c fills in the requests that we send; fsm.c runs the tables of core/callfsm; call.c makes and frees.
 */
#ifndef B2BUA_CALL_IMPL_H
#define B2BUA_CALL_IMPL_H

#include "b2bua/call/state.h"

/* call.c */
struct call *call_new(struct calls *c, uint64_t now_ms);
/* The second is not found by its names. */
void call_name(struct leg *leg, struct str call_id, struct str local, struct str remote, struct str contact);
void call_names(struct leg *leg, struct str call_id, struct str local, struct str remote, struct str contact);
void call_failure(struct call *call, int status, const struct sip_msg *m);
void call_settled(struct call *call);
void call_blame(struct call *call, enum ending_by by, enum ending_cause cause);
/* All that the leg has but its place. */
void leg_fini(struct leg *leg);

/* adopt.c */
void leg_adopt(struct leg *to, struct leg *from, enum ending_by by, uint64_t now_ms);
/* What points at the parts of a leg that has moved points there from now on, the table aside. */
void leg_repoint(struct leg *leg);
/* Its dialogs belong to no other leg's any more. */
void leg_unpair(struct leg *leg);

/* table.c */
void table_add(struct calls *c, struct leg *leg);
void table_remove(struct calls *c, struct leg *leg);
struct leg *table_find_call(const struct calls *c, struct str call_id);
struct leg *table_find(const struct calls *c, const struct sip_msg *m, struct dialog **dialog);
void table_free(struct calls *c);

/* fsm.c */
void leg_event(struct leg *leg, enum leg_event event, const struct call_in *in);
void leg_lost(struct leg *leg, uint64_t now_ms);

/* out.c */
enum { OUT_URI = 4096, OUT_ROUTE = 8192, OUT_PARTY = CALL_NAMES_MAX + SIP_TAG_MAX + 16 };
struct out { /* a request being filled in, with room for its parts */
    struct ua_out ua;
    struct sst_say timer;
    char uri[OUT_URI], route[OUT_ROUTE], from[OUT_PARTY], to[OUT_PARTY];
};
/* Where requests in `d` go from now on: to the Contact of `m`, if it is one that can be used; a dialog that has none
 * yet gets the address that the peer speaks from. */
void leg_set_target(const struct leg *leg, struct dialog *d, struct str contact);
/* Its route set, from a request (`reversed` false) or a response. One that is too long to repeat is left out. */
void leg_set_route(const struct leg *leg, struct dialog *d, const struct sip_msg *m, bool reversed);
int out_dialog(struct out *o, const struct leg *leg, const struct dialog *d, enum method method, uint32_t cseq);
/* What a description is to those who get it. Aside: it comes to nothing (the body of a failure). */
enum cross_as { CROSS_OFFER, CROSS_ANSWER, CROSS_ASIDE };
void out_cross(struct out *o, struct leg *leg, struct dialog *d, const struct sip_msg *m, enum cross_as as);
struct sip_cross cross_to(struct leg *leg, struct dialog *d, const struct sip_msg *m, enum cross_as as);
/* A description of ours, as it stands. */
struct sip_cross cross_own(const struct leg *leg, struct str sdp);
const char *out_allow(const struct leg *leg);
const char *out_supported(const struct leg *leg, bool rel100);

/* identity.c: what the peer of `leg` may learn of `m`, which came from `mate`. */
struct identity_plan identity_for(const struct leg *leg, const struct leg *mate, const struct sip_msg *m);
/* It asks for what we cannot do there (RFC 3323 4.2): leg B is not to be placed. */
bool identity_refuses(struct leg *b, const struct sip_msg *m);
void identity_cross(struct leg *leg, struct leg *mate, const struct sip_msg *m, struct sip_cross *x);
/* Who talks to whom, in a message of ours alone. */
void identity_session(const struct leg *leg, struct sip_cross *x);
/* The value of a Reason that may go to the peer of `leg`; empty = none. */
struct str identity_reason(const struct leg *leg, const struct sip_msg *m);

/* bye.c */
void leg_send_bye(struct leg *leg, const struct sip_msg *m, uint64_t now_ms);

/* uas.c */
struct uas *uas_new(struct leg *leg, struct ua_in *in);
void uas_free(struct uas *u);
void uas_arm(struct uas *u, uint32_t interval_ms, uint64_t now_ms);
void uas_answer_send(struct uas *u, uint64_t now_ms);
void uas_trying(struct uas *u, uint64_t now_ms);
void uas_progress(struct uas *u, struct dialog *d, const struct sip_msg *m, uint64_t now_ms);
void uas_answer(struct uas *u, struct dialog *d, const struct sip_msg *m, uint64_t now_ms);
void uas_answer_here(struct uas *u, struct dialog *d, uint64_t now_ms);
void uas_fail(struct uas *u, int status, const struct sip_msg *m, const char *extra, uint64_t now_ms);
bool uas_ack(struct uas *u, uint32_t cseq);

/* prack.c */
bool prack_in(struct leg *leg, struct dialog *d, struct ua_in *in);
void prack_send(struct leg *leg, struct dialog *d, uint32_t rseq, uint32_t invite_cseq, const struct sip_msg *answer,
                uint64_t now_ms);
void reliable_add(struct uas *u, struct dialog *d, int status, struct str text, uint64_t now_ms);
void reliable_resend(struct uas *u, uint64_t now_ms);
void reliable_free(struct uas *u);
void reliable_forget(struct uas *u, const struct dialog *keep, uint64_t now_ms);

/* uac.c */
struct uac *uac_new(struct leg *leg, uint32_t cseq, enum uac_kind kind);
void uac_free(struct uac *u);
void uac_ack(struct uac *u, struct dialog *d, const struct sip_msg *answer, uint64_t now_ms);
void uac_invite(struct leg *leg, const struct call_in *in);
void uac_lost(struct leg *leg, uint64_t now_ms);
void uac_cancel(struct leg *leg, struct str reason, uint64_t now_ms);

/* hunt.c */
void hunt_next(struct leg *b, uint64_t now_ms);
void hunt_again(struct leg *b, uint64_t now_ms);
/* The attempt of `b` is over, or is left to itself: cancelled, with `reason` (may be empty). */
void hunt_leave(struct leg *b, struct str reason, uint64_t now_ms);

/* Where a place is in the configuration; NULL: in none of its targets. */
const struct settings_target *hunt_target(const struct call *call, const struct walk_place *at);

/* route.c */
void hunt_start(struct call *call, const struct call_in *in);
bool hunt_route(struct call *call, const struct sip_msg *m, uint64_t now_ms);

/* names.c; hunt_name_b returns 0, or -1: they are too long, which the caller has been told. */
void hunt_name_a(struct leg *a, const struct sip_msg *m);
int hunt_name_b(struct leg *b, const struct settings_target *t, const struct sip_msg *m);

/* invite.c: returns 0, or -1: it could not be sent. */
int hunt_invite(struct leg *b, const struct sip_msg *m, uint64_t now_ms);

/* numbers.c, beside numbers.h: the numbers of what goes to leg B */
struct sip_numbers numbers_of(struct leg *leg);

/* rival.c: devices of one user that ring at the same time (RFC 3261 16.6, 16.7) */
bool leg_is_rival(const struct leg *leg);
/* The leg that a dialog of `leg` is paired with: the mate, or while several devices ring, one of them. */
struct leg *rival_across(struct leg *leg, const struct dialog *d);
static inline struct leg *leg_across(struct leg *leg, const struct dialog *d) {
    return leg->call->rivals == NULL || leg->role == LEG_B ? leg_mate(leg) : rival_across(leg, d);
}
/* The next devices are called that are to ring with `b`, which is being called by `m`. */
void rival_start(struct leg *b, const struct sip_msg *m, uint64_t now_ms);
/* The device of `b` comes to nothing. Returns true when others ring: they go on, one of them as leg B, and `b` is left.
 * What its failure means to the caller must be said before (call_failure). */
bool rival_leave(struct leg *b, uint64_t now_ms);
/* The device of `b` settles it: it is leg B from now on, which is returned, and the others are cancelled. */
struct leg *rival_wins(struct leg *b, struct str reason, uint64_t now_ms);
/* The others are cancelled. */
void rival_stop(struct call *call, struct str reason, uint64_t now_ms);
/* While devices are called: one that rings is leg B, if any does. */
void rival_show_ringing(struct call *call);
/* No device is left: leg B is shown as the one whose failure the caller is told. */
void rival_show_best(struct leg *b);
/* They ring for another call, in which `leg` is B. */
void rival_move(struct call *to, struct call *from);
/* Without a word. */
void rival_free(struct call *call);
void rival_free_left(struct call *call);

/* attempt.c */
bool hunt_has_next(struct leg *b);
void attempt_begin(struct leg *b, uint64_t now_ms);
void attempt_heard(struct leg *b, int status, uint64_t now_ms);
void attempt_over(struct leg *b, enum pool_attempt result, uint64_t now_ms);
uint64_t attempt_patience_ms(const struct leg *b);
/* Returns POOL_ADMITTED, or the enum pool_limit that stands against it. */
int leg_join(struct leg *leg, uint32_t place, uint64_t now_ms);
int attempt_retry_after_s(int limit);
void leg_leave(struct leg *leg);

/* front.c */
void front_ask(struct call *call, const struct ua_in *in);
/* A route that leads to `registrar`: to who is registered at us by the number that the route has made. */
bool front_number(struct call *call, const struct sip_msg *m, struct route_plan *plan, uint64_t now_ms);
/* Do both sides mean the same by names and passwords? Not where the dial plan has brought them together. */
bool front_shares(const struct call *call);
/* Another device is to ring after this one, and those that ring with it. */
bool front_rings_next(const struct leg *b);
/* One is, or there is another flow to this one. */
bool front_rings_on(const struct leg *b);
/* Another device is to ring with it. */
bool front_rings_beside(const struct leg *b);
/* Makes the walk of the ways. Returns 0, or the status for the caller. */
int front_route(struct call *call);
/* The dial plan says where it goes from now on. */
void front_forget(struct call *call);
/* The way that leg takes now, or NULL: the dial plan's. */
const struct way *front_way(const struct leg *b);
/* `b` takes the way that the walk has come to, and has the other flows of that device to try. */
void front_take(struct leg *b);
/* `b` is to take the next one; front_rings_beside has said that there is one. */
void front_take_beside(struct leg *b);
/* Another flow of the device that `b` calls: is there one; it is taken. Returns false when there was none. */
bool front_has_flow(const struct leg *b);
bool front_next_flow(struct leg *b, struct walk_place *at);
/* May the next way be taken? `heard`: the failure is a response. */
bool front_hunts(struct leg *b, int status, bool heard);
/* What a way without an answer is to the caller: 430 where it was a client's (RFC 5626 5.3.1). */
int front_failure(const struct leg *b, int status, bool timeout);
void front_heard(struct leg *b, const struct sip_msg *m, bool refused, uint64_t now_ms);
void front_busy(const struct leg *leg, bool begins);

/* redirect.c */
bool redirect_goes_on(struct leg *b, int status, const struct sip_msg *m);
bool redirect_turn(struct call *call, uint64_t now_ms);

/* registered.c: trunks where we are registered */
bool registered_may_call(const struct calls *c, const struct settings_trunk *t);
void registered_route(struct out *o, const struct leg *leg);

/* stray.c */
void stray_attempt(struct leg *leg, struct uac *u, const struct str *cancel, uint64_t now_ms);
void stray_answer(struct uac *u, const struct sip_msg *m, uint64_t now_ms);

/* fork.c */
struct dialog *fork_first(struct leg *a, struct leg *b, uint32_t cseq);
/* Only the first dialog that was made stays, without what its peer has said; its offer is the caller's business. */
struct dialog *fork_rewind(struct leg *b);
struct dialog *fork_for(struct leg *b, struct str remote_tag, bool answered);
void fork_confirm(struct leg *leg, struct dialog *d, uint64_t now_ms);

/* midcall.c */
void midcall_in(struct leg *leg, struct dialog *d, struct ua_in *in);
void midcall_answered(struct leg *leg, struct dialog *d, bool is_ours, const struct sip_msg *m, uint64_t now_ms);
void midcall_note_identity(struct leg *leg, const struct sip_msg *m);

/* replaces.c */
int replaces_take(struct calls *c, const struct ua_in *in, struct call_replaces *out);
int replaces_for(const struct leg *leg, struct str named, struct call_replaces *out);

/* relay.c */
/* What of a request does not cross as it came. Borrowed. */
struct relay_change {
    const char *extra;   /* complete lines */
    const char *without; /* a header that the lines take the place of, or NULL; its one-letter form */
    char without_compact;
    struct str body; /* has to be part of the request's */
};
void relay_in(struct leg *leg, struct dialog *d, struct ua_in *in);
void relay_changed(struct leg *leg, struct dialog *d, struct ua_in *in, const struct relay_change *change);
void relay_end(struct leg *leg, uint64_t now_ms);
void relay_forget(struct leg *leg, const struct dialog *keep, uint64_t now_ms);
void relay_free(struct call *call);
struct glare relay_glare(const struct leg *leg, const struct dialog *d);

/* reinvite.c */
void reinvite_in(struct leg *leg, struct dialog *d, struct ua_in *in);
void reinvite_response(struct uac *u, const struct sip_msg *m, uint64_t now_ms);
void reinvite_failed(struct uac *u, bool timeout, uint64_t now_ms);
void reinvite_acked(struct leg *leg, const struct sip_msg *m, uint64_t now_ms);
void reinvite_cancel(struct leg *leg, const struct sip_msg *m, uint64_t now_ms);

/* own.c: INVITEs of our own inside a dialog */
bool own_may_send(const struct leg *leg);
int own_invite(struct leg *leg, enum uac_kind kind, struct str sdp, int depth, uint64_t now_ms);
void own_response(struct uac *u, const struct sip_msg *m, uint64_t now_ms);
void own_failed(struct uac *u, bool timeout, uint64_t now_ms);

/* refresh.c: the session timer at work */
void refresh_init(struct leg *leg);
/* As UAS: refuses a request whose interval is too small. Returns true when it did. */
bool refresh_refuse(struct calls *c, const struct settings_trunk *t, struct ua_in *in);
void refresh_accept(struct leg *leg, enum method method, const struct sst_said *said, uint64_t now_ms,
                    struct sst_say *say);
void refresh_granted(struct leg *leg, const struct sip_msg *m, uint32_t asked_s, uint64_t now_ms);
bool refresh_too_small(struct leg *leg, const struct sip_msg *m, uint32_t asked_s);
void refresh_result(struct leg *leg, enum method method, uint32_t asked_s, int status, const struct sip_msg *m,
                    uint64_t now_ms);
void refresh_arm(struct leg *leg);
void refresh_stop(struct leg *leg);

/* align.c: one side is told, by a re-INVITE of ours, what the other has answered */
void align_start(struct leg *leg, struct str sdp, int depth, uint64_t now_ms);
uint64_t align_deadline(const struct leg *leg);
void align_run(struct leg *leg, uint64_t now_ms);
void align_result(struct uac *u, int status, const struct sip_msg *m, uint64_t now_ms);
void align_free(struct leg *leg);

/* list.c: the call goes; lists go on behind it. */
void list_skip(struct calls *c, const struct call *call);

/* note.c: what the ladder is told of a leg. Nothing of one without names. */
void note_names(const struct leg *leg, bool again);
#define leg_note(leg, ...)                                                                                             \
    ladder_note(ua_ladder(leg_ua(leg)), (leg)->names == NULL ? STR_NONE : (leg)->names->call_id, __VA_ARGS__)

/* record.c */
void leg_record(struct leg *leg, uint64_t now_ms);

#endif
