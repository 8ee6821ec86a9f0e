#include "b2bua/core/settings.h"

#include <assert.h>
#include <stdlib.h>

static void set_empty(char **const fields[], size_t count) {
    for (size_t i = 0; i < count; i++)
        *fields[i] = str_dup(STR_NONE);
}

struct settings *settings_new(void) {
    struct settings *s = mem_zalloc(sizeof *s);
    char **const strings[] = {&s->node.name,       &s->node.user,    &s->node.state_dir, &s->admin.http,
                              &s->admin.token,     &s->admin.socket, &s->admin.cdr,      &s->admin.log,
                              &s->admin.log_level, &s->dns.servers,  &s->dns.search,     &s->registrar.flow_secret};

    atomic_init(&s->refs, 1);
    s->facts = facts_new();
    set_empty(strings, sizeof strings / sizeof *strings);
    memcpy(s->security.bans, bans_standard, sizeof s->security.bans);
    return s;
}

struct settings *settings_ref(struct settings *s) {
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

static void free_listens(struct settings *s) {
    for (int i = 0; i < s->listen_count; i++) {
        struct settings_listen *l = &s->listens[i];
        free(l->name);
        free(l->address);
        free(l->advertise);
        free(l->tls_name);
        free(l->sent_by);
        free(l->host);
    }
    free(s->listens);
}

static void free_tls(struct settings *s) {
    for (int i = 0; i < s->tls_count; i++) {
        struct settings_tls *t = &s->tls[i];
        free(t->name);
        free(t->certificate);
        free(t->key);
        free(t->ca);
        free(t->min_version);
        free(t->ciphers);
    }
    free(s->tls);
}

static void free_trunk(struct settings_trunk *t) {
    for (int i = 0; i < t->target_count; i++) {
        free(t->targets[i].uri);
        free(t->targets[i].host);
    }
    for (int i = 0; i < t->auth_count; i++) {
        free(t->auth[i].username);
        free(t->auth[i].password);
        free(t->auth[i].realm);
    }
    free(t->auth);
    free(t->reg.aor);
    free(t->reg.user);
    free(t->targets);
    header_rules_free(t->headers);
    free(t->sources);
    free(t->name);
}

static void free_trunks(struct settings *s) {
    for (int i = 0; i < s->trunk_count; i++)
        free_trunk(&s->trunks[i]);
    free(s->trunks);
}

static void free_to(struct settings_to *to) {
    free(to->items);
    free(to->turn);
}

static void free_routes(struct settings *s) {
    if (s->dialplan_free != NULL)
        s->dialplan_free(s);
    for (int i = 0; i < s->route_count; i++) {
        struct settings_route *r = &s->routes[i];
        free(r->name);
        free(r->file);
        free(r->from);
        free(r->reason);
        free_to(&r->to);
    }
    free(s->routes);
    for (int i = 0; i < s->group_count; i++) {
        free(s->groups[i].name);
        free_to(&s->groups[i].to);
    }
    free(s->groups);
    for (int i = 0; i < s->map_count; i++)
        free(s->maps[i].file);
    free(s->maps);
}

static void free_profiles(struct settings *s) {
    for (int i = 0; i < s->profile_count; i++) {
        free(s->profiles[i].name);
        if (s->profile_free != NULL)
            s->profile_free(s->profiles[i].rules);
    }
    free(s->profiles);
}

static void free_groups(struct settings *s) {
    for (int i = 0; i < s->security.emergency_count; i++)
        free(s->security.emergency[i]);
    free(s->security.ban_list);
    free(s->security.exempt);
    free(s->node.name);
    free(s->node.user);
    free(s->node.state_dir);
    free(s->dns.servers);
    free(s->dns.search);
    free(s->admin.http);
    free(s->admin.token);
    free(s->admin.hep);
    free(s->admin.socket);
    free(s->admin.cdr);
    free(s->admin.log);
    free(s->admin.log_level);
}

bool settings_is_shared(const struct settings *s) {
    return atomic_load_explicit(&s->refs, memory_order_acquire) > 1;
}

void settings_unref(struct settings *s) {
    if (s == NULL)
        return;
    int before = atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before > 1)
        return;
    free_listens(s);
    free_tls(s);
    settings_registrar_fini(&s->registrar);
    settings_cluster_fini(&s->cluster);
    header_rules_free(s->maintenance.drop);
    free_routes(s);
    free_trunks(s);
    free_profiles(s);
    free_groups(s);
    facts_free(s->facts);
    free(s);
}
