#include "b2bua/ctl/value.h"

#include <stdio.h>

bool ctl_is_number(enum ctl_kind kind) {
    return kind == CTL_NUMBER || kind == CTL_SECONDS || kind == CTL_INTERVAL || kind == CTL_MS;
}

static const char *text_of(const json_t *value) {
    const char *text = json_string_value(value);

    return text == NULL || *text == '\0' ? "-" : text;
}

static void put_text(struct sbuf *out, const json_t *value) {
    sbuf_puts(out, text_of(value));
}

static void put_words(struct sbuf *out, const json_t *value) {
    sbuf_puts(out, json_string_length(value) > 0 ? json_string_value(value) : " ");
}

static void put_number(struct sbuf *out, const json_t *value) {
    sbuf_number(out, (uint64_t)json_integer_value(value));
}

static void put_two_digits(struct sbuf *out, uint64_t n) {
    if (n < 10)
        sbuf_putc(out, '0');
    sbuf_number(out, n);
}

/* The two largest units that there are. */
static void put_duration(struct sbuf *out, uint64_t s) {
    static const struct {
        uint64_t s, next_s;
        char name, next_name;
    } units[] = {{86400, 3600, 'd', 'h'}, {3600, 60, 'h', 'm'}, {60, 1, 'm', 's'}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (s < units[i].s)
            continue;
        sbuf_number(out, s / units[i].s);
        sbuf_putc(out, units[i].name);
        put_two_digits(out, s % units[i].s / units[i].next_s);
        sbuf_putc(out, units[i].next_name);
        return;
    }
    sbuf_number(out, s);
    sbuf_putc(out, 's');
}

static void put_seconds(struct sbuf *out, const json_t *value) {
    put_duration(out, (uint64_t)json_integer_value(value));
}

static void put_interval(struct sbuf *out, const json_t *value) {
    if (json_integer_value(value) != 0)
        put_seconds(out, value);
}

static void put_ms(struct sbuf *out, const json_t *value) {
    put_duration(out, (uint64_t)json_integer_value(value) / 1000);
}

/* "2026-01-31T12:00:00.123Z" */
static void put_time(struct sbuf *out, const json_t *value) {
    struct str text = str_of(text_of(value));
    size_t date = str_find(text, 'T');

    if (date == text.n) {
        sbuf_put(out, text);
        return;
    }
    sbuf_put(out, str_upto(text, date));
    sbuf_putc(out, ' ');
    text = str_from(text, date + 1);
    sbuf_put(out, str_upto(text, str_find(text, '.')));
}

static void put_party(struct sbuf *out, const json_t *value) {
    struct str text = str_of(text_of(value));
    size_t open = text.n;

    /* A display name may hold anything, but the uri is last. */
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '<')
            open = i;
    if (open < text.n)
        text = str_from(text, open + 1);
    text = str_upto(text, str_find(text, '>'));
    text = str_upto(text, str_find(text, ';'));
    size_t scheme = str_find(text, ':');
    if (scheme <= 4 && scheme < text.n)
        text = str_from(text, scheme + 1);
    sbuf_put(out, text);
}

/* What of each element is shown: a member, or the element itself. */
static void put_each(struct sbuf *out, const json_t *list, const char *member, const char *between) {
    size_t i;
    json_t *one;

    json_array_foreach(list, i, one) {
        if (i > 0)
            sbuf_puts(out, between);
        put_text(out, member == NULL ? one : json_object_get(one, member));
    }
}

static void put_trunks(struct sbuf *out, const json_t *value) {
    put_each(out, value, "trunk", " > ");
}

static void put_uris(struct sbuf *out, const json_t *value) {
    put_each(out, value, "uri", ", ");
}

/* "carrier, callmanager (busy)" */
static void put_names(struct sbuf *out, const json_t *value) {
    size_t i;
    json_t *one;

    json_array_foreach(value, i, one) {
        const char *state = json_string_value(json_object_get(one, "state"));
        if (i > 0)
            sbuf_puts(out, ", ");
        put_text(out, json_object_get(one, "name"));
        if (state == NULL || strcmp(state, "up") == 0)
            continue;
        sbuf_puts(out, " (");
        sbuf_puts(out, state);
        sbuf_putc(out, ')');
    }
}

static void put_list(struct sbuf *out, const json_t *value) {
    put_each(out, value, NULL, ", ");
}

/* "unknown-source 12 (203.0.113.7, 5s ago)" */
static void put_intruders(struct sbuf *out, const json_t *list) {
    size_t i;
    json_t *one;

    json_array_foreach(list, i, one) {
        if (i > 0)
            sbuf_puts(out, ", ");
        put_text(out, json_object_get(one, "what"));
        sbuf_putc(out, ' ');
        put_number(out, json_object_get(one, "count"));
        sbuf_puts(out, " (");
        put_text(out, json_object_get(one, "last"));
        sbuf_puts(out, ", ");
        put_seconds(out, json_object_get(one, "last_s"));
        sbuf_puts(out, " ago)");
    }
}

static void put_of(struct sbuf *out, const json_t *value) {
    put_number(out, json_object_get(value, "now"));
    if (!json_is_integer(json_object_get(value, "most")))
        return;
    sbuf_puts(out, " of ");
    put_number(out, json_object_get(value, "most"));
}

static void put_share(struct sbuf *out, const json_t *value) {
    if (json_integer_value(json_object_get(value, "calls")) == 0)
        return;
    put_number(out, json_object_get(value, "answered_percent"));
    sbuf_puts(out, " % (");
    put_number(out, json_object_get(value, "effective_percent"));
    sbuf_puts(out, " %) of ");
    put_number(out, json_object_get(value, "calls"));
}

static void (*const writers[])(struct sbuf *, const json_t *) = {
    [CTL_TEXT] = put_text,       [CTL_WORDS] = put_words, [CTL_INTERVAL] = put_interval,   [CTL_NUMBER] = put_number,
    [CTL_SECONDS] = put_seconds, [CTL_MS] = put_ms,       [CTL_TIME] = put_time,           [CTL_PARTY] = put_party,
    [CTL_TRUNKS] = put_trunks,   [CTL_URIS] = put_uris,   [CTL_LIST] = put_list,           [CTL_NAMES] = put_names,
    [CTL_OF] = put_of,           [CTL_SHARE] = put_share, [CTL_INTRUDERS] = put_intruders,
};

const char *ctl_value(const json_t *value, enum ctl_kind kind, char *buf, size_t size) {
    struct sbuf out = sbuf_on(buf, size - 1);

    if (value != NULL && !json_is_null(value))
        writers[kind](&out, value);
    if (out.n == 0)
        sbuf_putc(&out, '-');
    buf[out.n] = '\0';
    return buf;
}

long long ctl_number_of(const json_t *object, const char *key) {
    return (long long)json_integer_value(json_object_get(object, key));
}
