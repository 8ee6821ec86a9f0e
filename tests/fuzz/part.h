/* part: inputs of several parts, with lines "---" between them. */
#ifndef TESTS_FUZZ_PART_H
#define TESTS_FUZZ_PART_H

#include "b2bua/core/str.h"

/* Up to the separator; *rest is what follows. */
static inline struct str fuzz_part(struct str *rest) {
    const char *at = rest->n == 0 ? NULL : memmem(rest->p, rest->n, "---\n", 4);
    struct str one = *rest;

    if (at == NULL) {
        *rest = STR_NONE;
        return one;
    }
    one.n = (size_t)(at - rest->p);
    *rest = str_from(*rest, one.n + 4);
    return one;
}

#endif
