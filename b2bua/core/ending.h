/*
 * ending: why a call is over and who ended it, as records, metrics and log name it. The table of what there is: a cause
 * that is new here wants a row, and tests/scenario/end_CAUSE_BY.scn that shows it. Pure.
 */
#ifndef B2BUA_CORE_ENDING_H
#define B2BUA_CORE_ENDING_H

#include "b2bua/core/str.h"

enum ending_by { ENDING_BY_NOBODY, ENDING_BY_A, ENDING_BY_B, ENDING_BY_US, ENDING_BYS };

enum ending_cause {
    ENDING_BYE,
    ENDING_CANCEL,         /* the caller, before the answer */
    ENDING_REFRESH_MISSED, /* RFC 4028: the peer was to refresh */
    ENDING_REFRESH_FAILED, /* RFC 4028: our refresh was refused, or not answered */
    ENDING_NO_ACK,         /* nor PRACK */
    ENDING_TIMEOUT,        /* nobody answers, or a peer knows the dialog no more */
    ENDING_REJECTED,
    ENDING_ADMIN,
    ENDING_DRAIN,
    ENDING_LIMIT,    /* the trunks carry what they may */
    ENDING_TRANSFER, /* the leg has gone to another call, or was left by it */
    ENDING_CAUSES
};

const char *ending_by_name(enum ending_by by); /* "a", "b", "us" */
const char *ending_cause_name(enum ending_cause cause);

/* Can a call end like this? */
bool ending_may(enum ending_by by, enum ending_cause cause);

#endif
