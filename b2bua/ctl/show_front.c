/* The registration front: call managers, fellow nodes, who is registered, and its switches. */
#include "b2bua/ctl/show_front.h"

#include "b2bua/ctl/columns.h"

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

void ctl_show_nodes(const json_t *answer, FILE *out) {
    const json_t *list = json_object_get(answer, "nodes"), *one;
    size_t i;

    if (json_array_size(list) == 0) {
        fputs("no call managers: cluster.nodes names none\n", out);
        return;
    }
    ctl_columns_list(list, nodes, out);
    json_array_foreach(list, i, one) {
        ctl_columns_age(one, out);
    }
    fprintf(out, "rebalancing: %s; spread %lld %%; moved so far: %lld\n",
            json_is_true(json_object_get(answer, "rebalancing")) ? "on" : "off",
            ctl_number_of(answer, "spread_percent"), ctl_number_of(answer, "moved"));
}

void ctl_show_peers(const json_t *answer, FILE *out) {
    const json_t *self = json_object_get(answer, "self"), *advice = json_object_get(answer, "advice");
    const char *target = json_string_value(json_object_get(advice, "target"));

    if (!json_is_object(self)) {
        fputs("no peers: cluster.peers names none\n", out);
        return;
    }
    ctl_columns_list(json_object_get(answer, "peers"), peers, out);
    fprintf(out, "%s, this node: %s; %lld registrations, %lld calls; busy %lld %%; stun %s\n",
            json_string_value(json_object_get(self, "name")), json_string_value(json_object_get(self, "says")),
            ctl_number_of(self, "registrations"), ctl_number_of(self, "calls"), ctl_number_of(self, "busy_percent"),
            json_string_value(json_object_get(self, "stun")));
    fprintf(out, "advice to clients: %s%s; given so far: %lld\n", target != NULL ? "go to " : "none",
            target != NULL ? target : "", ctl_number_of(advice, "given"));
}

void ctl_show_stun(const json_t *answer, FILE *out) {
    fprintf(out, "stun %s\n", json_string_value(json_object_get(answer, "stun")));
}

void ctl_show_maintenance(const json_t *answer, FILE *out) {
    const json_t *how = json_object_get(answer, "maintenance");

    if (json_is_null(how)) {
        fputs("maintenance off\n", out);
        return;
    }
    fprintf(out, "maintenance on: %lld registrations, %lld calls; %lld calls ended\n",
            ctl_number_of(how, "registrations"), ctl_number_of(how, "calls"), ctl_number_of(answer, "calls_ended"));
}

void ctl_show_registrations(const json_t *answer, FILE *out) {
    ctl_columns_some(answer, "registrations", registrations, out);
    fprintf(out, "%lld registrations now, %lld at most since the start\n", ctl_number_of(answer, "current"),
            ctl_number_of(answer, "peak"));
}
