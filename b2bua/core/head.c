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

static bool is_over(struct str rest) {
    return rest.n == 0 || rest.p[0] == '\r' || rest.p[0] == '\n';
}

static void split(struct str line, struct head_line *out) {
    size_t colon = str_find(line, ':');

    *out = (struct head_line){.all = line};
    if (colon == line.n)
        return;
    out->name = str_trim(str_upto(line, colon));
    out->value = str_trim(str_from(line, colon + 1));
}

bool head_next(struct str *rest, struct head_line *out) {
    if (is_over(*rest))
        return false;
    split(take_line(rest), out);
    return true;
}

bool head_is(const struct head_line *line, struct str name, char compact) {
    if (compact != 0 && line->name.n == 1 && (line->name.p[0] | 0x20) == compact)
        return true;
    return str_ieq(line->name, name);
}

/* Most lines are out of the question by their first letter. */
bool head_find(struct str *rest, struct str name, char compact, struct head_line *out) {
    while (!is_over(*rest)) {
        struct str line = take_line(rest);
        char first = line.p[0] | 0x20;
        if (first != (name.p[0] | 0x20) && first != compact)
            continue;
        split(line, out);
        if (head_is(out, name, compact))
            return true;
    }
    return false;
}

size_t head_length(struct str message) {
    for (size_t at = str_find(message, '\n'); at < message.n; at += 1 + str_find(str_from(message, at + 1), '\n')) {
        size_t next = at + 1 < message.n && message.p[at + 1] == '\r' ? at + 2 : at + 1;
        if (next < message.n && message.p[next] == '\n')
            return next + 1;
    }
    return 0;
}

int head_count(struct str message, struct str name, char compact) {
    struct head_line line;
    struct str rest;
    int n = 0;

    head_start(message, &rest);
    while (head_find(&rest, name, compact, &line))
        n++;
    return n;
}
