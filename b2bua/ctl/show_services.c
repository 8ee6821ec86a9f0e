#include "b2bua/ctl/show_services.h"

#include "b2bua/ctl/table.h"
#include "b2bua/ctl/value.h"

static const char *text_at(const json_t *object, const char *key, char *buf) {
    const char *text = json_string_value(json_object_get(object, key));

    return ctl_safe(text == NULL ? "" : text, buf, CTL_CELL_MAX);
}

static void show_problems(const json_t *service, FILE *out) {
    json_t *problems = json_object_get(service, "problems"), *one;
    long long count = ctl_number_of(service, "problem_count");
    char what[CTL_CELL_MAX], see[CTL_CELL_MAX];
    size_t i;

    json_array_foreach(problems, i, one) {
        fprintf(out, "      error: %s; see %s\n", text_at(one, "what", what), text_at(one, "see", see));
    }
    if (count > (long long)i)
        fprintf(out, "      and %lld more\n", count - (long long)i);
}

static void show_service(const json_t *service, int width, FILE *out) {
    char name[CTL_CELL_MAX], state[CTL_CELL_MAX], detail[CTL_CELL_MAX];

    text_at(service, "detail", detail);
    fprintf(out, "  %-*s  %s%s%s\n", width, text_at(service, "name", name), text_at(service, "state", state),
            detail[0] != '\0' ? ": " : "", detail);
    show_problems(service, out);
}

void ctl_show_services(const json_t *status, FILE *out) {
    json_t *services = json_object_get(status, "services"), *one;
    char text[CTL_CELL_MAX];
    size_t i, width = 0;

    if (json_array_size(services) == 0)
        return;
    json_array_foreach(services, i, one) {
        size_t n = json_string_length(json_object_get(one, "name"));
        width = n > width && n < CTL_CELL_MAX ? n : width;
    }
    fprintf(out, "\nservices (last updated: %s)\n", text_at(status, "last_updated", text));
    json_array_foreach(services, i, one) {
        show_service(one, (int)width, out);
    }
}
