#include "b2bua/core/names.h"

#include <stdlib.h>

#include "b2bua/core/str.h"

void names_fini(struct names *n) {
    while (n->count > 0)
        free(n->name[--n->count]);
    free(n->name);
    n->name = NULL;
}

int names_number(struct names *n, const char *name) {
    for (int i = 0; i < n->count; i++)
        if (strcmp(n->name[i], name) == 0)
            return i;
    if (n->count == NAMES_NUMBERS_MAX)
        return -1;
    if ((n->count & (n->count - 1)) == 0)
        n->name = mem_realloc(n->name, (n->count == 0 ? 1 : 2 * (size_t)n->count) * sizeof *n->name);
    n->name[n->count] = str_dup(str_of(name));
    return n->count++;
}
