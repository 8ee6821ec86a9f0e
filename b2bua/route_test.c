#include "b2bua/route_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/json.h"
#include "b2bua/core/nearest.h"
#include "b2bua/route_why.h"

enum { URI_MAX = 600, WHY_MAX = 1024 };

const char route_test_usage[] =
    "NUMBER [--from TRUNK] [--calling NUMBER] [--redirecting NUMBER] [--header \"NAME: VALUE\"] [--request-uri URI] "
    "[--to-uri URI] [--from-uri URI]";

/* --- the words --- */

static const struct {
    const char *name;
    size_t at;
} options[] = {
    {"--from", offsetof(struct route_test, from)},
    {"--calling", offsetof(struct route_test, calling)},
    {"--redirecting", offsetof(struct route_test, redirecting)},
    {"--request-uri", offsetof(struct route_test, request_uri)},
    {"--to-uri", offsetof(struct route_test, to_uri)},
    {"--from-uri", offsetof(struct route_test, from_uri)},
};

static const char *take_option(struct route_test *t, struct str name, struct str value) {
    if (str_eq(name, STR("--header"))) {
        if (str_find(value, ':') == value.n)
            return "--header: \"Name: value\"";
        if (t->header_count == ROUTE_TEST_HEADERS)
            return "--header: at most four";
        t->headers[t->header_count++] = value;
        return NULL;
    }
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!str_eq(name, str_of(options[i].name)))
            continue;
        *(struct str *)((char *)t + options[i].at) = value;
        return NULL;
    }
    return route_test_usage;
}

const char *route_test_read(struct route_test *t, const struct str *words, int count) {
    const char *wrong = NULL;

    *t = (struct route_test){.number = STR_NONE};
    for (int i = 0; i < count && wrong == NULL; i++) {
        bool is_option = words[i].n > 2 && words[i].p[0] == '-' && words[i].p[1] == '-';
        if (!is_option && t->number.p == NULL)
            t->number = words[i];
        else if (!is_option || i + 1 == count)
            wrong = route_test_usage;
        else
            wrong = take_option(t, words[i], words[i + 1]);
        i += is_option;
    }
    return wrong != NULL ? wrong : t->number.p == NULL ? route_test_usage : NULL;
}

/* --- the facts --- */

/* The headers that were given; the cursor is the last that was looked at. */
static bool next_header(const void *message, struct str name, const void **cursor, struct str *value) {
    const struct route_test *t = message;
    const struct str *h = *cursor == NULL ? t->headers : (const struct str *)*cursor + 1;

    for (; h < t->headers + t->header_count; h++) {
        size_t colon = str_find(*h, ':');
        if (!str_ieq(str_trim(str_upto(*h, colon)), name))
            continue;
        *cursor = h;
        *value = str_trim(str_from(*h, colon + 1));
        return true;
    }
    return false;
}

static struct str uri_of(struct str given, struct str number, char *buf, size_t size) {
    struct sbuf b = sbuf_on(buf, size);

    if (given.n > 0)
        return given;
    sbuf_puts(&b, "sip:");
    sbuf_put(&b, number);
    sbuf_puts(&b, number.n > 0 ? "@127.0.0.1" : "127.0.0.1");
    return sbuf_str(&b);
}

/* Returns the trunk's index, -1 when none was named, -2 when there is none of that name. */
static int trunk_of(const struct settings *s, struct str name, char *error, size_t size) {
    struct nearest nearest = {.text = name.p};

    if (name.p == NULL)
        return -1;
    for (int i = 0; i < s->trunk_count; i++) {
        if (str_eq(str_of(s->trunks[i].name), name))
            return i;
        nearest_try(&nearest, s->trunks[i].name);
    }
    snprintf(error, size, "no trunk \"%.*s\"%s%s%s", (int)name.n, name.p,
             nearest.best == NULL ? "" : ", did you mean \"", nearest.best == NULL ? "" : nearest.best,
             nearest.best == NULL ? "" : "\"?");
    return -2;
}

/* --- the answer --- */

struct answer {
    struct sbuf *json;
    const struct settings *s;
    struct route_ctx *ctx;
    struct route_facts facts;
    struct route_plan plan;
    char called[ROUTE_NUMBER_MAX], calling[ROUTE_NUMBER_MAX], redirecting[ROUTE_NUMBER_MAX]; /* of the plan */
};

static void put_place(struct sbuf *json, const struct settings_route *r) {
    char text[WHY_MAX];

    if (r->file == NULL)
        return;
    snprintf(text, sizeof text, "%s:%d", r->file, r->line);
    json_put_text(json, "where", str_of(text));
}

/* The trunk's own translations come last: shown where they change something. */
static void put_number(const struct answer *a, const char *name, enum settings_number kind, struct str number,
                       int trunk) {
    struct route_chain chain = {a->s, NULL, -1, trunk};
    char text[ROUTE_NUMBER_MAX];
    struct sbuf b = sbuf_on(text, sizeof text);

    if (number.n > 0 && route_number(a->ctx, &chain, kind, number, &b))
        json_put_text(a->json, name, sbuf_str(&b));
}

static void put_targets(const struct answer *a) {
    json_name(a->json, "targets");
    sbuf_putc(a->json, '[');
    for (int i = 0; i < a->plan.count; i++) {
        const struct route_hop *h = &a->plan.hops[i];
        json_item(a->json);
        sbuf_putc(a->json, '{');
        json_put_text(a->json, "trunk", str_of(a->s->trunks[h->trunk].name));
        json_put_number(a->json, "preference", (uint64_t)h->preference);
        json_put_number(a->json, "weight", (uint64_t)h->weight);
        if (h->group != NULL)
            json_put_text(a->json, "group", str_of(h->group->name));
        put_number(a, "called", NUMBER_CALLED, a->plan.called, h->trunk);
        put_number(a, "calling", NUMBER_CALLING, a->plan.calling, h->trunk);
        put_number(a, "redirecting", NUMBER_REDIRECTING, a->plan.redirecting, h->trunk);
        sbuf_putc(a->json, '}');
    }
    sbuf_putc(a->json, ']');
}

static void put_taken(struct answer *a) {
    struct route_verdict v;
    char why[WHY_MAX];

    json_put_text(a->json, "route", str_of(a->plan.route->name));
    put_place(a->json, a->plan.route);
    route_judge(a->ctx, a->s, &a->facts, a->plan.route, &v);
    json_put_number(a->json, "literals", (uint64_t)v.literals);
    json_put_text(a->json, "why", route_why_taken(a->s, &v, why, sizeof why));
}

static void put_near(struct answer *a) {
    struct route_verdict near[ROUTE_TEST_NEAR], taken = {.route = NULL};
    char why[WHY_MAX];

    if (a->plan.route != NULL)
        route_judge(a->ctx, a->s, &a->facts, a->plan.route, &taken);
    int count = route_near(a->ctx, a->s, &a->facts, a->plan.route, near, ROUTE_TEST_NEAR);
    json_name(a->json, "near");
    sbuf_putc(a->json, '[');
    for (int i = 0; i < count; i++) {
        json_item(a->json);
        sbuf_putc(a->json, '{');
        json_put_text(a->json, "route", str_of(near[i].route->name));
        put_place(a->json, near[i].route);
        json_put_text(a->json, "why", route_why_not(a->s, &near[i], &taken, why, sizeof why));
        sbuf_putc(a->json, '}');
    }
    sbuf_putc(a->json, ']');
}

static void put_answer(struct answer *a) {
    sbuf_putc(a->json, '{');
    json_put_text(a->json, "number", a->facts.called);
    if (a->facts.trunk >= 0)
        json_put_text(a->json, "from", str_of(a->s->trunks[a->facts.trunk].name));
    if (a->plan.route != NULL) {
        put_taken(a);
    } else {
        json_name(a->json, "route");
        sbuf_puts(a->json, "null");
    }
    json_put_text(a->json, "called", a->plan.called);
    json_put_text(a->json, "calling", a->plan.calling);
    if (a->plan.redirecting.n > 0)
        json_put_text(a->json, "redirecting", a->plan.redirecting);
    if (a->plan.route != NULL && a->plan.status != 0)
        json_put_number(a->json, "reject", (uint64_t)a->plan.status);
    if (a->plan.status != 0)
        json_put_number(a->json, "status", (uint64_t)a->plan.status);
    if (a->plan.phrase.n > 0)
        json_put_text(a->json, "reason", a->plan.phrase);
    put_targets(a);
    put_near(a);
    sbuf_putc(a->json, '}');
}

/* The plan's texts go when the context is used again. */
static void keep(char buf[ROUTE_NUMBER_MAX], struct str *number) {
    if (number->n == 0 || number->n > ROUTE_NUMBER_MAX)
        return;
    memcpy(buf, number->p, number->n);
    number->p = buf;
}

void route_test_facts(const struct settings *s, const struct route_facts *facts, struct sbuf *json) {
    struct answer a = {.json = json, .s = s, .facts = *facts};

    a.facts.trial = true;
    a.ctx = route_ctx_new();
    route_find(a.ctx, s, &a.facts, 0, &a.plan);
    keep(a.called, &a.plan.called);
    keep(a.calling, &a.plan.calling);
    keep(a.redirecting, &a.plan.redirecting);
    put_answer(&a);
    route_ctx_free(a.ctx);
}

int route_test_run(const struct settings *s, const struct route_test *t, struct sbuf *json, char *error, size_t size) {
    char uris[3][URI_MAX];
    int trunk = trunk_of(s, t->from, error, size);

    if (trunk < -1)
        return -1;
    route_test_facts(s,
                     &(struct route_facts){.trunk = trunk,
                                           .called = t->number,
                                           .calling = t->calling,
                                           .redirecting = t->redirecting,
                                           .request_uri = uri_of(t->request_uri, t->number, uris[0], URI_MAX),
                                           .to_uri = uri_of(t->to_uri, t->number, uris[1], URI_MAX),
                                           .from_uri = uri_of(t->from_uri, t->calling, uris[2], URI_MAX),
                                           .header = next_header,
                                           .message = t},
                     json);
    return 0;
}
