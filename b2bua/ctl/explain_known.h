/*
 * explain_known: what a running twinleg knows that no configuration says: which file it runs with, which places
 * are up, what it carries, how its registrations stand.
 */
#ifndef B2BUA_CTL_EXPLAIN_KNOWN_H
#define B2BUA_CTL_EXPLAIN_KNOWN_H

#include <jansson.h>

#include "b2bua/ctl/profile.h"
#include "b2bua/trunk/pool.h"
#include "b2bua/trunk/registration.h"

/* Answers of the daemon, as JSON; NULL: nobody was asked. */
struct explain_known {
    json_t *status, *trunks, *plan, *nodes, *bans;
    json_t *registrations; /* an array: of those who matter to the message; "caller": of who speaks */
};

/* Asks, unless a configuration was named. Returns 0, also when there is nobody to ask; -1 with what is wrong when a
 * daemon was named and does not answer. explain_known_fini either way. */
int explain_known_ask(struct explain_known *k, const struct ctl_how *how, char *error, size_t size);
void explain_known_fini(struct explain_known *k);

/* Was a daemon asked? */
static inline bool explain_is_known(const struct explain_known *k) {
    return k->status != NULL;
}

/* The configuration that it runs with; NULL: not known. Borrowed. */
const char *explain_known_file(const struct explain_known *k);

bool explain_known_draining(const struct explain_known *k);

/* Retry-After of its maintenance mode; 0: it is not in it. */
uint32_t explain_known_maintained_s(const struct explain_known *k);

/* Asks for the registrations of an AoR, too. */
void explain_known_registrations(struct explain_known *k, const struct ctl_how *how, struct str aor, bool caller);

/* A number of an answer; 0 where it is not known. */
uint64_t explain_known_number(const json_t *answer, const char *key);

/* What the daemon says of this trunk; NULL: nothing. Borrowed. */
const json_t *explain_known_trunk(const struct explain_known *k, const char *name);

/* Makes `pool` and `all` what the daemon's are, as far as they matter to a call. Targets that are names get no place
 * where the daemon has none for them. */
void explain_known_give(const struct explain_known *k, const struct settings *s, struct pool *pool,
                        struct registrations *all, uint64_t now_ms);

#endif
