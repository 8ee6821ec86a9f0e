/* The rows of the registration front: `registrar` and `cluster`. */
#include "b2bua/config/row.h"

#define REGISTRAR(field) .at = offsetof(struct settings, registrar.field)
#define CLUSTER(field)   .at = offsetof(struct settings, cluster.field)
#define NODE(field)      .at = offsetof(struct settings_cluster_node, field)
#define PEER(field)      .at = offsetof(struct settings_peer, field)
#define LATER            .support = CONFIG_LATER

static const char *const answers[] = {[STUN_ANSWERS_PATH] = "path", [STUN_ANSWERS_ALWAYS] = "always", NULL};
static const char *const probes[] = {[NODE_PROBE_AUTO] = "auto",
                                     [NODE_PROBE_STUN] = "stun",
                                     [NODE_PROBE_OPTIONS] = "options",
                                     [NODE_PROBE_NONE] = "none",
                                     NULL};
static const char *const stores[] = {"sqlite", "redis", NULL};

static const struct config_row expires_rows[] = {
    {CONFIG_INT_ROW("min_s", "60", 1, 86400), REGISTRAR(expires.min_s), .unit = "s", .help = "less asked: 423"},
    {CONFIG_INT_ROW("udp_max_s", "60", 1, 86400), REGISTRAR(expires.udp_max_s), .unit = "s",
     .help = "told to a UDP client without keepalive"},
    {CONFIG_INT_ROW("flow_max_s", "600", 1, 86400), REGISTRAR(expires.flow_max_s), .unit = "s",
     .help = "told over TCP, TLS, or UDP with outbound or STUN; an AR_SK client is told what was granted"},
    {.type = CONFIG_END},
};
static const struct config_group expires = {.rows = expires_rows};

static const struct config_row authorization_rows[] = {
    {CONFIG_INT_ROW("max", "8", 0, 1000), REGISTRAR(authorizations_max),
     .help = "of one user and address; beyond: 480; 0 = no limit"},
    {CONFIG_INT_ROW("period_s", "300", 1, 86400), REGISTRAR(authorizations_period_s), .unit = "s",
     .help = "within so long"},
    {.type = CONFIG_END},
};
static const struct config_group authorizations = {.rows = authorization_rows};

static const struct config_row credential_rows[] = {
    {CONFIG_INT_ROW("refresh_min", "480", 0, 10080), REGISTRAR(credentials_refresh_min), .unit = "min",
     .help = "what a node accepted is believed for so long on the same flow; 0 = never"},
    {CONFIG_INT_ROW("cleanup_min", "720", 1, 10080), REGISTRAR(credentials_cleanup_min), .unit = "min",
     .help = "what has expired is thrown out every so often"},
    {.type = CONFIG_END},
};
static const struct config_group credentials = {.rows = credential_rows};

static const struct config_row local_rows[] = {
    {CONFIG_TEXT_ROW("domain", NULL), .at = offsetof(struct settings_local, domain), .check = config_check_host_token,
     .example = "example.com", .help = "whose registrar we are"},
    {.key = "users",
     .type = CONFIG_PATH,
     .at = offsetof(struct settings_local, users),
     .check = config_check_name,
     .content = true,
     .example = "users.htdigest",
     .help = "file of user:realm:HA1, one a line"},
    {.type = CONFIG_END},
};
static const struct config_group local = {local_rows, config_local_add, config_local_done};

static const struct config_row registrar_rows[] = {
    {.key = "listen",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = 8,
     .take = config_front_take_listen,
     .example = "[ \"edge-tls\" ]",
     .help = "where clients register: a listener, or several"},
    {.key = "domains",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = SETTINGS_DOMAINS_MAX,
     .take = config_registrar_take_domain,
     .example = "[ ]",
     .help = "of addresses of record; empty = every domain; any other: 403"},
    {CONFIG_BOOL_ROW("path", "true"), REGISTRAR(path),
     .help = "nodes get a Path and the client's own Contact; false: our Contact, for nodes without Path"},
    {CONFIG_BOOL_ROW("stun", "true"), REGISTRAR(stun), .help = "answer STUN where clients register"},
    {.key = "stun_answers",
     .type = CONFIG_ENUM,
     .standard = "path",
     .names = answers,
     REGISTRAR(stun_answers),
     .help = "path: silent while the registered path is down"},
    {CONFIG_GROUP_ROW("expires", &expires), .help = "how long registrations last"},
    {CONFIG_GROUP_ROW("authorizations", &authorizations), .help = "how often credentials may be used"},
    {CONFIG_GROUP_ROW("credentials", &credentials), .help = "what a node has accepted"},
    {CONFIG_INT_ROW("max_bindings", "1000000", 1, 10000000), REGISTRAR(max_bindings),
     .help = "registrations kept; beyond: 503 with Retry-After"},
    {CONFIG_INT_ROW("max_pending", "10000", 1, 1000000), REGISTRAR(max_pending),
     .help = "registrations under way at a time; beyond: 503 with Retry-After"},
    {.key = "local", .type = CONFIG_GROUPS, .standard = "", .max = 200, .group = &local, .help = "domains of our own"},
    {CONFIG_TEXT_ROW("flow_secret", ""), REGISTRAR(flow_secret), .marks = FACTS_HIDDEN,
     .help = "signs flow tokens; the same on every node of a cluster; empty = drawn at the first start"},
    {.type = CONFIG_END},
};
const struct config_group config_registrar = {registrar_rows, NULL, config_registrar_done};

static const struct config_row node_rows[] = {
    {CONFIG_TEXT_ROW("name", NULL), NODE(name), .check = config_check_name, .example = "cm1", .help = "its name"},
    {CONFIG_TEXT_ROW("uri", NULL), NODE(uri), .check = config_check_uri, .example = "sip:127.0.0.1:5080",
     .help = "where it is; may be a name"},
    {CONFIG_INT_ROW("capacity", "1", 1, 1000), NODE(capacity), .help = "share of registrations"},
    {.type = CONFIG_END},
};
static const struct config_group node = {node_rows, config_node_add, NULL};

static const struct config_row peer_rows[] = {
    {CONFIG_TEXT_ROW("name", NULL), PEER(name), .check = config_check_peer_name, .example = "sbc2",
     .help = "its node.name"},
    {CONFIG_TEXT_ROW("uri", NULL), PEER(uri), .check = config_check_uri, .example = "sip:127.0.0.2:5062",
     .help = "a listener of its cluster.listen; may be a name"},
    {.type = CONFIG_END},
};
static const struct config_group peer = {peer_rows, config_peer_add, NULL};

static const struct config_row keepalive_rows[] = {
    {.key = "method",
     .type = CONFIG_ENUM,
     .standard = "auto",
     .names = probes,
     CLUSTER(probe),
     .help = "auto: STUN where the node says AR_SK, else OPTIONS"},
    {CONFIG_INT_ROW("interval_s", "30", 1, 3600), CLUSTER(interval_s), .unit = "s", .help = "between probes"},
    {CONFIG_INT_ROW("timeout_s", "3", 1, 60), CLUSTER(timeout_s), .unit = "s", .help = "no answer by then: a miss"},
    {.type = CONFIG_END},
};
static const struct config_group keepalive = {.rows = keepalive_rows, .done = config_node_keepalive_done};

static const struct config_row rebalance_rows[] = {
    {CONFIG_INT_ROW("start_percent", "20", 1, 1000), CLUSTER(rebalance.start_percent), .unit = "%",
     .help = "begins when the spread of the nodes is above this"},
    {CONFIG_INT_ROW("start_count", "50", 0, 10000000), CLUSTER(rebalance.start_count),
     .help = "and above this many registrations"},
    {CONFIG_INT_ROW("stop_percent", "8", 0, 1000), CLUSTER(rebalance.stop_percent), .unit = "%",
     .help = "ends below this"},
    {CONFIG_INT_ROW("settle_s", "15", 0, 3600), CLUSTER(rebalance.settle_s), .unit = "s", .help = "wide for so long"},
    {CONFIG_INT_ROW("again_s", "600", 0, 86400), CLUSTER(rebalance.again_s), .unit = "s",
     .help = "a client moves at most once within"},
    {CONFIG_INT_ROW("per_second", "50", 0, 100000), CLUSTER(rebalance.per_second), .help = "moves; 0 = off"},
    {.type = CONFIG_END},
};
static const struct config_group rebalance = {.rows = rebalance_rows};

static const struct config_row redis_rows[] = {
    {.key = "sentinels", .type = CONFIG_NAMES, .standard = "", .max = 16, LATER, .example = "[ ]", .help = ""},
    {CONFIG_TEXT_ROW("master", "twinleg"), LATER, .help = ""},
    {.type = CONFIG_END},
};
static const struct config_group redis = {.rows = redis_rows};

static const struct config_row cluster_rows[] = {
    {.key = "listen",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = 8,
     .take = config_front_take_listen,
     .example = "inside",
     .help = "our side towards the nodes"},
    {.key = "nodes",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_NODES_MAX,
     .group = &node,
     .help = "the call managers; they may send without being a trunk"},
    {CONFIG_GROUP_ROW("keepalive", &keepalive), .help = "how nodes are probed"},
    {CONFIG_INT_ROW("try_ms", "4000", 100, 32000), CLUSTER(try_ms), .unit = "ms", .help = "one node, for one REGISTER"},
    {CONFIG_INT_ROW("total_ms", "8000", 100, 60000), CLUSTER(total_ms), .unit = "ms", .help = "all nodes"},
    {CONFIG_INT_ROW("down_after", "2", 1, 10), CLUSTER(down_after), .help = "misses in a row"},
    {CONFIG_INT_ROW("up_after", "3", 1, 10), CLUSTER(up_after), .help = "answers in a row"},
    {CONFIG_INT_ROW("hold_down_s", "10", 0, 3600), CLUSTER(hold_down_s), .unit = "s",
     .help = "before a node that was down gets registrations"},
    {CONFIG_INT_ROW("ramp_s", "60", 0, 3600), CLUSTER(ramp_s), .unit = "s", .help = "until it gets its full share"},
    {CONFIG_INT_ROW("retry_after_s", "120", 1, 86400), CLUSTER(retry_after_s), .unit = "s", .help = "in our 503"},
    {CONFIG_GROUP_ROW("rebalance", &rebalance), .help = "when registrations move to another node"},
    {.key = "peers",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_PEERS_MAX,
     .group = &peer,
     .template_off = true,
     .help = "fellow nodes of ours: they tell each other how they are; wants registrar.flow_secret, the same on all"},
    {CONFIG_TEXT_ROW("store", "sqlite"), .names = stores, LATER, .help = ""},
    {CONFIG_GROUP_ROW("redis", &redis), .help = "store of several nodes"},
    {.type = CONFIG_END},
};
const struct config_group config_cluster = {cluster_rows, NULL, config_cluster_done};

static const struct config_row maintenance_rows[] = {
    {.key = "drop_user_agents",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = 100,
     .take = config_maintenance_take_agent,
     .example = "[ ]",
     .help = "regular expressions over all of a User-Agent: calls of such clients end when maintenance begins"},
    {.type = CONFIG_END},
};
const struct config_group config_maintenance = {.rows = maintenance_rows};
