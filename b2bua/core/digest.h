/*
 * digest: HTTP digest as SIP uses it (RFC 3261 22, RFC 7616, RFC 8760): challenges are read, the best is chosen, and
 * the answer to it is made. Pure: whoever wants an answer brings the cnonce.
 *
 * Order of use: digest_challenge_next for each challenge of a header value, digest_is_better to choose one,
 * digest_credentials_put for the value of Authorization or Proxy-Authorization. digest_ha1 and digest_response are its
 * parts, and are what a server needs to check an answer, too.
 *
 * Spoken: MD5, SHA-256, SHA-512-256, each with -sess, with qop=auth or without qop (RFC 2069). Not spoken:
 * qop=auth-int, userhash. What stands between quotes is used as it stands, escapes included, and so repeated.
 */
#ifndef B2BUA_CORE_DIGEST_H
#define B2BUA_CORE_DIGEST_H

#include "b2bua/core/str.h"

enum digest_algorithm { DIGEST_NONE, DIGEST_MD5, DIGEST_SHA_256, DIGEST_SHA_512_256 }; /* the later, the stronger */

enum { DIGEST_HEX_SIZE = 65, DIGEST_CNONCE_SIZE = 17, DIGEST_VALUE_MAX = 1024, DIGEST_CHALLENGES_MAX = 16 };

/* Views into the header value. Of a challenge that we cannot answer only the algorithm is sure: DIGEST_NONE. */
struct digest_challenge {
    enum digest_algorithm algorithm;
    bool sess;
    struct str algorithm_name; /* as written; empty = MD5 */
    struct str realm, nonce, opaque;
    bool has_opaque;
    bool qop_auth; /* false: no qop at all */
    bool stale;
};

/* Takes the next challenge from a value of WWW-Authenticate or Proxy-Authenticate. Returns false at the end, and where
 * what follows cannot be read. */
bool digest_challenge_next(struct str *rest, struct digest_challenge *out);

/* Shall `a` be answered rather than `b`? The stronger algorithm, then qop; among equals the first. */
bool digest_is_better(const struct digest_challenge *a, const struct digest_challenge *b);

/* One parameter of a list: "name=value" or "name="value"". Skips commas and blanks in front. Returns false when there
 * is none (any more), and `rest` then begins with what is none. */
bool digest_param_next(struct str *rest, struct str *name, struct str *value);

/* May this value be repeated in a header of ours: does it stay within its quotes and its line? */
bool digest_is_repeatable(struct str value);

/* H(username:realm:password) as hex digits; for -sess algorithms `hex` then goes through the second. */
void digest_ha1(enum digest_algorithm algorithm, struct str username, struct str realm, struct str password, char *hex);
void digest_ha1_sess(enum digest_algorithm algorithm, struct str nonce, struct str cnonce, char *hex);

struct digest_request {
    struct str method, uri;
    struct str nonce, cnonce;
    uint32_t nc;
    bool qop_auth;
};

/* The `response` parameter, as hex digits. `ha1` as digest_ha1 wrote it. */
void digest_response(enum digest_algorithm algorithm, const char *ha1, const struct digest_request *r, char *hex);

/* Writes the value of Authorization or Proxy-Authorization (RFC 7616 3.4): the scheme and all parameters. `r` has its
 * nonce and qop from the challenge. */
void digest_credentials_put(struct sbuf *out, const struct digest_challenge *c, struct str username,
                            struct str password, const struct digest_request *r);

#endif
