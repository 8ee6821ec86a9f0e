/* The registration front as services in `status`. */
#include <stdio.h>

#include "b2bua/command/services.h"

const char *service_no_front(const struct service_look *l) {
    return l->s->registrar.on ? NULL : "add registrar, with cluster or registrar.local";
}

static bool is_local(const struct settings_registrar *r, const char *domain) {
    for (int i = 0; i < r->local_count; i++)
        if (str_ieq(str_of(r->local[i].domain), str_of(domain)))
            return true;
    return false;
}

/* What the configuration says of the ways that REGISTERs go. */
void service_look_at_front(struct service_look *l) {
    const struct settings_registrar *r = &l->s->registrar;

    service_detail(l, "Path %s", r->path ? "on" : "off");
    if (r->domain_count == 0)
        service_detail(l, l->s->cluster.on ? "every domain" : "own domains only");
    for (int i = 0; i < r->domain_count; i++)
        service_detail(l, "%s", r->domains[i]);
    for (int i = 0; !l->s->cluster.on && i < r->domain_count; i++)
        if (!is_local(r, r->domains[i]))
            service_problem(l, "cluster.nodes", "%s: nobody is there to register at", r->domains[i]);
    if (!l->s->cluster.on && r->local_count == 0)
        service_problem(l, "cluster.nodes", "there are neither call managers nor domains of our own");
}

const char *service_no_nodes(const struct service_look *l) {
    return l->s->cluster.on ? NULL : "add cluster.nodes";
}

static bool is_trouble(enum node_state state) {
    return state == NODE_DOWN || state == NODE_SUSPECT || state == NODE_MAINTENANCE;
}

void service_look_at_nodes(struct service_look *l) {
    struct nodes_look nodes[SETTINGS_NODES_MAX];
    int count = nodes_look(l->c->config.shared->nodes, nodes, net_now_ms());
    char see[256];

    for (int i = 0; i < count; i++) {
        const char *state = node_state_name(nodes[i].state);
        service_detail(l, "%s %s", nodes[i].name, state);
        snprintf(see, sizeof see, "cluster.nodes.%.63s.uri", nodes[i].name);
        if (is_trouble(nodes[i].state))
            service_problem(l, see, "%s: %s (%s)", nodes[i].name, state, nodes[i].reason);
    }
}

const char *service_no_fellows(const struct service_look *l) {
    return l->s->cluster.peer_count > 0 ? NULL : "add cluster.peers";
}

static void look_at_fellow(struct service_look *l, const struct fellows_look *f) {
    char see[256];

    snprintf(see, sizeof see, "cluster.peers.%.200s.uri", f->name);
    service_detail(l, "%s %s", f->name, fellow_state_name(f->fellow.state));
    if (f->fellow.state == FELLOW_DOWN)
        service_problem(l, f->fellow.event == FELLOW_NOT_BELIEVED ? "registrar.flow_secret" : see, "%s: down (%s)",
                        f->name, fellow_reason(&f->fellow));
    if (f->stun_differs)
        service_problem(l, "registrar.stun", "%s: keepalives are answered on one of the nodes only", f->name);
    if (f->config_differs)
        service_problem(l, "registrar", "%s: registrar or cluster is configured otherwise there", f->name);
}

void service_look_at_fellows(struct service_look *l) {
    struct fellows_look fellows[SETTINGS_PEERS_MAX];
    struct fellows_summary sum;
    int count = fellows_look(l->c->config.shared->fellows, fellows, &sum);

    for (int i = 0; i < count; i++)
        look_at_fellow(l, &fellows[i]);
}

const char *service_no_local(const struct service_look *l) {
    return l->s->registrar.local_count > 0 ? NULL : "add registrar.local";
}

void service_look_at_local(struct service_look *l) {
    for (int i = 0; i < l->s->registrar.local_count; i++) {
        const struct settings_local *d = &l->s->registrar.local[i];
        int users = users_count(d->table);
        service_detail(l, "%s with %d user%s", d->domain, users, users == 1 ? "" : "s");
        if (users == 0)
            service_problem(l, "registrar.local.users", "%s: there are no users in %s", d->domain, d->users);
    }
}

const char *service_no_stun(const struct service_look *l) {
    if (!l->s->registrar.on)
        return service_no_front(l);
    if (switches_stun(&l->c->config.shared->switches, l->s))
        return NULL;
    return l->s->registrar.stun ? "switched off: twinlegctl stun on" : "set registrar.stun";
}

void service_look_at_stun(struct service_look *l) {
    service_detail(l, "answers: %s",
                   l->s->registrar.stun_answers == STUN_ANSWERS_ALWAYS ? "always" : "while the path is up");
}

const char *service_no_limit(const struct service_look *l) {
    return !l->s->registrar.on                      ? service_no_front(l)
           : l->s->registrar.authorizations_max > 0 ? NULL
                                                    : "set registrar.authorizations.max";
}

void service_look_at_limit(struct service_look *l) {
    service_detail(l, "%d in %d s for a user at an address", l->s->registrar.authorizations_max,
                   l->s->registrar.authorizations_period_s);
}

const char *service_no_cache(const struct service_look *l) {
    return !l->s->registrar.on                           ? service_no_front(l)
           : !l->s->cluster.on                           ? service_no_nodes(l)
           : l->s->registrar.credentials_refresh_min > 0 ? NULL
                                                         : "set registrar.credentials.refresh_min";
}

void service_look_at_cache(struct service_look *l) {
    struct bindings_counts counts = bindings_counts(registrar_bindings(l->c->config.shared->registrar));

    service_detail(l, "refresh %d min", l->s->registrar.credentials_refresh_min);
    service_detail(l, "clean-up %d min", l->s->registrar.credentials_cleanup_min);
    service_detail(l, "%u held now", counts.credentials);
}

const char *service_no_keep(const struct service_look *l) {
    return keep_counts(l->c->config.keep).wanted ? NULL : service_no_front(l);
}

void service_look_at_keep(struct service_look *l) {
    struct keep_counts c = keep_counts(l->c->config.keep);

    service_detail(l, "%s", keep_state_name(c.state));
    if (c.state != KEEP_OK)
        service_problem(l, "node.state_dir", "what is registered now may be forgotten when twinleg ends");
    if (c.store.lost > 0)
        service_problem(l, "node.state_dir", "%llu changes found no room to wait for the disk",
                        (unsigned long long)c.store.lost);
}
