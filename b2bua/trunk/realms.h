/*
 * realms: the challenges of one trunk that can be answered before they are asked again: for each realm the latest
 * nonce, and how often it was used. Bounded: the oldest realm goes.
 *
 * Order of use: all zero at first; realms_learn from a 401 or 407, realms_hear from a 2xx; realms_clear in the end.
 */
#ifndef B2BUA_TRUNK_REALMS_H
#define B2BUA_TRUNK_REALMS_H

#include "b2bua/core/digest_asked.h"

enum { REALMS_MAX = DIGEST_ASKED_MAX };

struct realm {
    struct realm *next;
    bool proxy;                        /* of 407: answered by Proxy-Authorization */
    struct digest_challenge challenge; /* views into `text` */
    char *text;
    char cnonce[DIGEST_CNONCE_SIZE];
    uint32_t nc; /* the last one used */
};

struct realms {
    struct realm *first; /* the newest */
    void (*random)(void *bytes, size_t n);
};

/* NULL: not known. */
struct realm *realms_find(const struct realms *all, bool proxy, struct str realm);

/* A new nonce, and with it a cnonce of ours and a count from the beginning. */
void realms_learn(struct realms *all, const struct digest_challenge *challenge, bool proxy);

/* What a 2xx (`message`, whole) says of the nonce to come takes the place of the one that was used (RFC 7616 3.5). */
void realms_hear(struct realms *all, struct str message);

/* Forgets one, which is freed, or all. */
void realms_drop(struct realms *all, struct realm *r);
void realms_clear(struct realms *all);

#endif
