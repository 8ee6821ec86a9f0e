#include "profiles/vars.h"

#include <stdlib.h>

struct profile_vars *profile_vars_new(void) {
    return mem_zalloc(sizeof(struct profile_vars));
}

void profile_vars_free(struct profile_vars *v) {
    if (v == NULL)
        return;
    for (int i = 0; i < v->count; i++)
        free(v->at[i].p);
    for (int leg = 0; leg < 2; leg++)
        free((char *)v->kept[leg].p);
    free(v->at);
    free(v);
}

void vars_unset(struct profile_vars *v) {
    for (int i = 0; i < v->count; i++)
        v->at[i].n = 0;
    v->bytes = 0;
}

static struct vars_one *find(const struct profile_vars *v, int var) {
    for (int i = 0; i < v->count; i++)
        if (v->at[i].var == var)
            return &v->at[i];
    return NULL;
}

struct str profile_vars_get(const struct profile_vars *v, int var) {
    const struct vars_one *one = find(v, var);

    return one == NULL ? STR_NONE : (struct str){one->p, one->n};
}

int profile_vars_set(struct profile_vars *v, int var, struct str value) {
    struct vars_one *one = find(v, var);
    size_t before = one == NULL ? 0 : one->n;

    if (v->bytes - before + value.n > PROFILE_VARS_MAX)
        return -1;
    if (one == NULL) {
        v->at = mem_realloc(v->at, (size_t)(v->count + 1) * sizeof *v->at);
        one = &v->at[v->count++];
        *one = (struct vars_one){.var = var};
    }
    if (value.n > one->cap) {
        one->p = mem_realloc(one->p, value.n);
        one->cap = value.n;
    }
    for (size_t i = 0; i < value.n; i++)
        one->p[i] = (unsigned char)value.p[i] < ' ' ? ' ' : value.p[i];
    one->n = value.n;
    v->bytes += value.n - before;
    return 0;
}
