#include <stdlib.h>

#include "b2bua/config_row.h"

void config_route_take_file(struct config_loader *l, const struct config_value *v, void *object) {
    char *file = config_file_beside(l, v->where, v->text, false);

    (void)object;
    config_file_load(l, file, v->where, &config_routes_file);
    free(file);
}

void *config_route_add(struct config_loader *l, void *parent) {
    struct settings *s = parent;

    (void)l;
    s->routes = config_grow(s->routes, s->route_count, sizeof *s->routes);
    return &s->routes[s->route_count++];
}

void config_route_done(struct config_loader *l, const config_setting_t *where, void *object) {
    const struct settings_route *new = object;

    if (new->to_count == 0)
        config_fault(l, where, "to", "is missing: the route leads nowhere");
    for (const struct settings_route *r = l->s->routes; r != new; r++)
        if (strcmp(r->name, new->name) == 0)
            config_fault(l, where, "name", "another route is named \"%s\", too", new->name);
    if (l->s->route_count > SETTINGS_ROUTES_MAX)
        config_fault(l, where, NULL, "more than %d routes in all", SETTINGS_ROUTES_MAX);
}

void config_route_take_from(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_route *r = object;
    int trunk = config_trunk_find(l, v->where, v->text);

    if (trunk < 0)
        return;
    r->from = config_grow(r->from, r->from_count, sizeof *r->from);
    r->from[r->from_count++] = trunk;
}

void *config_route_to_add(struct config_loader *l, void *parent) {
    struct settings_route *r = parent;

    (void)l;
    r->to = config_grow(r->to, r->to_count, sizeof *r->to);
    r->to[r->to_count].trunk = -1;
    return &r->to[r->to_count++];
}

void config_route_take_trunk(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_route_to *to = object;

    to->trunk = config_trunk_find(l, v->where, v->text);
    if (to->trunk >= 0 && l->s->trunks[to->trunk].target_count == 0)
        config_fault(l, v->where, NULL, "trunk \"%s\" has no targets to send calls to", v->text);
}
