/*
 * resolver_impl: what the files of the resolver share.
 *
 * resolver.c follows URIs: a watch runs the procedure of core/srv over the names that are known, and waits where one is
 * being asked for. resolver_name.c knows names: one entry for a name and a type, asked again when its time is over.
 * resolver_ares.c is c-ares on a libuv loop.
 */
#ifndef B2BUA_NET_RESOLVER_IMPL_H
#define B2BUA_NET_RESOLVER_IMPL_H

#include <ares.h>

#include "b2bua/core/timerq.h"
#include "b2bua/net/resolver.h"

enum {
    RESOLVER_NAMES_MAX = 65536,
    RESOLVER_BUCKETS = 8192,
    RESOLVER_IN_FLIGHT_MAX = 128,
    RESOLVER_FLOOR_S = 1,
    RESOLVER_CAP_S = 86400,
    RESOLVER_NEGATIVE_CAP_S = 3600,
    RESOLVER_HOSTS_S = 30,   /* /etc/hosts is read again */
    RESOLVER_RETRY_CAP_S = 5 /* after 1, 2, 3, 4 s */
};

enum name_state { NAME_IDLE, NAME_QUEUED, NAME_ASKED };

/* How the last query ended. */
enum name_end { NAME_ANSWERED, NAME_NONE, NAME_REFUSED, NAME_SILENT, NAME_GARBAGE, NAME_ENDS };

struct name {
    struct name *next;                  /* in its bucket */
    struct name *queue_next;            /* NAME_QUEUED */
    struct name *use_newer, *use_older; /* by when a watch last needed it */
    struct resolver *r;
    struct resolver_watch *waiting; /* watches that go on when the query has ended */
    enum dns_type type;
    enum name_state state;
    enum name_end end;
    struct dns_set *set; /* of the last query that was answered; NULL = none was */
    bool none;           /* that answer was: no such record */
    uint64_t until_ms;   /* when it is asked for again; 0 = never asked */
    uint64_t used_run;   /* the last run that needed it */
    unsigned failures;   /* in a row */
    char text[];
};

struct resolver_watch {
    struct timer timer; /* when it runs next */
    struct resolver *r;
    struct resolver_watch *next, **prev_next; /* all watches */
    struct name *blocked;                     /* it waits for this one */
    struct resolver_watch *wait_next, **wait_prev_next;
    struct srv_ask ask;
    char *host;
    void (*changed)(void *ctx, const struct resolver_answer *a);
    void *ctx;
    bool told, stale;
    uint64_t looked_ms; /* when the servers were last heard to confirm it; 0 = never */
    const char *reason;
    enum srv_strategy strategy;
    struct srv_place *places; /* as told */
    int count;
};

struct resolver_socket;

struct resolver {
    uv_loop_t *loop;
    uv_timer_t *watch_timer, *ares_timer;
    ares_channel channel;
    bool closing;
    struct resolver_socket *sockets;
    struct timerq timers;
    uint64_t runs;
    struct resolver_watch *watches;
    struct name *buckets[RESOLVER_BUCKETS];
    struct name *newest, *oldest; /* use */
    struct name *queue_first, **queue_end;
    struct resolver_counts counts;
};

/* resolver_ares.c */
int resolver_channel_new(struct resolver *r, const struct settings_dns *dns, ares_channel *out, char *error,
                         size_t size);
void resolver_channel_arm(struct resolver *r);

/* resolver_name.c */

/* The entry of a name, asked for if it has to be; NULL: there are too many. */
struct name *resolver_name(struct resolver *r, const char *text, enum dns_type type);
/* Asks for what is queued, as far as the limit of queries in flight allows. */
void resolver_pump(struct resolver *r);
void resolver_names_free(struct resolver *r);

/* resolver.c: this watch runs in this turn of the loop. */
void resolver_wake(struct resolver_watch *w);

#endif
