/* impl: what the files of this room share. */
#ifndef DIALPLAN_IMPL_H
#define DIALPLAN_IMPL_H

#include "dialplan/route.h"
#include "dialplan/rules.h"

struct route_ctx {
    struct pattern_room room;
    char matched[SETTINGS_NUMBERS][ROUTE_NUMBER_MAX]; /* numbers as the routes see them */
    char left[SETTINGS_NUMBERS][ROUTE_NUMBER_MAX];    /* and as the plan has them */
};

/* judge.c: the facts as routes see them: with numbers as the trunk that the call comes from translates them. */
struct route_facts judge_facts(struct route_ctx *ctx, const struct settings *s, const struct route_facts *f);

/* Judges; `all` false: stops at the first condition that does not hold. `f` is from judge_facts. Returns whether all
 * hold. */
bool judge_route(struct route_ctx *ctx, const struct route_facts *f, const struct settings_route *r, bool all,
                 struct route_verdict *out);

/* Does `a` take a call before `b`, where both match? */
bool judge_before(const struct route_verdict *a, const struct route_verdict *b);

/* hops.c: fills in the trunks of `to`. */
void hops_fill(struct route_plan *p, const struct settings *s, const struct settings_to *to, uint64_t seed, bool trial);

#endif
