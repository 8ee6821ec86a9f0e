/*
 * shed: a worker that has more to do than it can turns new requests away, calls in progress go on. What is shed is
 * answered without being parsed, where its writing allows that, and without keeping state.
 *
 * Never shed: requests in dialogs, ACK, CANCEL, OPTIONS of trunks, calls to numbers of security.overload.emergency,
 * copies of what is being served.
 */
#ifndef B2BUA_WORKER_SHED_H
#define B2BUA_WORKER_SHED_H

#include "b2bua/ua/ua.h"

struct shed {
    struct overload overload;
    uint64_t refused; /* requests so far */
    bool passed;      /* the message that is handled now was looked at, and may pass */
};

/* What one tick of OVERLOAD_TICK_MS was like. Logs where an overload begins and ends. */
void shed_tick(struct shed *s, const struct settings_security *policy, const struct overload_load *load,
               unsigned worker);

/* Was this message answered here? Then nobody else sees it. */
bool shed_message(struct shed *s, struct ua *ua, const struct settings *settings, const struct flow *from,
                  struct str raw);

/* The same for a request that has been parsed and has no transaction: 0 = it may pass, or the status it gets, with the
 * lines that go with it in `fault`. */
int shed_request(struct shed *s, struct ua *ua, const struct settings *settings, const struct ua_in *in,
                 struct sip_fault *fault);

#endif
