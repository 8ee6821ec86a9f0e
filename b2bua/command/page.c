#include "b2bua/command/page.h"

#include <stdio.h>

const char *const page_directions[2] = {"in", "out"};

void page_head(struct page *p, const char *name, enum metric_type type, const char *help) {
    static const char *const types[] = {
        [METRIC_GAUGE] = " gauge\n", [METRIC_COUNTER] = " counter\n", [METRIC_HISTOGRAM] = " histogram\n"};

    sbuf_puts(&p->out, "# HELP twinleg_");
    sbuf_puts(&p->out, name);
    sbuf_putc(&p->out, ' ');
    sbuf_puts(&p->out, help);
    sbuf_puts(&p->out, "\n# TYPE twinleg_");
    sbuf_puts(&p->out, name);
    sbuf_puts(&p->out, types[type]);
}

/* Backslash, quote and line feed are escaped in the value of a label. */
static void put_label(struct sbuf *out, const char *value) {
    for (; *value != '\0'; value++) {
        if (*value == '\\' || *value == '"' || *value == '\n')
            sbuf_putc(out, '\\');
        sbuf_putc(out, *value);
        if (*value == '\n')
            out->p[out->n - 1] = 'n';
    }
}

void page_text(struct page *p, const char *name, const char *const *labels, const char *value) {
    sbuf_puts(&p->out, "twinleg_");
    sbuf_puts(&p->out, name);
    for (const char *const *l = labels; l[0] != NULL; l += 2) {
        sbuf_putc(&p->out, l == labels ? '{' : ',');
        sbuf_puts(&p->out, l[0]);
        sbuf_puts(&p->out, "=\"");
        put_label(&p->out, l[1]);
        sbuf_putc(&p->out, '"');
    }
    sbuf_puts(&p->out, labels[0] == NULL ? " " : "} ");
    sbuf_puts(&p->out, value);
    sbuf_putc(&p->out, '\n');
}

void page_sample(struct page *p, const char *name, const char *const *labels, uint64_t value) {
    char text[24];

    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    page_text(p, name, labels, text);
}

void page_rows(struct page *p, const struct page_row *rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (rows[i].help != NULL)
            page_head(p, rows[i].name, rows[i].type, rows[i].help);
        SAMPLE(p, rows[i].name, rows[i].count, rows[i].label, rows[i].value);
    }
}
