/*
 * settings: what the configuration says, as plain data. An immutable snapshot with a reference count; a call keeps the
 * one that it started with. Loading is elsewhere (b2bua/config/config.c); every room reads the part that concerns it.
 *
 * Strings are owned by the snapshot and never NULL ("" = not given). Indexes instead of pointers tie the parts
 * together.
 */
#ifndef B2BUA_CORE_SETTINGS_H
#define B2BUA_CORE_SETTINGS_H

#include <stdatomic.h>

#include "b2bua/core/bans.h"
#include "b2bua/core/facts.h"
#include "b2bua/core/flow.h"
#include "b2bua/core/header_rules.h"
#include "b2bua/core/identity.h"
#include "b2bua/core/offer.h"
#include "b2bua/core/overload.h"
#include "b2bua/core/settings_front.h"
#include "b2bua/core/srv.h"
#include "b2bua/core/sst.h"

enum {
    SETTINGS_LISTENS_MAX = 64,
    SETTINGS_LISTEN_SLOTS = 256, /* with those that calls still use though they are gone */
    SETTINGS_TLS_MAX = 64,
    SETTINGS_TRUNKS_MAX = 1000,
    SETTINGS_TARGETS_MAX = 32, /* of one trunk */
    SETTINGS_ROUTES_MAX = 10000,
    SETTINGS_GROUPS_MAX = 1000,
    SETTINGS_HOPS_MAX = 32, /* trunks and groups of a route; trunks of a group */
    SETTINGS_MAPS_MAX = 1000,
    SETTINGS_HUNT_MAX = 64,
    SETTINGS_CODECS_MAX = 16,
    SETTINGS_AUTH_MAX = 8, /* of one trunk */
    SETTINGS_PROFILES_MAX = 1000,
    SETTINGS_EMERGENCY_MAX = 32
};

struct settings_node {
    char *name;
    int workers; /* 0 = one for each core */
    char *user;
    char *state_dir;
    int drain_seconds;
};

enum settings_verify { VERIFY_NONE, VERIFY_OPTIONAL, VERIFY_REQUIRE };

struct settings_tls {
    char *name;
    char *certificate, *key, *ca; /* files, absolute after loading */
    int verify;                   /* enum settings_verify */
    char *min_version;            /* "1.2" or "1.3" */
    char *ciphers;                /* OpenSSL list for 1.2; "" = library default */
    bool kept;                    /* gone from the configuration, for calls that use it: as it was read then */
};

/* Open, or gone from the configuration: still there for calls that use it, or a number without a listener
 * (core/heir.h). */
enum settings_listen_state { LISTEN_OPEN, LISTEN_DRAINING, LISTEN_NONE };

struct settings_listen {
    enum settings_listen_state state;
    char *name;
    int proto;     /* enum flow_proto */
    char *address; /* as written */
    int port;
    char *advertise; /* "host", "host:port", "" = the address */
    char *tls_name;
    struct addr bind; /* address and port */
    char *sent_by;    /* what stands in Via and Contact: host:port, IPv6 in brackets */
    char *host;       /* the host part of sent_by alone */
    int tls;          /* index into tls, -1 = none */
};

struct settings_target {
    char *uri;
    int preference; /* lower first */
    int weight;
    char *host;         /* of the uri: name or literal, without brackets */
    struct srv_ask ask; /* where the uri leads is the resolver's to say, if host is a name; ask.host is host */
    struct addr addr;   /* of a literal: where to send; of a name: family 0, and the uri's port */
    int proto;          /* of a literal: enum flow_proto */
    bool proto_given;   /* the uri named a transport: never changed for size */
};

enum settings_rel100 { REL100_SUPPORTED, REL100_REQUIRE, REL100_OFF };
enum settings_errors { ERRORS_PASSTHRU, ERRORS_MAP };
enum settings_refer { REFER_CONSUME, REFER_PASSTHRU, REFER_REJECT };
enum settings_redirect { REDIRECT_FOLLOW, REDIRECT_PASSTHRU, REDIRECT_REJECT };
enum settings_unknown { UNKNOWN_DROP, UNKNOWN_REJECT };

enum settings_probe { KEEPALIVE_OPTIONS, KEEPALIVE_NONE };

/* Is a target up? core/health.h makes a policy of it. */
struct settings_keepalive {
    int method; /* enum settings_probe */
    int up_interval_s, down_interval_s, retries;
    int busy_code; /* what a caller gets when no target is up */
};

/* What a trunk may carry, both directions together. */
struct settings_limits {
    int calls, calls_per_second; /* 0 = no limit */
    int code;                    /* what is beyond gets, with Retry-After */
};

struct profile; /* profiles/profile.h */

struct settings_profile {
    char *name;
    int slot; /* where it is counted: the same for a name in every snapshot */
    struct profile *rules;
};

enum settings_number { NUMBER_CALLED, NUMBER_CALLING, NUMBER_REDIRECTING, SETTINGS_NUMBERS };

struct translate; /* dialplan/translate.h */

/* What answers challenges of one realm; realm "" = of any realm that the trunk itself asks for. */
struct settings_auth {
    char *username, *password, *realm;
};

/* Our registration there; aor "" = none. */
struct settings_register {
    char *aor, *user; /* sip:user@domain; of our Contact, "" = that of aor */
    int expires_s;
    bool required; /* calls go there only while it holds */
};

struct settings_trunk {
    char *name;
    int slot;                     /* the same for a name in every snapshot (trunk/pool.h, core/heir.h) */
    int listens[8], listen_count; /* indexes into listens */
    struct addr_range *sources;   /* what was written, or the targets' literal addresses */
    int source_count;
    bool sources_follow;             /* nothing was written: the addresses of targets that are names may send, too */
    struct settings_target *targets; /* sorted by preference */
    int target_count;
    int rel100;                                              /* enum settings_rel100 */
    const struct settings_profile *profile_in, *profile_out; /* in profiles, NULL = none */
    struct sst_policy timer;
    int midcall;  /* enum offer_midcall */
    int refer;    /* enum settings_refer */
    int redirect; /* enum settings_redirect */
    bool early_offer;
    int codecs[SETTINGS_CODECS_MAX], codec_count; /* indexes into offer_codecs, for early_offer */
    int errors;                                   /* enum settings_errors: of what its targets answer */
    struct identity_policy privacy;
    struct header_rules *headers; /* NULL: all may cross */
    struct settings_auth *auth;
    int auth_count;
    struct settings_register reg;
    int no_reply_ms, no_answer_s;
    int hunt_total_ms; /* waiting for targets that do not ring, in all */
    int hunt_on[SETTINGS_HUNT_MAX], hunt_count;
    struct settings_keepalive keepalive;
    struct settings_limits limits;
    struct translate *translate_in[SETTINGS_NUMBERS], *translate_out[SETTINGS_NUMBERS]; /* NULL = none */
};

struct settings_route_to {
    int trunk;     /* index into trunks, or */
    bool is_group; /* into groups */
    int preference, weight;
};

/* How those of equal preference share the calls. */
enum settings_spread { SPREAD_WEIGHT, SPREAD_ROUND_ROBIN };

/* Trunks in the order of trying. */
struct settings_to {
    struct settings_route_to *items;
    int count;
    int spread;        /* enum settings_spread */
    atomic_uint *turn; /* of round robin: the one thing here that changes; NULL = by weight */
};

struct settings_group {
    char *name;
    struct settings_to to; /* trunks alone */
};

/* Where a changed number is written. */
enum settings_translated {
    TRANSLATED_REQUEST_URI = 1 << 0,
    TRANSLATED_TO = 1 << 1,
    TRANSLATED_FROM = 1 << 2,
    TRANSLATED_ASSERTED = 1 << 3, /* P-Asserted-Identity, P-Preferred-Identity, Remote-Party-ID */
    TRANSLATED_DIVERSION = 1 << 4,
    TRANSLATED_HISTORY = 1 << 5
};

struct route_rules; /* dialplan/rules.h */
struct route_index; /* dialplan/index.h */
struct e164_map;    /* dialplan/e164map.h */

struct settings_map {
    char *file;
    struct e164_map *map;
};

struct settings_route {
    char *name;
    char *file; /* where it stands; may be NULL */
    int line;
    int *from, from_count; /* trunk indexes; 0 = any */
    int priority;          /* lower first */
    struct settings_to to;
    int reject; /* a status; 0 = no */
    char *reason;
    unsigned translated;       /* enum settings_translated bits */
    struct route_rules *rules; /* conditions and translations; NULL = none */
};

struct settings_ban {
    int category; /* enum bans_category */
    struct bans_rule rule;
};

struct settings_security {
    int unknown_source; /* enum settings_unknown */
    int max_message_bytes, max_connections, max_connections_per_ip;
    int max_calls, max_transactions; /* of all workers together */
    int handshake_timeout_s, partial_message_timeout_s, idle_timeout_s;
    int calls_per_second; /* of all workers together, 0 = no limit */
    struct overload_policy overload;
    int overload_code;
    char *emergency[SETTINGS_EMERGENCY_MAX]; /* numbers whose calls are never turned away */
    int emergency_count;
    struct settings_ban *ban_list; /* what was written, of which comes: */
    int ban_count;
    struct bans_rule bans[BANS_CATEGORIES];
    struct bans_exemption *exempt; /* what was written; trunks are exempt anyway */
    int exempt_count;
};

struct settings_dns {
    char *servers; /* "address:port,..." as c-ares reads it; "" = the system's */
    char *search;  /* domains, separated by commas; "" = the system's */
    int timeout_ms, tries;
};

struct settings_admin {
    char *http, *socket, *cdr, *log, *log_level;
    char *hep;       /* where a capture server is: address:port, "" = none */
    int ladder_mb;   /* for the messages that are kept, of all workers together */
    bool http_named; /* it is written: whoever wrote it counts on it */
    char *token;     /* of HTTP; "" = none is wanted */
};

struct settings {
    atomic_int refs;
    struct settings_node node;
    struct settings_listen *listens;
    int listen_count;
    struct settings_tls *tls;
    int tls_count;
    struct settings_trunk *trunks;
    int trunk_count;
    struct settings_profile *profiles;
    int profile_count;
    void (*profile_free)(struct profile *p); /* who compiles them says how they go */
    struct settings_route *routes;
    int route_count;
    struct settings_group *groups;
    int group_count;
    struct settings_map *maps;
    int map_count;
    struct route_index *index;                 /* NULL: routes are tried one by one */
    void (*dialplan_free)(struct settings *s); /* frees what dialplan/ has compiled; NULL: nothing */
    struct settings_security security;
    struct settings_registrar registrar;
    struct settings_cluster cluster;
    struct settings_maintenance maintenance;
    struct settings_dns dns;
    struct settings_admin admin;
    struct facts *facts; /* what was written, for what the next one changes */
};

/* A new empty snapshot with one reference. */
struct settings *settings_new(void);

/* One reference more; returns `s`. */
struct settings *settings_ref(struct settings *s);

/* Is anybody else holding it? One who has the only reference will keep being the only one. */
bool settings_is_shared(const struct settings *s);

/* One reference less; the last frees it. NULL is fine. */
void settings_unref(struct settings *s);

#endif
