/*
 * A request of ours was challenged, and goes out again with credentials (ua/again.c). What a call has to do for it: the
 * next CSeq of the dialog, and, where an INVITE had opened early dialogs, to forget those.
 */
#include <stdlib.h>

#include "b2bua/call/impl.h"

/* What the target said to our offer went with its early dialogs; the same offer stands again. */
static void offer_again(struct offer *o) {
    if (o->state != OFFER_NONE || o->ours.text.n == 0)
        return;
    struct str sdp = {str_dup(o->ours.text), o->ours.text.n};
    offer_sent(o, sdp, false);
    free((char *)sdp.p);
}

/* The dialog of leg B as it was before the INVITE. */
static struct dialog *rewound(struct leg *b, bool offerless) {
    struct dialog *d = b->dialogs;

    if (d->next == NULL && d->remote_tag[0] == '\0')
        return d;
    d = fork_rewind(b);
    if (offerless)
        offer_dropped(&d->offer);
    else
        offer_again(&d->offer);
    return d;
}

static uint32_t initial_again(struct leg *b) {
    if (b->state != LEG_INVITED && b->state != LEG_EARLY)
        return 0;
    return ++rewound(b, b->uac->offerless)->local_cseq;
}

static bool is_initial(const struct leg *leg, const struct tx *tx) {
    return leg->role == LEG_B && leg->uac != NULL && leg->uac->kind == UAC_INITIAL && leg->uac->tx == tx;
}

/* Of a leg that is over only its BYE matters; of what nobody waits for, only what the peer needs. */
static bool is_wanted(const struct leg *leg, const struct tx *tx) {
    if (leg->state == LEG_ENDING || leg->state == LEG_ENDED)
        return tx->method == METHOD_BYE && tx->user != NULL;
    return tx->user != NULL || tx->method == METHOD_PRACK;
}

uint32_t calls_again(struct calls *c, const struct tx *tx, const struct sip_msg *m) {
    struct leg *leg = table_find_call(c, m->call_id);

    if (leg == NULL) /* what was left behind is hung up, too; whoever challenges an OPTIONS has answered it */
        return tx->method == METHOD_INVITE || tx->method == METHOD_OPTIONS ? 0 : tx->cseq + 1;
    if (is_initial(leg, tx))
        return initial_again(leg);
    struct dialog *d = dialog_find(leg->dialogs, m->from_tag, m->to_tag);
    if (d == NULL) /* the second answer of a fork is hung up */
        return tx->method == METHOD_BYE ? tx->cseq + 1 : 0;
    return is_wanted(leg, tx) ? ++d->local_cseq : 0;
}
