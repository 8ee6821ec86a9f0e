/* What was written, as facts: for what a reload changes. */
#include <stdlib.h>

#include "b2bua/config/row.h"

enum { VALUE_MAX = 1 << 20, PIECE = 1 << 16 };

static void put_scalar(struct sbuf *b, const config_setting_t *where) {
    char number[32];

    switch (config_setting_type(where)) {
    case CONFIG_TYPE_STRING:
        sbuf_puts(b, config_setting_get_string(where));
        break;
    case CONFIG_TYPE_BOOL:
        sbuf_puts(b, config_setting_get_bool(where) == CONFIG_TRUE ? "true" : "false");
        break;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        snprintf(number, sizeof number, "%lld", config_setting_get_int64(where));
        sbuf_puts(b, number);
        break;
    default:
        break;
    }
}

/* "value", or "[ one, two ]"; a name alone is a list of one where lists are possible. */
static void put_value(struct sbuf *b, const config_setting_t *where, bool is_list) {
    int count = config_setting_is_aggregate(where) ? config_setting_length(where) : -1;

    if (count < 0 && !is_list) {
        put_scalar(b, where);
        return;
    }
    sbuf_putc(b, '[');
    for (int i = 0; i < count; i++) {
        sbuf_puts(b, i == 0 ? " " : ", ");
        put_value(b, config_setting_get_elem(where, (unsigned)i), false);
    }
    if (count < 0) {
        sbuf_putc(b, ' ');
        put_scalar(b, where);
    }
    sbuf_puts(b, " ]");
}

static bool says_nothing_new(const struct config_row *row, struct str value) {
    char text[1024];
    struct sbuf b = sbuf_on(text, sizeof text);

    if (row->type != CONFIG_NAMES || row->standard == NULL)
        return false;
    sbuf_puts(&b, "[ ");
    sbuf_puts(&b, row->standard);
    sbuf_puts(&b, *row->standard == '\0' ? "]" : " ]");
    return str_eq(sbuf_str(&b), value);
}

/* Of the whole file, piece by piece: with each piece goes what those before it came to. None: of nothing. */
static uint64_t hash_of_file(const char *path) {
    char *piece = mem_alloc(sizeof(uint64_t) + PIECE);
    uint64_t hash = 0;
    size_t n;
    FILE *f = fopen(path, "r");

    while (f != NULL && (n = fread(piece + sizeof hash, 1, PIECE, f)) > 0) {
        memcpy(piece, &hash, sizeof hash);
        hash = str_hash((struct str){piece, sizeof hash + n});
    }
    if (f != NULL)
        fclose(f);
    free(piece);
    return hash;
}

/* Whatever a file holds may change while its name stays. */
static void note_content(struct config_loader *l, const config_setting_t *where, const struct config_row *row) {
    char *path = config_file_beside(l, where, config_setting_get_string(where), true), key[128];
    uint64_t hash = hash_of_file(path);

    snprintf(key, sizeof key, "%s (content)", row->key);
    facts_value(l->s->facts, key, (struct str){(const char *)&hash, sizeof hash},
                &(struct facts_how){.marks = FACTS_HIDDEN | row->marks});
    free(path);
}

void config_fact(struct config_loader *l, const config_setting_t *where, const struct config_row *row) {
    struct facts_how how = {row->standard, row->unit, row->marks};
    struct sbuf value = sbuf_growing(VALUE_MAX);

    if (l->quiet || row->support != CONFIG_NOW || row->group != NULL)
        return;
    put_value(&value, where, row->type == CONFIG_NAMES);
    if (row->type == CONFIG_NAMES) {
        how.marks |= FACTS_LIST;
        how.standard = how.standard == NULL || *how.standard == '\0' ? "[ ]" : how.standard;
    }
    if (!says_nothing_new(row, sbuf_str(&value)))
        facts_value(l->s->facts, row->key, sbuf_str(&value), &how);
    if (row->content && value.n > 0)
        note_content(l, where, row);
    sbuf_fini(&value);
}
