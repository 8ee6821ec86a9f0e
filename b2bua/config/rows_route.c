/* The rows of a routes file. */
#include "b2bua/config/row.h"

#define ROUTE(field) .at = offsetof(struct settings_route, field)
#define TO(field)    .at = offsetof(struct settings_route_to, field)

enum { RULES_MAX = 100 };

static const char *const spreads[] = {[SPREAD_WEIGHT] = "weight", [SPREAD_ROUND_ROBIN] = "round-robin", NULL};

#define TRUNK_ROW                                                                                                      \
    { CONFIG_TEXT_ROW("trunk", ""), .take = config_route_take_trunk, .example = "callmanager", .help = "its name" }
#define RANK_ROWS                                                                                                      \
    {CONFIG_INT_ROW("preference", "0", 0, 65535), TO(preference), .help = "lower first"}, {                            \
        CONFIG_INT_ROW("weight", "1", 0, 65535), TO(weight), .help = "share among equal preferences"                   \
    }

/* What is stored of an entry that is a group comes after it. */
static const struct config_row to_rows[] = {
    TRUNK_ROW,
    {CONFIG_TEXT_ROW("group", ""), .take = config_route_take_group, .help = "or a group's"},
    RANK_ROWS,
    {.type = CONFIG_END},
};
static const struct config_group to = {to_rows, config_route_to_add, config_route_to_done};

static const struct config_row member_rows[] = {TRUNK_ROW, RANK_ROWS, {.type = CONFIG_END}};
static const struct config_group member = {member_rows, config_group_to_add, config_route_to_done};

static const struct config_row group_rows[] = {
    {CONFIG_TEXT_ROW("name", NULL), .at = offsetof(struct settings_group, name), .check = config_check_name,
     .example = "carriers", .help = "how routes name it"},
    {.key = "hunt",
     .type = CONFIG_ENUM,
     .standard = "weight",
     .names = spreads,
     .at = offsetof(struct settings_group, to.spread),
     .help = "how those of equal preference share the calls"},
    {.key = "to",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_HOPS_MAX,
     .group = &member,
     .help = "its trunks"},
    {.type = CONFIG_END},
};
static const struct config_group group = {group_rows, config_group_add, config_group_done};

static const struct config_row header_rows[] = {
    {CONFIG_TEXT_ROW("name", ""), .take = config_route_take_header_name, .help = ""},
    {CONFIG_TEXT_ROW("value", ""), .take = config_route_take_header_value,
     .help = "a regular expression; any instance may match"},
    {.type = CONFIG_END},
};
static const struct config_group header = {.rows = header_rows};

#define RULES_ROW(name, take_rule, about)                                                                              \
    {                                                                                                                  \
        .key = (name), .type = CONFIG_NAMES, .standard = "", .max = RULES_MAX, .take = (take_rule), .example = "[ ]",  \
        .help = (about)                                                                                                \
    }

static const struct config_row in_rows[] = {
    RULES_ROW("called", config_trunk_in_called, "\"s/what/text/\": the first that matches"),
    RULES_ROW("calling", config_trunk_in_calling, ""),
    RULES_ROW("redirecting", config_trunk_in_redirecting, ""),
    {.type = CONFIG_END},
};
const struct config_group config_translate_in = {.rows = in_rows};

static const struct config_row out_rows[] = {
    RULES_ROW("called", config_trunk_out_called, ""),
    RULES_ROW("calling", config_trunk_out_calling, ""),
    RULES_ROW("redirecting", config_trunk_out_redirecting, ""),
    {.type = CONFIG_END},
};
const struct config_group config_translate_out = {.rows = out_rows};

static const struct config_row route_rows[] = {
    {CONFIG_TEXT_ROW("name", NULL), ROUTE(name), .check = config_check_name, .example = "inbound",
     .help = "shown in records"},
    {.key = "from",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = SETTINGS_TRUNKS_MAX,
     .take = config_route_take_from,
     .example = "[ ]",
     .help = "the trunks whose calls it takes; empty = all"},
    {CONFIG_TEXT_ROW("called", ""), .take = config_route_take_called,
     .help = "a dial-peer pattern, or a regular expression when it begins with ^"},
    {CONFIG_TEXT_ROW("calling", ""), .take = config_route_take_calling, .help = "the same"},
    {CONFIG_TEXT_ROW("called_map", ""), .take = config_route_take_called_map, .help = "a file of numbers"},
    {CONFIG_TEXT_ROW("calling_map", ""), .take = config_route_take_calling_map, .help = "the same"},
    {CONFIG_TEXT_ROW("request_uri", ""), .take = config_route_take_request_uri, .help = "a regular expression"},
    {CONFIG_TEXT_ROW("to_uri", ""), .take = config_route_take_to_uri, .help = "the same"},
    {CONFIG_TEXT_ROW("from_uri", ""), .take = config_route_take_from_uri, .help = "the same"},
    {CONFIG_GROUP_ROW("header", &header), .help = "one that the INVITE has"},
    {CONFIG_INT_ROW("priority", "0", 0, 1000000), ROUTE(priority), .help = "among equally long matches; lower first"},
    RULES_ROW("called_translate", config_route_translate_called, "\"s/what/text/\": the first that matches"),
    RULES_ROW("calling_translate", config_route_translate_calling, "the same"),
    RULES_ROW("redirecting_translate", config_route_translate_redirecting, "the same"),
    {.key = "translate_headers",
     .type = CONFIG_NAMES,
     .standard = "request-uri, to, from, diversion, history-info",
     .names = config_translated,
     .max = 6,
     .take = config_route_take_translated,
     .example = "[ \"request-uri\", \"to\", \"from\", \"diversion\", \"history-info\" ]",
     .help = "where changed numbers are written"},
    {.key = "to",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_HOPS_MAX,
     .group = &to,
     .help = "where its calls go"},
    {.key = "hunt",
     .type = CONFIG_ENUM,
     .standard = "weight",
     .names = spreads,
     ROUTE(to.spread),
     .help = "how those of equal preference share the calls"},
    {CONFIG_INT_ROW("reject", "0", 0, 699), ROUTE(reject), .help = "instead of to: the status that its calls get"},
    {CONFIG_TEXT_ROW("reason", ""), ROUTE(reason), .help = "the phrase that goes with it"},
    {.type = CONFIG_END},
};
static const struct config_group route = {route_rows, config_route_add, config_route_done};

/* Groups first: routes name them. */
static const struct config_row rows[] = {
    {.key = "groups",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_GROUPS_MAX,
     .group = &group,
     .help = "trunks that several routes use"},
    {.key = "routes",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_ROUTES_MAX,
     .group = &route,
     .help = "of those that match, the one that gives most of the called number takes the call"},
    {.type = CONFIG_END},
};
const struct config_group config_routes_file = {.rows = rows};
