#include <stdlib.h>

#include "b2bua/ctl/explain.h"
#include "b2bua/ctl/route.h"
#include "b2bua/ctl/table.h"

enum { TEXT_BYTES = 1100, TITLE_WIDTH = 13 };

static const char *text_of(const json_t *object, const char *key, char *buf) {
    const char *text = json_string_value(json_object_get(object, key));

    return ctl_safe(text == NULL ? "" : text, buf, TEXT_BYTES);
}

static int number_of(const json_t *object, const char *key) {
    return (int)json_integer_value(json_object_get(object, key));
}

static bool has(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);

    return value != NULL && !json_is_null(value) && !json_is_false(value);
}

static void title(FILE *out, const char *text) {
    fprintf(out, "%-*s", TITLE_WIDTH, text);
}

/* Line by line, each made safe for a terminal. */
static void show_message(const char *text, FILE *out) {
    for (struct str rest = str_trim(str_of(text)); rest.n > 0;) {
        size_t n = str_find(rest, '\n');
        char *line = str_dup(str_trim(str_upto(rest, n))), *safe = mem_alloc(n + 2);
        fprintf(out, "%s%s\n", *line == '\0' ? "" : "  ", ctl_safe(line, safe, n + 2));
        free(line);
        free(safe);
        rest = str_from(rest, n < rest.n ? n + 1 : n);
    }
}

/* --- the steps --- */

static void show_trunk(const json_t *a, FILE *out) {
    const json_t *t = json_object_get(a, "trunk");
    char name[TEXT_BYTES], listener[TEXT_BYTES], transport[TEXT_BYTES], source[TEXT_BYTES];

    title(out, "trunk");
    fprintf(out, "%s: from %s by %s at listener %s\n", has(t, "name") ? text_of(t, "name", name) : "none",
            text_of(t, "source", source), text_of(t, "transport", transport), text_of(t, "listener", listener));
}

static void show_lines(const json_t *rule, const char *key, char mark, FILE *out) {
    const json_t *one;
    char line[TEXT_BYTES];
    size_t i;

    json_array_foreach(json_object_get(rule, key), i, one) {
        fprintf(out, "%*s%c %s\n", TITLE_WIDTH + 4, "", mark, ctl_safe(json_string_value(one), line, sizeof line));
    }
}

static void show_rules(const json_t *a, const char *key, const char *name, FILE *out) {
    const json_t *profile = json_object_get(a, key), *one;
    char text[TEXT_BYTES], why[TEXT_BYTES];
    size_t i;

    if (profile == NULL)
        return;
    title(out, name);
    fprintf(out, "%s\n", json_is_null(profile) ? "none" : text_of(profile, "profile", text));
    json_array_foreach(json_object_get(profile, "rules"), i, one) {
        bool plain = *text_of(one, "why", why) == '\0';
        fprintf(out, "%*sline %d: %s%s%s\n", TITLE_WIDTH, "", number_of(one, "line"), text_of(one, "result", text),
                plain ? "" : ": ", why);
        fprintf(out, "%*s%s\n", TITLE_WIDTH + 4, "", text_of(one, "rule", text));
        show_lines(one, "removed", '-', out);
        show_lines(one, "added", '+', out);
    }
}

static void show_check(const json_t *a, FILE *out) {
    const json_t *c = json_object_get(a, "check");
    char text[TEXT_BYTES];

    if (c == NULL)
        return;
    title(out, "check");
    if (has(c, "status"))
        fprintf(out, "%d %s\n", number_of(c, "status"), text_of(c, "reason", text));
    else
        fprintf(out, "%s: well formed\n", text_of(c, "method", text));
}

static void show_limit(const char *what, int in_use, int most, FILE *out) {
    fprintf(out, "%s: %d calls", what, in_use);
    if (most > 0)
        fprintf(out, " of %d", most);
}

static void show_limits(const json_t *a, FILE *out) {
    const json_t *l = json_object_get(a, "limits");

    if (l == NULL)
        return;
    title(out, "limits");
    if (!has(l, "known")) {
        fputs("what is in use is not known: no daemon was asked\n", out);
        return;
    }
    show_limit("in all", number_of(l, "calls"), number_of(l, "max_calls"), out);
    show_limit("; this trunk", number_of(l, "trunk_calls"), number_of(l, "trunk_max_calls"), out);
    fputs(has(l, "draining")      ? "; draining: no new calls\n"
          : has(l, "maintenance") ? "; in maintenance: no new calls\n"
                                  : "\n",
          out);
}

static void show_leg_a(const json_t *leg, FILE *out) {
    char refresher[TEXT_BYTES], why[TEXT_BYTES];

    if (number_of(leg, "interval_s") == 0)
        fputs("no timer on leg A", out);
    else
        fprintf(out, "leg A: %d s, refresher %s (%s)", number_of(leg, "interval_s"),
                text_of(leg, "refresher", refresher), text_of(leg, "why", why));
}

static void show_leg_b(const json_t *leg, FILE *out) {
    if (leg == NULL)
        return;
    if (number_of(leg, "session_expires_s") == 0)
        fputs("; leg B is not asked for one", out);
    else
        fprintf(out, "; leg B is asked for %d s, Min-SE %d", number_of(leg, "session_expires_s"),
                number_of(leg, "min_se_s"));
}

static void show_timer(const json_t *a, FILE *out) {
    const json_t *t = json_object_get(a, "session_timer");

    if (t == NULL)
        return;
    title(out, "timer");
    if (has(t, "status")) {
        fprintf(out, "422, Min-SE %d: %d s is too short\n", number_of(t, "min_se_s"), number_of(t, "asked_s"));
        return;
    }
    show_leg_a(json_object_get(t, "leg_a"), out);
    show_leg_b(json_object_get(t, "leg_b"), out);
    fputc('\n', out);
}

static void show_ban(const json_t *a, FILE *out) {
    const json_t *ban = json_object_get(a, "ban");
    char address[TEXT_BYTES], category[TEXT_BYTES];

    if (ban == NULL)
        return;
    title(out, "ban");
    fprintf(out, "%s is banned (%s)", text_of(ban, "address", address), text_of(ban, "category", category));
    if (has(ban, "left_s"))
        fprintf(out, " for %d s more", number_of(ban, "left_s"));
    fputs(": what it sends is not read\n", out);
}

static void show_front(const json_t *a, FILE *out) {
    const json_t *front = json_object_get(a, "front");
    char from[TEXT_BYTES], as[TEXT_BYTES], to[TEXT_BYTES];
    bool known = has(front, "registered_as");

    if (front == NULL)
        return;
    title(out, "front");
    fprintf(out, "from %s%s%s to %s; the dial plan is not asked\n", text_of(front, "from", from),
            known ? ", registered as " : "", known ? text_of(front, "registered_as", as) : "",
            text_of(front, "to", to));
}

static void show_route(const json_t *a, FILE *out) {
    const json_t *route = json_object_get(a, "route");

    if (route != NULL)
        ctl_route_show(route, out);
}

/* A name without an address is not looked up without a daemon. */
static const char *address_of(const json_t *place, char *buf) {
    return has(place, "address") ? text_of(place, "address", buf) : "an address that is not looked up";
}

static void show_places(const json_t *a, const char *key, const char *name, FILE *out) {
    char trunk[TEXT_BYTES], target[TEXT_BYTES], address[TEXT_BYTES], transport[TEXT_BYTES], state[TEXT_BYTES],
        why[TEXT_BYTES];
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(a, key), i, one) {
        title(out, i == 0 ? name : "");
        fprintf(out, "%zu. %s %s", i + 1, text_of(one, "trunk", trunk), text_of(one, "target", target));
        if (has(one, "transport"))
            fprintf(out, ", %s by %s, health %s", address_of(one, address), text_of(one, "transport", transport),
                    text_of(one, "state", state));
        fprintf(out, "%s%s\n", has(one, "why") ? ": " : "", text_of(one, "why", why));
    }
}

static void show_headers(const json_t *a, FILE *out) {
    const json_t *list = json_object_get(a, "headers"), *one;
    char name[TEXT_BYTES], fate[TEXT_BYTES], why[TEXT_BYTES];
    size_t i;

    json_array_foreach(list, i, one) {
        title(out, i == 0 ? "headers" : "");
        fprintf(out, "%-24s %-8s %s\n", text_of(one, "name", name), text_of(one, "fate", fate),
                text_of(one, "why", why));
    }
}

static void show_sent(const json_t *a, FILE *out) {
    const json_t *sent = json_object_get(a, "sent");
    char trunk[TEXT_BYTES], listener[TEXT_BYTES], transport[TEXT_BYTES], address[TEXT_BYTES];

    if (json_is_null(sent))
        return;
    fputc('\n', out);
    fprintf(out, "would leave to trunk %s: from listener %s by %s to %s\n", text_of(sent, "trunk", trunk),
            text_of(sent, "listener", listener), text_of(sent, "transport", transport), address_of(sent, address));
    show_message(json_string_value(json_object_get(sent, "message")), out);
}

static void show_answer(const json_t *a, FILE *out) {
    if (!has(a, "answer"))
        return;
    fputs("\nwould be answered\n", out);
    show_message(json_string_value(json_object_get(a, "answer")), out);
}

static void show_result(const json_t *a, FILE *out) {
    char result[TEXT_BYTES], at[TEXT_BYTES];

    fputc('\n', out);
    fprintf(out, "%s", text_of(a, "result", result));
    if (has(a, "status"))
        fprintf(out, " with %d", number_of(a, "status"));
    if (has(a, "at"))
        fprintf(out, ", at this step: %s", text_of(a, "at", at));
    fputs("; nothing was sent\n", out);
}

void ctl_explain_show(const json_t *a, FILE *out) {
    char text[TEXT_BYTES];
    const json_t *one;
    size_t i;

    title(out, "message");
    fprintf(out, "%s\n", text_of(a, "file", text));
    title(out, "by");
    fprintf(out, "%s\n", text_of(a, "configuration", text));
    json_array_foreach(json_object_get(a, "notes"), i, one) {
        title(out, "note");
        fprintf(out, "%s\n", ctl_safe(json_string_value(one), text, sizeof text));
    }
    show_ban(a, out);
    show_trunk(a, out);
    show_rules(a, "profile_in", "profile in", out);
    show_check(a, out);
    show_limits(a, out);
    show_timer(a, out);
    show_route(a, out);
    show_front(a, out);
    show_places(a, "targets", "places", out);
    show_places(a, "left_out", "left out", out);
    show_headers(a, out);
    show_rules(a, "profile_out", "profile out", out);
    show_sent(a, out);
    show_answer(a, out);
    show_result(a, out);
}
