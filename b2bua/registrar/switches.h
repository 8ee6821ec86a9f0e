/*
 * switches: what an operator has switched while the program runs, for all workers: STUN towards clients, and
 * maintenance. Nothing of it outlives the program. Any thread.
 */
#ifndef B2BUA_REGISTRAR_SWITCHES_H
#define B2BUA_REGISTRAR_SWITCHES_H

#include <stdatomic.h>

#include "b2bua/core/settings.h"

enum { SWITCHES_MAINTENANCE_MAX_S = 86400 };

/* All zero: as the configuration says. */
struct switches {
    atomic_int stun;                 /* 0 as configured, 1 on, -1 off */
    _Atomic uint64_t maintenance_ms; /* since when; 0 = off */
    atomic_uint retry_after_s;
};

/* Whatever the configuration says, until the program ends. Any thread. */
void switches_set_stun(struct switches *s, bool on);

/* Is STUN answered where clients register? Then nodes' support for it is told to clients, too. */
bool switches_stun(const struct switches *s, const struct settings *settings);

/* Maintenance: nothing new is taken, what there is goes on. */
void switches_maintain(struct switches *s, bool on, uint32_t retry_after_s, uint64_t now_ms);

/* Since when; 0 = it is off. */
uint64_t switches_maintained_ms(const struct switches *s);

/* The header lines of a 503 while it lasts: Retry-After and Warning 382 with this host. `buf` is ended by a NUL. */
const char *switches_maintenance_lines(const struct switches *s, const char *host, char *buf, size_t size);

/* Is it this client's turn to be told by silence? At most 2 % of them each second. `client` is any number of its own.
 */
bool switches_is_silent(const struct switches *s, uint64_t client, uint64_t now_ms);

#endif
