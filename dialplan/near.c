/* What nearly took a call: for people who ask why it went elsewhere. */
#include "dialplan/impl.h"

static int failures(const struct route_verdict *v) {
    return __builtin_popcount(v->failed);
}

/* Is `a` nearer than `b`? Of two that a called number keeps out, the one that fits further. */
static bool is_nearer(const struct route_verdict *a, const struct route_verdict *b) {
    if (failures(a) != failures(b))
        return failures(a) < failures(b);
    if (a->reach != b->reach && (a->failed & 1u << ROUTE_CALLED) && (b->failed & 1u << ROUTE_CALLED))
        return a->reach > b->reach;
    return judge_before(a, b);
}

/* A number that does not fit at all, or two conditions that fail, are no near miss. */
static bool is_near(const struct route_verdict *v) {
    if (failures(v) > 1)
        return false;
    return !(v->failed & 1u << ROUTE_CALLED) || v->reach > 0;
}

static int insert(struct route_verdict *out, int count, int max, const struct route_verdict *v) {
    int i;

    if (count < max)
        count++;
    else if (!is_nearer(v, &out[count - 1]))
        return count;
    for (i = count - 1; i > 0 && is_nearer(v, &out[i - 1]); i--)
        out[i] = out[i - 1];
    out[i] = *v;
    return count;
}

int route_near(struct route_ctx *ctx, const struct settings *s, const struct route_facts *f,
               const struct settings_route *taken, struct route_verdict *out, int max) {
    struct route_facts seen = judge_facts(ctx, s, f);
    struct route_verdict v;
    int count = 0;

    for (int i = 0; max > 0 && i < s->route_count; i++) {
        if (&s->routes[i] == taken)
            continue;
        judge_route(ctx, &seen, &s->routes[i], true, &v);
        if (is_near(&v))
            count = insert(out, count, max, &v);
    }
    return count;
}
