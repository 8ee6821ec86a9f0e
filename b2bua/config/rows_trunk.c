/* The rows of one trunk. */
#include "b2bua/config/row.h"

#define TRUNK(field)  .at = offsetof(struct settings_trunk, field)
#define TARGET(field) .at = offsetof(struct settings_target, field)
#define AUTH(field)   .at = offsetof(struct settings_auth, field)
#define LATER         .support = CONFIG_LATER

static const char *const modes[] = {[SST_OFF] = "off", [SST_ON] = "on", NULL};
static const char *const refreshers[] = {
    [SST_WISH_AUTO] = "auto", [SST_WISH_LOCAL] = "local", [SST_WISH_REMOTE] = "remote", NULL};
static const char *const methods[] = {
    [SST_METHOD_AUTO] = "auto", [SST_METHOD_INVITE] = "invite", [SST_METHOD_UPDATE] = "update", NULL};
static const char *const midcalls[] = {
    [MIDCALL_MEDIA_CHANGE] = "media-change", [MIDCALL_PASSTHRU] = "passthru", [MIDCALL_BLOCK] = "block", NULL};
static const char *const holds[] = {"forward", "consume", NULL};
static const char *const rel100s[] = {
    [REL100_SUPPORTED] = "supported", [REL100_REQUIRE] = "require", [REL100_OFF] = "off", NULL};
static const char *const refers[] = {
    [REFER_CONSUME] = "consume", [REFER_PASSTHRU] = "passthru", [REFER_REJECT] = "reject", NULL};
static const char *const redirects[] = {
    [REDIRECT_FOLLOW] = "follow", [REDIRECT_PASSTHRU] = "passthru", [REDIRECT_REJECT] = "reject", NULL};
static const char *const errors[] = {[ERRORS_PASSTHRU] = "passthru", [ERRORS_MAP] = "map", NULL};
static const char *const asserted[] = {[ASSERTED_PASS] = "pass", [ASSERTED_STRIP] = "strip", [ASSERTED_PAI] = "pai",
                                       [ASSERTED_PPI] = "ppi",   [ASSERTED_RPID] = "rpid",   NULL};
static const char *const diversions[] = {[DIVERSION_PASS] = "pass", [DIVERSION_STRIP] = "strip", NULL};
static const char *const probes[] = {
    [KEEPALIVE_OPTIONS] = "options", [KEEPALIVE_NONE] = "none", [KEEPALIVE_NONE + 1] = "stun", NULL};
static const char *const medias[] = {"none", "anchor", NULL};

static const struct config_row target_rows[] = {
    {CONFIG_TEXT_ROW("uri", NULL), TARGET(uri), .check = config_check_uri, .example = "sip:127.0.0.1:5070",
     .help = "sip: or sips:, host, port and transport"},
    {CONFIG_INT_ROW("preference", "0", 0, 65535), TARGET(preference), .help = "lower first"},
    {CONFIG_INT_ROW("weight", "1", 0, 65535), TARGET(weight), .help = "share among equal preferences"},
    {.type = CONFIG_END},
};
static const struct config_group target = {target_rows, config_target_add, NULL};

static const struct config_row timer_rows[] = {
    {.key = "mode",
     .type = CONFIG_ENUM,
     .standard = "on",
     .names = modes,
     TRUNK(timer.on),
     .help = "off: passes nothing, 420 to Require: timer"},
    {CONFIG_BOOL_ROW("refresh", "true"), TRUNK(timer.refresh),
     .help = "ask for a timer even where the other leg has none"},
    {CONFIG_INT_ROW("session_expires", "1800", 90, 86400), TRUNK(timer.session_expires_s), .unit = "s",
     .help = "what we ask for, and the most that we grant"},
    {CONFIG_INT_ROW("min_se", "1800", 90, 86400), TRUNK(timer.min_se_s), .unit = "s",
     .help = "not above session_expires; less asked: 422"},
    {.key = "refresher",
     .type = CONFIG_ENUM,
     .standard = "auto",
     .names = refreshers,
     TRUNK(timer.wish),
     .help = "who refreshes when the peer names nobody"},
    {.key = "method",
     .type = CONFIG_ENUM,
     .standard = "auto",
     .names = methods,
     TRUNK(timer.method),
     .help = "of our refreshes; auto: update where the peer allows it"},
    {.type = CONFIG_END},
};
static const struct config_group session_timer = {timer_rows, NULL, config_session_timer_done};

static const struct config_row privacy_rows[] = {
    {.key = "asserted_id",
     .type = CONFIG_ENUM,
     .standard = "pass",
     .names = asserted,
     TRUNK(privacy.asserted_id),
     .help = "pai, ppi, rpid: whatever came, it is told in that form"},
    {CONFIG_BOOL_ROW("trust", "true"), TRUNK(privacy.trust),
     .help = "untrusted: P-Asserted-Identity removed, Privacy obeyed"},
    {.key = "diversion",
     .type = CONFIG_ENUM,
     .standard = "pass",
     .names = diversions,
     TRUNK(privacy.diversion),
     .help = "Diversion and History-Info, both ways"},
    {.type = CONFIG_END},
};
static const struct config_group privacy = {.rows = privacy_rows};

static const struct config_row header_rows[] = {
    {.key = "pass",
     .type = CONFIG_NAMES,
     .standard = ".*",
     .max = 1000,
     .take = config_trunk_take_pass,
     .example = "[ \".*\" ]",
     .help = "regular expressions over end-to-end header names"},
    {.key = "strip",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = 1000,
     .take = config_trunk_take_strip,
     .example = "[ ]",
     .help = "the same; what it names does not cross, whatever pass says"},
    {.type = CONFIG_END},
};
static const struct config_group headers = {header_rows, NULL, config_headers_done};

static const struct config_row auth_rows[] = {
    {CONFIG_TEXT_ROW("username", ""), AUTH(username), .check = config_check_unquoted,
     .help = "answers 401 and 407; empty = nothing does"},
    {CONFIG_TEXT_ROW("password", ""), AUTH(password), .marks = FACTS_HIDDEN, .help = ""},
    {CONFIG_TEXT_ROW("realm", ""), AUTH(realm), .check = config_check_unquoted,
     .help = "that it is for alone; empty = any that the trunk's own addresses ask for"},
    {.type = CONFIG_END},
};
static const struct config_group auth = {auth_rows, config_auth_add, config_auth_done};

static const struct config_row register_rows[] = {
    {CONFIG_TEXT_ROW("aor", ""), TRUNK(reg.aor), .check = config_check_aor,
     .help = "sip:user@domain that we register there; empty = we do not"},
    {CONFIG_TEXT_ROW("user", ""), TRUNK(reg.user), .check = config_check_user,
     .help = "of our Contact; empty = that of aor"},
    {CONFIG_INT_ROW("expires_s", "3600", 60, 604800), TRUNK(reg.expires_s), .unit = "s",
     .help = "that we ask for; refreshed at 50 to 90 % of what is granted"},
    {CONFIG_BOOL_ROW("required", "false"), TRUNK(reg.required), .help = "calls go there only while we are registered"},
    {.type = CONFIG_END},
};
static const struct config_group registration = {register_rows, NULL, config_register_done};

static const struct config_row limit_rows[] = {
    {CONFIG_INT_ROW("calls", "0", 0, 10000000), TRUNK(limits.calls),
     .help = "from it and to it, at a time; 0 = no limit"},
    {CONFIG_INT_ROW("calls_per_second", "0", 0, 1000000), TRUNK(limits.calls_per_second),
     .help = "new ones, from it and to it; 0 = no limit"},
    {CONFIG_INT_ROW("code", "503", 400, 699), TRUNK(limits.code),
     .help = "with Retry-After: what is beyond gets, where no other trunk takes it"},
    {.type = CONFIG_END},
};
static const struct config_group limits = {.rows = limit_rows};

static const struct config_row wait_rows[] = {
    {CONFIG_INT_ROW("no_reply_ms", "4000", 100, 32000), TRUNK(no_reply_ms), .unit = "ms",
     .help = "no response at all: the next target"},
    {CONFIG_INT_ROW("no_answer_s", "180", 1, 3600), TRUNK(no_answer_s), .unit = "s",
     .help = "rings no longer: CANCEL and 408"},
    {CONFIG_INT_ROW("hunt_total_ms", "16000", 100, 600000), TRUNK(hunt_total_ms), .unit = "ms",
     .help = "waiting for targets that do not ring, all of a call together; then no further one"},
    {.type = CONFIG_END},
};
static const struct config_group waits = {.rows = wait_rows};

static const struct config_row keepalive_rows[] = {
    {.key = "method",
     .type = CONFIG_ENUM,
     .standard = "options",
     .names = probes,
     .check = config_check_probe,
     TRUNK(keepalive.method),
     .help = "none: failed calls alone make a target the last choice"},
    {CONFIG_INT_ROW("up_interval_s", "60", 1, 86400), TRUNK(keepalive.up_interval_s), .unit = "s",
     .help = "between probes of what answers"},
    {CONFIG_INT_ROW("down_interval_s", "30", 1, 86400), TRUNK(keepalive.down_interval_s), .unit = "s",
     .help = "between probes of what does not"},
    {CONFIG_INT_ROW("retries", "5", 1, 100), TRUNK(keepalive.retries),
     .help = "failures in a row until it is down, good answers until it is up again"},
    {CONFIG_INT_ROW("busy_code", "503", 400, 699), TRUNK(keepalive.busy_code),
     .help = "what callers get while every target is down"},
    {.type = CONFIG_END},
};
static const struct config_group keepalive = {.rows = keepalive_rows};

static const struct config_row rows[] = {
    {CONFIG_TEXT_ROW("name", NULL), TRUNK(name), .check = config_check_name, .example = "carrier",
     .help = "how routes and records name it"},
    {.key = "listen",
     .type = CONFIG_NAMES,
     .max = 8,
     .take = config_trunk_take_listen,
     .example = "\"outside\"",
     .help = "the listeners that it uses: a name, or several"},
    {.key = "sources",
     .type = CONFIG_NAMES,
     .standard = "",
     .max = 1000,
     .take = config_trunk_take_source,
     .example = "[ ]",
     .help = "\"address\", \"address/prefix\" or \"address:port\" that may send; empty = the targets"},
    {.key = "targets",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_TARGETS_MAX,
     .group = &target,
     .help = "where its calls go"},
    {CONFIG_TEXT_ROW("profile_in", ""), .take = config_trunk_take_profile_in, .help = "SIP profile of what it sends"},
    {CONFIG_TEXT_ROW("profile_out", ""), .take = config_trunk_take_profile_out, .help = "SIP profile of what it gets"},
    {CONFIG_GROUP_ROW("session_timer", &session_timer), .help = "RFC 4028"},
    {.key = "midcall",
     .type = CONFIG_ENUM,
     .standard = "media-change",
     .names = midcalls,
     TRUNK(midcall),
     .help = "which mid-call requests cross"},
    {.key = "hold",
     .type = CONFIG_ENUM,
     .standard = "forward",
     .names = holds,
     .take = config_trunk_take_hold,
     .help = "consume needs anchored media"},
    {CONFIG_BOOL_ROW("early_offer", "false"), TRUNK(early_offer), .help = "an offerless INVITE leaves with an offer"},
    {.key = "codecs",
     .type = CONFIG_NAMES,
     .standard = "PCMA, PCMU, telephone-event",
     .names = offer_codecs,
     .max = SETTINGS_CODECS_MAX,
     .take = config_trunk_take_codec,
     .example = "[ \"PCMA\", \"PCMU\", \"telephone-event\" ]",
     .help = "of such an offer"},
    {.key = "rel100",
     .type = CONFIG_ENUM,
     .standard = "supported",
     .names = rel100s,
     TRUNK(rel100),
     .help = "reliable provisional responses (RFC 3262)"},
    {.key = "refer",
     .type = CONFIG_ENUM,
     .standard = "consume",
     .names = refers,
     TRUNK(refer),
     .help = "transfers that it asks for: done here, sent across, or 405"},
    {.key = "redirect",
     .type = CONFIG_ENUM,
     .standard = "follow",
     .names = redirects,
     TRUNK(redirect),
     .help = "3xx of its targets: followed through the dial plan, shown, or 480"},
    {.key = "errors",
     .type = CONFIG_ENUM,
     .standard = "passthru",
     .names = errors,
     TRUNK(errors),
     .help = "map: failures of its targets go through causes (RFC 3398)"},
    {CONFIG_GROUP_ROW("translate_in", &config_translate_in), .help = "numbers of its calls, before a route is chosen"},
    {CONFIG_GROUP_ROW("translate_out", &config_translate_out), .help = "numbers of calls to it, behind the route's"},
    {CONFIG_GROUP_ROW("privacy", &privacy), .help = "RFC 3325, RFC 3323"},
    {CONFIG_GROUP_ROW("headers", &headers), .help = "what may cross"},
    {.key = "auth",
     .type = CONFIG_GROUPS,
     .standard = "",
     .max = SETTINGS_AUTH_MAX,
     .group = &auth,
     .one_will_do = true,
     .help = "our credentials there; for several realms a list: ( { }, { } )"},
    {CONFIG_GROUP_ROW("register", &registration), .help = "our registration there"},
    {CONFIG_GROUP_ROW("limits", &limits), .help = "admission"},
    {CONFIG_GROUP_ROW("timers", &waits), .help = "how long its targets may take"},
    {.key = "hunt_on",
     .type = CONFIG_INTS,
     .standard = "[ 408, 500, 502, 503, 504 ]",
     .min = 400,
     .max = 699,
     .take = config_trunk_take_hunt,
     .help = "statuses that mean: the next target"},
    {CONFIG_GROUP_ROW("keepalive", &keepalive), .help = "is a target up"},
    {.key = "media", .type = CONFIG_ENUM, .standard = "none", .names = medias, LATER, .help = "anchor: rtpengine"},
    {.type = CONFIG_END},
};
const struct config_group config_trunk = {rows, config_trunk_add, config_trunk_done};
