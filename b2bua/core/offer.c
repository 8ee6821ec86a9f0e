#include "b2bua/core/offer.h"

#include <stdlib.h>

static void text_free(struct offer_text *t) {
    free((char *)t->text.p);
    *t = (struct offer_text){0};
}

static struct offer_text text_copy(const struct offer_text *t) {
    if (t->text.n == 0)
        return *t;
    return (struct offer_text){{str_dup(t->text), t->text.n}, t->digest, t->version};
}

static void text_move(struct offer_text *to, struct offer_text *from) {
    text_free(to);
    *to = *from;
    *from = (struct offer_text){0};
}

void offer_fini(struct offer *o) {
    text_free(&o->ours);
    text_free(&o->next);
}

void offer_copy(struct offer *to, const struct offer *from) {
    *to = *from;
    to->ours = text_copy(&from->ours);
    to->next = text_copy(&from->next);
}

static uint64_t version_for(const struct offer *o, uint64_t digest) {
    if (o->ours.digest != 0 && digest == o->ours.digest)
        return o->ours.version;
    if (o->last != 0 && digest == o->last)
        return o->last_version;
    return o->last != 0 ? o->origin.version + 1 : o->origin.version;
}

struct sdp_origin offer_origin(const struct offer *o, struct str sdp) {
    struct sdp_origin origin = o->origin;

    origin.version = version_for(o, sdp_digest(sdp));
    return origin;
}

void offer_sent(struct offer *o, struct str sdp, bool is_answer) {
    uint64_t digest = sdp_digest(sdp);
    struct offer_text new = {{str_dup(sdp), sdp.n}, digest, version_for(o, digest)};

    o->last = new.digest;
    o->last_version = new.version;
    if (new.version > o->origin.version)
        o->origin.version = new.version;
    text_move(is_answer ? &o->ours : &o->next, &new);
    if (!is_answer) {
        o->state = OFFER_OUT;
        return;
    }
    if (o->theirs_next != 0)
        o->theirs = o->theirs_next;
    o->theirs_next = 0;
    o->state = OFFER_NONE;
}

void offer_heard(struct offer *o, struct str sdp, bool is_answer) {
    if (!is_answer) {
        o->theirs_next = sdp_digest(sdp);
        o->state = OFFER_IN;
        return;
    }
    o->theirs = sdp_digest(sdp);
    if (o->next.text.n > 0)
        text_move(&o->ours, &o->next);
    o->state = OFFER_NONE;
}

void offer_dropped(struct offer *o) {
    text_free(&o->next);
    o->theirs_next = 0;
    o->state = OFFER_NONE;
}

bool offer_is_same(const struct offer *o, struct str sdp) {
    return o->theirs != 0 && sdp_digest(sdp) == o->theirs;
}

/* --- what becomes of a mid-call request --- */

static enum offer_midcall stricter(enum offer_midcall a, enum offer_midcall b) {
    if (a == MIDCALL_BLOCK || b == MIDCALL_BLOCK)
        return MIDCALL_BLOCK;
    return a == MIDCALL_PASSTHRU && b == MIDCALL_PASSTHRU ? MIDCALL_PASSTHRU : MIDCALL_MEDIA_CHANGE;
}

/* An INVITE without an offer asks for one: what is in force will do, unless it would keep a hold (RFC 6337 5.3). */
static bool changes_media(const struct offer_facts *f) {
    if (f->has_sdp)
        return !f->is_same || !f->has_ours;
    return !f->is_update && (f->is_held || !f->has_ours);
}

enum offer_fate offer_fate(const struct offer_facts *f) {
    switch (stricter(f->here, f->there)) {
    case MIDCALL_PASSTHRU:
        return OFFER_FORWARD;
    case MIDCALL_BLOCK:
        return changes_media(f) ? OFFER_REFUSE : OFFER_CONSUME;
    case MIDCALL_MEDIA_CHANGE:
        break;
    }
    return changes_media(f) || f->is_identity_new ? OFFER_FORWARD : OFFER_CONSUME;
}
