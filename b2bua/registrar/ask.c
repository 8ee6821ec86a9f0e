/* What a REGISTER asks, with the names that bindings have. */
#include "b2bua/registrar/impl.h"

static int too_long(const struct enrol_ask *e, const char **phrase) {
    for (int i = 0; i < e->count; i++)
        if (e->contacts[i].c.all.n > FRONT_CONTACT_MAX || e->contacts[i].c.instance.n > FRONT_INSTANCE_MAX) {
            *phrase = "Contact Too Long";
            return 400;
        }
    return 0;
}

struct str front_domain(struct str aor) {
    size_t at = str_find(aor, '@');

    return at < aor.n ? str_from(aor, at + 1) : aor;
}

static void read_call_id(struct front_ask *a, struct str raw) {
    struct enrol_lines lines = {0};

    enrol_line_next(&lines, raw, STR("Call-ID"), 'i', &a->call_id);
}

int front_ask_read(struct registrar *r, struct front_ask *a, struct str raw, const struct ua_in *in,
                   const char **phrase) {
    struct sbuf aor = sbuf_on(a->aor_text, sizeof a->aor_text);
    int status = enrol_ask_read(&a->enrol, raw, phrase);

    if (status == 0)
        status = too_long(&a->enrol, phrase);
    if (status != 0)
        return status;
    if (!sip_put_aor(&aor, sip_to_uri(&in->msg)) || aor.full) {
        *phrase = "Bad To header";
        return 400;
    }
    a->aor = sbuf_str(&aor);
    a->cseq = in->msg.cseq;
    a->flow = in->flow;
    a->via = registrar_via(r->config.shared, r->settings, &in->flow);
    a->is_local = front_local(r->settings, front_domain(a->aor)) != NULL;
    a->enrol.outbound &= in->msg.via_count == 1; /* RFC 5626 5.1: only who hears the client itself knows its flow */
    a->enrol.user_agent.n = a->enrol.user_agent.n > FRONT_AGENT_MAX ? FRONT_AGENT_MAX : a->enrol.user_agent.n;
    read_call_id(a, raw);
    for (int i = 0; i < a->enrol.count; i++) {
        const struct contact *c = &a->enrol.contacts[i].c;
        a->ids[i] = bindings_id(r->config.shared->bindings, a->aor, c->instance, c->reg_id, c->uri);
    }
    return 0;
}
