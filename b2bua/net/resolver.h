/*
 * resolver: names into places to send to (RFC 3263), followed while they change. c-ares asks the name servers on the
 * loop of one thread; nothing here blocks, and nothing is called from another thread.
 *
 * A watch stands for one URI. Its answer is looked up again when the first of its records has lived its TTL (at least
 * 1 s, at most a day; negative answers, too). While the servers are silent the last answer goes on to hold. What
 * several watches need is asked once. /etc/hosts goes before the servers: a name in it has the addresses that it says,
 * and its NAPTR and SRV are not asked for.
 *
 * Order of use: resolver_new, resolver_watch ..., (run the loop), resolver_unwatch ..., resolver_close, run the loop
 * until its handles are gone, resolver_free.
 */
#ifndef B2BUA_NET_RESOLVER_H
#define B2BUA_NET_RESOLVER_H

#include <uv.h>

#include "b2bua/core/settings.h"
#include "b2bua/core/srv.h"

struct resolver;
struct resolver_watch;

/* What a watch is told; borrowed until it returns. */
struct resolver_answer {
    const struct srv_answer *srv; /* its places; none: see reason */
    const char *reason;           /* NULL, or why there is no place at all: static text */
    bool moved;                   /* places or reason are others than before */
    bool stale, was_stale;        /* the servers are silent, or were: what was true before */
};

struct resolver_counts {
    uint64_t answered, none, refused, silent, garbage; /* queries that ended so */
    uint64_t hosts;                                    /* lookups that /etc/hosts answered */
    uint64_t stale;                                    /* failed queries whose last answer went on to hold */
    uint32_t in_flight, waiting, names, watches;       /* now */
};

/* `dns` is borrowed until this returns. Returns NULL, with what is wrong in `error`, when there is no resolver to be
 * had; servers that do not answer are no error. */
struct resolver *resolver_new(uv_loop_t *loop, const struct settings_dns *dns, char *error, size_t size);

/* Other servers (a reload): queries under way are given up and asked again there; answers stay until their time is
 * over. Also reads the system's configuration again. Returns 0, or -1 as above, and the old servers stay. */
int resolver_configure(struct resolver *r, const struct settings_dns *dns, char *error, size_t size);

/* Follows `ask` (copied). `changed` is called from the loop, never from here: first when the answer is known or has
 * failed, then whenever places, reason or staleness have changed. It may add and end watches, its own included. */
struct resolver_watch *resolver_watch(struct resolver *r, const struct srv_ask *ask,
                                      void (*changed)(void *ctx, const struct resolver_answer *a), void *ctx);

/* When its places were last heard from the servers, in ms of the loop's clock; 0 = never yet. */
uint64_t resolver_looked_ms(const struct resolver_watch *w);

/* Ends it; NULL is fine. */
void resolver_unwatch(struct resolver_watch *w);

struct resolver_counts resolver_counts(const struct resolver *r);

/* Gives up all queries and closes the handles; no watch is called any more. NULL is fine, as below. */
void resolver_close(struct resolver *r);
void resolver_free(struct resolver *r);

#endif
