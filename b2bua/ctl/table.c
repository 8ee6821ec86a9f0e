#include "b2bua/ctl/table.h"

#include <stdlib.h>

enum { WRONG_MAX = 4096 };

void ctl_table_init(struct ctl_table *t, int columns, const bool *right) {
    *t = (struct ctl_table){.columns = columns};
    for (int i = 0; i < columns; i++)
        t->right[i] = right[i];
}

void ctl_table_fini(struct ctl_table *t) {
    for (size_t i = 0; i < t->count; i++)
        free(t->cells[i]);
    free(t->cells);
}

/* Bytes below blank and DEL; and U+0080 to U+009F, which are c2 80 to c2 9f. */
static bool is_control(const unsigned char *p) {
    return *p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f);
}

const char *ctl_safe(const char *text, char *buf, size_t size) {
    const unsigned char *p = (const unsigned char *)text;
    size_t n = 0;

    while (*p != '\0' && n + 1 < size) {
        bool control = is_control(p);
        buf[n++] = control ? '?' : (char)*p;
        p += control && *p == 0xc2 ? 2 : 1;
    }
    while (*p != '\0' && n > 0 && ((unsigned char)buf[n - 1] & 0xc0) == 0x80)
        n--; /* half a character */
    if (*p != '\0' && n > 0 && (unsigned char)buf[n - 1] >= 0xc0)
        n--;
    buf[n] = '\0';
    return buf;
}

int ctl_wrong(FILE *err, const char *what) {
    char safe[WRONG_MAX];

    fprintf(err, "twinlegctl: %s\n", ctl_safe(what, safe, sizeof safe));
    return 1;
}

void ctl_table_cell(struct ctl_table *t, const char *text) {
    char safe[CTL_CELL_MAX];

    if (t->count == t->room) {
        t->room = t->room == 0 ? 64 : 2 * t->room;
        t->cells = mem_realloc(t->cells, t->room * sizeof *t->cells);
    }
    t->cells[t->count++] = str_dup(str_of(ctl_safe(text, safe, sizeof safe)));
}

/* Characters, not bytes: what continues one in UTF-8 takes no room of its own. */
static int width(const char *text) {
    int n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void print_row(const struct ctl_table *t, char *const *row, const int *widths, FILE *out) {
    for (int i = 0; i < t->columns; i++) {
        int pad = widths[i] - width(row[i]);
        bool last = i == t->columns - 1;
        if (t->right[i])
            fprintf(out, "%*s%s", pad, "", row[i]);
        else
            fprintf(out, "%s%*s", row[i], last ? 0 : pad, "");
        fputs(last ? "\n" : "  ", out);
    }
}

void ctl_table_print(const struct ctl_table *t, FILE *out) {
    int widths[CTL_COLUMNS_MAX] = {0};

    for (size_t i = 0; i < t->count; i++) {
        int *widest = &widths[i % (size_t)t->columns], w = width(t->cells[i]);
        *widest = w > *widest ? w : *widest;
    }
    for (size_t i = 0; i + (size_t)t->columns <= t->count; i += (size_t)t->columns)
        print_row(t, t->cells + i, widths, out);
}
