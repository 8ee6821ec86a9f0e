#include "b2bua/core/head.h"

static struct str take_line(struct str *rest) {
    size_t n = 0;

    do {
        struct str here = str_from(*rest, n);
        size_t nl = str_find(here, '\n');
        n += nl < here.n ? nl + 1 : nl;
    } while (n < rest->n && (rest->p[n] == ' ' || rest->p[n] == '\t'));
    struct str line = {rest->p, n};
    *rest = str_from(*rest, n);
    return line;
}

struct str head_start(struct str message, struct str *rest) {
    size_t nl = str_find(message, '\n');
    size_t n = nl < message.n ? nl + 1 : nl;

    *rest = str_from(message, n);
    return str_upto(message, n);
}

bool head_next(struct str *rest, struct head_line *out) {
    if (rest->n == 0 || rest->p[0] == '\r' || rest->p[0] == '\n')
        return false;
    struct str line = take_line(rest);
    size_t colon = str_find(line, ':');
    *out = (struct head_line){.all = line};
    if (colon == line.n)
        return true;
    out->name = str_trim(str_upto(line, colon));
    out->value = str_trim(str_from(line, colon + 1));
    return true;
}

bool head_is(const struct head_line *line, struct str name, char compact) {
    if (compact != 0 && line->name.n == 1 && (line->name.p[0] | 0x20) == compact)
        return true;
    return str_ieq(line->name, name);
}

int head_count(struct str message, struct str name, char compact) {
    struct head_line line;
    struct str rest;
    int n = 0;

    head_start(message, &rest);
    while (head_next(&rest, &line))
        n += head_is(&line, name, compact) ? 1 : 0;
    return n;
}
