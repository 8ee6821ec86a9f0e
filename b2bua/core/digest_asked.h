/*
 * digest_asked: what a 401 or 407 asks for: of all challenges in its WWW-Authenticate and Proxy-Authenticate lines the
 * best for each realm that we can answer (RFC 3261 22.2, 22.3; a proxy that forked brings those of all branches).
 */
#ifndef B2BUA_CORE_DIGEST_ASKED_H
#define B2BUA_CORE_DIGEST_ASKED_H

#include "b2bua/core/digest.h"

enum { DIGEST_ASKED_MAX = 4 }; /* further realms are left out */

struct digest_asked {
    int count;
    struct {
        struct digest_challenge challenge; /* views into the message */
        bool proxy;                        /* it wants Proxy-Authorization */
    } of[DIGEST_ASKED_MAX];
};

/* Reads a 401 or 407, whole; *out views into it. None that we can answer: count is 0. */
void digest_asked_read(struct digest_asked *out, struct str message);

#endif
