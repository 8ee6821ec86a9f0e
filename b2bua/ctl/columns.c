#include "b2bua/ctl/columns.h"

#include <stdlib.h>

#include "b2bua/ctl/table.h"

/* A value somewhere inside: "timer.interval_s". */
static const json_t *at(const json_t *object, const char *key) {
    struct str path = str_of(key);
    size_t dot = str_find(path, '.');

    if (dot == path.n)
        return json_object_get(object, key);
    char *first = str_dup(str_upto(path, dot));
    const json_t *inner = json_object_get(object, first);
    free(first);
    return at(inner, key + dot + 1);
}

static void cell(struct ctl_table *t, const json_t *value, enum ctl_kind kind) {
    char text[CTL_CELL_MAX];

    ctl_table_cell(t, ctl_value(value, kind, text, sizeof text));
}

void ctl_columns_list(const json_t *list, const struct ctl_column *columns, FILE *out) {
    bool right[CTL_COLUMNS_MAX];
    struct ctl_table t;
    json_t *one;
    size_t i;
    int n;

    for (n = 0; columns[n].title != NULL; n++)
        right[n] = ctl_is_number(columns[n].kind);
    ctl_table_init(&t, n, right);
    for (n = 0; columns[n].title != NULL; n++)
        ctl_table_cell(&t, columns[n].title);
    json_array_foreach(list, i, one) {
        for (n = 0; columns[n].title != NULL; n++)
            cell(&t, at(one, columns[n].key), columns[n].kind);
    }
    ctl_table_print(&t, out);
    ctl_table_fini(&t);
}

void ctl_columns_values(const json_t *things, bool many, const struct ctl_column *rows, FILE *out) {
    static const bool right[CTL_COLUMNS_MAX];
    struct ctl_table t;
    size_t n = many ? json_array_size(things) : 1;

    ctl_table_init(&t, 1 + (int)(n < CTL_COLUMNS_MAX ? n : CTL_COLUMNS_MAX - 1), right);
    for (; rows->title != NULL; rows++) {
        ctl_table_cell(&t, rows->title);
        for (size_t i = 0; i + 1 < (size_t)t.columns; i++)
            cell(&t, at(many ? json_array_get(things, i) : things, rows->key), rows->kind);
    }
    ctl_table_print(&t, out);
    ctl_table_fini(&t);
}

void ctl_columns_age(const json_t *named, FILE *out) {
    const json_t *age = json_object_get(named, "looked_up_s");
    char text[CTL_CELL_MAX], uri[CTL_CELL_MAX];

    if (age != NULL)
        fprintf(out, "%s looked up %s ago\n", ctl_value(json_object_get(named, "uri"), CTL_TEXT, uri, sizeof uri),
                ctl_value(age, CTL_SECONDS, text, sizeof text));
}

void ctl_columns_some(const json_t *answer, const char *name, const struct ctl_column *columns, FILE *out) {
    const json_t *list = json_object_get(answer, name);

    ctl_columns_list(list, columns, out);
    if (json_is_true(json_object_get(answer, "cut")))
        fprintf(out, "%zu of %lld are shown; more with --limit N\n", json_array_size(list),
                ctl_number_of(answer, "total"));
}
