/* Who may learn what of a message that crosses: the trunks of both legs, and what the one who speaks has asked for. */
#include "b2bua/call/impl.h"
#include "b2bua/log/log.h"

/* The trunk that `m` came from: that of leg `mate`, unless it is a failure that was kept while others were tried. */
static int trunk_of(const struct leg *mate, const struct sip_msg *m) {
    const struct call *call = mate->call;

    return m->raw.p == call->failure_text.p ? call->failure_trunk : mate->trunk;
}

/* Signed is who calls whom (RFC 8224 4): what is translated or made anonymous is signed no more. */
static bool is_signature_void(const struct leg *leg, const struct sip_msg *m) {
    struct str to = str_from(m->to_line, str_find(m->to_line, ':'));

    return leg->names != NULL &&
           (!identity_same_number(m->from_user, sip_user_of(leg->names->local)) ||
            !identity_same_number(sip_user_of(str_from(to, to.n > 0)), sip_user_of(leg->names->remote)));
}

static unsigned brings(const struct sip_msg *m) {
    unsigned bits = 0;

    for (int kind = IDENTITY_PAI; kind <= IDENTITY_RPID; kind++)
        bits |= m->identities[kind].n > 0 ? IDENTITY_BIT(kind) : 0;
    return bits;
}

struct identity_plan identity_for(const struct leg *leg, const struct leg *mate, const struct sip_msg *m) {
    const struct settings_trunk *from = &leg->call->settings->trunks[trunk_of(mate, m)];
    struct identity_facts f = {.from = &from->privacy,
                               .to = &leg_trunk(leg)->privacy,
                               .privacy = m->privacy != 0 ? m->privacy : mate->privacy,
                               .said = m->privacy,
                               .has = brings(m),
                               .rpid_private = m->rpid_private};
    struct identity_plan plan;

    identity_plan(&f, &plan);
    return plan;
}

static void drop_signature(struct leg *leg, struct identity_plan *plan) {
    plan->drops |= IDENTITY_BIT(IDENTITY_SIGNATURE);
    leg_counts(leg)->identity[CALLS_ID_UNSIGNED]++;
    log_info("call=%016llx leg=%c identity=dropped why=\"caller or called is not what was signed\"",
             (unsigned long long)leg->call->id, leg->role == LEG_A ? 'a' : 'b');
}

static void count(struct leg *b, const struct sip_msg *m, const struct identity_plan *plan) {
    uint64_t *counts = leg_counts(b)->identity;

    if (m->status != 0 || m->method != METHOD_INVITE || b->role != LEG_B || b->dialog != NULL)
        return;
    counts[CALLS_ID_WITHHELD] += plan->leaves_trust && (brings(m) & plan->drops & IDENTITY_BIT(IDENTITY_PAI)) != 0;
    counts[CALLS_ID_ANONYMOUS] += plan->anonymous_from;
}

bool identity_refuses(struct leg *b, const struct sip_msg *m) {
    if (!identity_for(b, leg_mate(b), m).impossible)
        return false;
    leg_counts(b)->identity[CALLS_ID_REFUSED]++;
    log_info("call=%016llx leg=b trunk=%s status=500 why=\"privacy that is critical is not in our power\"",
             (unsigned long long)b->call->id, leg_trunk(b)->name);
    return true;
}

void identity_cross(struct leg *leg, struct leg *mate, const struct sip_msg *m, struct sip_cross *x) {
    if (m->privacy != 0)
        mate->privacy = m->privacy;
    if ((m->session_id[0] | m->session_id[1]) != 0)
        memcpy(mate->session_id, m->session_id, sizeof mate->session_id);
    x->settings = leg->call->settings;
    x->from_trunk = trunk_of(mate, m);
    x->to_trunk = leg->trunk;
    x->to_caller = leg->role == LEG_A;
    x->front = front_shares(leg->call);
    x->rules[0] = x->settings->trunks[x->from_trunk].headers;
    x->rules[1] = leg_trunk(leg)->headers;
    x->plan = identity_for(leg, mate, m);
    count(leg, m, &x->plan);
    if (m->is_signed && m->status == 0 && is_signature_void(leg, m))
        drop_signature(leg, &x->plan);
}

static bool may_cross(const struct leg *leg, struct str header) {
    const struct settings_trunk *trunks = leg->call->settings->trunks;

    return header_rules_pass(trunks[leg->trunk].headers, header) &&
           header_rules_pass(trunks[leg_mate((struct leg *)leg)->trunk].headers, header);
}

void identity_session(const struct leg *leg, struct sip_cross *x) {
    const struct leg *mate = leg_mate((struct leg *)leg);

    if (!may_cross(leg, STR("Session-ID")))
        return;
    memcpy(&x->session_id[0], mate->session_id, sizeof mate->session_id);
    memcpy(&x->session_id[2], leg->session_id, sizeof leg->session_id);
}

struct str identity_reason(const struct leg *leg, const struct sip_msg *m) {
    return m == NULL || !may_cross(leg, STR("Reason")) ? STR_NONE : m->reason;
}
