/*
 * Forks: each early dialog that a target opens on leg B has its own dialog on leg A, so that what is said in one never
 * mixes with another (RFC 3261 12.1, 13.2.2.4).
 */
#include "b2bua/call/impl.h"

/* Our address as the peer sees it: what is advertised, when that is an address. */
static struct sdp_origin new_origin(struct leg *leg) {
    struct sdp_origin o = {.id = ua_random(leg_ua(leg)) >> 1, .version = 1, .host = leg_listen(leg)->bind};

    addr_parse(&o.host, str_of(leg_listen(leg)->host));
    return o;
}

static struct dialog *add(struct leg *leg, struct dialog *d) {
    d->next = leg->dialogs;
    leg->dialogs = d;
    return d;
}

static void pair(struct dialog *a, struct dialog *b) {
    a->mate = b;
    b->mate = a;
}

/* Another dialog of the same INVITE. `tag` is ours in it. */
static struct dialog *copy(struct leg *leg, const struct dialog *from, const char *tag, struct str remote_tag) {
    struct dialog *d = dialog_new(tag, remote_tag, from->local_cseq);

    dialog_set_target(d, str_of(from->target));
    dialog_set_route(d, str_of(from->route));
    d->remote_cseq = from->remote_cseq;
    d->remote_cseq_known = from->remote_cseq_known;
    if (leg->role == LEG_B) {
        offer_copy(&d->offer, &from->offer);
    } else { /* nothing was said in it yet but the caller's offer */
        d->offer.state = from->offer.state;
        d->offer.theirs = from->offer.theirs;
        d->offer.theirs_next = from->offer.theirs_next;
        d->offer.origin = new_origin(leg);
    }
    return add(leg, d);
}

/* The first pair of an attempt. On leg A a dialog that an earlier attempt has shown to the caller is not used again,
 * nor one that belongs to another device. */
struct dialog *fork_first(struct leg *a, struct leg *b, uint32_t cseq) {
    char tag[DIALOG_TAG_SIZE];
    struct dialog *on_a = a->dialogs;

    if (a->dialog != NULL) { /* it is up already: a transfer */
        ua_tag(leg_ua(b), tag);
        on_a = add(b, dialog_new(tag, STR_NONE, cseq));
        on_a->offer.origin = new_origin(b);
        return on_a;
    }
    if (on_a->shown || on_a->mate != NULL) {
        ua_tag(leg_ua(a), tag);
        on_a = copy(a, on_a, tag, str_of(on_a->remote_tag));
    }
    if (on_a->offer.origin.id == 0)
        on_a->offer.origin = new_origin(a);
    ua_tag(leg_ua(b), tag);
    struct dialog *on_b = add(b, dialog_new(tag, STR_NONE, cseq));
    on_b->offer.origin = new_origin(b);
    pair(on_a, on_b);
    return on_b;
}

static int count(const struct leg *leg) {
    int n = 0;

    for (const struct dialog *d = leg->dialogs; d != NULL; d = d->next)
        n++;
    return n;
}

/* The dialog of leg B with this tag of the peer, made when it is new. NULL: too many, and it has not `answered`. */
struct dialog *fork_for(struct leg *b, struct str remote_tag, bool answered) {
    struct leg *a = leg_mate(b);
    struct dialog *d = dialog_find(b->dialogs, STR_NONE, remote_tag);
    char tag[DIALOG_TAG_SIZE];

    if (d != NULL || b->dialogs == NULL)
        return d;
    for (d = b->dialogs; d != NULL; d = d->next)
        if (d->remote_tag[0] == '\0') {
            dialog_set_remote_tag(d, remote_tag);
            return d;
        }
    if (!answered && count(b) >= (b->call->rivals == NULL ? CALL_FORKS_MAX : CALL_RIVAL_FORKS_MAX))
        return NULL;
    b->forked = true;
    d = copy(b, b->dialogs, b->dialogs->local_tag, remote_tag);
    if (a->dialog != NULL)
        return d;
    ua_tag(leg_ua(a), tag);
    struct dialog *on_a = copy(a, a->dialogs, tag, str_of(a->dialogs->remote_tag));
    pair(on_a, d);
    return d;
}

/* One fork was answered: it is the dialog of both legs now. */
static void confirm(struct leg *leg, struct dialog *d, uint64_t now_ms) {
    leg->dialog = d;
    d->confirmed = true;
    if (leg->uas != NULL)
        reliable_forget(leg->uas, d, now_ms);
    relay_forget(leg, d, now_ms);
    dialog_free_list(leg->dialogs, d);
    leg->dialogs = d;
}

void fork_confirm(struct leg *leg, struct dialog *d, uint64_t now_ms) {
    struct dialog *mate = d->mate;

    confirm(leg, d, now_ms);
    if (mate != NULL)
        confirm(leg_mate(leg), mate, now_ms);
}

struct dialog *fork_rewind(struct leg *b) {
    struct dialog *d = b->dialogs;

    while (d->next != NULL)
        d = d->next; /* the list begins with the latest */
    relay_forget(b, NULL, b->call->calls->timers->now_ms);
    dialog_free_list(b->dialogs, d);
    b->dialogs = d;
    b->forked = false;
    dialog_set_remote_tag(d, STR_NONE);
    dialog_set_route(d, STR_NONE);
    d->rseq = d->prack_held = 0;
    return d;
}
