#include "b2bua/ctl/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "b2bua/core/derive.h"

enum { FILE_MAX = 1 << 20 };

void ctl_message_note(struct ctl_message *m, const char *format, ...) {
    va_list args;

    if (m->note_count == CTL_MESSAGE_NOTES)
        return;
    va_start(args, format);
    vsnprintf(m->notes[m->note_count++], CTL_MESSAGE_NOTE_MAX, format, args);
    va_end(args);
}

/* Returns 0, or -1 with errno. */
static int fill(const char *file, struct sbuf *out) {
    FILE *f = strcmp(file, "-") == 0 ? stdin : fopen(file, "rb");
    char buf[16384];
    size_t n;
    int failed = 0;

    if (f == NULL)
        return -1;
    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        sbuf_put(out, (struct str){buf, n});
    if (ferror(f))
        failed = errno;
    if (f != stdin)
        fclose(f);
    errno = out->full ? EFBIG : failed;
    return errno == 0 ? 0 : -1;
}

/* The line that `text` begins with, with its end. */
static struct str line_of(struct str text) {
    size_t n = str_find(text, '\n');

    return str_upto(text, n < text.n ? n + 1 : n);
}

/* Bytes up to the empty line behind the headers; *ended: there is one. */
static size_t head_size(struct str text, bool *ended) {
    bool begun = false;
    size_t at = 0;

    *ended = false;
    while (at < text.n && !*ended) {
        struct str line = line_of(str_from(text, at));
        bool empty = str_trim(line).n == 0 && line.p[0] != ' ' && line.p[0] != '\t';
        *ended = empty && begun;
        begun |= !empty;
        at += *ended ? 0 : line.n;
    }
    return at;
}

static int bare_ends(struct str text) {
    int count = 0;

    for (size_t i = 0; i < text.n; i++)
        count += text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r');
    return count;
}

static void put_ends(struct sbuf *out, struct str text) {
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r'))
            sbuf_putc(out, '\r');
        sbuf_putc(out, text.p[i]);
    }
}

/* A head with CRLF throughout comes from the wire: what its body holds is none of our business. */
static struct str with_ends(struct ctl_message *m, struct str raw) {
    struct sbuf out = sbuf_growing(2 * (size_t)FILE_MAX + 4);
    bool ended;
    size_t head = head_size(raw, &ended);
    int bare = bare_ends(str_upto(raw, head));

    if (bare > 0) {
        ctl_message_note(m, "%d lines end in LF alone: taken for CRLF", bare_ends(raw));
        put_ends(&out, raw);
    } else {
        sbuf_put(&out, raw);
    }
    if (!ended) {
        ctl_message_note(m, "no empty line behind the headers: added");
        sbuf_puts(&out, raw.n > 0 && raw.p[raw.n - 1] == '\n' ? "\r\n" : "\r\n\r\n");
    }
    return sbuf_str(&out);
}

static void compare_length(struct ctl_message *m) {
    bool ended;
    size_t head = head_size(m->text, &ended);
    struct str body = str_from(m->text, head + line_of(str_from(m->text, head)).n);
    uint64_t n;

    if (str_number(str_trim(derive_header(m->text, STR("Content-Length"), 'l')), UINT32_MAX, &n) < 0 || n == body.n)
        return;
    if (n > body.n)
        ctl_message_note(m, "Content-Length is %llu, but %zu bytes follow: they are the body", (unsigned long long)n,
                         body.n);
    else if (str_trim(str_from(body, (size_t)n)).n > 0)
        ctl_message_note(m, "Content-Length is %llu, but %zu bytes follow: rules see only the first %llu",
                         (unsigned long long)n, body.n, (unsigned long long)n);
}

static bool is_sip(struct str text) {
    struct str first = str_trim(line_of(str_trim(text)));

    for (size_t i = 0; i + 4 <= first.n; i++)
        if (str_ieq((struct str){first.p + i, 4}, STR("SIP/")) && (i == 0 || first.p[i - 1] == ' '))
            return true;
    return false;
}

int ctl_message_file(const char *file, size_t max, struct sbuf *out, char *error, size_t size) {
    *out = sbuf_growing(max);
    if (fill(file, out) == 0)
        return 0;
    snprintf(error, size, "%s: %s", file, strerror(errno));
    sbuf_fini(out);
    return -1;
}

int ctl_message_take(struct ctl_message *m, struct str raw, const char *file, char *error, size_t size) {
    *m = (struct ctl_message){.note_count = 0};
    if (!is_sip(raw)) {
        snprintf(error, size, "%s: no SIP message: the first line is neither a request nor a status line", file);
        return -1;
    }
    m->text = with_ends(m, raw);
    compare_length(m);
    return 0;
}

int ctl_message_read(struct ctl_message *m, const char *file, char *error, size_t size) {
    struct sbuf raw;

    *m = (struct ctl_message){.note_count = 0};
    if (ctl_message_file(file, FILE_MAX, &raw, error, size) < 0)
        return -1;
    int status = ctl_message_take(m, sbuf_str(&raw), file, error, size);
    sbuf_fini(&raw);
    return status;
}

void ctl_message_fini(struct ctl_message *m) {
    free((char *)m->text.p);
    *m = (struct ctl_message){.note_count = 0};
}
