#include "b2bua/ctl/show.h"

#include <stdlib.h>

#include "b2bua/ctl/columns.h"
#include "b2bua/ctl/ladder.h"
#include "b2bua/ctl/route.h"
#include "b2bua/ctl/show_calls.h"
#include "b2bua/ctl/show_front.h"
#include "b2bua/ctl/show_reload.h"
#include "b2bua/ctl/show_services.h"
#include "b2bua/ctl/show_trunks.h"
#include "b2bua/ctl/table.h"

/* --- lists: a row each --- */

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

/* --- one thing: a line for each value --- */

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

static void show_status(const json_t *answer, FILE *out) {
    ctl_columns_values(answer, false, status, out);
    ctl_show_services(answer, out);
}

/* --- the rest --- */

static void show_bans(const json_t *answer, FILE *out) {
    const json_t *list = json_object_get(answer, "bans");

    if (json_array_size(list) == 0)
        fputs("nobody is banned\n", out);
    else
        ctl_columns_list(list, bans, out);
}

static void show_banned(const json_t *answer, FILE *out) {
    fprintf(out, "%s is banned\n", json_string_value(json_object_get(answer, "banned")));
}

static void show_unbanned(const json_t *answer, FILE *out) {
    fprintf(out, "%s is banned no more\n", json_string_value(json_object_get(answer, "unbanned")));
}

/* Arguments that are too long for their column push the help below. */
static void show_commands(const json_t *answer, FILE *out) {
    enum { ROOM = 48 };
    char text[CTL_CELL_MAX], safe[CTL_CELL_MAX];
    const char *name, *arguments, *help;
    json_t *one;
    size_t i;

    json_array_foreach(json_object_get(answer, "commands"), i, one) {
        if (json_unpack(one, "{ssssss}", "command", &name, "arguments", &arguments, "help", &help) < 0)
            continue;
        int n = snprintf(text, sizeof text, "%s %s", name, arguments);
        fprintf(out, "%-*s", ROOM, ctl_safe(text, safe, sizeof safe));
        if (n >= ROOM)
            fprintf(out, "\n%*s", ROOM, "");
        fprintf(out, "  %s\n", ctl_safe(help, safe, sizeof safe));
    }
    fputs("twinlegctl -h lists what needs no daemon: explain, profile test\n", out);
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
    {"calls", JSON_ARRAY, ctl_show_calls},
    {"nodes", JSON_ARRAY, ctl_show_nodes},
    {"peers", JSON_ARRAY, ctl_show_peers},
    {"stun", JSON_STRING, ctl_show_stun},
    {"calls_ended", JSON_INTEGER, ctl_show_maintenance},
    {"trace", JSON_STRING, show_trace},
    {"ladder", JSON_ARRAY, ctl_ladder_show},
    {"legs", JSON_ARRAY, ctl_show_call},
    {"timers", JSON_ARRAY, ctl_show_timers},
    {"trunks", JSON_ARRAY, ctl_show_trunks},
    {"registrations", JSON_ARRAY, ctl_show_registrations},
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
