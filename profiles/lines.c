#include "profiles/lines.h"

#include <stdlib.h>

#include "b2bua/core/sdp.h"

void lines_init(struct parts *parts) {
    *parts = (struct parts){.head.max = LINES_HEAD_MAX, .sdp.max = LINES_SDP_MAX};
    parts->head.at = mem_alloc((LINES_HEAD_MAX + 1) * sizeof(struct line)); /* one for the empty line */
    parts->sdp.at = mem_alloc(LINES_SDP_MAX * sizeof(struct line));
}

void lines_fini(struct parts *parts) {
    free(parts->head.at);
    free(parts->sdp.at);
}

/* The next line of *rest; with `folds` together with the lines that go on with a blank (RFC 3261 7.3.1). */
static void next_line(struct str *rest, bool folds, struct line *line) {
    size_t n = 0;

    do {
        n += str_find(str_from(*rest, n), '\n');
        if (n == rest->n)
            break;
        n++;
    } while (folds && n < rest->n && (rest->p[n] == ' ' || rest->p[n] == '\t'));
    size_t end = n > 0 && rest->p[n - 1] == '\n' ? (n > 1 && rest->p[n - 2] == '\r' ? 2 : 1) : 0;
    *line = (struct line){.text = str_upto(*rest, n - end), .end = {rest->p + n - end, end}};
    *rest = str_from(*rest, n);
}

void lines_name_header(struct line *line) {
    size_t colon = str_find(line->text, ':');
    struct str name = str_upto(line->text, colon == line->text.n ? 0 : colon);

    while (name.n > 0 && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
        name.n--;
    line->name = name;
    struct str full = name.n == 1 ? names_of_letter(name.p[0]) : STR_NONE;
    line->key = names_key(full.n > 0 ? full : name);
}

/* What is behind the head has been all body until here. No rule can change what frames it. */
static void end_body(struct parts *parts) {
    struct str rest = parts->body;
    uint64_t n = 0;

    if (parts->body_ended)
        return;
    parts->body_ended = true;
    const struct line *length = lines_header(parts, NAMES_CONTENT_LENGTH);
    if (length == NULL || str_number(lines_value(length), UINT32_MAX, &n) < 0 || n > rest.n)
        n = rest.n;
    parts->body = str_upto(rest, (size_t)n);
    parts->tail = str_from(rest, (size_t)n);
}

int lines_read(struct parts *parts, struct str message) {
    struct str rest = message;

    parts->head.count = parts->sdp.count = 0;
    parts->head.keys = 0;
    parts->sdp_read = parts->body_ended = false;
    parts->blank = parts->body = parts->tail = parts->description = STR_NONE;
    while (rest.n > 0 && (rest.p[0] == '\r' || rest.p[0] == '\n'))
        rest = str_from(rest, 1);
    parts->lead = str_upto(message, message.n - rest.n);
    while (rest.n > 0) {
        struct line *line = &parts->head.at[parts->head.count];
        next_line(&rest, parts->head.count > 0, line);
        if (line->text.n == 0) {
            parts->blank = line->end;
            break;
        }
        if (parts->head.count == parts->head.max)
            return -1;
        if (parts->head.count > 0)
            lines_name_header(line);
        parts->head.keys |= lines_bit(line->key);
        parts->head.count++;
    }
    parts->body = rest;
    return 0;
}

const struct line *lines_header(const struct parts *parts, enum names_kind kind) {
    struct str name = names_of_kind(kind);
    uint32_t key = names_key(name);

    for (int i = 1; i < parts->head.count; i++) {
        const struct line *line = &parts->head.at[i];
        if (line->key == key && (line->name.n == 1 || str_ieq(line->name, name)) && line->name.n > 0)
            return line;
    }
    return NULL;
}

struct str lines_value(const struct line *line) {
    return str_trim(str_from(line->text, str_find(line->text, ':') + 1));
}

void lines_sort_sdp(struct lines *sdp) {
    int section = 0;
    enum names_media media = NAMES_MEDIA_NONE;

    for (int i = 0; i < sdp->count; i++) {
        struct line *line = &sdp->at[i];
        if (line->text.n >= 2 && line->text.p[0] == 'm' && line->text.p[1] == '=') {
            section += section < UINT8_MAX;
            media = names_media_of(line->text);
        }
        line->section = (uint8_t)section;
        line->media = media;
    }
}

int lines_read_sdp(struct parts *parts) {
    const struct line *type = lines_header(parts, NAMES_CONTENT_TYPE);
    struct str rest;

    if (parts->sdp_read)
        return 0;
    parts->sdp_read = true;
    end_body(parts);
    if (type != NULL)
        parts->description = sdp_find(lines_value(type), parts->body);
    rest = parts->description;
    while (rest.n > 0) {
        if (parts->sdp.count == parts->sdp.max)
            return -1;
        next_line(&rest, false, &parts->sdp.at[parts->sdp.count++]);
    }
    lines_sort_sdp(&parts->sdp);
    return 0;
}

int lines_splice(struct lines *lines, int at, int gone, const struct line *fresh, int count) {
    if (lines->count - gone + count > lines->max)
        return -1;
    memmove(lines->at + at + count, lines->at + at + gone, (size_t)(lines->count - at - gone) * sizeof *lines->at);
    if (count > 0)
        memcpy(lines->at + at, fresh, (size_t)count * sizeof *fresh);
    for (int i = 0; i < count; i++)
        lines->keys |= lines_bit(fresh[i].key);
    lines->count += count - gone;
    return 0;
}

struct str lines_end(const struct lines *lines) {
    return lines->count > 0 && str_eq(lines->at[0].end, STR("\n")) ? STR("\n") : STR("\r\n");
}

static size_t size_of(const struct lines *lines) {
    size_t n = 0;

    for (int i = 0; i < lines->count; i++)
        n += lines->at[i].text.n + lines->at[i].end.n;
    return n;
}

static void write_length(struct sbuf *out, const struct line *line, size_t length) {
    struct str value = lines_value(line);
    uint64_t n;

    if (str_number(value, UINT64_MAX, &n) == 0 && n == length) {
        sbuf_put(out, line->text);
        return;
    }
    size_t before = value.n > 0 ? (size_t)(value.p - line->text.p) : str_find(line->text, ':') + 1;
    sbuf_put(out, str_upto(line->text, before));
    sbuf_number(out, length);
}

void lines_write(struct parts *parts, struct sbuf *out) {
    struct str name = names_of_kind(NAMES_CONTENT_LENGTH);
    uint32_t key = names_key(name);

    end_body(parts);
    size_t length = parts->body.n - parts->description.n + (parts->sdp_read ? size_of(&parts->sdp) : 0);

    sbuf_put(out, parts->lead);
    for (int i = 0; i < parts->head.count; i++) {
        const struct line *line = &parts->head.at[i];
        if (i > 0 && line->key == key && line->name.n > 0 && (line->name.n == 1 || str_ieq(line->name, name)))
            write_length(out, line, length);
        else
            sbuf_put(out, line->text);
        sbuf_put(out, line->end);
    }
    sbuf_put(out, parts->blank);
    size_t before = parts->description.n > 0 ? (size_t)(parts->description.p - parts->body.p) : parts->body.n;
    sbuf_put(out, str_upto(parts->body, before));
    for (int i = 0; parts->sdp_read && i < parts->sdp.count; i++) {
        sbuf_put(out, parts->sdp.at[i].text);
        sbuf_put(out, parts->sdp.at[i].end);
    }
    sbuf_put(out, str_from(parts->body, before + parts->description.n));
    sbuf_put(out, parts->tail);
}
