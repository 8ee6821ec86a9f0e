#include "b2bua/trunk/way.h"

#include <stdlib.h>

static struct str put(char **at, struct str text) {
    struct str copy = {*at, text.n};

    if (text.n > 0)
        memcpy(*at, text.p, text.n);
    *at += text.n;
    return copy;
}

struct ways *ways_pack(const struct ways *from) {
    size_t list = (size_t)from->count * sizeof *from->list, text = 0;

    for (int i = 0; i < from->count; i++)
        text += from->list[i].uri.n + from->list[i].route.n;
    struct ways *w = mem_alloc(sizeof *w + list + text);
    *w = *from;
    w->list = (struct way *)(w + 1);
    char *at = (char *)w->list + list;
    for (int i = 0; i < from->count; i++) {
        w->list[i] = from->list[i];
        w->list[i].uri = put(&at, from->list[i].uri);
        w->list[i].route = put(&at, from->list[i].route);
    }
    return w;
}
