/* What the registration front makes of its rows: listeners, domains, nodes, and the two trunks that stand for its
 * sides. */
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/config/row.h"

/* Known when the trunk is made; until then it is enough that they are there. */
void config_front_take_listen(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_trunk scratch = {0};

    (void)object;
    config_trunk_take_listen(l, v, &scratch);
}

void config_registrar_take_domain(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_registrar *r = &((struct settings *)object)->registrar;
    const char *wrong = config_check_host_token(v->text);

    if (wrong != NULL) {
        config_fault(l, v->where, NULL, "%s", wrong);
        return;
    }
    r->domains = config_grow(r->domains, r->domain_count, sizeof *r->domains);
    r->domains[r->domain_count++] = str_dup(str_of(v->text));
}

void config_maintenance_take_agent(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_maintenance *m = &((struct settings *)object)->maintenance;

    config_header_rule(l, v, &m->drop, HEADER_RULES_PASS);
}

void *config_local_add(struct config_loader *l, void *parent) {
    struct settings_registrar *r = &((struct settings *)parent)->registrar;

    (void)l;
    r->local = config_grow(r->local, r->local_count, sizeof *r->local);
    return &r->local[r->local_count++];
}

static struct users *take_users(struct config_loader *l, const char *file, struct str text) {
    const char *what;
    int line;
    struct users *u = users_read(text, &line, &what);
    char note[1024];

    if (u != NULL)
        return u;
    snprintf(note, sizeof note, "%s:%d: %s", file, line, what);
    config_note_add(&l->report->errors, file, line, note);
    return NULL;
}

void config_local_done(struct config_loader *l, const config_setting_t *where, void *object) {
    struct settings_local *local = object;
    struct sbuf text;

    if (where == NULL || l->quiet || local->users == NULL ||
        !config_file_text(l, local->users, where, USERS_MIB_MAX, &text))
        return;
    local->table = take_users(l, local->users, sbuf_str(&text));
    sbuf_fini(&text);
}

void *config_node_add(struct config_loader *l, void *parent) {
    struct settings_cluster *c = &((struct settings *)parent)->cluster;

    (void)l;
    c->nodes = config_grow(c->nodes, c->node_count, sizeof *c->nodes);
    return &c->nodes[c->node_count++];
}

void config_node_keepalive_done(struct config_loader *l, const config_setting_t *where, void *object) {
    const struct settings_cluster *c = &((struct settings *)object)->cluster;

    if (c->timeout_s >= c->interval_s)
        config_fault(l, where, "timeout_s", "must be below interval_s (%d s)", c->interval_s);
}

int config_front_trunk(struct config_loader *l, const config_setting_t *where, const char *name) {
    const config_setting_t *listen = config_setting_get_member(where, "listen");
    int count = listen == NULL ? 0 : config_setting_is_scalar(listen) ? 1 : config_setting_length(listen);

    if (count == 0) {
        config_fault(l, where, "listen", "is missing");
        return -1;
    }
    for (int i = 0; i < l->s->trunk_count; i++) {
        if (strcmp(l->s->trunks[i].name, name) == 0) {
            config_fault(l, where, NULL, "stands for the trunk \"%s\", which is there already", name);
            return -1;
        }
    }
    struct settings_trunk *t = config_trunk_add(l, l->s);
    config_defaults(l, &config_trunk, t);
    t->name = str_dup(str_of(name));
    t->keepalive.method = KEEPALIVE_NONE;
    t->refer = REFER_PASSTHRU; /* whom a client may reach is its node's business */
    t->redirect = REDIRECT_PASSTHRU;
    for (int i = 0; i < count; i++) {
        const config_setting_t *one = config_setting_is_scalar(listen) ? listen : config_setting_get_elem(listen, i);
        config_trunk_take_listen(l, &(struct config_value){.where = one, .text = config_setting_get_string(one)}, t);
    }
    return l->s->trunk_count - 1;
}

/* Clients come from anywhere: whoever no other trunk claims. */
static void take_anybody(struct settings_trunk *t) {
    static const char *const all[] = {"0.0.0.0/0", "::/0"};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        t->sources = config_grow(t->sources, t->source_count, sizeof *t->sources);
        addr_range_parse(&t->sources[t->source_count++], str_of(all[i]));
    }
}

void config_registrar_done(struct config_loader *l, const config_setting_t *where, void *object) {
    struct settings_registrar *r = &((struct settings *)object)->registrar;

    if (where == NULL)
        return;
    r->trunk = config_front_trunk(l, where, SETTINGS_CLIENTS_TRUNK);
    if (r->trunk < 0)
        return;
    take_anybody(&l->s->trunks[r->trunk]);
    r->on = true;
}

static bool is_named_twice(const struct settings_cluster *c, int node) {
    for (int i = 0; i < node; i++)
        if (strcmp(c->nodes[i].name, c->nodes[node].name) == 0)
            return true;
    return false;
}

int config_front_target(struct config_loader *l, const config_setting_t *where, int trunk, const char *uri) {
    struct settings_trunk *t = &l->s->trunks[trunk];
    struct settings_target *target = config_target_add(l, t);

    target->uri = str_dup(str_of(uri));
    target->weight = 1;
    config_target_read(l, where, t, target);
    return t->target_count - 1;
}

void config_cluster_done(struct config_loader *l, const config_setting_t *where, void *object) {
    struct settings_cluster *c = &((struct settings *)object)->cluster;

    if (where == NULL)
        return;
    const config_setting_t *nodes = config_setting_get_member(where, "nodes");
    if (c->node_count == 0) {
        config_fault(l, where, "nodes", "is missing");
        return;
    }
    if ((c->trunk = config_front_trunk(l, where, SETTINGS_NODES_TRUNK)) < 0)
        return;
    for (int i = 0; i < c->node_count; i++) {
        const config_setting_t *at = config_setting_get_elem(nodes, (unsigned)i);
        if (is_named_twice(c, i))
            config_fault(l, at, "name", "\"%s\" is the name of another node", c->nodes[i].name);
        c->nodes[i].target = config_front_target(l, at, c->trunk, c->nodes[i].uri);
    }
    if (c->total_ms < c->try_ms)
        config_fault(l, where, "total_ms", "is below try_ms (%d ms)", c->try_ms);
    l->s->trunks[c->trunk].no_reply_ms = c->try_ms;
    l->s->trunks[c->trunk].hunt_total_ms = c->total_ms;
    config_trunk_targets_as_sources(&l->s->trunks[c->trunk]);
    config_peers_done(l, where, c);
    c->on = true;
}
