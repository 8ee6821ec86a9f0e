/* Memory that goes when the scenario goes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/scenario/scenario.h"

struct pool_block {
    struct pool_block *next;
    char bytes[];
};

void *pool_take(struct pool *p, size_t n) {
    struct pool_block *b = mem_zalloc(sizeof *b + n);

    b->next = p->first;
    p->first = b;
    return b->bytes;
}

char *pool_copy(struct pool *p, const char *bytes, size_t n) {
    char *copy = pool_take(p, n + 1);

    memcpy(copy, bytes, n);
    return copy;
}

char *pool_print(struct pool *p, const char *format, ...) {
    char *text = NULL;
    va_list args;

    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0)
        abort();
    char *copy = pool_copy(p, text, (size_t)n);
    free(text);
    return copy;
}

void pool_free(struct pool *p) {
    while (p->first != NULL) {
        struct pool_block *next = p->first->next;
        free(p->first);
        p->first = next;
    }
}
