#include "b2bua/config/row.h"

enum { HELP_COLUMN = 44 };

static void print_rows(FILE *out, const struct config_group *group, int depth, bool off);

static void indent(FILE *out, int depth, bool off) {
    fprintf(out, "%*s%s", 4 * depth, "", off ? "// " : "");
}

static bool is_quoted(const struct config_row *row) {
    return row->type == CONFIG_STRING || row->type == CONFIG_ENUM || row->type == CONFIG_PATH;
}

static int print_value(FILE *out, const struct config_row *row) {
    const char *text = row->example != NULL ? row->example : row->standard;

    if (row->type == CONFIG_OPAQUE)
        return fprintf(out, "%s = ...;", row->key);
    return fprintf(out, is_quoted(row) ? "%s = \"%s\";" : "%s = %s;", row->key, text);
}

static void print_facts(FILE *out, const struct config_row *row) {
    const char *gap = *row->help != '\0' ? "; " : "";

    fputs(row->help, out);
    for (int i = 0; row->names != NULL && row->names[i] != NULL && row->names[1] != NULL; i++)
        fprintf(out, "%s%s", i == 0 ? gap : " | ", row->names[i]);
    if (row->type == CONFIG_INT || row->type == CONFIG_INTS)
        fprintf(out, "%s%d..%d", gap, row->min, row->max);
    if (row->unit != NULL)
        fprintf(out, " %s", row->unit);
    if (row->standard == NULL && row->type != CONFIG_GROUP)
        fputs(" (must be given)", out);
    if (row->support != CONFIG_NOW)
        fputs(" (not in this version)", out);
}

static void print_group(FILE *out, const struct config_row *row, int depth, bool off) {
    bool one = row->type == CONFIG_GROUP || row->one_will_do;
    const char *open = one ? "{" : "( {", *close = one ? "};" : "} );";

    indent(out, depth, off);
    fprintf(out, "%s = %s  // ", row->key, open);
    print_facts(out, row);
    putc('\n', out);
    print_rows(out, row->group, depth + 1, off);
    indent(out, depth, off);
    fprintf(out, "%s\n", close);
}

static void print_line(FILE *out, const struct config_row *row, int depth, bool off) {
    int column = 4 * depth + (off ? 3 : 0);

    indent(out, depth, off);
    column += print_value(out, row);
    fprintf(out, "%*s  // ", column < HELP_COLUMN ? HELP_COLUMN - column : 0, "");
    print_facts(out, row);
    putc('\n', out);
}

static void print_rows(FILE *out, const struct config_group *group, int depth, bool off) {
    for (const struct config_row *row = group->rows; row->type != CONFIG_END; row++) {
        bool row_off = off || row->template_off || row->type == CONFIG_OPAQUE;
        if (row->group != NULL)
            print_group(out, row, depth, row_off);
        else
            print_line(out, row, depth, row_off);
        if (depth == 0)
            putc('\n', out);
    }
}

void config_template(FILE *out) {
    fputs("// Twinleg: every key with its default. Units and ranges stand beside; what must be given has an example.\n"
          "// Paths are relative to the file that names them.\n\n",
          out);
    print_rows(out, &config_root, 0, false);
    fputs("// A file of routes:\n", out);
    print_rows(out, &config_routes_file, 0, true);
}
