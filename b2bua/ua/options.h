/*
 * options: an OPTIONS of our own to a place of a trunk (RFC 3261 11): is anybody there?
 */
#ifndef B2BUA_UA_OPTIONS_H
#define B2BUA_UA_OPTIONS_H

#include "b2bua/ua/ua.h"

struct options_to {
    struct settings *settings;
    int trunk, target; /* indexes */
    enum flow_proto proto;
    struct addr addr;
    const char *extra; /* further header lines, complete; NULL = none */
};

/* Sends it in a transaction of `user`. Returns that, or NULL: the trunk has no listener that reaches there. */
struct tx *options_send(struct ua *ua, const struct options_to *to, struct ua_user *user, uint64_t now_ms);

#endif
