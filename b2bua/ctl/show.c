#include "b2bua/ctl/show.h"

#include <stdlib.h>

#include "b2bua/ctl/columns.h"
#include "b2bua/ctl/ladder.h"
#include "b2bua/ctl/route.h"
#include "b2bua/ctl/show_reload.h"
#include "b2bua/ctl/show_services.h"
#include "b2bua/ctl/show_trunks.h"

/* --- lists: a row each --- */

static const struct ctl_column calls[] = {
    {"CALL", "call_id", CTL_TEXT},
    {"STATE", "state", CTL_TEXT},
    {"FROM", "from", CTL_PARTY},
    {"TO", "to", CTL_PARTY},
    {"TRUNKS", "legs", CTL_TRUNKS},
    {"ROUTE", "route", CTL_TEXT},
    {"START (UTC)", "start", CTL_TIME},
    {"TALKED", "duration_ms", CTL_MS},
    {NULL, NULL, CTL_TEXT},
};

static const struct ctl_column timers[] = {
    {"CALL", "call_id", CTL_TEXT},
    {"LEG", "leg", CTL_TEXT},
    {"TRUNK", "trunk", CTL_TEXT},
    {"STATE", "state", CTL_TEXT},
    {"INTERVAL", "interval_s", CTL_INTERVAL},
    {"MIN-SE", "min_se_s", CTL_INTERVAL},
    {"REFRESHER", "refresher", CTL_TEXT},
    {"WHY", "why", CTL_TEXT},
    {"METHOD", "method", CTL_TEXT},
    {"REFRESH IN", "next_refresh_s", CTL_SECONDS},
    {"EXPIRES IN", "expires_s", CTL_SECONDS},
    {"LAST", "result", CTL_TEXT},
    {NULL, NULL, CTL_TEXT},
};

static const struct ctl_column nodes[] = {
    {"NODE", "name", CTL_TEXT},
    {"STATE", "state", CTL_TEXT},
    {"WHY", "reason", CTL_TEXT},
    {"SINCE", "since_s", CTL_SECONDS},
    {"HEARD", "heard_s", CTL_SECONDS},
    {"PROBE", "probe", CTL_TEXT},
    {"SHARE %", "share_percent", CTL_NUMBER},
    {"REGISTRATIONS", "registrations", CTL_NUMBER},
    {"CALLS", "calls", CTL_NUMBER},
    {"ADDRESS", "address", CTL_TEXT},
    {NULL, NULL, CTL_TEXT},
};

static const struct ctl_column peers[] = {
    {"PEER", "name", CTL_TEXT},
    {"STATE", "state", CTL_TEXT},
    {"WHY", "reason", CTL_TEXT},
    {"SINCE", "since_s", CTL_SECONDS},
    {"HEARD", "heard_s", CTL_SECONDS},
    {"SAYS", "says", CTL_TEXT},
    {"REGISTRATIONS", "registrations", CTL_NUMBER},
    {"CALLS", "calls", CTL_NUMBER},
    {"BUSY %", "busy_percent", CTL_NUMBER},
    {"STUN", "stun", CTL_TEXT},
    {"VERSION", "version", CTL_TEXT},
    {"ADDRESS", "address", CTL_WORDS},
    {"REFUSED", "refused", CTL_NUMBER},
    {"REFUSED BECAUSE", "refused_why", CTL_TEXT},
    {"ALARMS", "alarms", CTL_LIST},
    {NULL, NULL, CTL_TEXT},
};

static const struct ctl_column registrations[] = {
    {"AOR", "aor", CTL_TEXT},
    {"NODE", "node", CTL_TEXT},
    {"TRANSPORT", "transport", CTL_TEXT},
    {"PEER", "peer", CTL_TEXT},
    {"CAPS", "caps", CTL_LIST},
    {"EXPIRES IN", "expires_in_s", CTL_SECONDS},
    {"SINCE", "registered_s", CTL_SECONDS},
    {"CALLS", "calls", CTL_NUMBER},
    {"USER AGENT", "user_agent", CTL_TEXT},
    {NULL, NULL, CTL_TEXT},
};

static const struct ctl_column bans[] = {
    {"ADDRESS", "address", CTL_TEXT}, {"CATEGORY", "category", CTL_TEXT}, {"SINCE", "since_s", CTL_SECONDS},
    {"LEFT", "left_s", CTL_SECONDS},  {"DROPPED", "dropped", CTL_NUMBER}, {NULL, NULL, CTL_TEXT},
};

static const struct ctl_column log_rooms[] = {
    {"ROOM", "room", CTL_TEXT},
    {"LEVEL", "level", CTL_TEXT},
    {"", "tells_of", CTL_TEXT},
    {NULL, NULL, CTL_TEXT},
};

static const struct ctl_column commands[] = {
    {"COMMAND", "command", CTL_TEXT},
    {"ARGUMENTS", "arguments", CTL_WORDS},
    {"", "help", CTL_TEXT},
    {NULL, NULL, CTL_TEXT},
};

/* --- one thing: a line for each value; the two legs of a call beside each other --- */

static const struct ctl_column status[] = {
    {"node", "node", CTL_TEXT},
    {"version", "version", CTL_TEXT},
    {"state", "state", CTL_TEXT},
    {"uptime", "uptime_s", CTL_SECONDS},
    {"workers", "workers", CTL_NUMBER},
    {"calls", "calls", CTL_NUMBER},
    {"legs", "legs", CTL_NUMBER},
    {"transactions", "transactions", CTL_NUMBER},
    {"connections", "connections", CTL_NUMBER},
    {"calls started", "started", CTL_NUMBER},
    {"calls answered", "answered", CTL_NUMBER},
    {"registrations", "registrations_current", CTL_NUMBER},
    {"registrations, most", "registrations_peak", CTL_NUMBER},
    {"configuration", "configuration", CTL_TEXT},
    {"configuration since", "configuration_s", CTL_SECONDS},
    {"reloads", "reloads", CTL_NUMBER},
    {"reloads failed", "reloads_failed", CTL_NUMBER},
    {"configurations held", "snapshots", CTL_NUMBER},
    {"listeners draining", "listeners_draining", CTL_NUMBER},
    {"in maintenance for", "maintenance.since_s", CTL_SECONDS},
    {"maintenance: so far", "maintenance.state", CTL_TEXT},
    {"calls gone in", "maintenance.calls_gone_in_s", CTL_SECONDS},
    {"registrations gone in", "maintenance.registrations_gone_in_s", CTL_SECONDS},
    {"overload: shed %", "overload.shed_percent", CTL_NUMBER},
    {"overload: busy %", "overload.busy_percent", CTL_NUMBER},
    {"overload: lag ms", "overload.lag_ms", CTL_NUMBER},
    {"bans", "bans", CTL_NUMBER},
    {"intruders", "intruders", CTL_INTRUDERS},
    {"registrations on disk", "store.state", CTL_TEXT},
    {"trunks", "trunks", CTL_NAMES},
    {NULL, NULL, CTL_TEXT},
};

static const struct ctl_column call[] = {
    {"call", "call_id", CTL_TEXT}, {"state", "state", CTL_TEXT},   {"route", "route", CTL_TEXT},
    {"start", "start", CTL_TIME},  {"answer", "answer", CTL_TIME}, {"talked", "duration_ms", CTL_MS},
    {NULL, NULL, CTL_TEXT},
};

static const struct ctl_column leg[] = {
    {"leg", "leg", CTL_TEXT},
    {"trunk", "trunk", CTL_TEXT},
    {"state", "state", CTL_TEXT},
    {"Call-ID", "sip_call_id", CTL_TEXT},
    {"from", "from", CTL_PARTY},
    {"to", "to", CTL_PARTY},
    {"peer", "peer", CTL_TEXT},
    {"transport", "transport", CTL_TEXT},
    {"start", "start", CTL_TIME},
    {"ring", "ring", CTL_TIME},
    {"answer", "answer", CTL_TIME},
    {"attempts", "attempts", CTL_NUMBER},
    {"mid-calls consumed", "midcalls_consumed", CTL_NUMBER},
    {"mid-calls forwarded", "midcalls_forwarded", CTL_NUMBER},
    {"refreshes sent", "refreshes_sent", CTL_NUMBER},
    {"refreshes received", "refreshes_received", CTL_NUMBER},
    {"timer: interval", "timer.interval_s", CTL_INTERVAL},
    {"timer: Min-SE", "timer.min_se_s", CTL_INTERVAL},
    {"timer: refresher", "timer.refresher", CTL_TEXT},
    {"timer: why", "timer.why", CTL_TEXT},
    {"timer: method", "timer.method", CTL_TEXT},
    {"timer: refresh in", "timer.next_refresh_s", CTL_SECONDS},
    {"timer: expires in", "timer.expires_s", CTL_SECONDS},
    {"timer: last", "timer.result", CTL_TEXT},
    {NULL, NULL, CTL_TEXT},
};

/* That are called at the same time. */
static const struct ctl_column devices[] = {
    {"DEVICE", "attempt", CTL_NUMBER},
    {"STATE", "state", CTL_TEXT},
    {"PEER", "peer", CTL_TEXT},
    {"TRANSPORT", "transport", CTL_TEXT},
    {"CALL-ID", "sip_call_id", CTL_TEXT},
    {"RING", "ring", CTL_TIME},
    {NULL, NULL, CTL_TEXT},
};

static void show_call(const json_t *answer, FILE *out) {
    ctl_columns_values(answer, false, call, out);
    fputc('\n', out);
    ctl_columns_values(json_object_get(answer, "legs"), true, leg, out);
    if (json_object_get(answer, "devices") == NULL)
        return;
    fputc('\n', out);
    ctl_columns_list(json_object_get(answer, "devices"), devices, out);
}

static void show_status(const json_t *answer, FILE *out) {
    ctl_columns_values(answer, false, status, out);
    ctl_show_services(answer, out);
}

/* --- the rest --- */

static long long number_of(const json_t *object, const char *key) {
    return (long long)json_integer_value(json_object_get(object, key));
}

/* A list that does not show all says so. */
static void show_some(const json_t *answer, const char *name, const struct ctl_column *columns, FILE *out) {
    const json_t *list = json_object_get(answer, name);

    ctl_columns_list(list, columns, out);
    if (json_is_true(json_object_get(answer, "cut")))
        fprintf(out, "%zu of %lld are shown; more with --limit N\n", json_array_size(list), number_of(answer, "total"));
}

static void show_calls(const json_t *answer, FILE *out) {
    show_some(answer, "calls", calls, out);
}

static void show_timers(const json_t *answer, FILE *out) {
    show_some(answer, "timers", timers, out);
}

static void show_nodes(const json_t *answer, FILE *out) {
    const json_t *list = json_object_get(answer, "nodes"), *one;
    size_t i;

    ctl_columns_list(list, nodes, out);
    json_array_foreach(list, i, one) {
        ctl_columns_age(one, out);
    }
    fprintf(out, "rebalancing: %s; spread %lld %%; moved so far: %lld\n",
            json_is_true(json_object_get(answer, "rebalancing")) ? "on" : "off", number_of(answer, "spread_percent"),
            number_of(answer, "moved"));
}

static void show_peers(const json_t *answer, FILE *out) {
    const json_t *self = json_object_get(answer, "self"), *advice = json_object_get(answer, "advice");
    const char *target = json_string_value(json_object_get(advice, "target"));

    ctl_columns_list(json_object_get(answer, "peers"), peers, out);
    if (!json_is_object(self)) {
        fputs("no peers: cluster.peers names none\n", out);
        return;
    }
    fprintf(out, "%s, this node: %s; %lld registrations, %lld calls; busy %lld %%; stun %s\n",
            json_string_value(json_object_get(self, "name")), json_string_value(json_object_get(self, "says")),
            number_of(self, "registrations"), number_of(self, "calls"), number_of(self, "busy_percent"),
            json_string_value(json_object_get(self, "stun")));
    fprintf(out, "advice to clients: %s%s; given so far: %lld\n", target != NULL ? "go to " : "none",
            target != NULL ? target : "", number_of(advice, "given"));
}

static void show_stun(const json_t *answer, FILE *out) {
    fprintf(out, "stun %s\n", json_string_value(json_object_get(answer, "stun")));
}

static void show_maintenance(const json_t *answer, FILE *out) {
    const json_t *how = json_object_get(answer, "maintenance");

    if (json_is_null(how)) {
        fputs("maintenance off\n", out);
        return;
    }
    fprintf(out, "maintenance on: %lld registrations, %lld calls; %lld calls ended\n", number_of(how, "registrations"),
            number_of(how, "calls"), number_of(answer, "calls_ended"));
}

static void show_registrations(const json_t *answer, FILE *out) {
    show_some(answer, "registrations", registrations, out);
    fprintf(out, "%lld registrations now, %lld at most since the start\n", number_of(answer, "current"),
            number_of(answer, "peak"));
}

static void show_bans(const json_t *answer, FILE *out) {
    ctl_columns_list(json_object_get(answer, "bans"), bans, out);
}

static void show_banned(const json_t *answer, FILE *out) {
    fprintf(out, "%s is banned\n", json_string_value(json_object_get(answer, "banned")));
}

static void show_unbanned(const json_t *answer, FILE *out) {
    fprintf(out, "%s is banned no more\n", json_string_value(json_object_get(answer, "unbanned")));
}

static void show_commands(const json_t *answer, FILE *out) {
    ctl_columns_list(json_object_get(answer, "commands"), commands, out);
}

static void show_metrics(const json_t *answer, FILE *out) {
    fputs(json_string_value(json_object_get(answer, "metrics")), out);
}

static const struct ctl_column trace[] = {
    {"trace", "trace", CTL_TEXT},   {"file", "file", CTL_TEXT},           {"messages", "messages", CTL_NUMBER},
    {"bytes", "bytes", CTL_NUMBER}, {"ended because", "ended", CTL_TEXT}, {"dropped", "dropped", CTL_NUMBER},
    {NULL, NULL, CTL_TEXT},
};

static void show_trace(const json_t *answer, FILE *out) {
    ctl_columns_values(answer, false, trace, out);
}

static void show_ended(const json_t *answer, FILE *out) {
    fprintf(out, "call %s: BYE to both sides\n", json_string_value(json_object_get(answer, "ended")));
}

static void show_log_level(const json_t *answer, FILE *out) {
    ctl_columns_list(json_object_get(answer, "rooms"), log_rooms, out);
}

/* The first row whose key is in the answer, as a value of its type, says how it looks. */
/* clang-format off */
static const struct {
    const char *key;
    json_type type;
    void (*show)(const json_t *answer, FILE *out);
} looks[] = {
    {"number", JSON_STRING, ctl_route_show},
    {"node", JSON_STRING, show_status},
    {"reload", JSON_STRING, ctl_show_reload},
    {"calls", JSON_ARRAY, show_calls},
    {"nodes", JSON_ARRAY, show_nodes},
    {"peers", JSON_ARRAY, show_peers},
    {"stun", JSON_STRING, show_stun},
    {"calls_ended", JSON_INTEGER, show_maintenance},
    {"trace", JSON_STRING, show_trace},
    {"ladder", JSON_ARRAY, ctl_ladder_show},
    {"legs", JSON_ARRAY, show_call},
    {"timers", JSON_ARRAY, show_timers},
    {"trunks", JSON_ARRAY, ctl_show_trunks},
    {"registrations", JSON_ARRAY, show_registrations},
    {"commands", JSON_ARRAY, show_commands},
    {"metrics", JSON_STRING, show_metrics},
    {"ended", JSON_STRING, show_ended},
    {"log_level", JSON_STRING, show_log_level},
    {"bans", JSON_ARRAY, show_bans},
    {"banned", JSON_STRING, show_banned},
    {"unbanned", JSON_STRING, show_unbanned},
};
/* clang-format on */

void ctl_show(const json_t *answer, FILE *out) {
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        const json_t *value = json_object_get(answer, looks[i].key);
        if (value == NULL || json_typeof(value) != looks[i].type)
            continue;
        looks[i].show(answer, out);
        return;
    }
    json_dumpf(answer, out, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    fputc('\n', out);
}

void ctl_print(const struct ctl_how *how, struct sbuf *json, void (*show)(const json_t *answer, FILE *out)) {
    if (how->as_json) {
        sbuf_putc(json, '\n');
        fwrite(json->p, 1, json->n, how->out);
        return;
    }
    json_t *answer = json_loadb(json->p, json->n, 0, NULL);
    show(answer, how->out);
    json_decref(answer);
}
