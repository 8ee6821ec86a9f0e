/*
 * A dial plan and numbers, parted by lines "---": patterns (one a line), rules of a translation, a map, numbers.
 * Whatever they are: a match counts no more than it can, a number begins as its pattern says, the index leads where
 * trying all routes would, a translation keeps within its room.
 */
#include <assert.h>
#include <stdlib.h>

#include "dialplan/index.h"
#include "dialplan/route.h"
#include "dialplan/rules.h"
#include "tests/fuzz/part.h"

enum { ROUTES_MAX = 20, NUMBERS_MAX = 50 };

static bool next_line(struct str *rest, struct str *line) {
    size_t end = str_find(*rest, '\n');

    if (rest->n == 0)
        return false;
    *line = str_upto(*rest, end);
    *rest = str_from(*rest, end < rest->n ? end + 1 : end);
    return true;
}

static int target(void *arg, struct str name) {
    (void)arg;
    return name.n == 1 && name.p[0] == 'a' ? 0 : -1;
}

static void note(void *arg, int line, int column, bool error, const char *what) {
    (void)arg, (void)error;
    assert(line >= 1 && column >= 1 && what[0] != '\0');
}

static bool begins(struct str number, struct str with) {
    return number.n >= with.n && (with.n == 0 || memcmp(number.p, with.p, with.n) == 0);
}

/* A pattern alone. */
static void check_match(const struct number_test *t, const struct pattern_room *room, struct str number) {
    struct prefixes p;
    bool cut = false, found = false;
    size_t reach;
    int literals = number_test_match(t, room, number, &reach, &cut);

    assert(literals >= -1 && literals <= t->literals && reach <= number.n);
    number_test_prefixes(t, &p);
    assert(p.count >= 1 && p.count <= PREFIXES_MAX);
    for (int i = 0; i < p.count; i++)
        found |= begins(number, prefixes_at(&p, i));
    assert(found || literals < 0);
}

static void check_plan(struct route_ctx *ctx, struct settings *s, struct str number) {
    struct route_facts f = {.trunk = 0, .called = number, .calling = number, .request_uri = number, .trial = true};
    struct route_plan plan, slow;
    struct route_index *index = s->index;
    char called[ROUTE_NUMBER_MAX];

    route_find(ctx, s, &f, 1, &plan);
    assert(plan.called.n <= number.n || plan.called.n <= ROUTE_NUMBER_MAX);
    size_t n = plan.called.n < sizeof called ? plan.called.n : sizeof called;
    if (n > 0)
        memcpy(called, plan.called.p, n);
    s->index = NULL;
    route_find(ctx, s, &f, 1, &slow);
    s->index = index;
    assert(plan.cut || slow.cut || (plan.route == slow.route && plan.literals == slow.literals));
    assert(plan.cut || slow.cut || plan.count == slow.count);
    struct route_verdict near[4];
    assert(route_near(ctx, s, &f, plan.route, near, 4) <= 4);
}

static void read_routes(struct settings *s, struct str text, struct str rules, struct e164_map *map) {
    struct dial_problem why;
    struct str line, rest;

    while (s->route_count < ROUTES_MAX && next_line(&text, &line)) {
        struct settings_route *r = &s->routes[s->route_count++];
        *r = (struct settings_route){.name = "r", .priority = s->route_count % 2, .rules = rules_new()};
        if (number_test_init(&r->rules->called, line, &why) < 0)
            assert(why.at <= line.n && why.wrong[0] != '\0');
        r->rules->called_map = s->route_count % 5 == 4 ? map : NULL;
        r->rules->translate[NUMBER_CALLED] = translate_new();
        for (rest = rules; next_line(&rest, &line);)
            translate_add(r->rules->translate[NUMBER_CALLED], line, &why);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct route_ctx *ctx;
    static struct pattern_room room;
    static struct settings_trunk trunk = {.name = "a"};
    static struct settings_route_to to[] = {{.trunk = 0, .weight = 1}};
    struct settings_route routes[ROUTES_MAX];
    struct settings s = {.trunks = &trunk, .trunk_count = 1, .routes = routes};
    struct e164_reader reader = {target, note, NULL};
    struct str rest = {(const char *)data, size}, line;
    struct str patterns = fuzz_part(&rest), rules = fuzz_part(&rest), text = fuzz_part(&rest);

    if (ctx == NULL) {
        ctx = route_ctx_new();
        pattern_room_init(&room);
    }
    struct e164_map *map = e164_map_new(text, &reader);
    read_routes(&s, patterns, rules, map);
    for (int i = 0; i < s.route_count; i++)
        routes[i].to = (struct settings_to){to, 1, 0, NULL};
    s.index = route_index_new(&s);
    for (int i = 0; i < NUMBERS_MAX && next_line(&rest, &line); i++) {
        for (int j = 0; j < s.route_count; j++)
            check_match(&routes[j].rules->called, &room, line);
        check_plan(ctx, &s, line);
    }
    route_index_free(s.index);
    for (int i = 0; i < s.route_count; i++)
        rules_free(routes[i].rules);
    e164_map_free(map);
    return 0;
}
