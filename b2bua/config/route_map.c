/* Files of numbers: each is read once, however many routes name it. */
#include <stdlib.h>

#include "b2bua/config/row.h"
#include "dialplan/rules.h"

enum { MAP_MIB_MAX = 256 };

struct place {
    struct config_loader *l;
    const char *file;
};

static int find_target(void *arg, struct str name) {
    const struct settings *s = ((const struct place *)arg)->l->s;

    for (int i = 0; i < s->trunk_count; i++)
        if (str_eq(str_of(s->trunks[i].name), name) && s->trunks[i].target_count > 0)
            return rules_name(i, false);
    for (int i = 0; i < s->group_count; i++)
        if (str_eq(str_of(s->groups[i].name), name))
            return rules_name(i, true);
    return -1;
}

static void note(void *arg, int line, int column, bool error, const char *what) {
    const struct place *at = arg;
    char text[1024];

    snprintf(text, sizeof text, "%s:%d: column %d: %s", at->file, line, column, what);
    config_note_add(error ? &at->l->report->errors : &at->l->report->warnings, at->file, line, text);
}

static struct e164_map *read_map(struct config_loader *l, const char *file, const config_setting_t *named_at) {
    struct place at = {l, file};
    struct e164_reader reader = {find_target, note, &at};
    struct sbuf text;

    if (!config_file_text(l, file, named_at, MAP_MIB_MAX, &text))
        return NULL;
    struct e164_map *map = e164_map_new(sbuf_str(&text), &reader);
    if (map != NULL) /* what a reload compares */
        facts_value(l->s->facts, "map (content)", sbuf_str(&text), &(struct facts_how){.marks = FACTS_HIDDEN});
    sbuf_fini(&text);
    return map;
}

static const struct e164_map *map_of(struct config_loader *l, const struct config_value *v) {
    struct settings *s = l->s;

    if (v->text[0] == '\0')
        return NULL;
    char *file = config_file_beside(l, v->where, v->text, false);
    for (int i = 0; i < s->map_count; i++)
        if (strcmp(s->maps[i].file, file) == 0) {
            free(file);
            return s->maps[i].map;
        }
    s->maps = config_grow(s->maps, s->map_count, sizeof *s->maps);
    struct settings_map *new = &s->maps[s->map_count++];
    *new = (struct settings_map){file, read_map(l, file, v->where)};
    return new->map;
}

void config_route_take_called_map(struct config_loader *l, const struct config_value *v, void *object) {
    ((struct settings_route *)object)->rules->called_map = map_of(l, v);
}

void config_route_take_calling_map(struct config_loader *l, const struct config_value *v, void *object) {
    ((struct settings_route *)object)->rules->calling_map = map_of(l, v);
}
