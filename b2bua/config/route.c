#include <stdlib.h>

#include "b2bua/config/row.h"
#include "dialplan/index.h"
#include "dialplan/rules.h"
#include "dialplan/shadow.h"

void config_route_take_file(struct config_loader *l, const struct config_value *v, void *object) {
    char *file = config_file_beside(l, v->where, v->text, false);

    (void)object;
    config_file_load(l, file, v->where, &config_routes_file);
    free(file);
}

/* --- routes --- */

void *config_route_add(struct config_loader *l, void *parent) {
    struct settings *s = parent;

    (void)l;
    s->routes = config_grow(s->routes, s->route_count, sizeof *s->routes);
    struct settings_route *new = &s->routes[s->route_count++];
    new->rules = rules_new();
    return new;
}

/* What has to be said of a route when all its keys are right. */
static void check_end(struct config_loader *l, const config_setting_t *where, const struct settings_route *r) {
    if (r->reject == 0 && r->to.count == 0)
        config_fault(l, where, "to", "is missing: the route leads nowhere");
    if (r->reject != 0 && r->to.count > 0)
        config_fault(l, where, "reject", "goes without to");
    if (r->reject > 0 && (r->reject < 400 || r->reject == 401 || r->reject == 407))
        config_fault(l, where, "reject", "must be 400 to 699, and neither 401 nor 407");
    if (r->reject == 0 && r->reason[0] != '\0')
        config_fault(l, where, "reason", "goes with reject only");
    if ((r->rules->header == NULL) != (r->rules->header_value.text == NULL))
        config_fault(l, where, "header", "wants both name and value");
}

void config_route_done(struct config_loader *l, const config_setting_t *where, void *object) {
    struct settings_route *new = object;

    check_end(l, where, new);
    if (l->s->route_count > SETTINGS_ROUTES_MAX)
        config_fault(l, where, NULL, "more than %d routes in all", SETTINGS_ROUTES_MAX);
    new->file = str_dup(str_of(config_setting_source_file(where)));
    new->line = (int)config_setting_source_line(where);
}

void config_route_take_from(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_route *r = object;
    int trunk = config_trunk_find(l, v->where, v->text);

    if (trunk < 0)
        return;
    r->from = config_grow(r->from, r->from_count, sizeof *r->from);
    r->from[r->from_count++] = trunk;
}

/* --- where they lead --- */

static void *add_to(struct settings_to *to) {
    to->items = config_grow(to->items, to->count, sizeof *to->items);
    to->items[to->count].trunk = -1;
    return &to->items[to->count++];
}

void *config_route_to_add(struct config_loader *l, void *parent) {
    (void)l;
    return add_to(&((struct settings_route *)parent)->to);
}

void *config_group_to_add(struct config_loader *l, void *parent) {
    (void)l;
    return add_to(&((struct settings_group *)parent)->to);
}

/* Calls go there: to a target, or to who is registered at us. */
static bool leads_somewhere(const struct settings *s, int trunk) {
    return s->trunks[trunk].target_count > 0 ||
           (s->registrar.on && trunk == s->registrar.trunk && s->registrar.local_count > 0);
}

void config_route_take_trunk(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_route_to *to = object;

    if (v->text[0] == '\0')
        return;
    to->trunk = config_trunk_find(l, v->where, v->text);
    if (to->trunk >= 0 && !leads_somewhere(l->s, to->trunk))
        config_fault(l, v->where, NULL, "trunk \"%s\" has no targets to send calls to", v->text);
}

void config_route_take_group(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_route_to *to = object;
    struct nearest nearest = {.text = v->text};

    if (v->text[0] == '\0')
        return;
    if (to->trunk >= 0)
        config_fault(l, v->where, NULL, "goes without trunk");
    for (int i = 0; i < l->s->group_count; i++) {
        if (strcmp(l->s->groups[i].name, v->text) == 0) {
            *to = (struct settings_route_to){.trunk = i, .is_group = true};
            return;
        }
        nearest_try(&nearest, l->s->groups[i].name);
    }
    if (nearest.best != NULL)
        config_fault(l, v->where, NULL, "no group is named \"%s\", did you mean \"%s\"?", v->text, nearest.best);
    else
        config_fault(l, v->where, NULL, "no group is named \"%s\"; groups stand before the routes", v->text);
}

void config_route_to_done(struct config_loader *l, const config_setting_t *where, void *object) {
    if (((struct settings_route_to *)object)->trunk < 0)
        config_fault(l, where, NULL, "names neither a trunk nor a group");
}

/* Calls take turns: the place where they are counted. */
static void spread(struct settings_to *to) {
    if (to->spread != SPREAD_ROUND_ROBIN)
        return;
    to->turn = mem_alloc(sizeof *to->turn);
    atomic_init(to->turn, 0);
}

void *config_group_add(struct config_loader *l, void *parent) {
    struct settings *s = parent;

    (void)l;
    s->groups = config_grow(s->groups, s->group_count, sizeof *s->groups);
    return &s->groups[s->group_count++];
}

void config_group_done(struct config_loader *l, const config_setting_t *where, void *object) {
    const struct settings_group *new = object;

    if (new->to.count == 0)
        config_fault(l, where, "to", "is missing: the group has no trunk");
    for (const struct settings_group *g = l->s->groups; g != new; g++)
        if (strcmp(g->name, new->name) == 0)
            config_fault(l, where, "name", "another group is named \"%s\", too", new->name);
    if (l->s->group_count > SETTINGS_GROUPS_MAX)
        config_fault(l, where, NULL, "more than %d groups in all", SETTINGS_GROUPS_MAX);
}

/* --- all together --- */

struct named {
    const struct settings_route *route;
};

static int by_name(const void *a, const void *b) {
    const struct settings_route *x = ((const struct named *)a)->route, *y = ((const struct named *)b)->route;
    int order = strcmp(x->name, y->name);

    return order != 0 ? order : (x > y) - (x < y);
}

static void fault_name(struct config_loader *l, const struct settings_route *r, const struct settings_route *before) {
    char text[1024];

    snprintf(text, sizeof text, "%s:%d: route \"%s\" has the name of another (%s:%d)", r->file, r->line, r->name,
             before->file, before->line);
    config_note_add(&l->report->errors, r->file, r->line, text);
}

/* Sorted: with ten thousand routes each cannot be compared with each. Those with faults of their own are left out. */
void config_routes_check(struct config_loader *l) {
    const struct settings *s = l->s;
    struct named *all = mem_alloc(sizeof *all * ((size_t)s->route_count + 1));
    int count = 0;

    for (int i = 0; i < s->route_count; i++)
        if (s->routes[i].file != NULL)
            all[count++].route = &s->routes[i];
    if (count > 0)
        qsort(all, (size_t)count, sizeof *all, by_name);
    for (int i = 1; i < count; i++)
        if (strcmp(all[i].route->name, all[i - 1].route->name) == 0)
            fault_name(l, all[i].route, all[i - 1].route);
    free(all);
}

static void warn_hidden(void *arg, const struct settings_route *hidden, const struct settings_route *by) {
    struct config_loader *l = arg;
    char text[1024];

    snprintf(text, sizeof text, "%s:%d: route \"%s\" never takes a call: \"%s\" (%s:%d) takes all that it matches",
             hidden->file, hidden->line, hidden->name, by->name, by->file, by->line);
    config_note_add(&l->report->warnings, hidden->file, hidden->line, text);
}

void config_routes_done(struct config_loader *l) {
    struct settings *s = l->s;

    for (int i = 0; i < s->route_count; i++)
        spread(&s->routes[i].to);
    for (int i = 0; i < s->group_count; i++)
        spread(&s->groups[i].to);
    shadow_find(s, warn_hidden, l);
    s->index = route_index_new(s);
}
