/* The rows of a profile file, and what a configuration says of such files. */
#include "b2bua/config/row.h"

static const struct config_row profile_rows[] = {
    {CONFIG_TEXT_ROW("name", NULL), .check = config_check_name, .take = config_profile_take_name,
     .example = "no-update", .help = "how trunks name it"},
    {.key = "rules",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = 2000,
     .take = config_profile_take_rule,
     .marks = FACTS_HIDDEN,
     .example = "[ ]",
     .help = "one rule a string"},
    {CONFIG_TEXT_ROW("file", ""), .take = config_profile_take_text, .content = true,
     .help = "rules as text, as `voice class sip-profiles` has them"},
    {.type = CONFIG_END},
};
static const struct config_group profile = {profile_rows, config_profile_add, NULL};

static const struct config_row rows[] = {
    {.key = "profiles",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_PROFILES_MAX,
     .group = &profile,
     .help = "each with rules, a file of rules, or both"},
    {.type = CONFIG_END},
};
const struct config_group config_profiles_file = {.rows = rows};

static const struct config_row named_rows[] = {
    {.key = "profiles",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = 1000,
     .take = config_profile_take_file,
     .help = "files with SIP profiles"},
    {.type = CONFIG_END},
};
const struct config_group config_profiles_named = {.rows = named_rows};
