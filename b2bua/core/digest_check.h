/*
 * digest_check: the server's side of digest (core/digest.h): credentials are read and held against what is known of
 * their user. Whether the nonce is good is the caller's to say.
 */
#ifndef B2BUA_CORE_DIGEST_CHECK_H
#define B2BUA_CORE_DIGEST_CHECK_H

#include "b2bua/core/digest.h"

/* Views into the header value. */
struct digest_credentials {
    enum digest_algorithm algorithm; /* DIGEST_NONE: one that we do not speak */
    bool sess;
    struct str username, realm, nonce, uri, response, cnonce;
    bool qop_auth; /* false: no qop */
    uint32_t nc;   /* 0 without qop */
};

/* Reads the value of an Authorization. Returns 0, or -1: it is not Digest, or lacks what RFC 7616 3.4 demands. */
int digest_credentials_read(struct digest_credentials *c, struct str value);

/* Has whoever made them known the password? `ha1` as hex digits (digest_ha1), of c->algorithm. */
bool digest_credentials_fit(const struct digest_credentials *c, const char *ha1, struct str method);

#endif
