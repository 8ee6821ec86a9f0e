#include "b2bua/config/row.h"
#include "profiles/profile.h"

static void load_named(struct config_loader *l) {
    config_file_load(l, l->file, NULL, &config_profiles_named);
}

static void load_file(struct config_loader *l) {
    config_file_load(l, l->file, NULL, &config_profiles_file);
}

/* "carrier-a" of "rules/carrier-a.ios". */
static struct str name_of(const char *file) {
    const char *slash = strrchr(file, '/'), *name = slash == NULL ? file : slash + 1, *dot = strrchr(name, '.');

    return dot == NULL || dot == name ? str_of(name) : (struct str){name, (size_t)(dot - name)};
}

static void load_text(struct config_loader *l) {
    struct settings_profile *p = config_profile_add(l, l->s);

    p->name = str_dup(name_of(l->file));
    p->rules = profile_new(p->name);
    config_profile_read(l, l->file, NULL, p);
}

static void (*const loaders[])(struct config_loader *) = {
    [CONFIG_PROFILES_NAMED] = load_named,
    [CONFIG_PROFILES_FILE] = load_file,
    [CONFIG_PROFILES_TEXT] = load_text,
};

struct settings *config_load_profiles(const char *file, enum config_profiles where, struct config_report *report) {
    struct config_loader l = {.s = settings_new(), .report = report, .file = file, .partial = &config_profiles_named};

    loaders[where](&l);
    if (report->errors.count == 0)
        return l.s;
    settings_unref(l.s);
    return NULL;
}
