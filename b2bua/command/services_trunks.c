/* Trunks as services in `status`: calls by them, and our registrations there. */
#include <stdio.h>

#include "b2bua/command/services.h"

/* Those of the registration front have entries of their own. */
static bool is_written(const struct settings *s, int trunk) {
    return !(s->registrar.on && trunk == s->registrar.trunk) && !(s->cluster.on && trunk == s->cluster.trunk) &&
           trunk != settings_peers_trunk(&s->cluster);
}

const char *service_no_trunks(const struct service_look *l) {
    for (int i = 0; i < l->s->trunk_count; i++)
        if (is_written(l->s, i))
            return NULL;
    return "add trunks and routes";
}

static void look_at_target(struct service_look *l, const struct settings_trunk *t, int target) {
    struct pool_place_look places[POOL_PLACES_MAX];
    const char *uri = t->targets[target].uri;
    char see[256], reason[256], at[ADDR_TEXT_MAX];
    int n = pool_look_target(l->c->config.shared->pool, t, target, places, reason, sizeof reason);

    snprintf(see, sizeof see, "trunks.%s.targets", t->name);
    if (n == 0)
        service_problem(l, see, "%s: %s has no address%s%s", t->name, uri, reason[0] != '\0' ? ": " : " yet", reason);
    for (int i = 0; i < n; i++)
        if (places[i].place.state == HEALTH_DOWN || places[i].place.state == HEALTH_SUSPECT)
            service_problem(l, see, "%s: %s is %s (%s)", t->name, addr_format(&places[i].place.addr, at),
                            health_state_name(places[i].place.state), health_evidence_name(places[i].health.evidence));
}

void service_look_at_trunks(struct service_look *l) {
    for (int i = 0; i < l->s->trunk_count; i++) {
        const struct settings_trunk *t = &l->s->trunks[i];
        if (!is_written(l->s, i))
            continue;
        service_detail(l, "%s %s", t->name, trunk_state(l->c, t));
        for (int j = 0; j < t->target_count; j++)
            look_at_target(l, t, j);
    }
    if (l->s->route_count == 0)
        service_problem(l, "routes", "there are no routes: calls between trunks get 404");
}

static bool registers(const struct settings_trunk *t) {
    return t->reg.aor != NULL && t->reg.aor[0] != '\0';
}

const char *service_no_trunk_registers(const struct service_look *l) {
    for (int i = 0; i < l->s->trunk_count; i++)
        if (registers(&l->s->trunks[i]))
            return NULL;
    return "add register to a trunk";
}

static bool is_about_credentials(int status) {
    return status == 401 || status == 403 || status == 407;
}

void service_look_at_registering(struct service_look *l) {
    struct registration r;
    char see[256];

    for (int i = 0; i < l->s->trunk_count; i++) {
        const struct settings_trunk *t = &l->s->trunks[i];
        if (!registers(t) || !registrations_get(l->c->config.shared->registrations, t->name, &r))
            continue;
        service_detail(l, "%s %s", t->name, regclient_state_name(r.state));
        if (r.state != REG_FAILED)
            continue;
        snprintf(see, sizeof see, "trunks.%s.%s", t->name, is_about_credentials(r.status) ? "auth" : "register");
        service_problem(l, see, "%s: %s", t->name, r.reason);
    }
}
