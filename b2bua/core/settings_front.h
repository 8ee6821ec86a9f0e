/*
 * settings_front: what the configuration says of the registration front, as plain data: where clients register, and
 * the nodes behind it. Part of struct settings (core/settings.h), whose rules hold here, too.
 *
 * Both sides are trunks as well, which the loader makes: `registrar` towards the clients and `cluster` towards the
 * nodes, so that calls between them are calls like others. Fellow nodes of ours are a third one, `peers`, which takes
 * and gets no calls.
 */
#ifndef B2BUA_CORE_SETTINGS_FRONT_H
#define B2BUA_CORE_SETTINGS_FRONT_H

#include <stdbool.h>

#include "b2bua/core/expiry.h"
#include "b2bua/core/node.h"
#include "b2bua/core/placement.h"
#include "b2bua/core/users.h"

enum { SETTINGS_NODES_MAX = 6, SETTINGS_PEERS_MAX = 5, SETTINGS_DOMAINS_MAX = 200 };

#define SETTINGS_CLIENTS_TRUNK "registrar"
#define SETTINGS_NODES_TRUNK   "cluster"
#define SETTINGS_PEERS_TRUNK   "peers"

enum settings_stun_answers { STUN_ANSWERS_PATH, STUN_ANSWERS_ALWAYS };
enum settings_node_probe { NODE_PROBE_AUTO, NODE_PROBE_STUN, NODE_PROBE_OPTIONS, NODE_PROBE_NONE };

/* A domain whose registrar we are. */
struct settings_local {
    char *domain;
    char *users;         /* file: user:realm:HA1 a line */
    struct users *table; /* what it holds */
};

struct settings_registrar {
    bool on;   /* the group is there */
    int trunk; /* index of the trunk made for the clients */
    char **domains;
    int domain_count; /* 0 = every domain */
    bool path, stun;
    int stun_answers; /* enum settings_stun_answers */
    struct expiry_limits expires;
    int authorizations_max, authorizations_period_s; /* max 0 = no limit */
    int credentials_refresh_min, credentials_cleanup_min;
    int max_bindings, max_pending; /* registrations kept, and under way at a time */
    struct settings_local *local;
    int local_count;
    char *flow_secret;
};

struct settings_cluster_node {
    char *name, *uri;
    int capacity; /* share of registrations */
    int target;   /* index into the targets of the cluster's trunk */
};

/* A fellow node of ours. */
struct settings_peer {
    char *name, *uri;
    int target; /* index into the targets of the peers' trunk */
};

struct settings_rebalance {
    int start_percent, start_count, stop_percent;
    int settle_s, again_s, per_second;
};

struct settings_cluster {
    bool on;
    int trunk; /* index of the trunk made for the nodes */
    struct settings_cluster_node *nodes;
    int node_count;
    struct settings_peer *peers;
    int peer_count;
    int peers_trunk; /* index of the trunk made for them, where there are any: settings_peers_trunk */
    int probe;       /* enum settings_node_probe */
    int interval_s, timeout_s;
    int try_ms, total_ms;
    int down_after, up_after;
    int hold_down_s, ramp_s;
    int retry_after_s;
    struct settings_rebalance rebalance;
};

/* What core/node and core/placement go by. */
struct node_policy settings_node_policy(const struct settings_cluster *c);
struct placement_policy settings_placement_policy(const struct settings_cluster *c);

/* Index of the trunk of our fellow nodes, the last one; -1 = there are none. */
int settings_peers_trunk(const struct settings_cluster *c);

/* How many trunks there are that calls know: all but that one. */
struct settings;
int settings_call_trunks(const struct settings *s);

struct header_rules; /* core/header_rules.h */

struct settings_maintenance {
    struct header_rules *drop; /* User-Agents of clients whose calls end when maintenance begins; NULL = none */
};

void settings_registrar_fini(struct settings_registrar *r);
void settings_cluster_fini(struct settings_cluster *c);

#endif
