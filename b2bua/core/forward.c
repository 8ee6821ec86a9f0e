#include "b2bua/core/forward.h"

#include <assert.h>

#include "b2bua/core/head.h"

void forward_edit(struct forward *f, struct str name, char compact, struct str lines) {
    int i = 0;

    while (i < f->count && !str_ieq(f->edits[i].name, name))
        i++;
    assert(i < FORWARD_EDITS_MAX);
    f->edits[i] = (struct forward_edit){name, compact, lines};
    f->count = i == f->count ? i + 1 : f->count;
}

static int edit_of(const struct forward *f, const struct head_line *line) {
    for (int i = 0; i < f->count; i++)
        if (head_is(line, f->edits[i].name, f->edits[i].compact))
            return i;
    return -1;
}

static void put_body(struct sbuf *out, struct str rest, bool has_length) {
    size_t end = str_find(rest, '\n');
    struct str body = str_from(rest, end + 1);

    if (!has_length) {
        sbuf_puts(out, "Content-Length: ");
        sbuf_number(out, body.n);
        sbuf_puts(out, "\r\n");
    }
    sbuf_puts(out, "\r\n");
    sbuf_put(out, body);
}

int forward_put(struct sbuf *out, struct str message, const struct forward *f) {
    bool done[FORWARD_EDITS_MAX] = {false}, has_length = false;
    struct head_line line;
    struct str rest, start = head_start(message, &rest);

    sbuf_put(out, f->start.n > 0 ? f->start : start);
    while (head_next(&rest, &line)) {
        int i = edit_of(f, &line);
        has_length |= head_is(&line, STR("Content-Length"), 'l');
        if (i < 0)
            sbuf_put(out, line.all);
        else if (!done[i])
            sbuf_put(out, f->edits[i].lines);
        if (i >= 0)
            done[i] = true;
    }
    for (int i = 0; i < f->count; i++)
        if (!done[i])
            sbuf_put(out, f->edits[i].lines);
    if (str_find(rest, '\n') == rest.n)
        return -1;
    put_body(out, rest, has_length);
    return out->full ? -1 : 0;
}
