/*
 * method: the SIP methods by number. Unknown methods keep their text where they need it.
 */
#ifndef B2BUA_CORE_METHOD_H
#define B2BUA_CORE_METHOD_H

#include "b2bua/core/str.h"

enum method {
    METHOD_UNKNOWN,
    METHOD_INVITE,
    METHOD_ACK,
    METHOD_BYE,
    METHOD_CANCEL,
    METHOD_OPTIONS,
    METHOD_REGISTER,
    METHOD_PRACK,
    METHOD_UPDATE,
    METHOD_INFO,
    METHOD_MESSAGE,
    METHOD_NOTIFY,
    METHOD_SUBSCRIBE,
    METHOD_REFER,
    METHOD_PUBLISH,
    METHODS
};

/* Case matters in methods (RFC 3261 7.1). */
enum method method_of(struct str name);

/* "INVITE"; the empty string for METHOD_UNKNOWN. */
const char *method_name(enum method m);

/* A set of methods as bits: METHOD_BIT(METHOD_INVITE) | ... */
#define METHOD_BIT(m) (1u << (m))

#endif
