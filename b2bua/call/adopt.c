/*
 * A leg goes from one call to another, with its dialog, session timer and open exchanges. What its old call has to say
 * of it is said: its record is written, what was to cross to its old partner is answered.
 */
#include <stdlib.h>

#include "b2bua/call/impl.h"

/* Each dialog is its own from here on. */
void leg_unpair(struct leg *leg) {
    for (struct dialog *d = leg->dialogs; d != NULL; d = d->next) {
        if (d->mate != NULL)
            d->mate->mate = NULL;
        d->mate = NULL;
    }
}

/* What rules have made of the descriptions that the peer was told decides about the next one's version. */
static void move_told(struct leg *to, const struct leg *from) {
    if (from->call->rules == NULL)
        return;
    if (to->call->rules == NULL)
        to->call->rules = ua_rules_new();
    to->call->rules->told[to->role] = from->call->rules->told[from->role];
}

/* What belongs to the place in the call stays there: the part, the state, the times of the record. */
static struct leg place_of(const struct leg *leg) {
    return (struct leg){.role = leg->role,
                        .state = leg->state,
                        .call = leg->call,
                        .trunk = leg->trunk,
                        .clock = {.fire = leg->clock.fire},
                        .refer = leg->refer,
                        .recorded = leg->recorded,
                        .start_ms = leg->start_ms,
                        .ring_ms = leg->ring_ms,
                        .answer_ms = leg->answer_ms,
                        .status = leg->status};
}

static void clear(struct leg *leg) {
    leg_leave(leg);
    table_remove(leg->call->calls, leg);
    dialog_free_list(leg->dialogs, NULL);
    free(leg->names);
}

static void move(struct leg *to, struct leg *from) {
    struct leg place = place_of(to);

    clear(to);
    table_remove(from->call->calls, from);
    timerq_stop(from->call->calls->timers, &from->clock);
    move_told(to, from);
    *to = *from;
    to->role = place.role;
    to->state = place.state;
    to->call = place.call;
    to->clock = place.clock;
    to->refer = place.refer;
    to->recorded = place.recorded;
    to->start_ms = place.start_ms;
    to->ring_ms = place.ring_ms;
    to->answer_ms = place.answer_ms;
    to->midcalls = to->consumed = to->refreshes_out = to->refreshes_in = 0;
    *from = place_of(from);
}

void leg_repoint(struct leg *leg) {
    if (leg->uas != NULL)
        leg->uas->leg = leg;
    for (struct uac *u = leg->uacs; u != NULL; u = u->next)
        u->leg = leg;
    if (leg->update_tx != NULL)
        leg->update_tx->user = &leg->update;
}

/* What knows the leg that has moved. */
static void repoint(struct leg *leg) {
    leg_repoint(leg);
    table_add(leg->call->calls, leg);
    note_names(leg, false);
    refresh_arm(leg);
}

/* `from` takes the place of `to`; `by` is the leg of its old call whose peer wanted that. */
void leg_adopt(struct leg *to, struct leg *from, enum ending_by by, uint64_t now_ms) {
    struct call_in in = {.now_ms = now_ms};
    bool is_up = from->state == LEG_UP;

    relay_end(from, now_ms);
    relay_end(leg_mate(from), now_ms);
    call_blame(from->call, by, ENDING_TRANSFER);
    leg_record(from, now_ms);
    if (from->dialog != NULL && from->dialog->offer.state == OFFER_IN)
        offer_dropped(&from->dialog->offer);
    leg_unpair(from);
    move(to, from);
    repoint(to);
    leg_event(from, LEG_EV_TAKEN, &in);
    leg_event(to, is_up ? LEG_EV_ADOPT : LEG_EV_ADOPT_EARLY, &in);
}
