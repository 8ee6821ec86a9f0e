/* A 200 that lists what is registered for an AoR (RFC 3261 10.3 step 8), from the table alone. */
#include <stdlib.h>

#include "b2bua/registrar/impl.h"

static void put_bindings(struct registrar *r, struct sbuf *out, const struct front_ask *a, uint64_t now_ms) {
    struct bindings *all = r->config.shared->bindings;
    uint64_t ids[BINDINGS_OF_AOR_MAX];
    int n = bindings_of_aor(all, a->aor, ids);
    struct binding b;
    struct contact c;

    for (int i = 0; i < n; i++) {
        if (!bindings_get(all, ids[i], &b) || b.f.told_ms <= now_ms)
            continue;
        struct str rest = b.contact;
        if (contact_next(&rest, &c) > 0)
            front_put_contact(out, &c, STR_NONE, STR_NONE, (uint32_t)((b.f.told_ms - now_ms + 999) / 1000));
    }
}

void front_list(struct registrar *r, struct ua_in *in, const struct front_ask *a) {
    struct sbuf out = sbuf_on(r->lines, sizeof r->lines - 1);
    bool lives = a->enrol.count > 0 && !a->enrol.has_farewell;

    put_bindings(r, &out, a, in->now_ms);
    if (lives) {
        front_put_service(&out, r->settings, a);
        front_put_advice(r, &out, a);
    }
    if (lives && a->enrol.outbound) {
        sbuf_puts(&out, "Require: outbound\r\n");
        front_put_flow_timer(&out, a);
    }
    if (a->is_local && switches_stun(r->config.shared->switches, r->settings) && (a->enrol.caps & CONTACT_AR) &&
        (a->enrol.caps & CONTACT_SK))
        sbuf_puts(&out, "Supported: X-cisco-supports-AR_SK\r\n");
    r->lines[out.n] = '\0';
    ua_refuse(r->config.ua, in, out.full ? 513 : 200, NULL, out.full ? NULL : r->lines);
}
