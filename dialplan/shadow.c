#include "dialplan/shadow.h"

#include <stdlib.h>

#include "dialplan/rules.h"

/* Compared with more that ask the same of the called number, a route is not. */
enum { COMPARED_MAX = 1000 };

struct candidate {
    const struct settings_route *route;
};

static const char *called_of(const struct settings_route *r) {
    return r->rules == NULL || r->rules->called.text == NULL ? "" : r->rules->called.text;
}

static uintptr_t map_of(const struct settings_route *r) {
    return r->rules == NULL ? 0 : (uintptr_t)r->rules->called_map;
}

/* Those that ask the same of the called number stand together, in the order of trying. */
static int compare(const void *a, const void *b) {
    const struct settings_route *x = ((const struct candidate *)a)->route;
    const struct settings_route *y = ((const struct candidate *)b)->route;
    int called = strcmp(called_of(x), called_of(y));

    if (called != 0)
        return called;
    if (map_of(x) != map_of(y))
        return map_of(x) < map_of(y) ? -1 : 1;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return (x > y) - (x < y);
}

static bool takes_from(const struct settings_route *r, int trunk) {
    for (int i = 0; i < r->from_count; i++)
        if (r->from[i] == trunk)
            return true;
    return r->from_count == 0;
}

static bool takes_all_from(const struct settings_route *a, const struct settings_route *b) {
    for (int i = 0; i < b->from_count; i++)
        if (!takes_from(a, b->from[i]))
            return false;
    return b->from_count > 0 || a->from_count == 0;
}

static const struct settings_route *find_hider(const struct candidate *first, const struct candidate *hidden) {
    const struct candidate *end = hidden - first > COMPARED_MAX ? first + COMPARED_MAX : hidden;

    for (; first != end; first++)
        if (takes_all_from(first->route, hidden->route) && rules_include(first->route->rules, hidden->route->rules))
            return first->route;
    return NULL;
}

int shadow_find(const struct settings *s,
                void (*tell)(void *arg, const struct settings_route *hidden, const struct settings_route *by),
                void *arg) {
    struct candidate *all = mem_alloc(sizeof *all * ((size_t)s->route_count + 1));
    int count = 0, first = 0;

    for (int i = 0; i < s->route_count; i++)
        all[i].route = &s->routes[i];
    if (s->route_count > 0)
        qsort(all, (size_t)s->route_count, sizeof *all, compare);
    for (int i = 1; i < s->route_count; i++) {
        if (!rules_same_called(all[first].route->rules, all[i].route->rules))
            first = i;
        const struct settings_route *by = find_hider(all + first, all + i);
        if (by == NULL)
            continue;
        tell(arg, all[i].route, by);
        count++;
    }
    free(all);
    return count;
}
