#include <stdlib.h>

#include "b2bua/config/row.h"

static bool stores(const struct config_loader *l, const struct config_row *row) {
    return row->support == CONFIG_NOW && !l->quiet;
}

static void store_int(const struct config_row *row, void *object, int value) {
    memcpy((char *)object + row->at, &value, sizeof value);
}

static void store_bool(const struct config_row *row, void *object, bool value) {
    memcpy((char *)object + row->at, &value, sizeof value);
}

static void store_text(const struct config_row *row, void *object, char *taken) {
    char **place = (char **)((char *)object + row->at);

    free(*place);
    *place = taken;
}

static int name_index(const struct config_row *row, const char *text) {
    for (int i = 0; row->names[i] != NULL; i++)
        if (strcmp(row->names[i], text) == 0)
            return i;
    return -1;
}

static void fault_names(struct config_loader *l, const config_setting_t *where, const struct config_row *row) {
    char text[512];
    struct sbuf b = sbuf_on(text, sizeof text - 1);

    for (int i = 0; row->names[i] != NULL; i++) {
        if (i > 0)
            sbuf_puts(&b, row->names[i + 1] == NULL ? " or " : ", ");
        sbuf_putc(&b, '"');
        sbuf_puts(&b, row->names[i]);
        sbuf_putc(&b, '"');
    }
    text[b.n] = '\0';
    config_fault(l, where, NULL, "must be %s", text);
}

bool config_number_of(struct config_loader *l, const config_setting_t *where, const struct config_row *row, int *out) {
    int type = config_setting_type(where);

    if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) {
        config_fault(l, where, NULL, "must be a whole number");
        return false;
    }
    long long value = type == CONFIG_TYPE_INT ? config_setting_get_int(where) : config_setting_get_int64(where);
    if (value < row->min || value > row->max) {
        config_fault(l, where, NULL, "value is outside %d..%d%s%s", row->min, row->max, row->unit == NULL ? "" : " ",
                     row->unit == NULL ? "" : row->unit);
        return false;
    }
    *out = (int)value;
    return true;
}

static bool has_control(const char *text) {
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

bool config_text_of(struct config_loader *l, const config_setting_t *where, const struct config_row *row,
                    const char **out) {
    const char *text, *wrong;

    if (config_setting_type(where) != CONFIG_TYPE_STRING) {
        config_fault(l, where, NULL, "must be a text in quotes");
        return false;
    }
    text = config_setting_get_string(where);
    wrong = has_control(text) ? "must not hold control characters" : row->check != NULL ? row->check(text) : NULL;
    if (wrong != NULL) {
        config_fault(l, where, NULL, "%s", wrong);
        return false;
    }
    if (row->names != NULL && name_index(row, text) < 0) {
        fault_names(l, where, row);
        return false;
    }
    *out = text;
    return true;
}

enum config_outcome config_read_int(struct config_loader *l, const config_setting_t *where,
                                    const struct config_row *row, void *object) {
    int value;

    if (!config_number_of(l, where, row, &value))
        return CONFIG_WRONG;
    if (stores(l, row))
        store_int(row, object, value);
    return row->standard != NULL && value == (int)strtol(row->standard, NULL, 10) ? CONFIG_STANDARD : CONFIG_OTHER;
}

enum config_outcome config_read_bool(struct config_loader *l, const config_setting_t *where,
                                     const struct config_row *row, void *object) {
    if (config_setting_type(where) != CONFIG_TYPE_BOOL) {
        config_fault(l, where, NULL, "must be true or false");
        return CONFIG_WRONG;
    }
    bool value = config_setting_get_bool(where) == CONFIG_TRUE;
    if (stores(l, row))
        store_bool(row, object, value);
    return row->standard != NULL && value == (strcmp(row->standard, "true") == 0) ? CONFIG_STANDARD : CONFIG_OTHER;
}

static void put_text(struct config_loader *l, const config_setting_t *where, const struct config_row *row,
                     const char *text, void *object) {
    switch (row->type) {
    case CONFIG_STRING:
        store_text(row, object, str_dup(str_of(text)));
        break;
    case CONFIG_PATH:
        store_text(row, object, config_file_beside(l, where, text, true));
        break;
    case CONFIG_ENUM:
        store_int(row, object, name_index(row, text));
        break;
    case CONFIG_END:
    case CONFIG_INT:
    case CONFIG_BOOL:
    case CONFIG_INTS:
    case CONFIG_NAMES:
    case CONFIG_GROUP:
    case CONFIG_GROUPS:
    case CONFIG_OPAQUE:
        break;
    }
}

enum config_outcome config_read_text(struct config_loader *l, const config_setting_t *where,
                                     const struct config_row *row, void *object) {
    const char *text;

    if (!config_text_of(l, where, row, &text))
        return CONFIG_WRONG;
    if (row->take != NULL)
        row->take(l, &(struct config_value){where, text, 0}, object);
    else if (stores(l, row))
        put_text(l, where, row, text, object);
    return row->standard != NULL && strcmp(text, row->standard) == 0 ? CONFIG_STANDARD : CONFIG_OTHER;
}

void config_standard(struct config_loader *l, const struct config_row *row, void *object) {
    const char *standard = row->standard == NULL ? "" : row->standard;

    if (!stores(l, row))
        return;
    if (row->type == CONFIG_INT)
        store_int(row, object, (int)strtol(standard, NULL, 10));
    else if (row->type == CONFIG_BOOL)
        store_bool(row, object, strcmp(standard, "true") == 0);
    else if (row->take == NULL && (row->type != CONFIG_ENUM || row->standard != NULL))
        put_text(l, NULL, row, standard, object);
}
