/* SIP profiles: what the rules of a trunk make of its messages, on their way in before they are parsed, on their way
 * out as the last thing before the wire. */
#include <stdlib.h>

#include "b2bua/core/frame.h"
#include "b2bua/log/log.h"
#include "b2bua/trunk/trunk.h"
#include "b2bua/ua/impl.h"

/* Whoever sends what rules fail on could fill the log: the first is told, the second, the fourth ... */
static void count(struct ua *ua, const struct settings_profile *p, const char *way) {
    struct profile_tally t = profile_tally(ua->profile_ctx);
    struct ua_profile_counts *c = &ua->profile_counts[p->slot];
    uint64_t failed = (uint64_t)(t.broken + t.cut) + t.limit;

    c->applied += (uint64_t)t.changed;
    c->failed += failed;
    if (failed == 0 || (c->failed & (c->failed - 1)) != 0)
        return;
    log_warn("profile=\"%s\" direction=%s line=%d failed=%s in_all=%llu", p->name, way,
             t.last_rule < 0 ? 0 : profile_rule_line(p->rules, t.last_rule),
             t.limit     ? "limit"
             : t.cut > 0 ? "time"
                         : "broken",
             (unsigned long long)c->failed);
}

static void note(struct ua *ua, const struct settings_profile *p, struct str text, const char *way) {
    int changed = profile_tally(ua->profile_ctx).changed;

    if (changed > 0)
        ladder_note(ua->config.ladder, frame_call_id(text), "profile %s, %s: %d rule%s changed it", p->name, way,
                    changed, changed == 1 ? "" : "s");
}

static struct str apply(struct ua *ua, const struct settings_profile *p, struct profile_message *m,
                        struct profile_vars *vars, struct str text, const char *way) {
    const struct ua_watch *watch = ua->config.watch;
    struct str out = text;

    if (ua->profile_ctx == NULL)
        ua->profile_ctx = profile_ctx_new();
    profile_apply(ua->profile_ctx, p->rules, m, vars, text, &out,
                  watch == NULL ? NULL : watch->rules(watch->ctx, p, *way == 'o', m, text));
    count(ua, p, way);
    note(ua, p, text, way);
    return out;
}

struct ua_rules *ua_rules_new(void) {
    struct ua_rules *r = mem_zalloc(sizeof *r);

    r->vars = profile_vars_new();
    return r;
}

void ua_rules_free(struct ua_rules *r) {
    if (r != NULL)
        profile_vars_free(r->vars);
    free(r);
}

static bool has_body(struct str text) {
    return text.n < 4 || memcmp(text.p + text.n - 4, "\r\n\r\n", 4) != 0;
}

/* What the call that the message belongs to keeps, where that matters: for variables, and for what a leg is told. NULL:
 * no call yet. */
static struct ua_rules *rules_of(struct ua *ua, const struct settings_profile *p, struct str text,
                                 struct profile_message *m) {
    if (!profile_has_vars(p->rules) && !(ua->describes && has_body(text)))
        return NULL;
    return ua->config.ops->rules(ua->config.ctx, frame_call_id(text), &m->leg);
}

static struct profile_vars *vars_of(struct ua_rules *rules) {
    return rules == NULL ? NULL : rules->vars;
}

/* A response does not say whether its INVITE was the first of the dialog: the transaction knows. */
static bool answers_reinvite(const struct ua *ua, const struct profile_message *m, struct str raw) {
    if (!m->response || m->method != METHOD_INVITE)
        return false;
    const struct tx *tx = txnset_peek(ua->txns, frame_branch(raw), METHOD_INVITE);
    return tx != NULL && ua_mark_reinvite(tx);
}

struct str ua_rewrite_in(struct ua *ua, const struct flow *from, struct str raw, struct ua_rules **fresh) {
    const struct settings *s = ua_settings_for(ua, raw);
    int trunk = s->profile_count == 0 ? -1 : ua_trunk_of(ua, s, from);
    const struct settings_profile *p = trunk < 0 ? NULL : s->trunks[trunk].profile_in;
    if (p == NULL)
        return raw;
    struct profile_message m = profile_message_of(raw);
    struct ua_rules *rules = rules_of(ua, p, raw, &m);
    m.reinvite |= answers_reinvite(ua, &m, raw);
    if (rules == NULL && profile_has_vars(p->rules) && m.method == METHOD_INVITE && !m.response && !m.reinvite)
        rules = *fresh = ua_rules_new();
    struct str out = apply(ua, p, &m, vars_of(rules), raw, "in");
    if (rules != NULL && profile_keeps(p->rules))
        profile_keep(ua->profile_ctx, p->rules, NULL, rules->vars, m.leg, out);
    if (out.p == raw.p)
        return raw;
    memcpy(ua->in, out.p, out.n); /* what is made of it goes through the same rules engine */
    return (struct str){ua->in, out.n};
}

struct str ua_rewrite_out(struct ua *ua, const struct settings_trunk *t, struct profile_message m,
                          const struct sip_msg *peer, struct str text) {
    if (t == NULL || t->profile_out == NULL || text.n == 0)
        return text;
    struct ua_rules *rules = rules_of(ua, t->profile_out, text, &m);
    if (peer != NULL)
        m.peer = peer->raw;
    struct str out = apply(ua, t->profile_out, &m, vars_of(rules), text, "out");
    return rules == NULL || !ua->describes || !has_body(out) ? out : ua_described(ua, &rules->told[m.leg], out);
}

/* An ACK to a failure, or a CANCEL: tx->keep is the snapshot that the INVITE belongs to, where its trunk has rules. */
struct str ua_rewrite_derived(void *ctx, struct tx *tx, struct str text) {
    const struct settings *s = tx->keep;
    struct ua *ua = ctx;

    if (s == NULL)
        return text;
    const struct settings_profile *p = s->trunks[ua_mark_trunk(tx)].profile_out;
    struct profile_message m = profile_message_of(text);
    struct ua_rules *rules = rules_of(ua, p, text, &m);
    m.derived = true;
    return apply(ua, p, &m, vars_of(rules), text, "out");
}

const struct settings_trunk *ua_trunk_at(struct ua *ua, const struct flow *flow, struct str text) {
    const struct settings *s = ua_settings_for(ua, text);
    int trunk = s->profile_count == 0 ? -1 : ua_trunk_of(ua, s, flow);

    return trunk < 0 ? NULL : &s->trunks[trunk];
}
