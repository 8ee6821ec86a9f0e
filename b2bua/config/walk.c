#include <assert.h>
#include <stdlib.h>

#include "b2bua/config/row.h"

static enum config_outcome read_ints(struct config_loader *l, const config_setting_t *where,
                                     const struct config_row *row, void *object) {
    bool right = true;

    if (!config_setting_is_array(where) && !config_setting_is_list(where)) {
        config_fault(l, where, NULL, "must be a list of numbers: [ 1, 2 ]");
        return CONFIG_WRONG;
    }
    for (int i = 0; i < config_setting_length(where); i++) {
        struct config_value v = {.where = config_setting_get_elem(where, (unsigned)i)};
        if (config_number_of(l, v.where, row, &v.number))
            row->take(l, &v, object);
        else
            right = false;
    }
    return right ? CONFIG_OTHER : CONFIG_WRONG;
}

static bool too_many(struct config_loader *l, const config_setting_t *where, const struct config_row *row) {
    if (config_setting_length(where) <= row->max)
        return false;
    config_fault(l, where, NULL, "has %d entries, at most %d are possible", config_setting_length(where), row->max);
    return true;
}

static bool take_name(struct config_loader *l, const config_setting_t *where, const struct config_row *row,
                      void *object) {
    struct config_value v = {.where = where};

    if (!config_text_of(l, where, row, &v.text))
        return false;
    if (row->take != NULL)
        row->take(l, &v, object);
    return true;
}

/* A list of one that says the default. */
static bool says_standard(const config_setting_t *where, const struct config_row *row) {
    const char *only = config_setting_length(where) == 1 ? config_setting_get_string_elem(where, 0) : NULL;

    return only != NULL && row->standard != NULL && strcmp(only, row->standard) == 0;
}

static enum config_outcome read_names(struct config_loader *l, const config_setting_t *where,
                                      const struct config_row *row, void *object) {
    bool right = true;

    if (config_setting_type(where) == CONFIG_TYPE_STRING)
        return take_name(l, where, row, object) ? CONFIG_OTHER : CONFIG_WRONG;
    if (!config_setting_is_array(where) && !config_setting_is_list(where)) {
        config_fault(l, where, NULL, "must be a name in quotes or a list of names: [ \"a\", \"b\" ]");
        return CONFIG_WRONG;
    }
    if (too_many(l, where, row))
        return CONFIG_WRONG;
    for (int i = 0; i < config_setting_length(where); i++)
        if (!take_name(l, config_setting_get_elem(where, (unsigned)i), row, object))
            right = false;
    if (row->standard == NULL && config_setting_length(where) == 0) {
        config_fault(l, where, NULL, "must name at least one");
        return CONFIG_WRONG;
    }
    if (!right)
        return CONFIG_WRONG;
    return config_setting_length(where) == 0 || says_standard(where, row) ? CONFIG_STANDARD : CONFIG_OTHER;
}

/* One object: its rows, then what concerns several of them, if each alone was right. */
static void read_item(struct config_loader *l, const config_setting_t *where, const struct config_group *group,
                      void *object) {
    int before = l->report->errors.count;

    config_walk(l, where, group, object);
    if (group->done != NULL && l->report->errors.count == before)
        group->done(l, where, object);
}

static void read_below(struct config_loader *l, const config_setting_t *where, const struct config_row *row,
                       void *object) {
    size_t back = facts_enter(l->s->facts, row->key);

    read_item(l, where, row->group, object);
    facts_leave(l->s->facts, back);
}

static enum config_outcome read_group(struct config_loader *l, const config_setting_t *where,
                                      const struct config_row *row, void *object) {
    if (!config_setting_is_group(where)) {
        config_fault(l, where, NULL, "must be a group: { ... }");
        return CONFIG_WRONG;
    }
    read_below(l, where, row, object);
    return CONFIG_OTHER;
}

static void read_entry(struct config_loader *l, const config_setting_t *item, const struct config_row *row, int index,
                       void *parent) {
    const char *name = NULL;

    config_setting_lookup_string(item, "name", &name);
    if (l->quiet) {
        read_item(l, item, row->group, NULL);
        return;
    }
    size_t back = facts_enter_item(l->s->facts, row->key, name, index);
    read_item(l, item, row->group, row->group->add(l, parent));
    facts_leave(l->s->facts, back);
}

static enum config_outcome read_groups(struct config_loader *l, const config_setting_t *where,
                                       const struct config_row *row, void *object) {
    struct config_loader inner = *l;
    int count = config_setting_length(where);

    inner.quiet = l->quiet || row->support != CONFIG_NOW;
    if (row->one_will_do && config_setting_is_group(where)) {
        read_below(&inner, where, row, inner.quiet ? NULL : row->group->add(l, object));
        return CONFIG_OTHER;
    }
    if (!config_setting_is_list(where) && !(config_setting_is_array(where) && count == 0)) {
        config_fault(l, where, NULL, "must be a list of groups: ( { ... }, { ... } )");
        return CONFIG_WRONG;
    }
    if (too_many(l, where, row))
        return CONFIG_WRONG;
    for (int i = 0; i < count; i++) {
        const config_setting_t *item = config_setting_get_elem(where, (unsigned)i);
        if (!config_setting_is_group(item))
            config_fault(l, item, NULL, "must be a group: { ... }");
        else
            read_entry(&inner, item, row, i, object);
    }
    return count == 0 ? CONFIG_STANDARD : CONFIG_OTHER;
}

static enum config_outcome read_opaque(struct config_loader *l, const config_setting_t *where,
                                       const struct config_row *row, void *object) {
    (void)l, (void)row, (void)object;
    return config_setting_is_aggregate(where) && config_setting_length(where) == 0 ? CONFIG_STANDARD : CONFIG_OTHER;
}

typedef enum config_outcome reader(struct config_loader *l, const config_setting_t *where, const struct config_row *row,
                                   void *object);

static reader *const readers[] = {
    [CONFIG_INT] = config_read_int,   [CONFIG_BOOL] = config_read_bool, [CONFIG_STRING] = config_read_text,
    [CONFIG_ENUM] = config_read_text, [CONFIG_PATH] = config_read_text, [CONFIG_INTS] = read_ints,
    [CONFIG_NAMES] = read_names,      [CONFIG_GROUP] = read_group,      [CONFIG_GROUPS] = read_groups,
    [CONFIG_OPAQUE] = read_opaque,
};

static void present(struct config_loader *l, const config_setting_t *where, const struct config_row *row,
                    void *object) {
    enum config_outcome outcome = readers[row->type](l, where, row, object);

    if (outcome == CONFIG_WRONG)
        config_standard(l, row, object);
    else
        config_fact(l, where, row);
    if (outcome != CONFIG_OTHER || l->quiet)
        return;
    if (row->support == CONFIG_LATER)
        config_warn(l, where, NULL, "not supported by this version yet, ignored");
    if (row->support == CONFIG_REFUSED)
        config_fault(l, where, NULL, "not supported by this version");
}

/* "[ 408, 500 ]" as it stands in a row. */
static void take_numbers(struct config_loader *l, const struct config_row *row, void *object) {
    const char *at = row->standard;

    while (*(at += strcspn(at, "0123456789")) != '\0') {
        char *end;
        struct config_value v = {.number = (int)strtol(at, &end, 10)};
        row->take(l, &v, object);
        at = end;
    }
}

/* "a, b" as it stands in a row. */
static void take_names(struct config_loader *l, const struct config_row *row, void *object) {
    char name[64];

    for (const char *at = row->standard; *at != '\0'; at += strspn(at, ", ")) {
        size_t n = strcspn(at, ", ");
        assert(n < sizeof name);
        memcpy(name, at, n);
        name[n] = '\0';
        row->take(l, &(struct config_value){.text = name}, object);
        at += n;
    }
}

static void absent(struct config_loader *l, const config_setting_t *group, const struct config_row *row, void *object) {
    switch (row->type) {
    case CONFIG_GROUP:
        config_walk(l, NULL, row->group, object);
        return;
    case CONFIG_INTS:
        if (!l->quiet)
            take_numbers(l, row, object);
        return;
    case CONFIG_INT:
    case CONFIG_BOOL:
    case CONFIG_STRING:
    case CONFIG_ENUM:
    case CONFIG_PATH:
        config_standard(l, row, object);
        break;
    case CONFIG_NAMES:
        if (row->names != NULL && row->standard != NULL && !l->quiet)
            take_names(l, row, object);
        break;
    case CONFIG_GROUPS:
    case CONFIG_OPAQUE:
    case CONFIG_END:
        break;
    }
    if (row->standard != NULL)
        return;
    assert(group != NULL); /* a group that may be left out has no key that must be given */
    config_fault(l, group, row->key, "is missing");
}

/* The group below this one that has the key, or NULL. */
static const char *home_of(const struct config_group *group, const char *key) {
    for (const struct config_row *row = group->rows; row->type != CONFIG_END; row++)
        for (const struct config_row *below = row->group != NULL ? row->group->rows : NULL;
             below != NULL && below->type != CONFIG_END; below++)
            if (row->type == CONFIG_GROUP && strcmp(below->key, key) == 0)
                return row->key;
    return NULL;
}

static void look_for_unknown(struct config_loader *l, const config_setting_t *where, const struct config_group *group) {
    for (int i = 0; i < config_setting_length(where); i++) {
        const config_setting_t *member = config_setting_get_elem(where, (unsigned)i);
        struct nearest nearest = {.text = config_setting_name(member)};
        for (const struct config_row *row = group->rows; row->type != CONFIG_END; row++)
            nearest_try(&nearest, row->key);
        if (nearest.best != NULL && strcmp(nearest.best, nearest.text) == 0)
            continue;
        const char *home = home_of(group, nearest.text);
        if (home != NULL)
            config_fault(l, member, NULL, "unknown key here, did you mean %s.%s?", home, nearest.text);
        else
            config_fault(l, member, NULL, "unknown key, did you mean %s?", nearest.best);
    }
}

void config_walk(struct config_loader *l, const config_setting_t *where, const struct config_group *group,
                 void *object) {
    if (where != NULL && group != l->partial)
        look_for_unknown(l, where, group);
    for (const struct config_row *row = group->rows; row->type != CONFIG_END; row++) {
        const config_setting_t *member = where == NULL ? NULL : config_setting_get_member(where, row->key);
        if (member != NULL)
            present(l, member, row, object);
        else
            absent(l, where, row, object);
    }
}

void config_defaults(struct config_loader *l, const struct config_group *group, void *object) {
    for (const struct config_row *row = group->rows; row->type != CONFIG_END; row++)
        if (row->standard != NULL || row->type == CONFIG_GROUP)
            absent(l, NULL, row, object);
}
