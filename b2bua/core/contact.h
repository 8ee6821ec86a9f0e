/*
 * contact: the Contacts of a REGISTER and of its answer (RFC 3261 10.2, 20.10), read from the bytes and left as they
 * are: views, so that whatever a client wrote can go on byte for byte.
 */
#ifndef B2BUA_CORE_CONTACT_H
#define B2BUA_CORE_CONTACT_H

#include "b2bua/core/str.h"

/* What a client says about its keepalives, in `x-cisco-mra-ha` or as an option tag: a list joined by "_". */
enum { CONTACT_AR = 1 << 0, CONTACT_SK = 1 << 1 };

enum { CONTACT_UNSAID = UINT32_MAX };

struct contact {
    struct str all;      /* from "<" or display name to the last parameter */
    struct str uri;      /* without angle brackets */
    struct str params;   /* what follows it, from the first ";" */
    struct str instance; /* value of +sip.instance without quotes; empty = none */
    uint32_t reg_id;     /* reg-id, else x-cisco-reg-id; 0 = none (RFC 5626 4.2) */
    uint32_t expires_s;  /* CONTACT_UNSAID = none, or not a number (RFC 3261 20.10) */
    uint32_t q;          /* thousandths, 1000 when not said */
    unsigned caps;       /* CONTACT_AR, CONTACT_SK */
    bool is_star;        /* "*": all that is registered */
};

/* The next Contact of a header's value: 1, or 0 at the end; -1: what stands there is none. *rest moves on. */
int contact_next(struct str *rest, struct contact *out);

/* The value of a parameter in `params`, without quotes; *value may be NULL. Returns false when it is not there. */
bool contact_param(struct str params, const char *name, struct str *value);

/* The capabilities in a list joined by "_" ("AR_SK"), any case. */
unsigned contact_caps(struct str list);

/* What becomes of one parameter. */
struct contact_edit {
    const char *name;
    struct str value; /* new; where `without` it is gone */
    bool without;
    bool add; /* stands at the end when it was not there */
};

/* Writes parameters (from the first ";"), with some of them written anew; the others keep their bytes. */
void contact_put_params(struct sbuf *out, struct str params, const struct contact_edit *edits, int count);

#endif
