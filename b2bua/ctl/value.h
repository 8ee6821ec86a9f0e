/*
 * value: one value of an answer as text for people.
 */
#ifndef B2BUA_CTL_VALUE_H
#define B2BUA_CTL_VALUE_H

#include <jansson.h>

#include "b2bua/core/str.h"

enum ctl_kind {
    CTL_TEXT,
    CTL_WORDS, /* text that may be empty and is then left so */
    CTL_NUMBER,
    CTL_SECONDS,   /* "14m32s" */
    CTL_INTERVAL,  /* the same; 0 = there is none */
    CTL_MS,        /* of milliseconds */
    CTL_TIME,      /* UTC, without milliseconds */
    CTL_PARTY,     /* From or To: the user and host of its uri */
    CTL_TRUNKS,    /* of the legs: "carrier > callmanager" */
    CTL_URIS,      /* of targets */
    CTL_LIST,      /* of texts */
    CTL_NAMES,     /* of things that have a name */
    CTL_OF,        /* "12 of 30"; without a limit "12" */
    CTL_SHARE,     /* of calls, those answered (effective): "90 % (96 %) of 50" */
    CTL_INTRUDERS, /* what was tried, how often, by whom last */
};

/* Whether it belongs to the right edge of its column. */
bool ctl_is_number(enum ctl_kind kind);

/* The number that is `key` in `object`; 0 when there is none. */
long long ctl_number_of(const json_t *object, const char *key);

/* `value` may be NULL or null: "-". Writes a terminated text of at most `size` bytes and returns it. */
const char *ctl_value(const json_t *value, enum ctl_kind kind, char *buf, size_t size);

#endif
