#include "b2bua/ctl/route.h"
#include "b2bua/ctl/table.h"

enum { LINE_MAX_BYTES = 1100 };

static const char *text_of(const json_t *object, const char *key, char *buf) {
    const char *text = json_string_value(json_object_get(object, key));

    return ctl_safe(text == NULL ? "" : text, buf, LINE_MAX_BYTES);
}

static void line(FILE *out, const char *title, const char *text) {
    fprintf(out, "%-13s%s\n", title, text);
}

static void show_number(const json_t *answer, FILE *out) {
    char number[LINE_MAX_BYTES], from[LINE_MAX_BYTES];

    fprintf(out, "%-13s%s", "number", text_of(answer, "number", number));
    if (json_object_get(answer, "from") != NULL)
        fprintf(out, " from %s", text_of(answer, "from", from));
    fputc('\n', out);
}

static void show_route(const json_t *answer, FILE *out) {
    char name[LINE_MAX_BYTES], where[LINE_MAX_BYTES];

    if (json_is_null(json_object_get(answer, "route"))) {
        line(out, "route", "none: 404");
        return;
    }
    fprintf(out, "%-13s%s", "route", text_of(answer, "route", name));
    if (json_object_get(answer, "where") != NULL)
        fprintf(out, " (%s)", text_of(answer, "where", where));
    fputc('\n', out);
    line(out, "because", text_of(answer, "why", name));
    if (json_object_get(answer, "reject") == NULL)
        return;
    fprintf(out, "%-13s%d %s\n", "rejected", (int)json_integer_value(json_object_get(answer, "reject")),
            text_of(answer, "reason", name));
}

static void show_numbers(const json_t *answer, const char *indent, FILE *out) {
    static const char *const keys[] = {"called", "calling", "redirecting"};
    char text[LINE_MAX_BYTES];

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (*text_of(answer, keys[i], text) != '\0')
            fprintf(out, "%s%-*s%s\n", indent, *indent == '\0' ? 13 : 12, keys[i], text);
}

static void show_targets(const json_t *targets, FILE *out) {
    char name[LINE_MAX_BYTES], group[LINE_MAX_BYTES];
    const json_t *one;
    size_t i;

    json_array_foreach(targets, i, one) {
        fprintf(out, "%-13s%zu. %s, preference %d, weight %d", i == 0 ? "targets" : "", i + 1,
                text_of(one, "trunk", name), (int)json_integer_value(json_object_get(one, "preference")),
                (int)json_integer_value(json_object_get(one, "weight")));
        if (json_object_get(one, "group") != NULL)
            fprintf(out, ", of group %s", text_of(one, "group", group));
        fputc('\n', out);
        show_numbers(one, "                ", out);
    }
}

static void show_near(const json_t *near, FILE *out) {
    char name[LINE_MAX_BYTES], where[LINE_MAX_BYTES], why[LINE_MAX_BYTES];
    const json_t *one;
    size_t i;

    json_array_foreach(near, i, one) {
        fprintf(out, "%-13s%s (%s): %s\n", i == 0 ? "nearly" : "", text_of(one, "route", name),
                text_of(one, "where", where), text_of(one, "why", why));
    }
}

void ctl_route_show(const json_t *answer, FILE *out) {
    show_number(answer, out);
    show_route(answer, out);
    show_numbers(answer, "", out);
    show_targets(json_object_get(answer, "targets"), out);
    show_near(json_object_get(answer, "near"), out);
}
