#include "profiles/doubts.h"

#include <stdio.h>

/* Is every message of `inner` also one of `outer`? */
static bool covers(const struct rule *outer, const struct rule *inner) {
    return outer->response == inner->response && (outer->method == RULE_ANY || outer->method == inner->method) &&
           (outer->status == 0 || outer->status == inner->status);
}

static bool same_lines(const struct rule *a, const struct rule *b) {
    return a->where == b->where && a->target.lines == b->target.lines && a->target.section == b->target.section &&
           str_ieq(str_of(a->target.name), str_of(b->target.name));
}

/* The rule before `r` that takes away all that it could work on, unless another one adds it again. */
static const struct rule *taken_away(const struct profile *p, const struct rule *r) {
    const struct rule *by = NULL;

    if (r->verb == RULE_ADD)
        return NULL;
    for (int i = 0; i < p->count && p->rules[i] != r; i++) {
        const struct rule *earlier = p->rules[i];
        if (same_lines(earlier, r) && earlier->verb == RULE_REMOVE && covers(earlier, r))
            by = earlier;
        else if (same_lines(earlier, r) && earlier->verb == RULE_ADD)
            by = NULL;
    }
    return by;
}

static const struct rule *twin(const struct profile *p, const struct rule *r) {
    for (int i = 0; i < p->count && p->rules[i] != r; i++)
        if (strcmp(p->rules[i]->canon, r->canon) == 0)
            return p->rules[i];
    return NULL;
}

struct doubts_found doubts_find(const struct profile *p, const struct rule *r) {
    struct doubts_found d = {.right = ""};
    const struct rule *other = twin(p, r);
    const char *never = rule_never(r);

    if (never != NULL) {
        snprintf(d.wrong, sizeof d.wrong, "never matches: %s", never);
    } else if (other != NULL) {
        snprintf(d.wrong, sizeof d.wrong, "the same rule as in line %d: it runs twice", other->line);
        d.right = "one of them";
    } else if ((other = taken_away(p, r)) != NULL) {
        snprintf(d.wrong, sizeof d.wrong, "never matches: the rule of line %d removes it", other->line);
        d.right = "this rule before that one";
    }
    return d;
}
