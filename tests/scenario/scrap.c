/* Memory that goes when the scenario goes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/scenario/scenario.h"

struct scrap_block {
    struct scrap_block *next;
    char bytes[];
};

void *scrap_take(struct scrap *p, size_t n) {
    struct scrap_block *b = mem_zalloc(sizeof *b + n);

    b->next = p->first;
    p->first = b;
    return b->bytes;
}

char *scrap_copy(struct scrap *p, const char *bytes, size_t n) {
    char *copy = scrap_take(p, n + 1);

    memcpy(copy, bytes, n);
    return copy;
}

char *scrap_print(struct scrap *p, const char *format, ...) {
    char *text = NULL;
    va_list args;

    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0)
        abort();
    char *copy = scrap_copy(p, text, (size_t)n);
    free(text);
    return copy;
}

void scrap_free(struct scrap *p) {
    while (p->first != NULL) {
        struct scrap_block *next = p->first->next;
        free(p->first);
        p->first = next;
    }
}
