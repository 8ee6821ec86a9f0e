#include "b2bua/ctl/show_reload.h"

#include <string.h>

#include "b2bua/ctl/value.h"

static void show_texts(const json_t *list, const char *key, FILE *out) {
    size_t i;
    json_t *one;

    json_array_foreach(list, i, one) {
        const char *text = json_string_value(key == NULL ? one : json_object_get(one, key));
        fprintf(out, "%s\n", text == NULL ? "" : text);
    }
}

static void show_touched(const json_t *answer, FILE *out) {
    const json_t *touched = json_object_get(answer, "trunks");
    size_t i;
    json_t *one;

    fprintf(out, "calls that go on with what they have started with: %lld\n", ctl_number_of(answer, "calls"));
    json_array_foreach(touched, i, one) {
        fprintf(out, "trunk %s %s: %lld calls on it\n", json_string_value(json_object_get(one, "name")),
                json_string_value(json_object_get(one, "change")), ctl_number_of(one, "calls"));
    }
}

void ctl_show_reload(const json_t *answer, FILE *out) {
    const char *result = json_string_value(json_object_get(answer, "reload"));

    show_texts(json_object_get(answer, "warnings"), NULL, out);
    show_texts(json_object_get(answer, "changes"), "text", out);
    if (strcmp(result, "same") == 0 || json_array_size(json_object_get(answer, "changes")) == 0)
        fputs("nothing to change\n", out);
    else
        show_touched(answer, out);
    if (strcmp(result, "planned") != 0)
        fprintf(out, "reload took %lld ms\n", ctl_number_of(answer, "took_ms"));
    if (strcmp(result, "planned") == 0)
        fputs("a plan: nothing was changed\n", out);
}
