/*
 * registration: how the registrations of our trunks stand, for those who want to know: the operator, and the workers
 * that place calls. Program lifetime, one for all workers, a lock around it. b2bua/upkeep makes them and puts them
 * here.
 */
#ifndef B2BUA_TRUNK_REGISTRATION_H
#define B2BUA_TRUNK_REGISTRATION_H

#include "b2bua/core/addr.h"
#include "b2bua/core/regclient.h"
#include "b2bua/core/str.h"

struct registrations;

enum { REGISTRATION_TEXT_MAX = 256, REGISTRATION_ROUTE_MAX = 2048, REGISTRATION_REASON_MAX = 160 };

struct registration {
    enum reg_state state;
    int status;                           /* why the last REGISTER failed, 0 = it did not, and */
    char reason[REGISTRATION_REASON_MAX]; /* the same in words */
    uint32_t granted_s;
    uint64_t until_ms, next_ms; /* monotonic */
    uint64_t registered, failed;
    char aor[REGISTRATION_TEXT_MAX], target[REGISTRATION_TEXT_MAX];
    char address[ADDR_TEXT_MAX]; /* of the target, where the last REGISTER went; empty: nowhere */
};

struct registrations *registrations_new(void);
void registrations_free(struct registrations *r); /* NULL is fine */

/* `route`: complete Route lines. */
void registrations_put(struct registrations *r, const char *trunk, const struct registration *reg, struct str route);
void registrations_drop(struct registrations *r, const char *trunk);

/* Copies. Returns false when the trunk has none. */
bool registrations_get(struct registrations *r, const char *trunk, struct registration *out);

/* Writes the Route lines that initial requests to the trunk carry (RFC 3608). */
void registrations_route(struct registrations *r, const char *trunk, struct sbuf *out);

#endif
