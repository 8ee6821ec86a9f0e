/* Who is turned away: rows of groups within `security`. */
#include "b2bua/config/row.h"

#define OVERLOAD(field) .at = offsetof(struct settings, security.overload.field)
#define BAN(field)      .at = offsetof(struct settings_ban, field)

static const char *const categories[] = {[BANS_SIP_AUTH] = "sip-auth",
                                         [BANS_SIP_INTRUSION] = "sip-intrusion",
                                         [BANS_HTTP_AUTH] = "http-auth",
                                         [BANS_HTTP_INTRUSION] = "http-intrusion",
                                         [BANS_XMPP_INTRUSION] = "xmpp-intrusion",
                                         [BANS_CATEGORIES] = NULL};

static const struct config_row overload_rows[] = {
    {CONFIG_INT_ROW("lag_high_ms", "200", 0, 60000), OVERLOAD(lag_high_ms), .unit = "ms",
     .help = "messages wait longer than this; 0 = does not matter"},
    {CONFIG_INT_ROW("lag_low_ms", "50", 0, 60000), OVERLOAD(lag_low_ms), .unit = "ms",
     .help = "not above lag_high_ms; shorter waits are calm"},
    {CONFIG_INT_ROW("busy_percent", "95", 0, 100), OVERLOAD(busy_percent), .unit = "%",
     .help = "of a worker's time, for 3 s; 0 = does not matter"},
    {CONFIG_INT_ROW("code", "503", 400, 699), .at = offsetof(struct settings, security.overload_code),
     .help = "with Retry-After: what a new request gets that is turned away"},
    {.key = "emergency",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = SETTINGS_EMERGENCY_MAX,
     .take = config_overload_take_emergency,
     .check = config_check_name,
     .example = "[ ]",
     .help = "called numbers, as callers dial them, that always get through: \"112\", \"911\""},
    {.type = CONFIG_END},
};
const struct config_group config_overload = {overload_rows, NULL, config_overload_done};

/* -1: that of the category. */
static const struct config_row ban_rows[] = {
    {.key = "category", .type = CONFIG_ENUM, .names = categories, BAN(category), .example = "sip-auth", .help = ""},
    {CONFIG_INT_ROW("failures", "-1", 0, BANS_FAILURES_MAX), BAN(rule.failures), .example = "5",
     .help = "so many; 5 of -auth, 10 of -intrusion; 0 = never banned"},
    {CONFIG_INT_ROW("window_s", "-1", 1, 86400), BAN(rule.window_s), .unit = "s", .example = "300",
     .help = "within so long; 300 of -auth, 60 of -intrusion"},
    {CONFIG_INT_ROW("ban_s", "-1", 1, 31536000), BAN(rule.ban_s), .unit = "s", .example = "600",
     .help = "lock the address out for so long; 600"},
    {.type = CONFIG_END},
};
const struct config_group config_bans = {ban_rows, config_ban_add, config_ban_done};

static const struct config_row exempt_rows[] = {
    {.key = "source",
     .type = CONFIG_STRING,
     .take = config_exempt_take_source,
     .example = "192.0.2.0/24",
     .help = "\"address\" or \"address/prefix\""},
    {.key = "categories",
     .type = CONFIG_NAMES,
     .standard = "sip-auth, sip-intrusion, http-auth, http-intrusion, xmpp-intrusion",
     .names = categories,
     .max = BANS_CATEGORIES,
     .take = config_exempt_take_category,
     .example = "[ \"sip-auth\" ]",
     .help = "left out: all"},
    {.type = CONFIG_END},
};
const struct config_group config_exempt = {exempt_rows, config_exempt_add, NULL};
