/* SIP profiles: rules as strings in a libconfig file, or a whole text in the vendor's form. */
#include <stdlib.h>

#include "b2bua/config/row.h"
#include "profiles/profile.h"

enum { TEXT_MIB_MAX = 1 };

struct place { /* where notes of the rules' reader belong */
    struct config_loader *l;
    const config_setting_t *where;
    const char *file; /* of a text: notes name its lines; NULL: `where` alone */
};

static void note(void *arg, const struct profile_note *n) {
    const struct place *at = arg;
    const char *right = n->right[0] == '\0' ? "" : ": ";
    char text[1024];

    if (at->file == NULL && n->severity == PROFILE_ERROR) {
        config_fault(at->l, at->where, NULL, "column %d: %s%s%s", n->column, n->wrong, right, n->right);
        return;
    }
    if (at->file == NULL) {
        config_warn(at->l, at->where, NULL, "column %d: %s%s%s", n->column, n->wrong, right, n->right);
        return;
    }
    snprintf(text, sizeof text, "%s:%d: column %d: %s%s%s", at->file, n->line, n->column, n->wrong, right, n->right);
    config_note_add(n->severity == PROFILE_ERROR ? &at->l->report->errors : &at->l->report->warnings, at->file, n->line,
                    text);
}

void config_profile_take_file(struct config_loader *l, const struct config_value *v, void *object) {
    char *file = config_file_beside(l, v->where, v->text, false);

    (void)object;
    config_file_load(l, file, v->where, &config_profiles_file);
    free(file);
}

void *config_profile_add(struct config_loader *l, void *parent) {
    struct settings *s = parent;

    (void)l;
    s->profiles = config_grow(s->profiles, s->profile_count, sizeof *s->profiles);
    s->profile_free = profile_free;
    s->profiles[s->profile_count].slot = s->profile_count;
    return &s->profiles[s->profile_count++];
}

/* The name comes first, in the rows as in the file. */
void config_profile_take_name(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_profile *p = object;

    for (const struct settings_profile *other = l->s->profiles; other != p; other++)
        if (other->name != NULL && strcmp(other->name, v->text) == 0)
            config_fault(l, v->where, NULL, "another profile is named \"%s\", too", v->text);
    p->name = str_dup(str_of(v->text));
    p->rules = profile_new(v->text);
}

void config_profile_take_rule(struct config_loader *l, const struct config_value *v, void *object) {
    struct settings_profile *p = object;
    struct place at = {l, v->where, NULL};
    struct profile_report report = {note, &at, (int)config_setting_source_line(v->where)};

    if (p->rules != NULL)
        profile_add_text(p->rules, str_of(v->text), &report);
}

void config_profile_read(struct config_loader *l, const char *file, const config_setting_t *named_at,
                         struct settings_profile *p) {
    struct place at = {l, named_at, file};
    struct sbuf text;

    if (!config_file_text(l, file, named_at, TEXT_MIB_MAX, &text))
        return;
    if (p->rules != NULL)
        profile_add_text(p->rules, sbuf_str(&text), &(struct profile_report){.note = note, .arg = &at});
    sbuf_fini(&text);
}

void config_profile_take_text(struct config_loader *l, const struct config_value *v, void *object) {
    if (v->text[0] == '\0')
        return;
    char *file = config_file_beside(l, v->where, v->text, false);
    config_profile_read(l, file, v->where, object);
    free(file);
}

static const struct settings_profile *find(struct config_loader *l, const struct config_value *v) {
    struct nearest nearest = {.text = v->text};

    if (v->text[0] == '\0')
        return NULL;
    for (int i = 0; i < l->s->profile_count; i++) {
        const struct settings_profile *p = &l->s->profiles[i];
        if (p->name == NULL)
            continue;
        if (strcmp(p->name, v->text) == 0)
            return p;
        nearest_try(&nearest, p->name);
    }
    if (nearest.best != NULL)
        config_fault(l, v->where, NULL, "no profile is named \"%s\", did you mean \"%s\"?", v->text, nearest.best);
    else
        config_fault(l, v->where, NULL, "no profile is named \"%s\"", v->text);
    return NULL;
}

void config_trunk_take_profile_in(struct config_loader *l, const struct config_value *v, void *object) {
    ((struct settings_trunk *)object)->profile_in = find(l, v);
}

void config_trunk_take_profile_out(struct config_loader *l, const struct config_value *v, void *object) {
    ((struct settings_trunk *)object)->profile_out = find(l, v);
}
