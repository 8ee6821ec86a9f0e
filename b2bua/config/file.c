#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "b2bua/config/row.h"

/* The folder part of `file`, without the last slash; "." when there is none. */
static struct str folder_of(const char *file) {
    const char *slash = strrchr(file, '/');

    if (slash == NULL)
        return STR(".");
    return slash == file ? STR("/.") : (struct str){file, (size_t)(slash - file)};
}

static char *joined(struct str folder, const char *path) {
    size_t size = folder.n + 1 + strlen(path) + 1;
    char *out = mem_alloc(size);

    snprintf(out, size, "%.*s/%s", (int)folder.n, folder.p, path);
    return out;
}

char *config_file_beside(const struct config_loader *l, const config_setting_t *where, const char *path,
                         bool absolute) {
    const char *file = where == NULL || config_setting_is_root(where) ? l->file : config_setting_source_file(where);
    struct str folder = folder_of(file);
    char real[PATH_MAX], *named;

    if (*path == '\0' || *path == '/')
        return str_dup(str_of(path));
    if (!absolute)
        return str_eq(folder, STR(".")) ? str_dup(str_of(path)) : joined(folder, path);
    named = str_dup(folder);
    char *out = joined(realpath(named, real) != NULL ? str_of(real) : folder, path);
    free(named);
    return out;
}

/* libconfig ends the process when it is given a folder to read. */
static int readable(const char *file) {
    struct stat st;
    FILE *f = fopen(file, "r");

    if (f == NULL)
        return -1;
    if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode))
        errno = EISDIR;
    else
        errno = 0;
    fclose(f);
    return errno == 0 ? 0 : -1;
}

void config_file_fault(struct config_loader *l, const char *file, const config_setting_t *named_at, const char *wrong) {
    char text[PATH_MAX + 128];

    if (named_at != NULL) {
        config_fault(l, named_at, NULL, "%s: %s", file, wrong);
        return;
    }
    snprintf(text, sizeof text, "%s: %s", file, wrong);
    config_note_add(&l->report->errors, file, 0, text);
}

static void fault_syntax(struct config_loader *l, const config_t *c, const char *file) {
    char text[PATH_MAX + 256];

    if (config_error_file(c) != NULL)
        file = config_error_file(c);
    bool vague = strcmp(config_error_text(c), "syntax error") == 0; /* it stopped here; the mistake may be before */
    snprintf(text, sizeof text, "%s:%d: %s%s", file, config_error_line(c), config_error_text(c),
             vague ? "; or a quote, bracket or semicolon is missing before it" : "");
    config_note_add(&l->report->errors, file, config_error_line(c), text);
}

void config_file_load(struct config_loader *l, const char *file, const config_setting_t *named_at,
                      const struct config_group *group) {
    struct config_loader here = {
        .s = l->s, .report = l->report, .file = file, .quiet = l->quiet, .partial = l->partial};
    char *folder;
    config_t c;

    if (readable(file) < 0) {
        config_file_fault(l, file, named_at, strerror(errno));
        return;
    }
    folder = str_dup(folder_of(file));
    config_init(&c);
    config_set_include_dir(&c, folder);
    if (config_read_file(&c, file) == CONFIG_TRUE)
        config_walk(&here, config_root_setting(&c), group, l->s);
    else
        fault_syntax(&here, &c, file);
    config_destroy(&c);
    free(folder);
}

static bool read_all(FILE *f, struct sbuf *out) {
    char piece[65536];
    size_t n;

    while (!out->full && (n = fread(piece, 1, sizeof piece, f)) > 0)
        sbuf_put(out, (struct str){piece, n});
    return !ferror(f);
}

bool config_file_text(struct config_loader *l, const char *file, const config_setting_t *named_at, size_t max_mib,
                      struct sbuf *out) {
    FILE *f = fopen(file, "r");
    char wrong[64] = "";

    *out = sbuf_growing(max_mib << 20);
    if (f == NULL || !read_all(f, out))
        snprintf(wrong, sizeof wrong, "%s", strerror(errno));
    else if (out->full)
        snprintf(wrong, sizeof wrong, "longer than %zu MiB", max_mib);
    if (f != NULL)
        fclose(f);
    if (wrong[0] == '\0')
        return true;
    sbuf_fini(out);
    config_file_fault(l, file, named_at, wrong);
    return false;
}
