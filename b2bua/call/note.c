/* What the ladder is told of calls: which leg a Call-ID is. What is decided is noted where it is decided (leg_note). */
#include "b2bua/call/impl.h"

void note_names(const struct leg *leg, bool again) {
    const struct leg_names *n = leg->names;
    bool called = leg->role == LEG_B;

    if (n == NULL)
        return;
    ladder_names(ua_ladder(leg_ua(leg)), &(struct ladder_names){.call = leg->call->id,
                                                                .leg = called,
                                                                .again = again,
                                                                .call_id = n->call_id,
                                                                .trunk = str_of(leg_trunk(leg)->name),
                                                                .from = called ? n->local : n->remote,
                                                                .to = called ? n->remote : n->local});
}
