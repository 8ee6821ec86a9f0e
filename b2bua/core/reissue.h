/*
 * reissue: the text of an INVITE that nobody has sent: made of another message (a REFER, or an INVITE that was
 * redirected), to be routed and sent on as if it had come in. What may cross is decided later, as for any INVITE.
 */
#ifndef B2BUA_CORE_REISSUE_H
#define B2BUA_CORE_REISSUE_H

#include "b2bua/core/str.h"

/* Views; all borrowed. */
struct reissue {
    struct str message;         /* whose headers go along, in their order */
    struct str uri;             /* the Request-URI */
    struct str from, to;        /* values with their tags; empty = as in the message */
    const char *const *without; /* headers that do not go along, NULL-terminated; NULL = all do */
    struct str extra, last;     /* whole lines that come before the others, and behind them */
    bool own_body;              /* the body is this one: */
    struct str sdp;             /* a description, empty = none */
};

/* Writes it. Returns 0, or -1 when it does not fit. */
int reissue_invite(struct sbuf *out, const struct reissue *r);

#endif
