#include <stdlib.h>

#include "b2bua/ctl/profile_view.h"
#include "b2bua/ctl/table.h"

enum { KIND_MAX = 64 };

const char *ctl_profile_kind(const struct profile_message *m, char *buf, size_t size) {
    const char *method = m->method == METHOD_INVITE && m->reinvite ? "REINVITE" : method_name(m->method);

    if (*method == '\0')
        method = "of a method that rules cannot name";
    if (m->response)
        snprintf(buf, size, "response %d to %s", m->status, method);
    else
        snprintf(buf, size, "request %s", method);
    return buf;
}

/* A line that a terminal can take; bytes that would end the text or move the cursor are shown as something else. */
static void print_line(FILE *out, const char *before, struct str line) {
    char *text = str_dup(line), *safe = mem_alloc(line.n + 2);

    for (size_t i = 0; i < line.n; i++)
        text[i] = text[i] == '\0' ? '?' : (text[i] == '\t' ? ' ' : text[i]);
    fprintf(out, "%s%s\n", before, ctl_safe(text, safe, line.n + 2));
    free(text);
    free(safe);
}

static void print_message(FILE *out, struct str text) {
    while (text.n > 0) {
        struct str line = str_take_line(&text);
        print_line(out, line.n == 0 ? "" : "  ", line);
    }
}

static int count_of(struct str text, struct str wanted) {
    int count = 0;

    while (text.n > 0)
        count += str_eq(str_take_line(&text), wanted);
    return count;
}

/* Lines of `text` that `other` has not, or not as often. */
static void print_only(FILE *out, const char *before, struct str text, struct str other) {
    struct str rest = text;

    while (rest.n > 0) {
        struct str line = str_take_line(&rest), seen = str_upto(text, text.n - rest.n);
        if (count_of(seen, line) > count_of(other, line))
            print_line(out, before, line);
    }
}

static void begin(struct ctl_profile_view *v) {
    char kind[KIND_MAX];
    int count = profile_count(v->profile);

    for (int i = 0; i < v->report->warnings.kept; i++)
        print_line(v->err, "note: ", str_of(v->report->warnings.items[i].text));
    for (int i = 0; i < v->message->note_count; i++)
        print_line(v->err, "note: ", str_of(v->message->notes[i]));
    print_line(v->out, "profile ", str_of(profile_name(v->profile)));
    fprintf(v->out, "%d %s, %s\n\nbefore\n", count, count == 1 ? "rule" : "rules",
            ctl_profile_kind(&v->kind, kind, sizeof kind));
    print_message(v->out, v->message->text);
    fputs("\nrules\n", v->out);
}

static void print_stored(struct ctl_profile_view *v, int var) {
    char name[16];

    snprintf(name, sizeof name, "      u%02d = ", var);
    print_line(v->out, name, profile_vars_get(v->vars, var));
}

static void step(struct ctl_profile_view *v, const struct profile_step *s, struct str before) {
    fprintf(v->out, "  line %d: %s%s%s\n", profile_rule_line(v->profile, s->rule), profile_step_name(s->kind),
            *s->why == '\0' ? "" : ": ", s->why);
    print_line(v->out, "      ", profile_rule(v->profile, s->rule));
    if (s->kind == PROFILE_STEP_STORED)
        print_stored(v, profile_rule_var(v->profile, s->rule));
    if (str_eq(before, s->after))
        return;
    print_only(v->out, "      - ", before, s->after);
    print_only(v->out, "      + ", s->after, before);
}

static void end(struct ctl_profile_view *v, struct str after) {
    fputs(str_eq(after, v->message->text) ? "\nafter: as before\n" : "\nafter\n", v->out);
    print_message(v->out, after);
}

const struct ctl_profile_form ctl_profile_text = {begin, step, end};
