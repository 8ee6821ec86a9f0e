/* What others see of a registration. */
#include <stdio.h>

#include "b2bua/log/log.h"
#include "b2bua/upkeep/line_impl.h"

static void copy_text(char *to, const char *from) {
    struct sbuf b = sbuf_on(to, REGISTRATION_TEXT_MAX - 1);

    sbuf_puts(&b, from);
    to[b.n] = '\0';
}

/* "503 Service Unavailable / System in Maintenance Mode"; `warning` is of the peer, and may be empty. */
void line_reason(struct line *n, int status, struct str warning) {
    char safe[REGISTRATION_REASON_MAX / 2];

    snprintf(n->reason, sizeof n->reason, "%d %s%s%s", status, sip_phrase(status), warning.n > 0 ? " / " : "",
             log_safe(warning, safe, sizeof safe));
}

void line_show(struct line *n) {
    struct registration r = {.state = n->reg.state,
                             .status = n->reg.status,
                             .granted_s = n->reg.granted_s,
                             .until_ms = n->reg.until_ms,
                             .next_ms = n->reg.at_ms,
                             .registered = n->registered,
                             .failed = n->failed};

    if (n->reg.status != 0)
        memcpy(r.reason, n->reason, sizeof r.reason);
    copy_text(r.aor, line_trunk(n)->reg.aor);
    copy_text(r.target, line_target(n)->uri);
    if (n->has_place)
        addr_format(&n->place.flow.peer, r.address);
    registrations_put(n->lines->config.registrations, line_trunk(n)->name, &r, n->route);
}

/* The first time, and when it is another place than before. */
static void log_granted(struct line *n, bool again) {
    char was[ADDR_TEXT_MAX];

    memcpy(was, n->at, sizeof was);
    addr_format(&n->place.flow.peer, n->at);
    if (again && strcmp(was, n->at) == 0)
        return;
    log_info("trunk=%s registration=%s what=\"Registered as '%s' to '%s'\" target=%s expires=%u", line_trunk(n)->name,
             regclient_state_name(n->reg.state), line_trunk(n)->reg.aor, n->at, line_target(n)->uri, n->reg.granted_s);
}

void line_log_change(struct line *n, enum reg_state was) {
    const struct settings_trunk *t = line_trunk(n);
    const char *state = regclient_state_name(n->reg.state);

    if (n->reg.state == REG_REGISTERED && n->reg.status == 0 && n->has_place)
        log_granted(n, was == REG_REGISTERED);
    else if (n->reg.state == REG_GONE && was != REG_GONE)
        log_info("trunk=%s registration=%s aor=%s target=%s", t->name, state, t->reg.aor, line_target(n)->uri);
    else if (n->reg.state != was)
        log_warn("trunk=%s registration=%s aor=%s target=%s reason=\"%s\"", t->name, state, t->reg.aor,
                 line_target(n)->uri, n->reg.status != 0 ? n->reason : "it has run out");
}

void line_log_failure(const struct line *n, int status) {
    char at[ADDR_TEXT_MAX] = "none";

    if (n->has_place)
        addr_format(&n->place.flow.peer, at);
    log_warn("trunk=%s registration=%s aor=%s target=%s address=%s status=%d reason=\"%s\"", line_trunk(n)->name,
             regclient_state_name(n->reg.state), line_trunk(n)->reg.aor, line_target(n)->uri, at, status, n->reason);
}

void line_log_lost(const struct line *n) {
    log_warn("trunk=%s registration=%s aor=%s target=%s reason=\"Connection lost\"", line_trunk(n)->name,
             regclient_state_name(n->reg.state), line_trunk(n)->reg.aor, line_target(n)->uri);
}
