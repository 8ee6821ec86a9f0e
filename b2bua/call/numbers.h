/*
 * numbers: what a dial plan asks of a message.
 */
#ifndef B2BUA_CALL_NUMBERS_H
#define B2BUA_CALL_NUMBERS_H

#include "b2bua/sip/sip.h"
#include "dialplan/route.h"

/* Where facts are written that no message holds as they are. */
struct numbers_room {
    char called[SIP_NUMBER_MAX], calling[SIP_NUMBER_MAX], redirecting[SIP_NUMBER_MAX];
};

/* The facts of an INVITE that came in on a trunk: views into `m` and `room`. */
void numbers_facts(const struct sip_msg *m, int trunk, struct numbers_room *room, struct route_facts *out);

#endif
