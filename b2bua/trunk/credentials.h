/*
 * credentials: what one worker knows of the challenges of each trunk: the nonces that it may go on to use, and which of
 * the trunk's `auth` entries answers which realm. core/digest makes the answers, trunk/realms keeps the nonces.
 *
 * Order of use, for each request that leaves by a trunk with `auth`: credentials_put; when it is challenged,
 * credentials_challenged, and if that says so credentials_put for the same request again; when it succeeds,
 * credentials_accepted.
 *
 * A realm that is configured answers that realm alone. An entry without a realm answers any realm, but only for
 * requests that went to an address of the trunk itself (`own`): its digest never goes anywhere else.
 */
#ifndef B2BUA_TRUNK_CREDENTIALS_H
#define B2BUA_TRUNK_CREDENTIALS_H

#include "b2bua/core/digest_asked.h"
#include "b2bua/core/settings.h"

enum { CREDENTIALS_REALMS_MAX = DIGEST_ASKED_MAX, CREDENTIALS_ANSWERS_MAX = 2, CREDENTIALS_LINES_MAX = 8192 };

struct credentials;

/* What one request has been through; all zero at first. */
struct credentials_tried {
    int answers, count;
    struct {
        uint64_t realm, nonce; /* digests */
        bool answered;         /* a challenge to this very request led to it */
    } of[CREDENTIALS_REALMS_MAX];
};

/* Of one trunk. */
struct credentials_counts {
    uint64_t answered, refused, unknown; /* challenges; answers not accepted; realms without an entry */
};

struct credentials *credentials_new(void (*random)(void *bytes, size_t n));
void credentials_free(struct credentials *c);

/* Forgets all nonces, and the trunks that are gone. */
void credentials_set_settings(struct credentials *c, const struct settings *s);

/* Writes the Authorization and Proxy-Authorization lines for a request to trunk `t`, none while no challenge is known.
 */
void credentials_put(struct credentials *c, const struct settings_trunk *t, bool own, struct str method, struct str uri,
                     struct credentials_tried *tried, struct sbuf *out);

/* A 401 or 407 came (`message`, whole). Returns true when the request may go again with what credentials_put writes
 * now. */
bool credentials_challenged(struct credentials *c, const struct settings_trunk *t, bool own, struct str message,
                            struct credentials_tried *tried);

/* A 2xx came: what it says of the next nonce counts (RFC 7616 3.5). */
void credentials_accepted(struct credentials *c, const struct settings_trunk *t, struct str message,
                          const struct credentials_tried *tried);

struct credentials_counts credentials_counts(const struct credentials *c, const char *trunk);

#endif
