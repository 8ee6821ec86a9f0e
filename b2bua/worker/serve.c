/* Who serves which request: calls, the registrar, or an answer on the spot. */
#include "b2bua/worker/engine_impl.h"

#define ENGINE_ALLOW_OUTSIDE "INVITE, ACK, CANCEL, BYE, OPTIONS" /* without a dialog */
#define ENGINE_ALLOW         "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, MESSAGE, NOTIFY"

/* Only requests outside dialogs are judged by their source: a dialog proves itself by its tags. */
static int admit(void *ctx, const struct ua_in *in, struct sip_fault *fault) {
    struct engine *e = ctx;

    if (calls_known(e->calls, &in->msg))
        return 0;
    bool is_client = registrar_is_client(e->registrar, in);
    if (is_client || in->trunk >= 0) {
        int status = is_client ? registrar_admit(e->registrar, in) : heart_admit(e->heart, in);
        return status != 0 ? status : shed_request(&e->shed, e->ua, e->settings, in, fault);
    }
    guard_event(e->guard, BANS_SIP_INTRUSION, GUARD_UNKNOWN_SOURCE, &in->flow.peer, in->now_ms);
    return e->settings->security.unknown_source == UNKNOWN_REJECT ? 403 : -1;
}

static void suspect(void *ctx, const struct flow *from, uint64_t now_ms) {
    struct engine *e = ctx;

    guard_event(e->guard, BANS_SIP_INTRUSION, GUARD_MALFORMED, &from->peer, now_ms);
}

/* A transfer is a new call, too. */
static bool no_more_calls(struct engine *e, struct ua_in *in) {
    const struct settings_security *s = &e->settings->security;
    int limit = POOL_ADMITTED;

    if (e->draining)
        ua_refuse(e->ua, in, 503, NULL, "Retry-After: 120\r\n");
    else if ((limit = pool_admit(e->pool, (uint32_t)s->max_calls, (uint32_t)s->calls_per_second, in->now_ms)) !=
             POOL_ADMITTED)
        ua_refuse(e->ua, in, 503, NULL, limit == POOL_CALLS ? "Retry-After: 10\r\n" : "Retry-After: 1\r\n");
    return e->draining || limit != POOL_ADMITTED;
}

static void invite(struct engine *e, struct ua_in *in) {
    if (!no_more_calls(e, in))
        calls_invite(e->calls, in);
}

/* RFC 3261 11.2: answered as an INVITE would be. */
static void options(struct engine *e, struct ua_in *in) {
    struct sip_fault fault = {0};

    if (in->msg.max_forwards == 0)
        ua_refuse(e->ua, in, 483, NULL, NULL);
    else if (sip_check_require(&in->msg, SIP_OPTION_100REL, &fault) < 0)
        ua_refuse(e->ua, in, fault.status, fault.phrase, fault.extra);
    else
        ua_refuse(e->ua, in, e->draining ? 503 : 200, NULL,
                  "Allow: " ENGINE_ALLOW "\r\nAccept: application/sdp\r\nSupported: 100rel, replaces\r\n");
}

static void forbidden(struct engine *e, struct ua_in *in) {
    ua_refuse(e->ua, in, 403, NULL, NULL);
}

static void no_dialog(struct engine *e, struct ua_in *in) {
    ua_refuse(e->ua, in, 481, NULL, NULL);
}

/* Who serves a request outside any dialog. A method without a row that belongs into dialogs gets 481, a known one 405,
 * another 501. */
static void (*const outside[METHODS])(struct engine *, struct ua_in *) = {
    [METHOD_INVITE] = invite,    [METHOD_OPTIONS] = options, [METHOD_REGISTER] = forbidden, [METHOD_BYE] = no_dialog,
    [METHOD_UPDATE] = no_dialog, [METHOD_PRACK] = no_dialog, [METHOD_INFO] = no_dialog,     [METHOD_NOTIFY] = no_dialog,
};

/* Maintenance: nothing new; and what belongs into a dialog is told that there is none. */
static bool maintained(struct engine *e, struct ua_in *in) {
    char lines[512];

    if (e->switches == NULL || switches_maintained_ms(e->switches) == 0 || in->msg.to_tag.n > 0 ||
        outside[in->msg.method] == no_dialog)
        return false;
    switches_maintenance_lines(e->switches, e->settings->listens[in->flow.listen].host, lines, sizeof lines);
    ua_refuse(e->ua, in, 503, NULL, lines);
    return true;
}

static void request(void *ctx, struct ua_in *in) {
    struct engine *e = ctx;

    if (heart_request(e->heart, in) || registrar_request(e->registrar, in) || maintained(e, in))
        return;
    if (in->msg.to_tag.n > 0) {
        if (in->msg.method == METHOD_REFER && calls_known(e->calls, &in->msg) && no_more_calls(e, in))
            return;
        if (!calls_request(e->calls, in) && !registrar_relay(e->registrar, in))
            no_dialog(e, in);
        return;
    }
    if (registrar_relay(e->registrar, in))
        return;
    if (outside[in->msg.method] != NULL)
        outside[in->msg.method](e, in);
    else
        ua_refuse(e->ua, in, in->msg.method == METHOD_UNKNOWN ? 501 : 405, NULL, "Allow: " ENGINE_ALLOW_OUTSIDE "\r\n");
}

static void ack(void *ctx, struct ua_in *in) {
    struct engine *e = ctx;

    calls_ack(e->calls, in);
}

static void cancel(void *ctx, struct tx *invite_tx, struct ua_in *in) {
    struct engine *e = ctx;

    calls_cancel(e->calls, invite_tx, in);
}

static struct ua_rules *rules(void *ctx, struct str call_id, uint8_t *leg) {
    struct engine *e = ctx;

    return calls_rules(e->calls, call_id, leg);
}

static struct settings *kept(void *ctx, struct str call_id) {
    struct engine *e = ctx;

    return calls_kept(e->calls, call_id);
}

static uint32_t again(void *ctx, const struct tx *tx, const struct sip_msg *m) {
    struct engine *e = ctx;

    return calls_again(e->calls, tx, m);
}

const struct ua_ops engine_ua_ops = {admit, suspect, request, ack, rules, kept, again, cancel};
