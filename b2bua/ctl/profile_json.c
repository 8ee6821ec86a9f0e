#include "b2bua/core/json.h"
#include "b2bua/ctl/profile_view.h"

enum { KIND_MAX = 64 };

#define OUT_MAX ((size_t)4 << 30)

static void put_notes(struct ctl_profile_view *v) {
    json_name(&v->json, "notes");
    sbuf_putc(&v->json, '[');
    for (int i = 0; i < v->report->warnings.kept; i++) {
        json_item(&v->json);
        json_text(&v->json, str_of(v->report->warnings.items[i].text));
    }
    for (int i = 0; i < v->message->note_count; i++) {
        json_item(&v->json);
        json_text(&v->json, str_of(v->message->notes[i]));
    }
    sbuf_putc(&v->json, ']');
}

static void begin(struct ctl_profile_view *v) {
    char kind[KIND_MAX];

    v->json = sbuf_growing(OUT_MAX);
    sbuf_putc(&v->json, '{');
    json_put_text(&v->json, "profile", str_of(profile_name(v->profile)));
    json_put_text(&v->json, "message", str_of(ctl_profile_kind(&v->kind, kind, sizeof kind)));
    put_notes(v);
    json_put_text(&v->json, "before", v->message->text);
    json_name(&v->json, "rules");
    sbuf_putc(&v->json, '[');
}

static void put_variable(struct ctl_profile_view *v, int var) {
    json_put_number(&v->json, "variable", (uint64_t)var);
    json_put_text(&v->json, "value", profile_vars_get(v->vars, var));
}

static void step(struct ctl_profile_view *v, const struct profile_step *s, struct str before) {
    (void)before;
    json_item(&v->json);
    sbuf_putc(&v->json, '{');
    json_put_text(&v->json, "rule", profile_rule(v->profile, s->rule));
    json_put_number(&v->json, "line", (uint64_t)profile_rule_line(v->profile, s->rule));
    json_put_text(&v->json, "result", str_of(profile_step_name(s->kind)));
    json_put_text(&v->json, "why", str_of(s->why));
    if (s->kind == PROFILE_STEP_STORED)
        put_variable(v, profile_rule_var(v->profile, s->rule));
    json_put_text(&v->json, "after", s->after);
    sbuf_putc(&v->json, '}');
}

static void end(struct ctl_profile_view *v, struct str after) {
    sbuf_putc(&v->json, ']');
    json_put_text(&v->json, "after", after);
    sbuf_puts(&v->json, "}\n");
    fwrite(v->json.p, 1, v->json.n, v->out);
    sbuf_fini(&v->json);
}

const struct ctl_profile_form ctl_profile_json = {begin, step, end};
