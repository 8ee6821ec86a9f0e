#include "b2bua/worker/shed.h"

#include <stdio.h>

#include "b2bua/core/peek.h"
#include "b2bua/log/log.h"

/* What opens something. */
static const unsigned opening = METHOD_BIT(METHOD_INVITE) | METHOD_BIT(METHOD_REGISTER) | METHOD_BIT(METHOD_MESSAGE) |
                                METHOD_BIT(METHOD_SUBSCRIBE) | METHOD_BIT(METHOD_REFER) | METHOD_BIT(METHOD_PUBLISH);

static bool is_emergency(const struct settings_security *s, struct str user) {
    for (int i = 0; i < s->emergency_count; i++)
        if (str_eq(str_of(s->emergency[i]), user))
            return true;
    return false;
}

static bool may_be_shed(const struct settings *s, enum method method, bool in_dialog, struct str user) {
    return (opening & METHOD_BIT(method)) != 0 && !in_dialog && !is_emergency(&s->security, user);
}

/* A copy may arrive both ways. */
static bool sheds(struct shed *s, struct ua *ua, struct str call_id, struct str branch) {
    if (!overload_may_shed(&s->overload) ||
        !overload_sheds(&s->overload, str_hash(call_id) * 31 + str_hash(branch), ua_random(ua)))
        return false;
    s->refused++;
    return true;
}

static void say(struct sip_fault *fault, struct ua *ua, const struct settings *settings) {
    fault->status = settings->security.overload_code;
    snprintf(fault->extra, sizeof fault->extra, "Retry-After: %u\r\n", overload_retry_s(ua_random(ua)));
}

void shed_tick(struct shed *s, const struct settings_security *policy, const struct overload_load *load,
               unsigned worker) {
    int turn = overload_tick(&s->overload, &policy->overload, load);

    if (turn > 0)
        log_warn("worker=%u overload=on lag_ms=%u busy=%u%% lost=%u", worker, load->lag_ms, s->overload.busy_percent,
                 load->lost);
    else if (turn < 0)
        log_warn("worker=%u overload=off refused=%llu", worker, (unsigned long long)s->refused);
}

bool shed_message(struct shed *s, struct ua *ua, const struct settings *settings, const struct flow *from,
                  struct str raw) {
    struct sip_fault fault = {0};
    struct peek p;

    s->passed = false;
    if (s->overload.shed_percent == 0 || peek_request(&p, raw) < 0 ||
        !may_be_shed(settings, p.method, p.in_dialog, p.user) || ua_trunk_of(ua, settings, from) < 0 ||
        ua_knows(ua, p.method, p.branch, p.sent_by))
        return false;
    s->passed = !sheds(s, ua, p.call_id, p.branch);
    if (s->passed)
        return false;
    say(&fault, ua, settings);
    ua_refuse_unread(ua, p.method, raw, &fault, from);
    return true;
}

int shed_request(struct shed *s, struct ua *ua, const struct settings *settings, const struct ua_in *in,
                 struct sip_fault *fault) {
    if (s->passed || !may_be_shed(settings, in->msg.method, in->msg.to_tag.n > 0, in->msg.uri_user) ||
        !sheds(s, ua, in->msg.call_id, in->msg.branch))
        return 0;
    say(fault, ua, settings);
    return fault->status;
}
