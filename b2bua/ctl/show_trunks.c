#include "b2bua/ctl/show_trunks.h"

#include <string.h>

#include "b2bua/ctl/columns.h"

enum { PLACES_ALONE = 13 }; /* columns of every trunk; then those of trunks that register */

/* A line for each place; see line_of. */
static const struct ctl_column places[] = {
    {"TRUNK", "trunk.name", CTL_WORDS},
    {"STATE", "trunk.state", CTL_WORDS},
    {"CALLS", "trunk.calls", CTL_NUMBER},
    {"TARGET", "target", CTL_WORDS},
    {"ADDRESS", "place.address", CTL_WORDS},
    {"IS", "place.state", CTL_WORDS},
    {"SINCE", "place.since_s", CTL_SECONDS},
    {"BY", "place.evidence", CTL_WORDS},
    {"CARRIES", "place.calls", CTL_NUMBER},
    {"LAST ERROR", "place.last_error", CTL_TEXT},
    {"AGO", "place.last_error_s", CTL_SECONDS},
    {"PROBE IN", "place.next_probe_s", CTL_SECONDS},
    {"DOWN WITHIN", "trunk.detection_s", CTL_SECONDS},
    {"REGISTRATION", "trunk.registration.state", CTL_TEXT},
    {"REASON", "trunk.registration.reason", CTL_TEXT},
    {NULL, NULL, CTL_TEXT},
};

static const struct ctl_column course[] = {
    {"TRUNK", "name", CTL_TEXT},
    {"CALLS", "limits.calls", CTL_OF},
    {"CALLS/S", "limits.calls_per_second", CTL_OF},
    {"ANSWERED IN", "success.in.recent", CTL_SHARE},
    {"SINCE START", "success.in.since_start", CTL_SHARE},
    {"ANSWERED OUT", "success.out.recent", CTL_SHARE},
    {"SINCE START", "success.out.since_start", CTL_SHARE},
    {"REFRESHES OK", "refreshes.sent_ok", CTL_NUMBER},
    {"FAILED", "refreshes.sent_failed", CTL_NUMBER},
    {"RECEIVED", "refreshes.received", CTL_NUMBER},
    {NULL, NULL, CTL_TEXT},
};

static const struct ctl_column errors[] = {
    {"TRUNK", "trunk", CTL_TEXT},
    {"DIRECTION", "error.direction", CTL_TEXT},
    {"STATUS", "error.status", CTL_NUMBER},
    {"ERROR", "error.reason", CTL_TEXT},
    {"CAUSE", "error.cause", CTL_TEXT},
    {"BY", "error.ended_by", CTL_TEXT},
    {"TIMES", "error.count", CTL_NUMBER},
    {"AGO", "error.ago_s", CTL_SECONDS},
    {"LAST CALL", "error.call_id", CTL_TEXT},
    {NULL, NULL, CTL_TEXT},
};

/* What is said of the trunk stands on its first line. */
static json_t *line_of(json_t *trunk, bool first, json_t *target, json_t *place) {
    json_t *line = json_object();

    if (first)
        json_object_set(line, "trunk", trunk);
    else
        json_object_set_new(line, "trunk", json_pack("{ssss}", "name", "", "state", ""));
    if (target != NULL)
        json_object_set(line, "target", json_object_get(target, "uri"));
    if (place != NULL)
        json_object_set(line, "place", place);
    else if (target != NULL)
        json_object_set_new(line, "place", json_pack("{s:O?}", "address", json_object_get(target, "reason")));
    return line;
}

static void lines_of_target(json_t *lines, json_t *trunk, json_t *target, bool first) {
    json_t *list = json_object_get(target, "places"), *place;
    size_t i;

    json_array_foreach(list, i, place) {
        json_array_append_new(lines, line_of(trunk, first && i == 0, target, place));
    }
    if (json_array_size(list) == 0)
        json_array_append_new(lines, line_of(trunk, first, target, NULL));
}

static bool one_registers(const json_t *list) {
    json_t *trunk;
    size_t i;

    json_array_foreach(list, i, trunk) {
        if (json_is_object(json_object_get(trunk, "registration")))
            return true;
    }
    return false;
}

static void show_places(const json_t *list, FILE *out) {
    struct ctl_column shown[sizeof places / sizeof *places];
    json_t *lines = json_array(), *trunk, *target;
    size_t i, j;

    json_array_foreach(list, i, trunk) {
        const json_t *targets = json_object_get(trunk, "targets");
        json_array_foreach(targets, j, target) {
            lines_of_target(lines, trunk, target, j == 0);
        }
        if (json_array_size(targets) == 0)
            json_array_append_new(lines, line_of(trunk, true, NULL, NULL));
    }
    memcpy(shown, places, sizeof shown);
    if (!one_registers(list))
        shown[PLACES_ALONE] = (struct ctl_column){NULL, NULL, CTL_TEXT};
    ctl_columns_list(lines, shown, out);
    json_decref(lines);
}

static void show_errors(const json_t *list, FILE *out) {
    json_t *lines = json_array(), *trunk, *error;
    size_t i, j;

    json_array_foreach(list, i, trunk) {
        json_array_foreach(json_object_get(trunk, "errors"), j, error) {
            json_array_append_new(lines, json_pack("{sOsO}", "trunk", json_object_get(trunk, "name"), "error", error));
        }
    }
    if (json_array_size(lines) > 0) {
        fputc('\n', out);
        ctl_columns_list(lines, errors, out);
    }
    json_decref(lines);
}

void ctl_show_trunks(const json_t *answer, FILE *out) {
    const json_t *list = json_object_get(answer, "trunks"), *trunk, *target;
    size_t i, j;

    show_places(list, out);
    fputs("\nanswered (effective: or busy, away, declined), of the calls of the last 15 minutes\n", out);
    ctl_columns_list(list, course, out);
    show_errors(list, out);
    json_array_foreach(list, i, trunk) {
        json_array_foreach(json_object_get(trunk, "targets"), j, target) {
            ctl_columns_age(target, out);
        }
        if (json_object_get(trunk, "note") != NULL)
            fprintf(out, "%s: %s\n", json_string_value(json_object_get(trunk, "name")),
                    json_string_value(json_object_get(trunk, "note")));
    }
}
