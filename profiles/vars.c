#include "profiles/vars.h"

#include <stdlib.h>

struct profile_vars *profile_vars_new(void) {
    return mem_zalloc(sizeof(struct profile_vars));
}

void vars_clear(struct profile_vars *v) {
    for (int i = 0; i < v->count; i++)
        free(v->at[i].p);
    for (int leg = 0; leg < 2; leg++)
        free((char *)v->kept[leg].p);
    free(v->at);
    *v = (struct profile_vars){0};
}

void profile_vars_free(struct profile_vars *v) {
    if (v == NULL)
        return;
    vars_clear(v);
    free(v);
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
    char *copy = str_dup(value);
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)copy[i] < ' ')
            copy[i] = ' ';
    free(one->p);
    one->p = copy;
    one->n = value.n;
    v->bytes += value.n - before;
    return 0;
}
