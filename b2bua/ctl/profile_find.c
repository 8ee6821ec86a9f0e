#include "b2bua/ctl/profile_find.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "b2bua/core/nearest.h"
#include "b2bua/ctl/table.h"

/* Where a configuration is looked for when none is named. The last is meant when there is none. */
static const char *const places[] = {"twinleg.cfg", "/etc/twinleg/twinleg.cfg", NULL};

static bool is_there(const char *file) {
    struct stat st;

    return stat(file, &st) == 0;
}

const char *ctl_configuration(const struct ctl_how *how) {
    int i = 0;

    if (how->config != NULL)
        return how->config;
    while (places[i + 1] != NULL && !is_there(places[i]))
        i++;
    return places[i];
}

/* Where to look, and for what there. */
struct place {
    enum config_profiles kind;
    char *file;
    const char *name; /* NULL: the only one */
};

static bool is_text(const char *file) {
    const char *dot = strrchr(file, '.');

    return dot != NULL && (strcmp(dot, ".ios") == 0 || strcmp(dot, ".txt") == 0);
}

/* A bare word is never a file: what a folder happens to hold does not hide what is configured. */
static struct place place_of(const struct ctl_how *how, const char *name) {
    const char *colon = strrchr(name, ':');
    char *before = colon == NULL ? NULL : str_dup((struct str){name, (size_t)(colon - name)});
    bool is_path = strchr(name, '/') != NULL;

    if (is_text(name)) {
        free(before);
        return (struct place){CONFIG_PROFILES_TEXT, str_dup(str_of(name)), NULL};
    }
    if (before != NULL && !is_there(name) && (is_path || is_there(before)))
        return (struct place){CONFIG_PROFILES_FILE, before, colon + 1};
    free(before);
    if (is_path || (strchr(name, '.') != NULL && is_there(name)))
        return (struct place){CONFIG_PROFILES_FILE, str_dup(str_of(name)), NULL};
    return (struct place){CONFIG_PROFILES_NAMED, str_dup(str_of(ctl_configuration(how))), name};
}

/* "FILE has profiles of these names: a, b". */
static void say_names(const struct settings *s, const struct place *at, FILE *err) {
    struct sbuf out = sbuf_growing(65536);

    sbuf_puts(&out, at->file);
    sbuf_puts(&out, s->profile_count == 0 ? " has no profiles" : ": say which one of its profiles: ");
    for (int i = 0; i < s->profile_count; i++) {
        sbuf_puts(&out, i == 0 ? "" : ", ");
        sbuf_puts(&out, at->file);
        sbuf_putc(&out, ':');
        sbuf_puts(&out, s->profiles[i].name);
    }
    sbuf_putc(&out, '\0');
    ctl_wrong(err, out.p);
    sbuf_fini(&out);
}

static const struct profile *only_one(const struct settings *s, const struct place *at, FILE *err) {
    if (s->profile_count == 1)
        return s->profiles[0].rules;
    say_names(s, at, err);
    return NULL;
}

static const struct profile *named(const struct settings *s, const struct place *at, FILE *err) {
    static const char *const has[] = {
        [CONFIG_PROFILES_NAMED] = "the profile files that it names have",
        [CONFIG_PROFILES_FILE] = "it has",
        [CONFIG_PROFILES_TEXT] = "",
    };
    struct nearest nearest = {.text = at->name};
    char text[1024];

    for (int i = 0; i < s->profile_count; i++) {
        if (strcmp(s->profiles[i].name, at->name) == 0)
            return s->profiles[i].rules;
        nearest_try(&nearest, s->profiles[i].name);
    }
    snprintf(text, sizeof text, "%s: %s no profile \"%s\"%s%s%s", at->file, has[at->kind], at->name,
             nearest.best == NULL ? "" : ", did you mean \"", nearest.best == NULL ? "" : nearest.best,
             nearest.best == NULL ? "" : "\"?");
    ctl_wrong(err, text);
    return NULL;
}

/* With neither a file nor a configuration, the name is the likelier mistake. */
static bool is_nowhere(const struct ctl_how *how, const struct place *at) {
    char text[1024];

    if (at->kind != CONFIG_PROFILES_NAMED || how->config != NULL || is_there(at->file))
        return false;
    snprintf(text, sizeof text, "%s: no such file, and no configuration with a profile of that name (-c FILE)",
             at->name);
    ctl_wrong(how->err, text);
    return true;
}

int ctl_profile_find(struct ctl_profile_found *f, const struct ctl_how *how, const char *name) {
    struct place at = place_of(how, name);

    *f = (struct ctl_profile_found){.settings = NULL};
    if (is_nowhere(how, &at)) {
        free(at.file);
        return -1;
    }
    f->settings = config_load_profiles(at.file, at.kind, &f->report);
    if (f->settings == NULL)
        config_report_print(&f->report, how->err);
    else if (at.name == NULL)
        f->profile = only_one(f->settings, &at, how->err);
    else
        f->profile = named(f->settings, &at, how->err);
    free(at.file);
    return f->profile == NULL ? -1 : 0;
}

void ctl_profile_found_fini(struct ctl_profile_found *f) {
    settings_unref(f->settings);
    config_report_fini(&f->report);
    *f = (struct ctl_profile_found){.settings = NULL};
}
