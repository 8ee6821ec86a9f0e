#include "b2bua/config/row.h"
#include "b2bua/config/version.h"

enum { PATH_BYTES = 256 };

static void print_rows(FILE *out, const struct config_group *group, struct str path, int depth);

/* What roff would take for something else; a line begins with nothing of it either. */
static const struct {
    char c;
    const char *instead;
} escapes[] = {{'\\', "\\e"},  {'-', "\\-"},   {'\'', "\\(aq"}, {'^', "\\(ha"},
               {'~', "\\(ti"}, {'`', "\\(ga"}, {'"', "\\(dq"}};

static void put_bytes(FILE *out, struct str text) {
    for (size_t i = 0; i < text.n; i++) {
        const char *instead = NULL;
        for (size_t e = 0; e < sizeof escapes / sizeof *escapes; e++)
            if (escapes[e].c == text.p[i])
                instead = escapes[e].instead;
        if (instead != NULL)
            fputs(instead, out);
        else
            putc(text.p[i], out);
    }
}

static void put(FILE *out, const char *text) {
    put_bytes(out, str_of(text));
}

/* --- what a value may be --- */

static const char *const types[] = {
    [CONFIG_END] = "",
    [CONFIG_INT] = "number",
    [CONFIG_BOOL] = "true or false",
    [CONFIG_STRING] = "text",
    [CONFIG_ENUM] = "word",
    [CONFIG_PATH] = "file",
    [CONFIG_INTS] = "list of numbers",
    [CONFIG_NAMES] = "name, or list of names",
    [CONFIG_GROUP] = "group { }",
    [CONFIG_GROUPS] = "list of groups ( { }, ... )",
    [CONFIG_OPAQUE] = "",
};

static bool is_number(const struct config_row *row) {
    return row->type == CONFIG_INT || row->type == CONFIG_INTS;
}

static void put_type(FILE *out, const struct config_row *row) {
    fputs(types[row->type], out);
    for (int i = 0; row->names != NULL && row->names[i] != NULL; i++) {
        fputs(i == 0 ? ": " : ", ", out);
        put(out, row->names[i]);
    }
    if (is_number(row))
        fprintf(out, ", %d to %d", row->min, row->max);
    if (row->unit != NULL)
        fprintf(out, " %s", row->unit);
}

static void put_standard(FILE *out, const struct config_row *row) {
    bool quoted = row->type == CONFIG_STRING || row->type == CONFIG_ENUM || row->type == CONFIG_PATH;

    if (row->group != NULL || row->type == CONFIG_OPAQUE)
        return;
    if (row->standard == NULL) {
        fputs("; must be given", out);
        return;
    }
    fputs("; default ", out);
    fputs(quoted ? "\"" : "", out);
    put(out, row->standard);
    fputs(quoted ? "\"" : "", out);
}

/* --- rows --- */

static struct str path_of(struct str above, const char *key, char *buf) {
    struct sbuf b = sbuf_on(buf, PATH_BYTES);

    sbuf_put(&b, above);
    sbuf_puts(&b, above.n > 0 ? "." : "");
    sbuf_puts(&b, key);
    return sbuf_str(&b);
}

static void print_row(FILE *out, const struct config_row *row, struct str above, int depth) {
    char buf[PATH_BYTES];
    struct str path = path_of(above, row->key, buf);

    fputs(depth == 0 ? ".SS " : ".TP\n.B ", out);
    put_bytes(out, path);
    fputs(depth == 0 ? "\n.PP\n\\&" : "\n\\&", out);
    put(out, row->help);
    fputs(*row->help == '\0' ? "" : ".\n.br\n", out);
    put_type(out, row);
    put_standard(out, row);
    fputs(row->support == CONFIG_NOW ? ".\n" : ".\n.br\nThis version does not do it yet.\n", out);
    if (row->group != NULL)
        print_rows(out, row->group, path, depth + 1);
}

static void print_rows(FILE *out, const struct config_group *group, struct str path, int depth) {
    for (const struct config_row *row = group->rows; row->type != CONFIG_END; row++)
        print_row(out, row, path, depth);
}

void config_manual(FILE *out) {
    fputs(".TH TWINLEG.CFG 5 \"\" \"Twinleg " TWINLEG_VERSION "\" \"Twinleg\"\n"
          ".SH NAME\ntwinleg.cfg \\- configuration of the SIP session border element twinleg\n"
          ".SH SYNOPSIS\n.I /etc/twinleg/twinleg.cfg\n"
          ".SH DESCRIPTION\nA file in the format of libconfig: groups of keys with values. All keys are listed here, "
          "each with what it is for, what its value may be, and its default; what has a default may be left out.\n.PP\n"
          "Paths are relative to the file that names them. Comments begin with // or #. An unknown key is an error.\n"
          ".B twinleg \\-t\nchecks a file and names every mistake by file, line and key;\n.B twinleg \\-T\n"
          "prints a template with all keys.\n.B twinlegctl reload\nreads the file anew while calls go on.\n"
          ".SH KEYS\n",
          out);
    print_rows(out, &config_root, STR_NONE, 0);
    fputs(".SH FILES OF ROUTES\nThe files that\n.B routes\nnames have these keys.\n", out);
    print_rows(out, &config_routes_file, STR_NONE, 0);
    fputs(".SH FILES OF PROFILES\nThe files that\n.B profiles\nnames have these keys.\n", out);
    print_rows(out, &config_profiles_file, STR_NONE, 0);
    fputs(".SH SEE ALSO\n.BR twinleg (8),\n.BR twinlegctl (1)\n", out);
}
