/* Calls and their timers, and one call with its legs beside each other. */
#include "b2bua/ctl/show_calls.h"

#include "b2bua/ctl/columns.h"

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

void ctl_show_calls(const json_t *answer, FILE *out) {
    ctl_columns_some(answer, "calls", calls, out);
}

void ctl_show_timers(const json_t *answer, FILE *out) {
    ctl_columns_some(answer, "timers", timers, out);
}

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

void ctl_show_call(const json_t *answer, FILE *out) {
    ctl_columns_values(answer, false, call, out);
    fputc('\n', out);
    ctl_columns_values(json_object_get(answer, "legs"), true, leg, out);
    if (json_object_get(answer, "devices") == NULL)
        return;
    fputc('\n', out);
    ctl_columns_list(json_object_get(answer, "devices"), devices, out);
}
