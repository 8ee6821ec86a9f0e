/*
 * impl: what the files of the front share.
 *
 * shared.c is what all workers know; front.c takes requests and judges them; job.c is one REGISTER on its way through
 * the nodes; stale.c tells clients that only their nonce was wrong; lines.c writes what we say to nodes; grant.c makes
 * bindings of a 200 and writes it anew; listing.c answers from the table alone; absorb.c decides when that is enough;
 * limit.c counts authorizations; local.c is our own registrar.
 */
#ifndef B2BUA_REGISTRAR_IMPL_H
#define B2BUA_REGISTRAR_IMPL_H

#include "b2bua/core/digest_asked.h"
#include "b2bua/core/digest_check.h"
#include "b2bua/core/enrol.h"
#include "b2bua/core/forward.h"
#include "b2bua/core/memo.h"
#include "b2bua/core/windows.h"
#include "b2bua/registrar/registrar.h"

#include <pthread.h>

enum {
    FRONT_AOR_MAX = 512,
    FRONT_AUTHORIZED_MAX = 65536, /* users and addresses whose authorizations are counted */
    FRONT_MOMENTS_MAX = 1 << 22,  /* of all of them */
    FRONT_CONTACT_MAX = 1500,     /* bytes; longer ones are refused, so that a binding fits */
    FRONT_INSTANCE_MAX = 256,
    FRONT_ROUTES_MAX = 1000,
    FRONT_AGENT_MAX = 128, /* the rest is cut */
    FRONT_TRIED_MAX = SETTINGS_NODES_MAX,
    FRONT_STUN_MS = 90000, /* STUN heard within that long keeps a flow open */
    FRONT_FLOW_TIMER_UDP_S = 29,
    FRONT_FLOW_TIMER_STREAM_S = 120, /* RFC 5626 4.4 */
    FRONT_SPREAD_MIN_S = 5,
    FRONT_SPREAD_MAX_S = 30, /* Retry-After of those who come in a storm */
    FRONT_LINES_MAX = SIP_MESSAGE_MAX,
    FRONT_TICK_MS = 1000
};

struct registrar_shared {
    struct nodes *nodes;
    struct fellows *fellows; /* may be NULL */
    const struct switches *switches;
    struct bindings *bindings;
    uint32_t boot;
    struct token_key own; /* where the configuration has no secret */
    atomic_uint pending;
    atomic_uint awaiting;           /* requests on their way to clients */
    atomic_uint epoch;              /* rises with each snapshot: what was believed under an earlier one is not */
    pthread_mutex_t lock;           /* of what follows */
    struct token_key key, before;   /* before: of the snapshot before this one */
    struct windows *authorizations; /* NULL: no limit */
    int authorizations_max, authorizations_period_s;
    struct memo *nonces; /* ours, of local domains: the last nc of each */
};

struct registrar {
    struct registrar_config config;
    struct settings *settings;
    struct timer tick;
    uint64_t cleanup_ms; /* when credentials are looked through next */
    struct front_job *jobs;
    struct front_relay *relays; /* relay.h */
    bool draining;
    struct registrar_counts counts;
    char lines[FRONT_LINES_MAX]; /* where header lines are written */
};

/* A REGISTER of a client, as far as it is judged. Views into the request. */
struct front_ask {
    struct enrol_ask enrol;
    struct str aor; /* user@host */
    struct str call_id;
    uint32_t cseq;
    struct flow flow;
    struct token via;
    bool is_local;                    /* we are its registrar */
    uint64_t ids[ENROL_CONTACTS_MAX]; /* bindings of its Contacts */
    char aor_text[FRONT_AOR_MAX];
};

/* One REGISTER on its way. */
struct front_job {
    struct ua_user user;
    struct front_job *next, **at;
    struct registrar *r;
    struct settings *settings; /* referenced */
    struct tx *server, *client;
    struct sip_echo *echo;
    struct front_ask ask;
    struct timer timer; /* of the try */
    uint64_t deadline_ms;
    uint32_t node, tried[FRONT_TRIED_MAX], pinned;
    int tried_count;
    struct nodes_client client_facts;
    bool had_credential; /* this user's credentials had been accepted */
    int max_forwards;
    uint32_t loop_hash;
    int in_listen;  /* where it came in */
    struct str raw; /* the request, owned; `ask` has views into it */
};

/* --- ask.c: reads a REGISTER that stands in `raw`. Returns 0 or the status that it deserves. --- */
int front_ask_read(struct registrar *r, struct front_ask *a, struct str raw, const struct ua_in *in,
                   const char **phrase);
/* The part of an AoR behind the "@". */
struct str front_domain(struct str aor);

/* --- front.c --- */
void front_count(struct registrar *r, enum registrar_result result);
/* Answers at once; `extra` may be NULL. */
void front_refuse(struct registrar *r, struct ua_in *in, enum registrar_result result, int status, const char *phrase,
                  const char *extra);
/* The binding of the REGISTER that tells most of its client: of its first Contact, else any of its AoR on this flow. */
bool front_known(struct registrar *r, const struct front_ask *a, struct binding *out);

/* --- limit.c: seconds to wait, 0 = it may go on --- */
uint32_t front_limit(struct registrar_shared *s, const struct front_ask *a, uint64_t now_ms);

/* --- job.c --- */
/* Takes `raw`, which `ask` has views into. */
void front_job_start(struct registrar *r, struct ua_in *in, const struct front_ask *ask, struct str raw);
void front_job_free(struct front_job *j);

/* --- stale.c: the lines of this name of a 401 or 407, which say that only the nonce was wrong; empty: as they are. ---
 */
struct str front_stale_lines(const struct front_job *j, const struct sip_msg *m, struct str name, struct sbuf *text);

/* --- lines.c: what a node gets that the client has not said. The texts stand in r->lines until the next message. ---
 */
void front_lines(struct front_job *j, const struct settings_listen *out, struct sbuf *text, struct forward *edits);
/* Our URI on a listener: <sip:USER@sent-by;transport=..  without the closing ">" */
void front_put_uri(struct sbuf *out, struct str user, const struct settings_listen *l);
/* The number in a Contact URI of ours; false when it is none. */
bool front_id_of(struct str uri, uint64_t *id);

/* --- grant.c --- */
void front_grant(struct front_job *j, const struct sip_msg *m, uint64_t now_ms);
/* How long a binding is told to last, s. */
uint32_t front_told(struct registrar *r, const struct front_ask *a, bool ar_sk, uint64_t stun_ms, uint32_t asked_s,
                    uint32_t granted_s, uint64_t now_ms);
/* What the client has to be told beside its Contacts: our Service-Route; Require and Flow-Timer where it asked. */
void front_put_service(struct sbuf *out, const struct settings *s, const struct front_ask *a);
void front_put_flow_timer(struct sbuf *out, const struct front_ask *a);
/* And now and then, to a client that can move, that another node of ours has room (core/advice). */
void front_put_advice(struct registrar *r, struct sbuf *out, const struct front_ask *a);
/* Writes a Contact with another URI (none: its own) and another expiry; `reg_id`, which a node may not have been shown,
 * is there (empty: as it is). */
void front_put_contact(struct sbuf *out, const struct contact *c, struct str uri, struct str reg_id,
                       uint32_t expires_s);
/* The values of a header as Route lines; none where they are too long. */
struct str front_routes(struct sbuf *out, struct str message, const char *name);
/* Hash of whose credentials these are, on this flow; never 0. */
uint64_t front_credential(struct registrar_shared *s, const struct front_ask *a);

/* --- listing.c: 200 with what is registered for the AoR, from the table alone --- */
void front_list(struct registrar *r, struct ua_in *in, const struct front_ask *a);

/* --- absorb.c --- */
bool front_absorb(struct registrar *r, struct ua_in *in, const struct front_ask *a);

/* --- nonce.c: nonces of ours. `buf` holds FRONT_NONCE_SIZE bytes. --- */
enum { FRONT_NONCE_SIZE = 53, FRONT_NONCE_MS = 300000 };
struct str front_nonce(struct registrar *r, struct str realm, uint64_t now_ms, char *buf);
/* Is it ours, fresh, and this count not used? Then it is used from now on. */
bool front_nonce_take(struct registrar *r, struct str realm, const struct digest_credentials *c, uint64_t now_ms);

/* Sends a client away for a random while. */
void front_send_away(struct registrar *r, struct ua_in *in);

/* --- calls.c: which way a request goes. False: the dial plan is asked. *out (taken, to be freed) may have none. --- */
struct front_ways { /* being collected */
    struct ways ways;
    struct way list[WAYS_MAX];
    int turn; /* of the ways that come now */
    char text[WAYS_TEXT_MAX];
    struct sbuf room;
};
bool front_ways(struct registrar *r, const struct ways_ask *ask, struct ways **out, uint64_t now_ms);
void front_way_add(struct front_ways *b, const struct way *way);
/* What a node has answered; NULL: nothing, or `refused`. */
void front_heard_node(struct registrar *r, uint32_t node, const struct sip_msg *m, bool refused, uint64_t now_ms);

/* --- calls_client.c --- */
bool front_from_node(struct registrar *r, struct front_ways *b, const struct sip_msg *m);
/* All flows of that device; `gone`: what it means when none is left. */
void front_to_client(struct registrar *r, struct front_ways *b, const struct binding *client, int gone);
/* The token in the topmost Route, if that is ours on the side of this trunk (RFC 3327 5.2). */
bool front_route_token(const struct settings *s, int side, const struct sip_msg *m, struct str *token);
/* Is this (host, port, parameters) a listener of that trunk? */
bool front_is_ours(const struct settings *s, int trunk, struct str place);
bool front_is_our_uri(const struct settings *s, int trunk, struct str uri);

/* --- calls_local.c --- */
/* False: not a domain of ours. */
bool front_to_local(struct registrar *r, struct front_ways *b, struct str uri);
void front_to_number(struct registrar *r, struct front_ways *b, struct str number);

/* --- local.c --- */
const struct settings_local *front_local(const struct settings *s, struct str host);
void front_local_register(struct registrar *r, struct ua_in *in, const struct front_ask *a,
                          const struct settings_local *l);

#endif
