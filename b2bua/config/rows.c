/* The table of the configuration: one row a key. Groups stand in the order in which they refer to each other. */
#include "b2bua/config/row.h"

#define NODE(field)     .at = offsetof(struct settings, node.field)
#define LISTEN(field)   .at = offsetof(struct settings_listen, field)
#define TLS(field)      .at = offsetof(struct settings_tls, field)
#define SECURITY(field) .at = offsetof(struct settings, security.field)
#define DNS(field)      .at = offsetof(struct settings, dns.field)
#define ADMIN(field)    .at = offsetof(struct settings, admin.field)

static const char *const transports[] = {[FLOW_UDP] = "udp", [FLOW_TCP] = "tcp", [FLOW_TLS] = "tls", NULL};
static const char *const verifies[] = {"none", "optional", "require", NULL};
static const char *const versions[] = {"1.2", "1.3", NULL};
static const char *const unknowns[] = {[UNKNOWN_DROP] = "drop", [UNKNOWN_REJECT] = "reject", NULL};
static const char *const levels[] = {"error", "warn", "info", "debug", NULL};
static const char *const logs[] = {"stderr", NULL};

static const struct config_row node_rows[] = {
    {CONFIG_TEXT_ROW("name", "sbc1"), NODE(name), .check = config_check_host_token,
     .help = "shown in Warning, Via and status"},
    {CONFIG_INT_ROW("workers", "0", 0, 256), NODE(workers), .marks = FACTS_RESTART,
     .help = "threads that carry calls; 0 = one for each core"},
    {CONFIG_TEXT_ROW("user", ""), NODE(user), .marks = FACTS_RESTART,
     .help = "drop privileges to this user after binding"},
    {.key = "state_dir",
     .type = CONFIG_PATH,
     .standard = "/var/lib/twinleg",
     NODE(state_dir),
     .marks = FACTS_RESTART,
     .help = "where state is kept"},
    {CONFIG_INT_ROW("drain_seconds", "30", 0, 86400), NODE(drain_seconds), .unit = "s",
     .help = "SIGTERM lets calls go on for so long"},
    {.type = CONFIG_END},
};

static const struct config_row tls_rows[] = {
    {CONFIG_TEXT_ROW("name", NULL), TLS(name), .check = config_check_name, .example = "default",
     .help = "how listeners name it"},
    {.key = "certificate",
     .type = CONFIG_PATH,
     TLS(certificate),
     .content = true,
     .check = config_check_name,
     .example = "cert.pem",
     .help = "file with the certificate and its chain"},
    {.key = "key",
     .type = CONFIG_PATH,
     TLS(key),
     .content = true,
     .check = config_check_name,
     .example = "key.pem",
     .help = "file with its private key"},
    {.key = "ca",
     .type = CONFIG_PATH,
     .standard = "",
     TLS(ca),
     .content = true,
     .help = "file with the authorities that we trust"},
    {.key = "verify",
     .type = CONFIG_ENUM,
     .standard = "none",
     .names = verifies,
     TLS(verify),
     .help = "the peer's certificate"},
    {CONFIG_TEXT_ROW("min_version", "1.2"), .names = versions, TLS(min_version), .help = "lowest version spoken"},
    {CONFIG_TEXT_ROW("ciphers", ""), TLS(ciphers), .help = "OpenSSL cipher list for 1.2; empty = OpenSSL's own"},
    {.type = CONFIG_END},
};
static const struct config_group tls = {tls_rows, config_tls_add, config_tls_done};

static const struct config_row listen_rows[] = {
    {CONFIG_TEXT_ROW("name", NULL), LISTEN(name), .check = config_check_name, .example = "outside",
     .help = "how trunks name it"},
    {.key = "transport", .type = CONFIG_ENUM, .standard = "udp", .names = transports, LISTEN(proto), .help = ""},
    {CONFIG_TEXT_ROW("address", NULL), LISTEN(address), .check = config_check_address, .example = "127.0.0.1",
     .help = "IPv4 or IPv6"},
    {CONFIG_INT_ROW("port", "5060", 1, 65535), LISTEN(port), .help = ""},
    {CONFIG_TEXT_ROW("advertise", ""), LISTEN(advertise), .check = config_check_advertise,
     .help = "\"host\" or \"host:port\" to write instead of the address"},
    {CONFIG_TEXT_ROW("tls", ""), LISTEN(tls_name), .help = "an entry of tls, where transport is tls"},
    {.type = CONFIG_END},
};
static const struct config_group listen_group = {listen_rows, config_listen_add, config_listen_done};

static const struct config_row security_rows[] = {
    {.key = "unknown_source",
     .type = CONFIG_ENUM,
     .standard = "drop",
     .names = unknowns,
     SECURITY(unknown_source),
     .help = "requests of nobody's trunk; reject = 403"},
    {CONFIG_INT_ROW("max_message_bytes", "65535", 1500, 65535), SECURITY(max_message_bytes), .unit = "bytes",
     .help = "longer: 513"},
    {CONFIG_INT_ROW("max_connections", "10000", 1, 1000000), SECURITY(max_connections),
     .help = "TCP and TLS of peers in all"},
    {CONFIG_INT_ROW("max_connections_per_ip", "200", 1, 1000000), SECURITY(max_connections_per_ip),
     .help = "of one address"},
    {CONFIG_INT_ROW("max_calls", "100000", 1, 10000000), SECURITY(max_calls), .help = "beyond: 503 with Retry-After"},
    {CONFIG_INT_ROW("max_transactions", "1000000", 1, 100000000), SECURITY(max_transactions),
     .help = "those that linger for copies included; beyond: 503 with Retry-After"},
    {CONFIG_INT_ROW("handshake_timeout_s", "5", 1, 3600), SECURITY(handshake_timeout_s), .unit = "s",
     .help = "a TLS handshake takes no longer"},
    {CONFIG_INT_ROW("partial_message_timeout_s", "5", 1, 3600), SECURITY(partial_message_timeout_s), .unit = "s",
     .help = "a begun message is complete by then"},
    {CONFIG_INT_ROW("idle_timeout_s", "3600", 1, 604800), SECURITY(idle_timeout_s), .unit = "s",
     .help = "a silent connection is closed"},
    {CONFIG_INT_ROW("calls_per_second", "0", 0, 1000000), SECURITY(calls_per_second),
     .help = "new calls of all trunks; 0 = no limit; beyond: 503 with Retry-After"},
    {CONFIG_GROUP_ROW("overload", &config_overload), .help = "when new requests are turned away for want of time"},
    {.key = "bans",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = BANS_CATEGORIES,
     .group = &config_bans,
     .help = "who fails too often is not heard for a while; a category that is not named keeps its defaults"},
    {.key = "exempt",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = 1000,
     .group = &config_exempt,
     .template_off = true,
     .help = "who is never banned; trunks are not, anyway"},
    {.type = CONFIG_END},
};

static const struct config_row dns_rows[] = {
    {.key = "servers",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = 8,
     .take = config_dns_take_server,
     .example = "[ ]",
     .help = "\"address\" or \"address:port\" of name servers; empty = those of the system"},
    {CONFIG_INT_ROW("timeout_ms", "2000", 100, 30000), DNS(timeout_ms), .unit = "ms",
     .help = "a server that has not answered by then is asked again, or the next; doubled each time"},
    {CONFIG_INT_ROW("tries", "2", 1, 10), DNS(tries), .help = "rounds through the servers for one question"},
    {.key = "search",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = 6,
     .take = config_dns_take_search,
     .example = "[ ]",
     .help = "domains that complete a host without a dot; empty = those of the system"},
    {.type = CONFIG_END},
};

static const struct config_row admin_rows[] = {
    {CONFIG_TEXT_ROW("http", "127.0.0.1:8088"), ADMIN(http), .check = config_check_http, .marks = FACTS_RESTART,
     .help = "address:port of the HTTP interface; empty = none"},
    {CONFIG_TEXT_ROW("token", ""), ADMIN(token), .check = config_check_token, .marks = FACTS_HIDDEN,
     .help = "what HTTP wants to be shown (Authorization: Bearer); beyond loopback there must be one"},
    {.key = "socket",
     .type = CONFIG_PATH,
     .standard = "twinleg.sock",
     ADMIN(socket),
     .marks = FACTS_RESTART,
     .help = "where twinlegctl asks; empty = none"},
    {.key = "cdr",
     .type = CONFIG_PATH,
     .standard = "cdr.jsonl",
     ADMIN(cdr),
     .marks = FACTS_RESTART,
     .help = "call records; empty = none"},
    {CONFIG_TEXT_ROW("hep", ""), ADMIN(hep), .check = config_check_http, .marks = FACTS_RESTART,
     .help = "address:port of a capture server (HEP 3 by UDP) that gets all messages; empty = none"},
    {CONFIG_INT_ROW("ladder_mb", "32", 1, 16384), ADMIN(ladder_mb), .unit = "MiB", .marks = FACTS_RESTART,
     .help = "memory for the latest messages, shared among the workers: what `call ladder` shows"},
    {CONFIG_TEXT_ROW("log", "stderr"), .names = logs, ADMIN(log), .marks = FACTS_RESTART, .help = "where the log goes"},
    {CONFIG_TEXT_ROW("log_level", "info"), .names = levels, ADMIN(log_level), .help = ""},
    {.type = CONFIG_END},
};

static const struct config_group node = {.rows = node_rows};
static const struct config_group security = {.rows = security_rows};
static const struct config_group dns = {.rows = dns_rows};
static const struct config_group admin = {.rows = admin_rows, .done = config_admin_done};

static const struct config_row rows[] = {
    {CONFIG_GROUP_ROW("node", &node), .help = "this process"},
    {.key = "tls",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_TLS_MAX,
     .group = &tls,
     .template_off = true,
     .help = "certificates"},
    {.key = "listen",
     .type = CONFIG_GROUPS,
     .max = SETTINGS_LISTENS_MAX,
     .group = &listen_group,
     .help = "where we listen, and what we send from"},
    {.key = "profiles",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = 1000,
     .take = config_profile_take_file,
     .template_off = true,
     .example = "[ \"profiles/rules/no-update.cfg\" ]",
     .help = "files with SIP profiles"},
    {.key = "trunks",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_TRUNKS_MAX,
     .group = &config_trunk,
     .help = "carriers and call managers"},
    {CONFIG_GROUP_ROW("registrar", &config_registrar), .template_off = true,
     .help = "registration front; absent: REGISTER gets 403"},
    {CONFIG_GROUP_ROW("cluster", &config_cluster), .template_off = true,
     .help = "the call managers behind the registrar"},
    {.key = "routes",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = 1000,
     .take = config_route_take_file,
     .template_off = true,
     .example = "[ \"dialplan/plans/quickstart.cfg\" ]",
     .help = "files with routes"},
    {CONFIG_GROUP_ROW("security", &security), .help = "limits that a stranger meets"},
    {CONFIG_GROUP_ROW("dns", &dns), .help = "where names of targets are looked up"},
    {CONFIG_GROUP_ROW("maintenance", &config_maintenance), .template_off = true,
     .help = "what happens when an operator takes us out of service"},
    {CONFIG_OPAQUE_ROW("xmpp"), .support = CONFIG_LATER, .template_off = true, .help = "federation"},
    {CONFIG_OPAQUE_ROW("media"), .support = CONFIG_LATER, .template_off = true, .help = "anchoring"},
    {CONFIG_GROUP_ROW("admin", &admin), .help = "what an operator reads"},
    {.type = CONFIG_END},
};
const struct config_group config_root = {.rows = rows};
