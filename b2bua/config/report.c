#include <stdarg.h>
#include <stdlib.h>

#include "b2bua/config/row.h"

enum { TEXT_MAX = 1024, PATH_TEXT_MAX = 256 };

/* Notes of one file stand together, by line; files in the order of their first note. */
static int place(const struct config_notes *notes, const char *file, int line) {
    int first = notes->kept;

    for (int i = notes->kept; i-- > 0;) {
        if (strcmp(notes->items[i].file, file) != 0)
            continue;
        if (notes->items[i].line <= line)
            return i + 1;
        first = i;
    }
    return first;
}

void config_note_add(struct config_notes *notes, const char *file, int line, const char *text) {
    notes->count++;
    if (notes->kept == CONFIG_NOTES_MAX)
        return;
    int at = place(notes, file, line);
    struct config_note *items = config_grow(notes->items, notes->kept, sizeof *items);
    memmove(&items[at + 1], &items[at], sizeof *items * (size_t)(notes->kept - at));
    items[at] = (struct config_note){str_dup(str_of(file)), line, str_dup(str_of(text))};
    notes->items = items;
    notes->kept++;
}

/* "trunks[0].timers", the root is "". */
static void put_path(struct sbuf *b, const config_setting_t *where) {
    if (where == NULL || config_setting_is_root(where))
        return;
    put_path(b, config_setting_parent(where));
    if (config_setting_name(where) != NULL) {
        if (b->n > 0)
            sbuf_putc(b, '.');
        sbuf_puts(b, config_setting_name(where));
        return;
    }
    sbuf_putc(b, '[');
    sbuf_number(b, (uint64_t)config_setting_index(where));
    sbuf_putc(b, ']');
}

static void add(struct config_notes *notes, const char *root_file, const config_setting_t *where, const char *key,
                const char *format, va_list args) {
    char path[PATH_TEXT_MAX], what[TEXT_MAX], text[2 * TEXT_MAX];
    struct sbuf b = sbuf_on(path, sizeof path - 1);
    /* The root has no file and line of its own. */
    const char *file = config_setting_is_root(where) ? root_file : config_setting_source_file(where);
    int line = (int)config_setting_source_line(where);

    put_path(&b, where);
    if (key != NULL) {
        if (b.n > 0)
            sbuf_putc(&b, '.');
        sbuf_puts(&b, key);
    }
    path[b.n] = '\0';
    vsnprintf(what, sizeof what, format, args);
    if (line > 0)
        snprintf(text, sizeof text, "%s:%d: %s: %s", file, line, path, what);
    else
        snprintf(text, sizeof text, "%s: %s: %s", file, path, what);
    config_note_add(notes, file, line, text);
}

void config_fault(struct config_loader *l, const config_setting_t *where, const char *key, const char *format, ...) {
    va_list args;

    va_start(args, format);
    add(&l->report->errors, l->file, where, key, format, args);
    va_end(args);
}

void config_warn(struct config_loader *l, const config_setting_t *where, const char *key, const char *format, ...) {
    va_list args;

    va_start(args, format);
    add(&l->report->warnings, l->file, where, key, format, args);
    va_end(args);
}

static void print(const struct config_notes *notes, const char *kind, FILE *out) {
    for (int i = 0; i < notes->kept; i++)
        fprintf(out, "%s\n", notes->items[i].text);
    if (notes->count > notes->kept)
        fprintf(out, "... and %d more %s\n", notes->count - notes->kept, kind);
}

void config_report_print(const struct config_report *report, FILE *out) {
    print(&report->errors, "errors", out);
    print(&report->warnings, "warnings", out);
}

static void free_notes(struct config_notes *notes) {
    for (int i = 0; i < notes->kept; i++) {
        free(notes->items[i].file);
        free(notes->items[i].text);
    }
    free(notes->items);
    *notes = (struct config_notes){0};
}

void config_report_fini(struct config_report *report) {
    free_notes(&report->errors);
    free_notes(&report->warnings);
}
