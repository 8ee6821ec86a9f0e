/*
 * What a decision of the dial plan costs: decisions a second among 10, 1,000 and 10,000 routes, and with a map of
 * 100,000 numbers, which is loaded first. Nine of ten numbers begin as one of the entries does. Prints; judges nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dialplan/index.h"
#include "dialplan/route.h"
#include "dialplan/rules.h"

enum { TURNS = 200000, NUMBERS = 1000 };

static double now_us(void) {
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static uint32_t drawn(uint32_t *x, uint32_t n) {
    *x = *x * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)*x * n >> 32);
}

static struct settings_trunk trunks[2] = {{.name = "a"}, {.name = "b"}};
static struct settings_route_to to[] = {{.trunk = 0, .weight = 1}, {.trunk = 1, .preference = 1, .weight = 1}};

/* Of each ten: six beginnings, a pattern with holes, an exact number, one for a caller, a regular expression. */
static void put_called(struct settings_route *r, int i, uint32_t *x) {
    static const char *const forms[10] = {"%u",          "%uT",  "%u",        "%u$", "%u..",
                                          "1[2-9].%u.$", "%u1$", "%u[0-4]%%", "%uT", "^\\+?%u\\d+$"};
    char text[64], *at = text;
    struct dial_problem why;

    snprintf(text, sizeof text, forms[i % 10], 100000 + drawn(x, 900000));
    if (number_test_init(&r->rules->called, str_of(at), &why) < 0 ||
        (i % 10 == 8 && number_test_init(&r->rules->calling, STR("49T"), &why) < 0))
        fprintf(stderr, "%s: %s\n", text, why.wrong);
}

/* The beginnings are drawn as those of the entries were. */
static double decide(const struct settings *s, int entries, int turns) {
    static char text[NUMBERS][24];
    struct route_ctx *ctx = route_ctx_new();
    struct route_plan plan;
    uint32_t x = 1, tail = 7;
    int found = 0;

    for (int i = 0; i < NUMBERS; i++) {
        x = i % entries == 0 ? 1 : x;
        snprintf(text[i], sizeof text[i], i % 10 == 0 ? "0%u%u" : "%u%u", 100000 + drawn(&x, 900000),
                 drawn(&tail, 1000000));
    }
    for (int i = 0; i < NUMBERS; i++) { /* warm */
        struct route_facts f = {.trunk = 0, .called = str_of(text[i]), .calling = STR("4930")};
        route_find(ctx, s, &f, 1, &plan);
    }
    double began = now_us();
    for (int i = 0; i < turns; i++) {
        struct route_facts f = {.trunk = 0, .called = str_of(text[i % NUMBERS]), .calling = STR("4930")};
        route_find(ctx, s, &f, (uint64_t)i, &plan);
        found += plan.route != NULL;
    }
    double us = (now_us() - began) / turns;
    printf("%10.2f %14.0f   (%d %% routed)\n", us, 1e6 / us, (int)(100LL * found / turns));
    route_ctx_free(ctx);
    return us;
}

static void measure_routes(int count, bool indexed) {
    struct settings s = {.trunks = trunks, .trunk_count = 2, .route_count = count};
    uint32_t x = 1;

    s.routes = mem_zalloc(sizeof *s.routes * (size_t)count);
    for (int i = 0; i < count; i++) {
        s.routes[i] = (struct settings_route){.name = "r", .to = {to, 2}, .rules = rules_new()};
        put_called(&s.routes[i], i, &x);
    }
    s.index = indexed ? route_index_new(&s) : NULL;
    printf("    %6d routes%-24s", count, indexed ? "" : ", tried one by one");
    decide(&s, count, indexed ? TURNS : TURNS / 100);
    route_index_free(s.index);
    for (int i = 0; i < count; i++)
        rules_free(s.routes[i].rules);
    free(s.routes);
}

static int no_target(void *arg, struct str name) {
    (void)arg, (void)name;
    return -1;
}

static void no_note(void *arg, int line, int column, bool error, const char *what) {
    (void)arg, (void)line, (void)column, (void)error, (void)what;
}

static void measure_map(int count) {
    struct sbuf text = sbuf_growing(1 << 26);
    struct e164_reader reader = {no_target, no_note, NULL};
    struct settings_route route = {.name = "map", .to = {to, 2}, .rules = rules_new()};
    struct settings s = {.trunks = trunks, .trunk_count = 2, .routes = &route, .route_count = 1};
    uint32_t x = 1, tail = 3;
    char line[64];

    for (int i = 0; i < count; i++) {
        snprintf(line, sizeof line, i % 10 == 0 ? "%u%u 4930%u\n" : "%u\n", 100000 + drawn(&x, 900000),
                 drawn(&tail, 10000), drawn(&tail, 100));
        sbuf_puts(&text, line);
    }
    double began = now_us();
    struct e164_map *map = e164_map_new(sbuf_str(&text), &reader);
    double loaded = now_us() - began;
    route.rules->called_map = map;
    s.index = route_index_new(&s);
    printf("    map of %7d numbers, read in %4.0f ms", count, loaded / 1000);
    decide(&s, count, TURNS);
    route_index_free(s.index);
    rules_free(route.rules);
    e164_map_free(map);
    sbuf_fini(&text);
}

int main(void) {
    printf("dial plan, CPU                       us a decision     decisions/s\n");
    measure_routes(10, true);
    measure_routes(1000, true);
    measure_routes(10000, true);
    measure_routes(10000, false);
    measure_map(10);
    measure_map(1000);
    measure_map(100000);
    return 0;
}
