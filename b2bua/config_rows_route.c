/* The rows of a routes file. A condition that is not looked at yet would send calls astray: it is refused. */
#include "b2bua/config_row.h"

#define REFUSED .support = CONFIG_REFUSED

static const struct config_row to_rows[] = {
    {CONFIG_TEXT_ROW("trunk", NULL), .take = config_route_take_trunk, .example = "callmanager", .help = "its name"},
    {CONFIG_INT_ROW("preference", "0", 0, 65535), .at = offsetof(struct settings_route_to, preference),
     .help = "lower first"},
    {CONFIG_INT_ROW("weight", "1", 0, 65535), .at = offsetof(struct settings_route_to, weight),
     .help = "share among equal preferences"},
    {.type = CONFIG_END},
};
static const struct config_group to = {to_rows, config_route_to_add, NULL};

static const struct config_row route_rows[] = {
    {CONFIG_TEXT_ROW("name", NULL), .at = offsetof(struct settings_route, name), .check = config_check_name,
     .example = "inbound", .help = "shown in records"},
    {.key = "from",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = SETTINGS_TRUNKS_MAX,
     .take = config_route_take_from,
     .example = "[ ]",
     .help = "the trunks whose calls it takes; empty = all"},
    {.key = "to", .type = CONFIG_GROUPS, .standard = "", .max = 32, .group = &to, .help = "where they go"},
    {CONFIG_INT_ROW("priority", "0", 0, 1000000), REFUSED, .help = ""},
    {CONFIG_TEXT_ROW("called", ""), REFUSED, .help = ""},
    {CONFIG_TEXT_ROW("calling", ""), REFUSED, .help = ""},
    {CONFIG_TEXT_ROW("called_translate", ""), REFUSED, .help = ""},
    {CONFIG_TEXT_ROW("calling_translate", ""), REFUSED, .help = ""},
    {CONFIG_TEXT_ROW("request_uri", ""), REFUSED, .help = ""},
    {CONFIG_TEXT_ROW("to_uri", ""), REFUSED, .help = ""},
    {CONFIG_TEXT_ROW("from_uri", ""), REFUSED, .help = ""},
    {CONFIG_OPAQUE_ROW("header"), REFUSED, .help = ""},
    {CONFIG_INT_ROW("reject", "0", 0, 699), REFUSED, .help = ""},
    {.type = CONFIG_END},
};
static const struct config_group route = {route_rows, config_route_add, config_route_done};

static const struct config_row rows[] = {
    {.key = "routes",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_ROUTES_MAX,
     .group = &route,
     .help = "in the order of trying"},
    {.type = CONFIG_END},
};
const struct config_group config_routes_file = {.rows = rows};
